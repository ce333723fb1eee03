import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { type DistanceName, type Rows, rowAt } from "nearts";
import { describe, expect, it, onTestFinished } from "vitest";
import { tokensOf } from "../../src/ann/tokens.js";
import { library } from "../../src/formats/hdf5/hdf5-file.js";
import { type DataSet, exactTruth, exportAnnBenchmarks, openDataSet, serveAnnBenchmarks, writeAnnBenchmarks } from "../../src/index.js";
import { freshFolder } from "../folder.js";
import { PreparedSubprocess } from "./runner.js";

const seed = 3;
const k = 10;

/** Points as the encoders of ann-benchmarks write them. */
function encoded(rows: Rows): string[] {
  return Array.from({ length: rows.count }, (_, i) => {
    if (rows.kind === "set") return Array.from(rowAt<"set">(rows, i).members).join(" ");
    if (rows.kind === "dense") return Array.from(rowAt<"dense">(rows, i)).join(" ");
    const { words } = rowAt<"bits">(rows as Extract<Rows, { kind: "bits" }>, i); // there are no others in this test
    return Array.from({ length: rows.dim }, (_, b) => (words[b >>> 5] >>> (b & 31)) & 1).join(" ");
  });
}

/** Sets around some centres: members of the same nine, and one of its own. */
function sets(count: number): Rows {
  const lists = Array.from({ length: count }, (_, i) => [...Array.from({ length: 9 }, (_, m) => (i % 25) * 20 + m + (i % 3)), 1000 + i]);
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => 10 * i);
  return { kind: "set", dim: 3000, count, offsets, members: Uint32Array.from(lists.flat()) };
}

async function dataSetFor(distance: DistanceName): Promise<DataSet> {
  if (distance === "jaccard") return { name: "sets-small", distance, base: sets(600), queries: sets(20), hash: "sets" };
  const kind = distance === "hamming" ? "bits" : "dense";
  return openDataSet({ generate: "clusters", rows: 3000, queries: 40, dim: 24, seed, distance, kind, deviation: 0.6 });
}

/** Part of the true neighbours that answers have, by distance, as ann-benchmarks counts. */
function recallOf(
  answers: readonly (readonly number[])[],
  all: { readonly k: number; readonly distances: Float64Array; readonly rows: Uint32Array },
): number {
  let hits = 0;
  for (const [q, rows] of answers.entries()) {
    const bound = all.distances[q * all.k + k - 1] + 1e-3;
    const distanceOf = new Map(Array.from({ length: all.k }, (_, i) => [all.rows[q * all.k + i], all.distances[q * all.k + i]]));
    for (const row of rows) if ((distanceOf.get(row) ?? Number.POSITIVE_INFINITY) <= bound) hits++;
  }
  return hits / (answers.length * k);
}

describe("the program of ann-benchmarks", () => {
  const cases: [string, DistanceName, Readonly<Record<string, string | number>>, string | number, number][] = [
    ["euclidean", "euclidean", { recall: 0.9 }, 0.95, 0.85],
    ["angular", "cosine", { recall: 0.9 }, 0.8, 0.7],
    ["jaccard", "jaccard", { tables: 20, rows: 2 }, 1, 0.9],
    ["hamming", "hamming", { tables: 8, projections: 8 }, 20, 0.7],
  ];

  it.each(cases)(
    "is asked as the runner asks, by %s, and its results are where the plots look",
    async (name, distance, options, argument, least) => {
      const dataSet = await dataSetFor(distance);
      const truth = await exactTruth(dataSet, { k: 100, cache: false });
      const program = new PreparedSubprocess();
      onTestFinished(() => program.done());
      await program.configure({ distance: name, ...options });
      await program.fit(encoded(dataSet.base));
      await program.setQueryArguments(argument);
      const answers: number[][] = [];
      for (const point of encoded(dataSet.queries)) {
        await program.prepareQuery(point, k);
        expect(await program.runPreparedQuery()).toBe(true);
        answers.push(await program.preparedQueryResults());
      }
      for (const rows of answers) expect(new Set(rows).size).toBe(rows.length);
      expect(recallOf(answers, truth)).toBeGreaterThanOrEqual(least);
      expect(program.told).toBe("");

      const folder = await freshFolder();
      await writeAnnBenchmarks(join(folder, `${name}.hdf5`), dataSet, truth);
      const timed = answers.map((rows) => ({ rows, distances: rows.map(() => 0), seconds: 1e-4 }));
      const run = {
        dataSet,
        k,
        algorithm: "nearts",
        parameters: [name, 0.9],
        answers: timed,
        buildSeconds: 1,
        indexBytes: 2048,
        candidates: 7,
        runs: 1,
      };
      const path = await exportAnnBenchmarks(folder, { ...run, bestSeconds: 1e-4 });
      expect(path).toBe(join(folder, dataSet.name, "10", "nearts", `${name}_0_9.hdf5`));
      const { File, Dataset } = await library();
      const file = new File(path, "r");
      const found = Object.fromEntries(file.keys().map((key) => [key, file.get(key)]));
      const { best_search_time: best, distance: own, candidates } = file.attrs;
      expect([best.value, own.value, candidates.value]).toEqual([1e-4, name, 7]);
      const shapes = Object.entries(found).map(([key, dataset]) => `${key} ${dataset instanceof Dataset ? dataset.shape?.join() : ""}`);
      expect(shapes.sort()).toEqual([`distances ${answers.length},10`, `neighbors ${answers.length},10`, `times ${answers.length}`]);
      file.close();
    },
  );
});

/** What the program answers to some lines, without a process. */
async function conversation(...lines: readonly string[]): Promise<{ answers: string[]; told: string[] }> {
  const output = new PassThrough();
  const told: string[] = [];
  const input = new PassThrough();
  input.end(lines.map((line) => `${line}\n`).join(""));
  await serveAnnBenchmarks(input, output, (sentence) => told.push(sentence));
  output.end();
  const answers = (await text(output)).split("\n").slice(0, -1);
  return { answers: answers.map((line) => line.replace(/^epbprtv0 /, "")), told };
}

describe("its protocol", () => {
  it("answers plain queries at once, with results after their number", async () => {
    const { answers } = await conversation("'recall' '1'", "", "'0 0'", "'3 4'", "'1 0'", "", "'0 0.1' 2", "'3 3' 5");
    expect(answers).toEqual(["ok", "ok", "ok", "ok", "ok", "ok", "ok 2", "0", "2", "ok 3", "1", "2", "0"]);
  });

  it("answers batches query by query", async () => {
    const { answers } = await conversation("frontend batch-queries 1", "recall 1", "", "'0'", "'5'", "", "'1' '4' 1", "query");
    expect(answers).toEqual(["ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok 1", "0", "ok 1", "1"]);
  });

  it("fails what it cannot do, says why on the side, and goes on", async () => {
    const { answers, told } = await conversation(
      "distnace euclidean",
      "recall 2",
      "'unclosed",
      "frontend telepathy 1",
      "recall 1",
      "",
      "'1 2'",
      "'1 2 3'",
      "'1 x'",
      "",
      "'1 2'",
      "'1 2' 0",
      "'1 2 3' 1",
      "'1 2' 1",
    );
    expect(answers).toEqual(["fail", "fail", "fail", "fail", "ok", "ok", "ok", "fail", "fail", "ok", "fail", "fail", "fail", "ok 1", "0"]);
    expect(told).toHaveLength(9);
    expect(told[0]).toMatch(/"distnace" is not an option: did you mean distance/);
    expect(told[4]).toMatch(/a point has 3 values, the first 2/);
  });

  it("reads words as a shell does", () => {
    expect(tokensOf(`'a b'  "c \\" d" e\\ f ''`)).toEqual(["a b", 'c " d', "e f", ""]);
    expect(tokensOf("'it'\\''s'")).toEqual(["it's"]);
    expect(tokensOf("'open")).toBeNull();
    expect(tokensOf("")).toEqual([]);
  });
});
