/** Σ a[from + k]·b[start + k], in four interleaved sums: ((0 + 1) + (2 + 3)), the remainder going to the first. */
export function dot(a: Float64Array, from: number, b: Float64Array, start: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += a[from + k] * b[start + k];
    s1 += a[from + k + 1] * b[start + k + 1];
    s2 += a[from + k + 2] * b[start + k + 2];
    s3 += a[from + k + 3] * b[start + k + 3];
  }
  for (; k < count; k++) s0 += a[from + k] * b[start + k];
  return s0 + s1 + (s2 + s3);
}
