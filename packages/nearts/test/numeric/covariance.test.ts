import { describe, expect, it } from "vitest";
import { NearError } from "../../src/core/errors.js";
import { Random } from "../../src/core/random.js";
import type { DenseRows, SparseRows } from "../../src/core/rows.js";
import { covariance } from "../../src/numeric/covariance.js";

/** Random rows about the point (centre, centre, …), about `density` of their values not 0. */
function randomRows(seed: number, count: number, dim: number, centre: number, density: number): DenseRows {
  const random = new Random(seed);
  const values = Float32Array.from({ length: count * dim }, () => (random.uniform() < density ? centre + random.uniform() : 0));
  return { kind: "dense", dim, count, values };
}

function toSparse({ dim, count, values }: DenseRows): SparseRows {
  const offsets = new Uint32Array(count + 1);
  const places = Array.from(values.keys()).filter((at) => values[at] !== 0);
  for (const at of places) offsets[Math.floor(at / dim) + 1]++;
  for (let i = 0; i < count; i++) offsets[i + 1] += offsets[i];
  return {
    kind: "sparse",
    dim,
    count,
    offsets,
    indices: Uint32Array.from(places, (at) => at % dim),
    values: Float32Array.from(places, (at) => values[at]),
  };
}

/** Σ (x − x̄)(y − ȳ) / (n − 1), entry by entry. */
function byDefinition({ dim, count, values }: DenseRows): Float64Array {
  const mean = Float64Array.from({ length: dim }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i * dim + k];
    return sum / count;
  });
  return Float64Array.from({ length: dim * dim }, (_, at) => {
    const a = Math.floor(at / dim);
    const b = at % dim;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (values[i * dim + a] - mean[a]) * (values[i * dim + b] - mean[b]);
    return sum / (count - 1);
  });
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof NearError ? error.code : `not a NearError: ${String(error)}`;
  }
  return undefined;
}

describe("covariance", () => {
  it("is what its definition says, for every remainder of the block and of the tile", () => {
    for (const [count, dim] of [
      [2, 1],
      [3, 2],
      [64, 4],
      [65, 5],
      [127, 7],
      [200, 18],
    ]) {
      const rows = randomRows(count, count, dim, 0, 1);
      expect(largestDifference(covariance(rows).matrix, byDefinition(rows)), `${count} rows, ${dim} dimensions`).toBeLessThan(1e-15);
    }
  });

  it("works out a small case by hand", () => {
    const { mean, matrix } = covariance({ kind: "dense", dim: 2, count: 3, values: Float32Array.of(1, 2, 3, 6, 5, 10) });
    expect([...mean]).toEqual([3, 6]);
    expect([...matrix]).toEqual([4, 8, 8, 16]);
  });

  it("does not lose dense variance beside a far larger mean", () => {
    const rows = randomRows(1, 300, 6, 100_000, 1);
    expect(largestDifference(covariance(rows).matrix, byDefinition(rows))).toBeLessThan(1e-12);
  });

  it("is the same for sparse rows as for the dense ones they stand for, up to rounding", () => {
    for (const density of [0, 0.1, 1]) {
      const rows = randomRows(7, 150, 21, 1, density);
      const dense = covariance(rows);
      const sparse = covariance(toSparse(rows));
      expect(sparse.mean).toEqual(dense.mean);
      expect(largestDifference(sparse.matrix, dense.matrix), `density ${density}`).toBeLessThan(1e-13);
    }
  });

  it("is symmetric to the last bit", () => {
    const rows = randomRows(8, 100, 13, 0, 0.5);
    for (const { matrix } of [covariance(rows), covariance(toSparse(rows))]) {
      for (let a = 0; a < 13; a++) for (let b = 0; b < a; b++) expect(matrix[a * 13 + b]).toBe(matrix[b * 13 + a]);
    }
  });

  it("refuses fewer than two rows, and more sparse dimensions than a matrix should have", () => {
    for (const count of [0, 1]) expect(codeOf(() => covariance(randomRows(1, count, 3, 0, 1)))).toBe("E_BAD_OPTION");
    const wide = toSparse(randomRows(1, 2, 4, 0, 1));
    expect(codeOf(() => covariance({ ...wide, dim: 4097 }))).toBe("E_LIMIT");
  });
});
