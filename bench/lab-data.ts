import { open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { NearError, Random } from "nearts";
import { exactTruth, openDataSet, readRows, readVectors } from "nearts-lab";
import { type Benchmark, benchmark } from "./benchmark.js";
import { dataFolder, findFiles } from "./data/folder.js";
import { count, flag, outputFile, text } from "./options.js";
import { writeJson } from "./output.js";
import { median } from "./statistics.js";
import { digits, table } from "./table.js";

/** One thing measured, and what it is held against. */
export interface LabDataRow {
  readonly what: string;
  readonly seconds: number;
  /** Of all threads of this process. */
  readonly cpuSeconds: number;
  readonly note: string;
}

const notes = `Exact truth of a data set without its cache; and a file of fvecs written for this run, read by the lab in turns with loops that only read the bytes: 256 KiB at a time into
one buffer, for what the lab reads in chunks, and all of it into memory, for what the lab reads whole. Medians of --rounds. On a busy machine seconds are those of whoever else runs; compare the CPU seconds and the ratios.`;

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

const dim = 128;

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

async function readingRows(mebibytes: number, rounds: number): Promise<LabDataRow[]> {
  const path = join(tmpdir(), `nearts-bench-${process.pid}.fvecs`);
  try {
    await writeFvecs(path, mebibytes);
    const ways: Readonly<Record<string, () => Promise<unknown>>> = {
      "plain read, one buffer again and again": () => plainRead(path),
      "plain read, whole": () => plainWhole(path),
      "readVectors, chunk by chunk": () => streamed(path),
      "readRows, whole": () => readRows(path),
    };
    const spent = Object.keys(ways).map((): { seconds: number; cpuSeconds: number }[] => []);
    for (let round = 0; round < rounds; round++) for (const [i, work] of Object.values(ways).entries()) spent[i].push(await spentBy(work));
    const seconds = spent.map((all) => median(all.map((one) => one.seconds)));
    const { size } = await stat(path);
    return Object.keys(ways).map((what, i) => ({
      what,
      seconds: seconds[i],
      cpuSeconds: median(spent[i].map(({ cpuSeconds }) => cpuSeconds)),
      note: `${digits(size / 1e9 / seconds[i])} GB/s, ${digits(seconds[i % 2] / seconds[i])} of the plain read alike`,
    }));
  } finally {
    await rm(path, { force: true });
  }
}

async function spentBy(work: () => Promise<unknown>): Promise<{ seconds: number; cpuSeconds: number }> {
  globalThis.gc?.();
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** Reads the bytes of a file, and does nothing with them. */
async function plainRead(path: string): Promise<void> {
  const file = await open(path);
  const buffer = new Uint8Array(2 ** 18);
  try {
    for (;;) if ((await file.read(buffer, 0, buffer.length, null)).bytesRead === 0) return;
  } finally {
    await file.close();
  }
}

/** The bytes of a file, all in memory. */
async function plainWhole(path: string): Promise<number> {
  return (await readFile(path)).length;
}

async function streamed(path: string): Promise<number> {
  let rows = 0;
  for await (const chunk of readVectors(path)) rows += chunk.rows.count;
  return rows;
}

/** Writes rows of random values: 1 MiB of them, again and again. */
async function writeFvecs(path: string, mebibytes: number): Promise<void> {
  const random = new Random(1);
  const stride = 1 + dim;
  const rows = Math.floor(2 ** 18 / stride);
  const block = Float32Array.from({ length: rows * stride }, () => random.uniform());
  const counts = new Int32Array(block.buffer);
  for (let row = 0; row < rows; row++) counts[row * stride] = dim;
  const file = await open(path, "w");
  try {
    for (let written = 0; written < mebibytes * 2 ** 20; written += block.byteLength) await file.write(block);
  } finally {
    await file.close();
  }
}
