import { Random } from "../../src/core/random.js";

/** Vectors around centres that lie near a few directions, as real ones do: `count` × `dim` values. */
export function clouds(count: number, dim: number, seed: number | string, centres = 20): Float32Array {
  const random = new Random(seed);
  const normal = () => random.uniform() + random.uniform() + random.uniform() - 1.5;
  const points = Float32Array.from({ length: centres * dim }, (_, i) => (4 * normal()) / Math.sqrt(1 + (i % dim)));
  const values = new Float32Array(count * dim);
  for (let r = 0; r < count; r++) {
    const centre = random.below(centres) * dim;
    for (let i = 0; i < dim; i++) values[r * dim + i] = points[centre + i] + normal() / Math.sqrt(1 + i / 4);
  }
  return values;
}

/** Row `r` of flat values. */
export function rowOf(values: Float32Array, dim: number, r: number): Float32Array {
  return values.subarray(r * dim, (r + 1) * dim);
}
