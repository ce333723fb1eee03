import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DistanceName, type Kind, Random, type Rows } from "nearts";
import { describe, expect, it } from "vitest";
// Built, as threads run what is built.
import { exactTruth as exactTruthBuilt } from "../../dist/index.js";
import { type DataSet, exactTruth, openDataSet, type Truth } from "../../src/index.js";
import { complaint, failure, freshFolder } from "../folder.js";
import { plainOrder } from "./plain.js";

const seed = 20_261_122;
const k = 7;

/** Vectors of few different values, so that there are ties. */
function rowsOf(kind: Kind, count: number, dim: number, random: Random): Rows {
  switch (kind) {
    case "dense":
      return { kind, dim, count, values: Float32Array.from({ length: count * dim }, () => 1 + random.below(3)) };
    case "bits":
      return { kind, dim, count, words: Uint32Array.from({ length: count }, () => random.below(2 ** dim)) };
    default: {
      const lists = Array.from({ length: count }, () => Array.from(random.choose(dim, 1 + random.below(5)).sort()));
      const offsets = Uint32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)]);
      const members = Uint32Array.from(lists.flat());
      if (kind === "set") return { kind, dim, count, offsets, members };
      return { kind, dim, count, offsets, indices: members, values: Float32Array.from(members, () => 1 + random.below(3)) };
    }
  }
}

function dataSetOf(kind: Kind, distance: DistanceName, count = 90): DataSet {
  const random = new Random(seed);
  const dim = 10;
  return { name: "small", distance, base: rowsOf(kind, count, dim, random), queries: rowsOf(kind, 11, dim, random), hash: `${kind}` };
}

function expectTrue(truth: Truth, { base, queries }: DataSet, distance: DistanceName): void {
  for (let q = 0; q < queries.count; q++) {
    const plain = plainOrder(base, queries, q, distance);
    const found = Array.from(truth.rows.subarray(q * truth.k, (q + 1) * truth.k));
    const distances = truth.distances.subarray(q * truth.k, (q + 1) * truth.k);
    expect(new Set(found).size).toBe(truth.k);
    // Where plain loops see a tie, sums in another order may not, and the other way round: each row is where its distance belongs.
    for (const [i, row] of found.entries()) {
      expect(distances[i], `query ${q}, place ${i}`).toBeCloseTo(plain[i].distance, 6);
      expect(plain.find((other) => other.row === row)?.distance).toBeCloseTo(plain[i].distance, 6);
    }
  }
}

describe(`exact truth (seed ${seed})`, () => {
  const cases: [Kind, DistanceName][] = [
    ["dense", "euclidean"],
    ["dense", "cosine"],
    ["dense", "angular"],
    ["dense", "inner-product"],
    ["dense", "manhattan"],
    ["sparse", "euclidean"],
    ["sparse", "cosine"],
    ["bits", "hamming"],
    ["set", "containment"],
  ];

  it.each(cases)("is what a plain loop finds among %s vectors by %s", async (kind, distance) => {
    const dataSet = dataSetOf(kind, distance);
    const truth = await exactTruth(dataSet, { k, cache: false });
    expectTrue(truth, dataSet, distance);
  });

  it("is what a plain loop finds among sets, ties by row", async () => {
    const dataSet = dataSetOf("set", "jaccard");
    const truth = await exactTruth(dataSet, { k, cache: false });
    const expected = Array.from({ length: dataSet.queries.count }, (_, q) => plainOrder(dataSet.base, dataSet.queries, q, "jaccard"));
    expect(Array.from(truth.rows)).toEqual(expected.flatMap((order) => order.slice(0, k).map(({ row }) => row)));
    expect(Array.from(truth.distances)).toEqual(expected.flatMap((order) => order.slice(0, k).map(({ distance }) => distance)));
  });

  it("is the same from any number of threads", async () => {
    const dataSet = await openDataSet({ generate: "clusters", rows: 9001, queries: 520, dim: 12, seed, clusters: 40 });
    const [one, three] = [1, 3].map((threads) => exactTruthBuilt(dataSet, { k: 20, threads, cache: false }));
    expect((await three).rows).toEqual((await one).rows);
    expect((await three).distances).toEqual((await one).distances);
  });

  it("has all rows where there are fewer than k", async () => {
    const dataSet = dataSetOf("dense", "euclidean", 3);
    const truth = await exactTruth(dataSet, { k: 100, cache: false });
    expect(truth.k).toBe(3);
    expect(truth.rows.length).toBe(3 * dataSet.queries.count);
  });

  it("tells how far it is, and stops with the signal's reason", async () => {
    const dataSet = await openDataSet({ generate: "uniform", rows: 500, queries: 600, dim: 8, seed });
    const stop = new AbortController();
    const told: number[] = [];
    const onProgress = ({ queries }: { queries: number }) => {
      told.push(queries);
      if (queries > 256) stop.abort(new Error("enough"));
    };
    await expect(exactTruth(dataSet, { k, cache: false, signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect(told).toEqual([256, 512]);
  });

  it("refuses a k that is none", async () => {
    expect(await complaint(exactTruth(dataSetOf("dense", "euclidean"), { k: 0 }))).toMatch(/^E_BAD_OPTION k is 0/);
  });

  it("passes on what the distance says of the vectors", async () => {
    const dataSet = dataSetOf("dense", "cosine");
    const base = { kind: "dense" as const, dim: 10, count: 2, values: new Float32Array(20) };
    expect((await failure(exactTruth({ ...dataSet, base }, { k, cache: false }))).code).toBe("E_ZERO_VECTOR");
  });
});

describe("the cache of exact truth", () => {
  it("answers for equal content, distance and k, and for nothing else", async () => {
    const cache = await freshFolder();
    const dataSet = dataSetOf("dense", "euclidean");
    const truth = await exactTruth(dataSet, { k, cache });
    const told: unknown[] = [];
    const again = await exactTruth({ ...dataSet, name: "another" }, { k, cache, onProgress: (progress) => told.push(progress) });
    expect(again).toEqual(truth);
    expect(told).toEqual([]);
    await exactTruth({ ...dataSet, distance: "manhattan" }, { k, cache });
    await exactTruth(dataSet, { k: k + 1, cache });
    expect((await readdir(cache)).length).toBe(3);
  });

  it("computes anew where the file is damaged, and mends it", async () => {
    const cache = await freshFolder();
    const dataSet = dataSetOf("dense", "euclidean");
    const truth = await exactTruth(dataSet, { k, cache });
    const file = join(cache, (await readdir(cache))[0]);
    const whole = await readFile(file);
    for (const damage of [
      Buffer.alloc(0),
      whole.subarray(0, -1),
      Buffer.concat([whole.subarray(0, 100), Buffer.from([whole[100] ^ 1]), whole.subarray(101)]),
    ]) {
      await writeFile(file, damage);
      const mended = await exactTruth(dataSet, { k, cache });
      expect(mended.rows).toEqual(truth.rows);
      expect((await readFile(file)).length).toBe(whole.length);
      expect(await readdir(cache)).toHaveLength(1);
    }
  });

  it("is done without where its folder cannot be", async () => {
    const cache = join(await freshFolder(), "a file");
    await writeFile(cache, "");
    expect((await exactTruth(dataSetOf("dense", "euclidean"), { k, cache })).k).toBe(k);
  });
});
