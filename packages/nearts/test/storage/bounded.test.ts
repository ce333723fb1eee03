import { describe, expect, it } from "vitest";
import { Candidates } from "../../src/core/columns.js";
import type { Metric, Precision } from "../../src/core/contracts.js";
import { Random } from "../../src/core/random.js";
import { type Kind, type Rows, slice } from "../../src/core/rows.js";
import { createArena } from "../../src/kernels/arena.js";
import { FixedVectors } from "../../src/storage/vectors/fixed-vectors.js";
import { Page } from "../../src/storage/vectors/page.js";
import { layoutOf } from "../../src/storage/vectors/row-layout.js";
import { SparseVectors } from "../../src/storage/vectors/sparse-vectors.js";
import type { Vectors } from "../../src/storage/vectors/vectors.js";
import { arbitraryRows } from "../../src/testing/index.js";

const seed = 78;
const stored = 500;
const metrics = ["squaredEuclidean", "cosine", "dot"] satisfies Metric[];

function filled(vectors: Vectors, rows: Rows): Vectors {
  vectors.reserve(rows, rows.count);
  for (let i = 0; i < rows.count; i++) vectors.write(i, rows, i);
  vectors.settle(Uint32Array.from({ length: rows.count }, (_, i) => i));
  return vectors;
}

/** Some rows, scattered, with the bound that `boundOf` gives each; repeats come where there are more than rows. */
function candidatesOf(count: number, boundOf: (row: number) => number): Candidates {
  const candidates = new Candidates();
  for (let i = 0; i < count; i++) candidates.add((i * 37 + 11) % stored);
  candidates.bound();
  for (let i = 0; i < count; i++) candidates.lower[i] = boundOf(candidates.rows[i]);
  return candidates;
}

function ranksOf(vectors: Vectors, metric: Metric, query: Rows): Float64Array {
  const all = new Candidates();
  for (let row = 0; row < stored; row++) all.add(row);
  vectors.rank(metric, query, all);
  return all.distances;
}

function listOf({ rows, distances, count }: Candidates): [number, number][] {
  return Array.from({ length: count }, (_, i) => [rows[i], distances[i]]);
}

/** The same neighbours up to the rounding of ranks, which other sums round otherwise. */
function expectSameNearest(actual: Candidates, expected: Candidates, ranks: Float64Array): void {
  const tolerance = 1e-4 * Math.max(...ranks.map(Math.abs));
  expect(actual.count).toBe(expected.count);
  const [mine, others] = [listOf(actual), listOf(expected)];
  mine.forEach(([row, rank], i) => {
    expect(Math.abs(rank - ranks[row]), `rank of row ${row}`).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(rank - others[i][1]), `rank at place ${i}, seed ${seed}`).toBeLessThanOrEqual(tolerance);
  });
}

function storages(kind: Kind, dim: number, precision: Precision): Vectors[] {
  if (kind === "sparse") return [new SparseVectors({ kind, dim }), new SparseVectors({ kind, dim }, 20_000)];
  const layout = layoutOf({ kind, dim, precision });
  const small = new Page(layout, 0, createArena()).base + 180 * layout.rowBytes;
  return [new FixedVectors({ kind, dim, precision }, false), new FixedVectors({ kind, dim, precision }, false, small)];
}

describe("Candidates with bounds", () => {
  it.each([
    ["dense", 7, "f32"],
    ["dense", 130, "f32"],
    ["dense", 130, "f16"],
    ["dense", 45, "i8"],
    ["sparse", 200, "f32"],
  ] satisfies [Kind, number, Precision][])(
    "have the nearest that all of them have when the bounds hold: %s, %i dimensions, %s (seed 78)",
    (kind, dim, precision) => {
      const random = new Random(seed);
      const rows = arbitraryRows(random, kind, { count: stored, dim, zeros: true });
      const queries = arbitraryRows(random, kind, { count: 4, dim });
      for (const vectors of storages(kind, dim, precision).map((empty) => filled(empty, rows))) {
        for (const metric of metrics) {
          for (let q = 0; q < queries.count; q++) {
            const query = slice(queries, q, q + 1);
            const ranks = ranksOf(vectors, metric, query);
            const spread = Math.max(...ranks.map(Math.abs)) / 50;
            for (const count of [1, 5, 30, 200, 700]) {
              for (const limit of [1, 7, 18, 1000]) {
                const bound = (row: number) => ranks[row] - spread * (1 + (row % 7));
                for (const within of [Number.POSITIVE_INFINITY, ranks[11]]) {
                  const [bounded, plain] = [candidatesOf(count, bound), candidatesOf(count, bound)];
                  plain.bounded = false;
                  vectors.nearest(metric, query, bounded, limit, within);
                  vectors.nearest(metric, query, plain, limit, within);
                  if (within === Number.POSITIVE_INFINITY) expectSameNearest(bounded, plain, ranks);
                  else expect(Math.abs(bounded.count - plain.count), "found within a rank, but for rounding").toBeLessThanOrEqual(2);
                  expect(bounded.bounded).toBe(false);
                }
              }
            }
          }
        }
      }
    },
  );

  it("are not read when their bounds are over the worst rank held: a bound that does not hold hides its row (seed 78)", () => {
    const random = new Random(seed);
    for (const [kind, precision] of [
      ["dense", "f32"],
      ["dense", "i8"],
      ["sparse", "f32"],
    ] satisfies [Kind, Precision][]) {
      const rows = arbitraryRows(random, kind, { count: stored, dim: 50 });
      const [vectors] = storages(kind, 50, precision);
      filled(vectors, rows);
      const query = slice(rows, 3, 4);
      const ranks = ranksOf(vectors, "squaredEuclidean", query);
      const hidden = new Set([...ranks.subarray(0, stored).keys()].sort((a, b) => ranks[a] - ranks[b]).slice(0, 5));
      const candidates = candidatesOf(400, (row) => (hidden.has(row) ? 1e30 : ranks[row] - 1));
      const there = listOf(candidates).filter(([row]) => hidden.has(row)).length;
      expect(there, "hidden rows among the candidates").toBeGreaterThan(0);
      vectors.nearest("squaredEuclidean", query, candidates, 12, Number.POSITIVE_INFINITY);
      expect(candidates.count).toBe(12);
      expect(listOf(candidates).filter(([row]) => hidden.has(row))).toEqual([]);
    }
  });

  it("are all measured where bounds are −∞, and none where none are wanted", () => {
    const rows = arbitraryRows(new Random(seed), "dense", { count: stored, dim: 20 });
    const [vectors] = storages("dense", 20, "f32");
    filled(vectors, rows);
    const query = slice(rows, 9, 10);
    const ranks = ranksOf(vectors, "squaredEuclidean", query);
    const [bounded, plain, none] = Array.from({ length: 3 }, () => candidatesOf(300, () => Number.NEGATIVE_INFINITY));
    plain.bounded = false;
    vectors.nearest("squaredEuclidean", query, bounded, 20, Number.POSITIVE_INFINITY);
    vectors.nearest("squaredEuclidean", query, plain, 20, Number.POSITIVE_INFINITY);
    expectSameNearest(bounded, plain, ranks);
    vectors.nearest("squaredEuclidean", query, none, 0, Number.POSITIVE_INFINITY);
    expect(none.count).toBe(0);
  });

  it("are ranked right at magnitudes beyond float32 too", () => {
    for (const scale of [1e-25, 1e25]) {
      for (const metric of metrics) {
        const given = arbitraryRows(new Random(seed), "dense", { count: stored, dim: 10 });
        const rows = { ...given, values: given.values.map((x) => x * scale) };
        const [vectors] = storages("dense", 10, "f32");
        filled(vectors, rows);
        const [bounded, plain] = [0, 1].map(() => candidatesOf(200, () => Number.NEGATIVE_INFINITY));
        plain.bounded = false;
        for (const candidates of [bounded, plain]) vectors.nearest(metric, slice(rows, 5, 6), candidates, 10, Number.POSITIVE_INFINITY);
        expect(listOf(bounded)).toEqual(listOf(plain));
      }
    }
  });
});
