import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";
import { Rotation } from "../../src/numeric/rotation.js";

const seed = 20_261_122;
const dims = [1, 3, 64, 65, 68, 100, 120, 128, 200, 255, 256, 508, 784, 1020, 4096];

function normalRows(count: number, dim: number, mean = 0): DenseRows {
  const random = new Random(seed + dim);
  const values = Float32Array.from({ length: count * dim }, () => mean + random.uniform() + random.uniform() - 1);
  return { kind: "dense", dim, count, values };
}

function lengthOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}

describe("a rotation", () => {
  it.each(dims)("gives the same bits by the kernel and by its plain twin, at %i dimensions", (dim) => {
    const rows = normalRows(5, dim);
    const origin = Float32Array.from({ length: dim }, (_, i) => i / dim);
    const [simd, plain] = (["simd", "reference"] as const).map((build) => new Rotation({ dim, seed: 3, origin, unit: true, build }));

    expect(Array.from(simd.map(rows, 0, 5))).toEqual(Array.from(plain.map(rows, 0, 5)));
  });

  it.each(dims)("keeps distances, and spreads one component over all values, at %i dimensions", (dim) => {
    const rotation = new Rotation({ dim, seed: 3, unit: false });
    const rows = normalRows(2, dim);
    const mapped = rotation.map(rows, 0, 2).slice();
    const far = rows.values.subarray(0, dim).map((x, i) => x - rows.values[dim + i]);
    const farMapped = mapped.subarray(0, rotation.size).map((x, i) => x - mapped[rotation.size + i]);

    expect(Math.abs(lengthOf(farMapped) / lengthOf(far) - 1)).toBeLessThan(1e-5);

    for (const place of [0, dim >>> 1, dim - 1]) {
      const one = new Float32Array(dim);
      one[place] = 1;
      const spread = rotation.map({ kind: "dense", dim, count: 1, values: one }, 0, 1);
      const largest = spread.slice(0, rotation.size).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      // A value is about normally distributed with a deviation of 1/√size, where the passes mixed all well.
      expect(largest * Math.sqrt(rotation.size), `component ${place}`).toBeLessThan(8);
    }
  });

  it("spreads one half of the values over both, even a little under a power of two", () => {
    const rotation = new Rotation({ dim: 1020, seed: 3, unit: false });
    const values = new Float32Array(1020).fill(1, 0, 510);
    const mapped = rotation.map({ kind: "dense", dim: 1020, count: 1, values }, 0, 1).slice(0, 1020);
    const share = lengthOf(mapped.subarray(510)) ** 2 / lengthOf(mapped) ** 2;

    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
  });

  it("subtracts its origin, says how far rows are from it, and divides by their length where wanted", () => {
    const dim = 20;
    const rows = normalRows(3, dim, 4);
    const unit = Float32Array.from(rows.values.subarray(0, dim), (x) => x / lengthOf(rows.values.subarray(0, dim)));
    const plain = new Rotation({ dim, seed: 3, unit: false, origin: rows.values.slice(dim, 2 * dim) });
    plain.map(rows, 0, 3);

    expect(plain.squares[1]).toBe(0);
    expect(plain.squares[0]).toBeCloseTo(lengthOf(rows.values.subarray(0, dim).map((x, i) => x - rows.values[dim + i])) ** 2, 3);

    const normalised = new Rotation({ dim, seed: 3, unit: true, origin: unit });
    normalised.map(rows, 0, 3);

    expect(normalised.squares[0]).toBeLessThan(1e-12);
  });

  it("is another for another seed", () => {
    const rows = normalRows(1, 100);
    const maps = [3, 4].map((each) => Array.from(new Rotation({ dim: 100, seed: each, unit: false }).map(rows, 0, 1)));

    expect(maps[0]).not.toEqual(maps[1]);
  });
});
