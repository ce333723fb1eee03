import { Random } from "../../src/core/random.js";
import type { DenseRows, SparseRows } from "../../src/core/rows.js";
import { quantileNormal } from "../../src/numeric/normal.js";

/** Rows with standard normal values, the same for the same seed; `density` of the values are kept, the others are 0. */
export function normalRows(count: number, dim: number, seed: number, density = 1): DenseRows {
  const random = new Random(seed);
  const values = Float32Array.from({ length: count * dim }, () => {
    const value = quantileNormal(random.uniform() * 0.9998 + 0.0001);
    return random.uniform() < density ? value : 0;
  });
  return { kind: "dense", dim, count, values };
}

/** Rows that hold these values. */
export function rowsOf(...vectors: readonly (readonly number[])[]): DenseRows {
  return { kind: "dense", dim: vectors[0].length, count: vectors.length, values: Float32Array.from(vectors.flat()) };
}

/** The same rows without their zeros. */
export function sparsed({ dim, count, values }: DenseRows): SparseRows {
  const offsets = new Uint32Array(count + 1);
  const kept: number[] = [];
  for (let r = 0; r < count; r++) {
    for (let i = 0; i < dim; i++) if (values[r * dim + i] !== 0) kept.push(r * dim + i);
    offsets[r + 1] = kept.length;
  }
  return {
    kind: "sparse",
    dim,
    count,
    offsets,
    indices: Uint32Array.from(kept, (at) => at % dim),
    values: Float32Array.from(kept, (at) => values[at]),
  };
}
