import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { gather, type SparseRows, type SparseVector } from "../../src/core/rows.js";
import { FeatureHashing } from "../../src/numeric/feature-hashing.js";

const seed = 31;

function sparseRows(count: number, dim: number): SparseRows {
  const random = new Random(seed);
  const vectors = Array.from({ length: count }, (): SparseVector => {
    const indices = Uint32Array.from(new Set(Array.from({ length: 50 }, () => random.below(dim)))).sort();
    return { dim, indices, values: Float32Array.from(indices, () => random.uniform() - 0.5) };
  });
  return gather("sparse", dim, count, (i) => vectors[i]);
}

function squared(values: Float32Array): number {
  return values.reduce((sum, x) => sum + x * x, 0);
}

function product(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}

describe("feature hashing", () => {
  it("keeps vectors of up to 1,024 dimensions as they are", () => {
    const rows = sparseRows(3, 1000);
    const features = new FeatureHashing(1000, 1);
    const hashed = features.hashed(rows, 1, 3);

    expect([features.lossy, hashed.dim, hashed.count]).toEqual([false, 1000, 2]);
    for (let e = rows.offsets[1]; e < rows.offsets[2]; e++) expect(hashed.values[rows.indices[e]]).toBe(rows.values[e]);
  });

  it("keeps lengths, and products on average, with no more variance than it says", () => {
    const dim = 1_000_000;
    const [x, y] = [sparseRows(1, dim), sparseRows(1, dim)];
    // Half of the components are the same: a cosine of about a half.
    for (let e = 0; e < y.values.length; e += 2) y.values[e] = -y.values[e] * 0.1;
    const truth = product(x.values, y.values) / Math.sqrt(squared(x.values) * squared(y.values));
    const cosines = Array.from({ length: 400 }, (_, each) => {
      const features = new FeatureHashing(dim, each);
      const [a, b] = [features.hashed(x, 0, 1).values, features.hashed(y, 0, 1).values];

      expect(squared(a) / squared(x.values)).toBeCloseTo(1, 5);
      return product(a, b) / Math.sqrt(squared(a) * squared(b));
    });
    const mean = cosines.reduce((sum, c) => sum + c, 0) / cosines.length;
    const variance = cosines.reduce((sum, c) => sum + (c - mean) ** 2, 0) / (cosines.length - 1);

    expect(Math.abs(truth)).toBeGreaterThan(0.2);
    expect(Math.abs(mean - truth)).toBeLessThan(4 * Math.sqrt(variance / cosines.length) + 1 / 1024);
    expect(variance).toBeLessThan(1.3 / 1024);
    expect(variance).toBeGreaterThan(0);
  });
});
