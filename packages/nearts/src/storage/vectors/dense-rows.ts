import type { Candidates } from "../../core/columns.js";
import type { Metric } from "../../core/contracts.js";
import { asDense } from "../../core/convert.js";
import { NearError } from "../../core/errors.js";
import { type DenseVector, type Rows, rowAt, type VectorOf } from "../../core/rows.js";
import { dotProduct, norm, squaredDifference, sumOver } from "../../numeric/sums.js";

/** The shortest (but for zero) and the longest of the stored vectors, and how many values they have. */
export interface Lengths {
  readonly smallest: number;
  readonly largest: number;
  readonly width: number;
}

/** Whether sums over some row and a query of length `q` may leave float32, upwards or downwards: by Cauchy–Schwarz none is larger than the lengths allow. */
export function beyondFloat32(metric: Metric, q: number, { smallest, largest, width }: Lengths): boolean {
  if (metric === "manhattan") return (largest + q) * Math.sqrt(width) > 1e37; // sums of absolute values lose nothing downwards
  if ((largest + q) ** 2 > 1e37) return true;
  return metric === "squaredEuclidean" ? (smallest + q) ** 2 < 1e-25 : smallest * q < 1e-30;
}

/** Ranks of candidates by the definition, for magnitudes at which float32 sums overflow or vanish. */
export function rankInFloat64(metric: Metric, query: Rows, candidates: Candidates, vectorOf: (row: number) => VectorOf): void {
  const q = rowAt<"dense">(asDense(query), 0);
  for (let i = 0; i < candidates.count; i++) {
    const x = vectorOf(candidates.rows[i]) as DenseVector; // fixed vectors that are not bits are dense
    if (metric === "squaredEuclidean") candidates.distances[i] = squaredDifference(q, x);
    else if (metric === "manhattan") candidates.distances[i] = sumOver(q, x, (a, b) => Math.abs(a - b));
    else candidates.distances[i] = -dotProduct(q, x) / (metric === "cosine" ? norm(q) * norm(x) || 1 : 1);
  }
}

/** Writes row `i` of dense or sparse rows as `dim` floats. */
export function putDense(f32: Float32Array, at: number, rows: Rows, i: number): void {
  if (rows.kind === "dense") {
    const { dim, values } = rows;
    f32.set(values.length === dim ? values : values.subarray(i * dim, (i + 1) * dim), at);
    return;
  }
  if (rows.kind !== "sparse")
    throw new NearError("E_UNSUPPORTED", `${rows.kind} vectors cannot be compared with dense ones`, { kind: rows.kind });
  f32.fill(0, at, at + rows.dim);
  for (let e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) f32[at + rows.indices[e]] = rows.values[e];
}

/** Σ x² in float64 of `width` floats from index `at` on. */
export function squaredNorm(f32: Float32Array, at: number, width: number): number {
  let [a, b] = [0, 0];
  const even = at + (width & ~1);
  for (let i = at; i < even; i += 2) {
    a += f32[i] * f32[i];
    b += f32[i + 1] * f32[i + 1];
  }
  return width & 1 ? a + b + f32[even] * f32[even] : a + b;
}
