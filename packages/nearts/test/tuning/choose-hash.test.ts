import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type ChooseHashOptions,
  chooseHash,
  Engine,
  type HashChoice,
  type HashFamily,
  KMeansHash,
  RandomBinaryProjections,
} from "../../src/index.js";
import { readAll } from "../../src/readers/index.js";
import { clouds } from "../learned/vectors.js";

const DATA = process.env["NEARTS_DATA"];
const SKIPPED = DATA ? "" : " (skipped: NEARTS_DATA names no folder of data sets)";
const [dim, stored, asked] = [16, 1200, 250];

/** Vectors to store, and queries of the same kind that are not among them. */
function split(seed: number): { rows: Float32Array; queries: Float32Array } {
  const all = clouds(stored + asked, dim, seed);
  return { rows: all.subarray(0, stored * dim), queries: all.subarray(stored * dim) };
}

interface Measured {
  readonly recall: number;
  readonly error: number;
  readonly candidates: number;
  readonly candidatesError: number;
}

/** What an engine with the chosen hash and probes gives for queries. */
async function measured(
  { hash, probes }: HashChoice,
  rows: Float32Array,
  queries: Float32Array,
  width: number,
  distance: "cosine" | "euclidean",
): Promise<Measured> {
  const engine = new Engine({ dim: width, distance, hashes: [hash] });
  await engine.storeManyVectors(rows);
  const [recalls, counts]: [number[], number[]] = [[], []];
  for (let q = 0; q < queries.length / width; q++) {
    const query = queries.subarray(q * width, (q + 1) * width);
    const truth = await engine.neighbours(query, { k: 10, exact: true });
    const found = await engine.neighbours(query, { k: 10, probes });
    recalls.push(found.filter((one) => one.distance <= truth[9].distance * (1 + 1e-6)).length / 10);
    counts.push((await engine.candidateCount(query, { probes })).unique);
  }
  await engine.close();
  const [recall, error] = meanOf(recalls);
  const [candidates, candidatesError] = meanOf(counts);
  return { recall, error, candidates, candidatesError };
}

function meanOf(values: readonly number[]): [mean: number, error: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return [mean, Math.sqrt(variance / values.length)];
}

/** Two standard errors of a difference of two means. */
function twice(a: number, b: number): number {
  return 2 * Math.sqrt(a * a + b * b);
}

describe("chooseHash", () => {
  it.each([
    ["RandomBinaryProjections", 11],
    ["PCADiscretizedProjections", 12],
  ] as const)("foretells for %s (seed %i) the recall and the candidates of queries that it has not seen", async (family, seed) => {
    const { rows, queries } = split(seed);

    const choice = await chooseHash({ family, sample: rows, dim, distance: "euclidean", recall: 0.9, tables: 8, seed });
    const found = await measured(choice, rows, queries, dim, "euclidean");

    expect(choice.warning).toBeUndefined();
    expect(choice.recall).toBeGreaterThanOrEqual(0.9);
    expect(Math.abs(found.recall - choice.recall), `seed ${seed}\n${choice.text}`).toBeLessThan(twice(found.error, choice.error) + 0.02);
    const gap = twice(found.candidatesError, choice.candidatesError) + 0.02 * choice.candidates;
    expect(Math.abs(found.candidates - choice.candidates), `seed ${seed}\n${choice.text}`).toBeLessThan(gap);
  });

  it.each(["RandomDiscretizedProjections", "RandomBinaryProjectionTree"] as const)(
    "keeps to a budget of candidates with %s, on queries that it has not seen",
    async (family) => {
      const { rows, queries } = split(21);

      const choice = await chooseHash({ family, sample: rows, dim, distance: "euclidean", candidates: 150, tables: 6 });
      const found = await measured(choice, rows, queries, dim, "euclidean");

      expect(choice.candidates).toBeLessThanOrEqual(150);
      expect(found.candidates).toBeLessThan(150 + twice(found.candidatesError, choice.candidatesError) + 4);
      // The budget is there to be used: an eighth of the vectors, by chance, would hold an eighth of the neighbours.
      expect(found.recall).toBeGreaterThan(0.5);
      expect(choice.warning).toBeUndefined();
    },
  );

  it("takes queries that are given, columns, and a seed", async () => {
    const { rows, queries } = split(31);
    const sample = { kind: "dense", dim, count: stored, values: rows } as const;

    const choice = await chooseHash({ family: "PCABinaryProjections", sample, queries, recall: 0.8, name: "mine", seed: "s" });

    expect(choice.hash.name).toBe("mine");
    expect(choice.tables).toBe(1);
    expect(choice.text).toContain(`tried with ${asked} queries on ${stored} vectors`);
    const found = await measured(choice, rows, queries, dim, "cosine");
    // The very queries: nothing is left to chance but rounding.
    expect(found.recall).toBeCloseTo(choice.recall, 6);
    expect(found.candidates).toBeCloseTo(choice.candidates, 6);
  });

  it("takes sparse vectors", async () => {
    const { rows } = split(32);
    const sample = Array.from({ length: 400 }, (_, r) => ({
      dim: 100,
      indices: Array.from({ length: dim }, (_i, i) => 6 * i),
      values: rows.subarray(r * dim, (r + 1) * dim),
    }));

    const choice = await chooseHash({ family: "RandomBinaryProjections", sample, recall: 0.8, tables: 6 });

    expect(choice.recall).toBeGreaterThanOrEqual(0.8);
    const engine = new Engine({ dim: 100, kind: "sparse", hashes: [choice.hash] });
    await engine.storeManyVectors(sample);
    expect(await engine.neighbours({ id: 7 }, { probes: choice.probes })).not.toHaveLength(0);
  });

  it("counts candidates of the vectors to come, and reads trees in proportion", async () => {
    const { rows } = split(41);
    const options = {
      family: "RandomBinaryProjectionTree",
      sample: rows.subarray(0, 500 * dim),
      dim,
      distance: "euclidean",
      candidates: 300,
      tables: 8,
    } as const;

    const choice = await chooseHash({ ...options, size: stored });
    const found = await measured(choice, rows, split(41).queries, dim, "euclidean");

    expect(found.candidates).toBeGreaterThan(0.6 * choice.candidates);
    expect(found.candidates).toBeLessThan(1.4 * choice.candidates);
    expect(choice.text).toContain("500 vectors, which stand for 1200");
  });

  it("chooses among hashes of an own family, whatever tables these have", async () => {
    const { rows } = split(51);
    const family: HashFamily = {
      name: "cells",
      grid: [{ lists: 8 }, { lists: 32 }],
      make: ({ lists }) => {
        const hash = new KMeansHash({ name: "cells", lists, distance: "euclidean", seed: 1 });
        hash.fit({ kind: "dense", dim, count: stored, values: rows });
        return hash;
      },
    };

    const choice = await chooseHash({ family, sample: rows, dim, distance: "euclidean", recall: 0.95 });

    expect(choice.hash).toBeInstanceOf(KMeansHash);
    expect(choice.tried.map(({ parameters }) => parameters)).toEqual(family.grid);
    expect(choice.recall).toBeGreaterThanOrEqual(0.95);
    expect(choice.candidates).toBeLessThan(stored / 2);
  });

  it("warns where a recall does not fit a budget, and where nothing reaches it", async () => {
    const { rows } = split(61);
    const options = { family: "RandomBinaryProjections", sample: rows, dim, tables: 2 } as const;

    const both = await chooseHash({ ...options, recall: 0.9, candidates: 20 });
    const family: HashFamily = {
      name: "narrow",
      grid: [{ projections: 30 }],
      make: ({ projections }) => new RandomBinaryProjections({ name: "narrow", projections }),
    };
    const unreachable = await chooseHash({ ...options, family, recall: 1 });

    expect(both.recall).toBeGreaterThanOrEqual(0.9);
    expect(both.warning).toMatch(/recall 0.9 takes about \d+ candidates a query, over the budget of 20/);
    expect(unreachable.warning).toMatch(/recall 1 was asked for/);
    expect(unreachable.text).toContain(`Warning: ${unreachable.warning}.`);
  });

  it("reports its progress, and ends when it is told to", async () => {
    const { rows } = split(71);
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ tried, total }: { tried: number; total: number }) => {
      seen.push(tried / total);
      if (tried === 2) controller.abort(new Error("enough"));
    };

    const choosing = chooseHash({ family: "RandomBinaryProjections", sample: rows, dim, tables: 4, onProgress, signal: controller.signal });

    await expect(choosing).rejects.toThrow("enough");
    expect(seen).toEqual([0.2, 0.4]);
  });

  it.each<[string, object, string, RegExp]>([
    ["a family that there is not", { family: "MaxHash" }, "E_BAD_OPTION", /"MaxHash"; give one of RandomBinaryProjections/],
    ["an own family without a grid", { family: { name: "own", grid: [], make: () => undefined } }, "E_BAD_OPTION", /grid/],
    ["a recall over 1", { recall: 90 }, "E_BAD_OPTION", /recall is 90/],
    ["a budget of nothing", { candidates: 0 }, "E_BAD_OPTION", /candidates is 0/],
    ["half a table", { tables: 0.5 }, "E_BAD_OPTION", /tables is 0.5; it must be an integer from 1 to 1024/],
    ["a sample of which there is too little", { sample: clouds(8, dim, 1) }, "E_BAD_OPTION", /sample has 8 vectors, too few for 10/],
    ["a sample without a dimension", { dim: undefined }, "E_BAD_OPTION", /give dim/],
    ["no sample", { sample: undefined }, "E_BAD_OPTION", /sample is undefined/],
    ["a size below the sample's", { size: 99 }, "E_BAD_OPTION", /size is 99, the sample alone has 200/],
    ["no queries", { queries: [] }, "E_BAD_OPTION", /there are no queries/],
    ["queries of another dimension", { queries: [[1, 2, 3]] }, "E_DIM_MISMATCH", /3 dimensions/],
    ["a misspelt option", { recal: 0.9 }, "E_BAD_OPTION", /no option "recal"/],
    ["bits for a family of planes", { sample: bits(), dim: 32, kind: "bits", distance: "hamming" }, "E_UNSUPPORTED", /not bits/],
  ])("refuses %s", async (_what, given, code, message) => {
    // Whoever writes JavaScript may give anything.
    const options = { family: "RandomBinaryProjections", sample: clouds(200, dim, 1), dim, ...given } as ChooseHashOptions;

    await expect(chooseHash(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});

describe.skipIf(!DATA)(`chooseHash on images${SKIPPED}`, () => {
  it("finds bits, tables and probes for a recall of 0.9 in 10,000 images", { timeout: 60_000 }, async () => {
    const [sample, others] = await images();

    const choice = await chooseHash({ family: "RandomBinaryProjections", sample, dim: 784, recall: 0.9 });

    const found = await measured(choice, sample, others, 784, "cosine");
    expect(choice.warning).toBeUndefined();
    expect(Math.abs(found.recall - choice.recall), choice.text).toBeLessThan(twice(found.error, choice.error) + 0.02);
    expect(choice.candidates).toBeLessThan(2000);
  });
});

/** Images less their mean: 10,000, and 200 others. */
async function images(): Promise<[sample: Float32Array, others: Float32Array]> {
  const { rows } = await readAll(join(DATA ?? "", "fashion-mnist-784/train-images-idx3-ubyte.gz"), { limit: 10_200 });
  if (rows.kind !== "dense") throw new Error("images are not dense");
  const mean = new Float64Array(784);
  for (let i = 0; i < rows.values.length; i++) mean[i % 784] += rows.values[i] / rows.count;
  const values = Float32Array.from(rows.values, (value, i) => value - mean[i % 784]);
  return [values.subarray(0, 10_000 * 784), values.subarray(10_000 * 784)];
}

function bits() {
  return { kind: "bits", dim: 32, count: 50, words: Uint32Array.from({ length: 50 }, (_, i) => i * 12_345) } as const;
}
