import { describe, expect, it } from "vitest";
import { Candidates } from "../../src/core/columns.js";
import type { Metric, Precision } from "../../src/core/contracts.js";
import { Random } from "../../src/core/random.js";
import { type Kind, type Rows, slice } from "../../src/core/rows.js";
import { createArena } from "../../src/kernels/arena.js";
import { FixedVectors } from "../../src/storage/vectors/fixed-vectors.js";
import { Page } from "../../src/storage/vectors/page.js";
import { layoutOf, type StoredShape } from "../../src/storage/vectors/row-layout.js";
import { SparseVectors } from "../../src/storage/vectors/sparse-vectors.js";
import type { Vectors } from "../../src/storage/vectors/vectors.js";
import { arbitraryRows } from "../../src/testing/index.js";

const seed = 77;
const count = 700;

function filled(vectors: Vectors, rows: Rows): Vectors {
  for (let from = 0; from < rows.count; from += 100) {
    const part = slice(rows, from, Math.min(rows.count, from + 100));
    vectors.reserve(part, from + part.count);
    for (let i = 0; i < part.count; i++) vectors.write(from + i, part, i);
    vectors.settle(Uint32Array.from({ length: part.count }, (_, i) => from + i));
  }
  return vectors;
}

function everyRow(): Candidates {
  const candidates = new Candidates();
  for (let row = 0; row < count; row++) candidates.add((row * 331) % count);
  return candidates;
}

function best(vectors: Vectors, metric: Metric, query: Rows, within: number): [number, number][] {
  const candidates = everyRow();
  vectors.nearest(metric, query, candidates, 25, within);
  return Array.from({ length: candidates.count }, (_, i) => [candidates.rows[i], candidates.distances[i]]);
}

describe("Vectors spread over many pages", () => {
  it.each([
    ["dense", 12, "f32", ["squaredEuclidean", "cosine", "dot", "manhattan"]],
    ["dense", 150, "f32", ["squaredEuclidean", "cosine", "dot"]],
    ["dense", 150, "f16", ["squaredEuclidean", "cosine", "dot", "manhattan"]],
    ["dense", 13, "i8", ["squaredEuclidean", "cosine", "dot", "manhattan"]],
    ["bits", 70, "f32", ["hamming"]],
    ["sparse", 300, "f32", ["squaredEuclidean", "cosine", "dot", "manhattan"]],
    ["sparse", 2 ** 24, "f32", ["squaredEuclidean", "cosine"]],
  ] satisfies [Kind, number, Precision, Metric[]][])(
    "are found and ranked as on one page: %s, %i dimensions, %s (seed 77)",
    (kind, dim, precision, metrics) => {
      const random = new Random(seed);
      const rows = arbitraryRows(random, kind, { count, dim });
      const queries = arbitraryRows(random, kind, { count: 5, dim });
      const make = (bytes?: number) =>
        kind === "sparse" ? new SparseVectors({ kind, dim }, bytes) : new FixedVectors({ kind, dim, precision }, true, bytes);
      const whole = filled(make(), rows);
      const pages = filled(make(kind === "sparse" ? 40_000 : bytesFor({ kind, dim, precision }, 150)), rows);
      for (let row = 0; row < count; row += 37) expect(pages.vector(row)).toEqual(whole.vector(row));
      for (const metric of metrics) {
        for (let q = 0; q < queries.count; q++) {
          const query = slice(queries, q, q + 1);
          const expected = best(whole, metric, query, Number.POSITIVE_INFINITY);
          expect(best(pages, metric, query, Number.POSITIVE_INFINITY)).toEqual(expected);
          expect(best(pages, metric, query, expected[10][1])).toEqual(best(whole, metric, query, expected[10][1]));
        }
        const many: number[][] = [];
        pages.nearestOfMany(metric, queries, everyRow(), 10, (_, found) => many.push(Array.from(found.rows.subarray(0, found.count))));
        expect(many).toEqual(
          Array.from({ length: queries.count }, (_, q) =>
            best(whole, metric, slice(queries, q, q + 1), Number.POSITIVE_INFINITY)
              .slice(0, 10)
              .map(([row]) => row),
          ),
        );
      }
    },
  );

  it("are ranked as on one page with outlines too (seed 77)", () => {
    const [dim, many] = [140, 4500];
    const random = new Random(seed);
    const directions = Float32Array.from({ length: 5 * dim }, () => random.uniform() - 0.5);
    const values = new Float32Array(many * dim);
    for (let r = 0; r < many; r++) {
      for (let m = 0; m < 5; m++) {
        const weight = random.uniform() - 0.5;
        for (let i = 0; i < dim; i++) values[r * dim + i] += weight * directions[m * dim + i];
      }
    }
    const rows: Rows = { kind: "dense", dim, count: many, values };
    const whole = filled(new FixedVectors({ kind: "dense", dim }, false), rows);
    const pages = filled(new FixedVectors({ kind: "dense", dim }, true, bytesFor({ kind: "dense", dim }, 1000)), rows);
    expect(pages.bytes - whole.bytes, "outlines were not learned").toBeGreaterThan(many * 60);
    for (const metric of ["squaredEuclidean", "cosine", "dot"] satisfies Metric[]) {
      const found = [whole, pages].map((vectors) => {
        const candidates = new Candidates();
        for (let row = 0; row < many; row++) candidates.add(row);
        vectors.nearest(metric, slice(rows, 3, 4), candidates, 25, Number.POSITIVE_INFINITY);
        return Array.from(candidates.rows.subarray(0, candidates.count));
      });
      expect(found[1]).toEqual(found[0]);
    }
  });
});

/** Bytes of a page that holds so many rows of this shape. */
function bytesFor(shape: StoredShape, rows: number): number {
  const layout = layoutOf(shape);
  return new Page(layout, 0, createArena()).base + rows * layout.rowBytes;
}
