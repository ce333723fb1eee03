import { type DenseRows, Random, type SparseRows } from "nearts";

/**
 * Sparse rows brought down to `dim` dimensions: each word adds its weight with a random sign to every one of them (Achlioptas 2003, theorem 1.1),
 * which keeps angles to about ±1/√dim.
 */
export function project(rows: SparseRows, dim: number, seed: number): DenseRows {
  const signs = randomSigns(rows.dim * dim, seed);
  const scale = 1 / Math.sqrt(dim);
  const values = new Float32Array(rows.count * dim);
  for (let r = 0; r < rows.count; r++) {
    const out = values.subarray(r * dim, (r + 1) * dim);
    for (let e = rows.offsets[r]; e < rows.offsets[r + 1]; e++) addSigned(out, signs, rows.indices[e] * dim, rows.values[e] * scale);
  }
  return { kind: "dense", dim, count: rows.count, values };
}

function addSigned(out: Float32Array, signs: Int8Array, from: number, weight: number): void {
  for (let d = 0; d < out.length; d++) out[d] += weight * signs[from + d];
}

function randomSigns(count: number, seed: number): Int8Array {
  const random = new Random(seed);
  const signs = new Int8Array(count);
  for (let i = 0; i < count; i += 32) {
    const word = random.uint32();
    for (let b = 0; b < 32 && i + b < count; b++) signs[i + b] = (word >>> b) & 1 ? 1 : -1;
  }
  return signs;
}
