import {
  derive,
  Engine,
  fillNormal,
  HashPermutationMapper,
  HashPermutations,
  type Kind,
  NearestFilter,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  seedFrom,
  UniBucket,
  UniqueFilter,
} from "nearts";
import { describe, expect, it } from "vitest";
import { DistanceRatioExperiment } from "../../src/experiments/distance-ratio-experiment.js";
import { RecallPrecisionExperiment } from "../../src/experiments/recall-precision-experiment.js";
import { failure } from "../folder.js";

type Hashes = ConstructorParameters<typeof Engine>[0]["hashes"];

/** Normal vectors, as NearPy's tests draw them. */
function normals(count: number, dim: number, seed: number): number[][] {
  const values = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) fillNormal(derive(seedFrom(seed), "vectors"), row, 0, dim, values, row * dim);
  return Array.from({ length: count }, (_, row) => Array.from(values.subarray(row * dim, (row + 1) * dim)));
}

function engineOf(dim: number, hashes: Hashes, nearest: number, distance: "cosine" | "euclidean" = "euclidean"): Engine<unknown, Kind> {
  return new Engine<unknown, Kind>({
    dim,
    kind: "dense",
    distance,
    ...(hashes === undefined ? {} : { hashes }),
    filters: [new UniqueFilter(), new NearestFilter(nearest)],
  });
}

const exact = (dim: number, nearest: number, distance?: "cosine" | "euclidean") => engineOf(dim, [new UniBucket()], nearest, distance);

describe("RecallPrecisionExperiment", () => {
  it.each(["euclidean", "cosine"] as const)(
    "scenario 44: an engine with one bucket finds what it is asked for, by the %s distance",
    async (distance) => {
      const vectors = normals(100, 50, 44);
      const matrix = { kind: "dense", dim: 50, count: 100, values: Float32Array.from(vectors.flat()) } as const;

      for (const given of [vectors, matrix]) {
        const ten = new RecallPrecisionExperiment(10, given);
        expect(await ten.performExperiment([exact(50, 11, distance)])).toMatchObject([{ recall: 1, precision: 1, resultSize: 10 }]);
        expect(await new RecallPrecisionExperiment(5, given).performExperiment([exact(50, 11, distance)])).toMatchObject([
          { recall: 1, precision: 0.5 },
        ]);
        expect(await ten.performExperiment([exact(50, 6, distance)])).toMatchObject([{ recall: 0.5, precision: 1, resultSize: 5 }]);
      }
    },
  );

  it("scenario 45: two wider bins tell more than a narrow one, and 32 planes that find nobody run to the end", async () => {
    const vectors = normals(5000, 4, 45);
    const bins = (projections: number, binWidth: number) =>
      new RandomDiscretizedProjections({ name: "rdp", projections, binWidth, seed: 1 });
    const experiment = new RecallPrecisionExperiment(10, vectors, { coverage: 0.02 });
    const [one, two, planes] = await experiment.performExperiment([
      engineOf(4, [bins(1, 0.01)], 10),
      engineOf(4, [bins(2, 0.2)], 10),
      engineOf(4, [new RandomBinaryProjections({ name: "rbp", projections: 32 })], 10),
    ]);

    expect(two.precision).toBeGreaterThan(one.precision);
    expect(planes.recall).toBeLessThan(0.2);
  });

  it("scenario 46: where only the query itself comes back, or nothing, recall and precision are 0", async () => {
    const vectors = normals(60, 8, 46);
    const narrow = new RandomDiscretizedProjections({ name: "narrow", projections: 8, binWidth: 1e-4 });
    const [alone] = await new RecallPrecisionExperiment(5, vectors).performExperiment([engineOf(8, [narrow], 5)]);
    const far = { queries: normals(5, 8, 1046).map((vector) => vector.map((x) => x * 100)) };
    const [nothing] = await new RecallPrecisionExperiment(5, vectors, far).performExperiment([engineOf(8, [narrow], 5)]);

    expect(alone).toMatchObject({ recall: 0, precision: 0, resultSize: 0 });
    expect(nothing).toMatchObject({ recall: 0, precision: 0, resultSize: 0, candidates: 0 });
  });

  it("scenario 48: copies, more than 1,000 dimensions and a tiny coverage give right numbers", async () => {
    const vectors = normals(30, 1100, 48);
    const copied = [...vectors, ...vectors, ...vectors];
    const experiment = new RecallPrecisionExperiment(2, copied, { coverage: 0.001 });

    expect(await experiment.performExperiment([exact(1100, 3)])).toMatchObject([
      { recall: 1, precision: 1, resultSize: 2, candidates: 90 },
    ]);
  });

  it("scenario 48: a query that is not among its own results counts no less", async () => {
    const vectors = [...Array.from({ length: 20 }, () => [1, 1]), [1, 2], [3, 1]];
    const [result] = await new RecallPrecisionExperiment(3, vectors, { coverage: 0.5 }).performExperiment([exact(2, 3)]);

    // Of 20 equal vectors an engine gives three: mostly not the query itself, and equally near.
    expect(result.recall).toBeGreaterThan(0.9);
  });

  it("scenario 49: six tables of two bits find most neighbours, not a fifth", async () => {
    const vectors = normals(300, 20, 49);
    const hashes = [new RandomBinaryProjections({ name: "rbp", projections: 2, tables: 6, seed: 1 })];
    const [result] = await new RecallPrecisionExperiment(10, vectors).performExperiment([engineOf(20, hashes, 11)]);

    expect(result.recall).toBeGreaterThan(0.9);
    expect(result.precision).toBe(result.recall);
  });

  it("scenario 50: compares every family of the seed on one data set, with candidates, results and times", async () => {
    const vectors = normals(400, 16, 50);
    const planes = (name: string, projections = 8, tables = 1) => new RandomBinaryProjections({ name, projections, tables, seed: 3 });
    const results = await new RecallPrecisionExperiment(5, vectors, { coverage: 0.1, distance: "cosine" }).performExperiment([
      exact(16, 6),
      engineOf(16, [planes("one")], 6),
      engineOf(16, [planes("many", 8, 8)], 6),
      engineOf(16, [new RandomBinaryProjectionTree({ name: "tree", projections: 12, minimumResultSize: 20 })], 6),
      engineOf(16, [new HashPermutations({ name: "permutations", children: [planes("child")], permutations: 10, beam: 4 })], 6),
      engineOf(16, [new HashPermutationMapper({ name: "mapper", children: [planes("child")] })], 6),
      new Engine<unknown, Kind>({ dim: 16, kind: "dense", distance: "cosine", recall: 0.9 }),
    ]);

    expect(results[0]).toMatchObject({ recall: 1, candidates: 400 });
    expect(results[2].recall).toBeGreaterThan(results[1].recall);
    for (const result of results) {
      for (const cost of ["candidates", "resultSize", "timeRatio", "indexSeconds", "bytes"] as const)
        expect(result[cost]).toBeGreaterThan(0);
    }
  });

  it("asks with held-out vectors where there are some", async () => {
    const experiment = new RecallPrecisionExperiment(7, normals(200, 10, 1), { queries: normals(15, 10, 2) });

    expect(await experiment.performExperiment([exact(10, 7)])).toMatchObject([{ recall: 1, precision: 1, resultSize: 7 }]);
  });

  it("refuses what it cannot do, with the value", async () => {
    const vectors = normals(10, 4, 1);
    const making = (make: () => unknown) => failure(Promise.resolve().then(make));

    expect((await making(() => new RecallPrecisionExperiment(0, vectors))).message).toMatch(/k is 0/);
    expect((await making(() => new RecallPrecisionExperiment(1, vectors, { coverage: 0 }))).message).toMatch(/coverage is 0/);
    expect((await making(() => new RecallPrecisionExperiment(1, []))).code).toBe("E_BAD_DATA");
    expect((await making(() => new RecallPrecisionExperiment(1, [[1, 2], [3]]))).message).toMatch(/has 1 dimensions, the first has 2/);
  });
});

describe("DistanceRatioExperiment", () => {
  it("scenario 47: is 0 for an exact engine on raw data, in its own metric", async () => {
    const experiment = new DistanceRatioExperiment(10, normals(300, 20, 47));
    const results = await experiment.performExperiment([exact(20, 11), exact(20, 11, "cosine")]);

    expect(results).toMatchObject([
      { distanceRatio: 0, resultSize: 10 },
      { distanceRatio: 0, resultSize: 10 },
    ]);
  });

  it("scenario 47: is above 0 for four bits, and more for results that are farther", async () => {
    const vectors = normals(300, 20, 47);
    const bits = () => [new RandomBinaryProjections({ name: "rbp", projections: 4, seed: 1 })];
    const [result] = await new DistanceRatioExperiment(10, vectors).performExperiment([engineOf(20, bits(), 11)]);
    const [all] = await new DistanceRatioExperiment(10, vectors).performExperiment([engineOf(20, bits(), 300)]);

    expect(result.distanceRatio).toBeGreaterThan(0);
    expect(all.distanceRatio).toBeGreaterThan(result.distanceRatio);
    expect(all.resultSize).toBeGreaterThan(result.resultSize);
    expect(result.timeRatio).toBeGreaterThan(0);
  });

  it("scenario 47: leaves out queries without results, and balls that are points", async () => {
    const vectors = normals(40, 6, 47);
    const narrow = [new RandomDiscretizedProjections({ name: "narrow", projections: 6, binWidth: 1e-5 })];
    const [empty] = await new DistanceRatioExperiment(3, vectors).performExperiment([engineOf(6, narrow, 3)]);
    const points = [...Array.from({ length: 6 }, () => [1, 1]), [9, 9]];
    const [point] = await new DistanceRatioExperiment(3, points, { coverage: 0.9 }).performExperiment([exact(2, 4)]);

    expect(empty).toMatchObject({ distanceRatio: Number.NaN, resultSize: 0 });
    expect(point.distanceRatio).toBe(0);
  });
});
