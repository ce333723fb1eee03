import { execFile } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Engine, JaccardDistance, Random, shingles } from "nearts";
import type { FamilyRow, Part } from "./row.js";

/** Data sets with their true duplicates, and from what similarity these are looked for. */
const sets = [
  { name: "er-cora", tokens: (line: string) => line.split(" "), threshold: 0.7 },
  { name: "er-dblp-acm", tokens: (line: string) => line.split(" "), threshold: 0.5 },
  { name: "text-plagiarism-2500", tokens: (line: string) => shingles(line, { words: 3 }), threshold: 0.5 },
  { name: "er-cddb", tokens: (line: string) => line.split(" "), threshold: 0.6 },
] as const;
const largest = "er-cddb";
const recalls = [0.95, 0.99];
const passes = 3;
/** What a join is to be faster than the comparison of all sets with all. */
const leastGain = 20;

const documents = 100_000;
const wordsOfDocument = 202;
const mostSeconds = 60;
const mostBytes = 2 ** 30;

/** Near-duplicates: those of data sets against a comparison of all with all, and a corpus by the command. */
export const joins: Part = async () => {
  const folder = process.env["NEARTS_DATA"];
  const rows: FamilyRow[] = [];
  if (folder === undefined) console.error("NEARTS_DATA names no folder of data sets: their duplicates are left out");
  else for (const set of sets) rows.push(...(await rowsOf(set, join(folder, set.name))));
  return [...rows, ...(await corpusRows())];
};

async function rowsOf({ name, tokens, threshold }: (typeof sets)[number], folder: string): Promise<FamilyRow[]> {
  const read = (file: string) => readFileSync(join(folder, file), "utf8").trimEnd().split("\n");
  const engine = new Engine({ kind: "set", distance: "jaccard" });
  await engine.storeManyVectors(read("records.txt").map(tokens));
  const jaccard = new JaccardDistance();
  const vectors = (await engine.getMany(Array.from({ length: await engine.size() }, (_, id) => id))).map((stored) => {
    if (stored === undefined) throw new Error(`${name} lost a record`);
    return stored.vector;
  });
  const pairs = read("truth.txt").map((line) => line.split(" ").map(Number));
  const within = 1 - threshold + 1e-9; // 0.2 is more than 1 − 0.8
  const truth = pairs.filter(([a, b]) => jaccard.between(vectors[a], vectors[b]) <= within);
  const brute = await timed(engine, threshold, 1, 1);
  const rows: FamilyRow[] = [];
  for (const recall of recalls) {
    const { found, seconds } = await timed(engine, threshold, recall, passes);
    for (const [key, distance] of found) {
      const [a, b] = key.split(" ").map(Number);
      if (jaccard.between(vectors[a], vectors[b]) !== distance || distance > within) throw new Error(`${name} ${key} is no such pair`);
    }
    const hit = truth.filter(([a, b]) => found.has(a < b ? `${a} ${b}` : `${b} ${a}`)).length;
    const gain = { what: "times as fast as all with all", value: brute.seconds / seconds, least: leastGain };
    const row = { part: "joins", system: "pairsWithin", set: `${name}, ${vectors.length} records`, qps: null };
    const parameters = `similarity from ${threshold}, recall ${recall}: ${found.size} of ${brute.found.size} pairs, ${hit} of ${truth.length} true ones in ${(1000 * seconds).toFixed(0)} ms`;
    rows.push({
      ...row,
      parameters,
      recall: hit / truth.length,
      floor: { what: "recall of the true pairs", value: hit / truth.length, least: recall },
    });
    if (name === largest) rows.push({ ...row, parameters, recall: hit / truth.length, floor: gain });
  }
  await engine.close();
  console.error(`${name}: joined`);
  return rows;
}

/** The pairs of a join with their distances, and the seconds of the best of several. */
async function timed(engine: Engine<unknown, "set">, threshold: number, recall: number, times: number) {
  let seconds = Number.POSITIVE_INFINITY;
  let found = new Map<string, number>();
  for (let pass = 0; pass < times; pass++) {
    const start = performance.now();
    found = new Map();
    for await (const { a, b, distance } of engine.pairsWithin({ threshold, recall })) found.set(`${a} ${b}`, distance);
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { found, seconds };
}

/** A corpus of documents of 200 shingles, a fifth of them copies with a few words changed, through `nearts dedup`: its time and its memory. */
async function corpusRows(): Promise<FamilyRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nearts-bench-"));
  try {
    const [file, out] = [join(folder, "corpus.jsonl"), join(folder, "kept.jsonl")];
    await writeCorpus(file);
    const main = fileURLToPath(new URL("../../../packages/cli/dist/main.js", import.meta.url));
    const tell = 'data:text/javascript,process.on("exit",()=>console.error("peak",process.resourceUsage().maxRSS*1024))';
    const start = performance.now();
    const { stderr } = await promisify(execFile)(process.execPath, ["--import", tell, main, "dedup", file, "--out", out]);
    const seconds = (performance.now() - start) / 1000;
    const peak = Number(/^peak (\d+)$/m.exec(stderr)?.[1]);
    const said = /^nearts: (.*) in [^ ]+ [a-z]+$/m.exec(stderr)?.[1] ?? "";
    const row = {
      part: "joins",
      system: "nearts dedup",
      set: `${documents} documents of 200 shingles`,
      parameters: said,
      recall: null,
      qps: documents / seconds,
    };
    return [
      { ...row, floor: { what: `documents/s, for all in ${mostSeconds} s`, value: documents / seconds, least: documents / mostSeconds } },
      { ...row, floor: { what: "bytes left of 1 GiB at the peak", value: mostBytes - peak, least: 0 } },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeCorpus(path: string): Promise<void> {
  const random = new Random("bench corpus");
  const word = () => `w${Math.floor(50_000 * random.uniform() * random.uniform())}`;
  const originals: string[][] = [];
  const stream = createWriteStream(path);
  for (let i = 0; i < documents; i++) {
    const copied = i % 5 === 4;
    const words = copied ? [...originals[random.below(originals.length)]] : Array.from({ length: wordsOfDocument }, word);
    if (copied) for (let edits = random.below(8); edits > 0; edits--) words[random.below(words.length)] = word();
    else if (originals.length < 20_000) originals.push(words);
    if (!stream.write(`${JSON.stringify({ text: words.join(" ") })}\n`)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "close");
}
