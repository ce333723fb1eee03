import { fork } from "node:child_process";
import { basename } from "node:path";
import { NearError } from "nearts";
import { exactTruth, openDataSet } from "nearts-lab";
import { type Benchmark, benchmark } from "./benchmark.js";
import { dataFolder, findFiles } from "./data/folder.js";
import { count, flag, outputFile, text } from "./options.js";
import { writeJson } from "./output.js";
import { spentBy } from "./spent.js";
import { digits, table } from "./table.js";

/** One thing measured, and what it is held against. */
export interface LabDataRow {
  readonly what: string;
  readonly seconds: number;
  /** Of all threads of this process. */
  readonly cpuSeconds: number;
  readonly note: string;
}

const notes = `Exact truth of a data set without its cache; and a file of fvecs written for this run, read by the lab in turns with loops that only read its bytes and leave as
much behind: 256 KiB at a time into one buffer, for chunks that are borrowed; 4 MiB at a time into buffers of their own, for chunks to keep; all of it into memory, for what the lab
reads whole. Medians of --rounds. On a busy machine seconds are those of whoever else runs; compare the CPU seconds and the ratios.`;

const options = {
  data: text("<folder>", "base and query files of the exact truth; NEARTS_DATA/fashion-mnist-784 when not given"),
  queries: count("queries of the exact truth", 10_000),
  k: count("neighbours of each", 100),
  threads: count("threads of the exact truth", 2),
  mebibytes: count("size of the file of fvecs", 1024),
  rounds: count("times the file is read each way", 3),
  "no-truth": flag("only read the file"),
  json: outputFile("rows as JSON, one a line"),
};

/** What the lab's data costs: exact truth, and reading. */
export const labData: Benchmark = benchmark(
  { name: "lab-data", about: "exact truth of the lab, and reading fvecs against a plain file read", notes, options },
  async (wanted) => {
    const rows = [...(wanted["no-truth"] ? [] : [await truthRow(wanted)]), ...(await readingRows(wanted.mebibytes, wanted.rounds))];
    console.log(
      table(
        rows.map(({ what, seconds, cpuSeconds, note }) => ({ what, seconds: digits(seconds), "CPU seconds": digits(cpuSeconds), note })),
      ),
    );
    writeJson(wanted.json, rows);
  },
);

async function truthRow({
  data,
  queries,
  k,
  threads,
}: {
  data: string | undefined;
  queries: number;
  k: number;
  threads: number;
}): Promise<LabDataRow> {
  const files = findFiles(dataFolder(data, "fashion-mnist-784"));
  if (files.queries === null) throw new NearError("E_NOT_FOUND", `${files.base} has no file of queries beside it`, { base: files.base });
  const dataSet = await openDataSet({ base: files.base, queries: files.queries, distance: "euclidean", queryLimit: queries });
  const spent = await spentBy(() => exactTruth(dataSet, { k, threads, cache: false }));
  const { base, queries: asked } = dataSet;
  const note = `${asked.count} queries × ${base.count} rows of ${base.dim}, top ${k}, ${threads} threads`;
  return { what: `exact truth of ${basename(files.base)}`, ...spent, note };
}

/** Reads in a process of its own: what other benchmarks bring into this one, compilers among it, would be gone through whenever memory is collected. */
function readingRows(mebibytes: number, rounds: number): Promise<LabDataRow[]> {
  const child = fork(new URL("./lab-data-reading.js", import.meta.url), [String(mebibytes), String(rounds)]);
  return new Promise((resolve, reject) => {
    child.once("message", (rows) => resolve(rows as LabDataRow[])); // it posts nothing else
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the process that reads ended with code ${code}`)));
  });
}
