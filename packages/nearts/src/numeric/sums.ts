import type { DenseVector, SparseVector, VectorOf } from "../core/rows.js";

/** A dense or a sparse vector. */
export type RealVector = VectorOf<"dense" | "sparse">;

/** Σ (a·xᵢ − b·yᵢ)² in float64: exactly 0 where a = b and x = y. Dense and sparse may be mixed. */
export function squaredDifference(x: RealVector, y: RealVector, a = 1, b = 1): number {
  if (!isDense(x) || !isDense(y)) return sumOver(x, y, (p, q) => (a * p - b * q) ** 2);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const even = x.length & ~3;
  for (let i = 0; i < even; i += 4) {
    const d0 = a * x[i] - b * y[i];
    const d1 = a * x[i + 1] - b * y[i + 1];
    const d2 = a * x[i + 2] - b * y[i + 2];
    const d3 = a * x[i + 3] - b * y[i + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (let i = even; i < x.length; i++) s0 += (a * x[i] - b * y[i]) ** 2;
  return s0 + s1 + (s2 + s3);
}

/** Σ xᵢ·yᵢ in float64. */
export function dotProduct(x: RealVector, y: RealVector): number {
  if (!isDense(x) || !isDense(y)) return sumOver(x, y, (p, q) => p * q);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const even = x.length & ~3;
  for (let i = 0; i < even; i += 4) {
    s0 += x[i] * y[i];
    s1 += x[i + 1] * y[i + 1];
    s2 += x[i + 2] * y[i + 2];
    s3 += x[i + 3] * y[i + 3];
  }
  for (let i = even; i < x.length; i++) s0 += x[i] * y[i];
  return s0 + s1 + (s2 + s3);
}

/** ‖x‖₂ in float64. */
export function norm(x: RealVector): number {
  const values = isDense(x) ? x : x.values;
  return Math.sqrt(dotProduct(values, values));
}

/** Σ term(xᵢ, yᵢ) in float64 over the coordinates where x or y is given; `term(0, 0)` must be 0. Dense and sparse may be mixed. */
export function sumOver(x: RealVector, y: RealVector, term: (x: number, y: number) => number): number {
  if (isDense(x)) return isDense(y) ? denseSum(x, y, term) : mixedSum(x, y, term, false);
  return isDense(y) ? mixedSum(y, x, term, true) : sparseSum(x, y, term);
}

function isDense(x: RealVector): x is DenseVector {
  return x instanceof Float32Array;
}

function denseSum(x: DenseVector, y: DenseVector, term: (x: number, y: number) => number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += term(x[i], y[i]);
  return sum;
}

function mixedSum(dense: DenseVector, sparse: SparseVector, term: (x: number, y: number) => number, swapped: boolean): number {
  const { indices, values } = sparse;
  let sum = 0;
  let e = 0;
  for (let i = 0; i < dense.length; i++) {
    const value = e < indices.length && indices[e] === i ? values[e++] : 0;
    sum += swapped ? term(value, dense[i]) : term(dense[i], value);
  }
  return sum;
}

function sparseSum(x: SparseVector, y: SparseVector, term: (x: number, y: number) => number): number {
  let sum = 0;
  let [a, b] = [0, 0];
  while (a < x.indices.length || b < y.indices.length) {
    const i = a < x.indices.length ? x.indices[a] : Number.POSITIVE_INFINITY;
    const j = b < y.indices.length ? y.indices[b] : Number.POSITIVE_INFINITY;
    sum += term(i <= j ? x.values[a++] : 0, j <= i ? y.values[b++] : 0);
  }
  return sum;
}
