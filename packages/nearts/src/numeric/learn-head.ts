import type { DenseRows } from "../core/rows.js";
import { padded } from "../kernels/contract.js";
import { eigenSteps } from "./eigen.js";
import { principalDirectionSteps } from "./principal-directions.js";
import { PrincipalHead } from "./principal-head.js";
import type { Steps } from "./steps.js";

/** Most directions of a head: their eigenvalue problem is solved in one piece, in some 15 ms. */
export const mostDirections = 160;

/** Values of the sample worked on between pauses: about a millisecond. */
const pieceValues = 262_144;

/** A head and how much of the sample's variance each of its directions holds. */
export interface LearnedHead {
  readonly head: PrincipalHead;
  /** Share of the sample's variance along each direction, falling; they add up to 1 at most. */
  readonly energies: Float64Array;
}

/**
 * The leading principal directions of a sample, 160 at most: the leading subspace of its covariance, then Rayleigh–Ritz within it (Golub & Van Loan
 * 2013, section 8.1.5), which orders the directions by variance. The vectors of the sample are of length 1 already where `unit` says so, else multiplied by `scale` already.
 * Yields every few milliseconds. The same sample gives the same bits everywhere.
 */
export function* learnHead(sample: DenseRows, unit: boolean, scale = 1): Steps<LearnedHead> {
  const { dim, count } = sample;
  const size = Math.min(dim, mostDirections);
  const stride = padded(dim);
  const mean = yield* meanOf(sample);
  const centred = yield* centre(sample, mean, stride);
  const directions = size === dim ? identity(size, stride) : yield* principalDirectionSteps(centred, count, stride, size);
  const within = yield* covarianceWithin(centred, count, stride, directions, size);
  const { values, vectors } = yield* eigenSteps(within.matrix, size);
  const turned = new Float32Array(size * dim);
  const row = new Float64Array(dim);
  for (let d = 0; d < size; d++) {
    row.fill(0);
    for (let m = 0; m < size; m++) for (let i = 0; i < dim; i++) row[i] += vectors[d * size + m] * directions[m * stride + i];
    turned.set(row, d * dim);
    if (d % 16 === 15) yield;
  }
  const energies = Float64Array.from(values, (value) => (within.total > 0 ? Math.max(0, value) / within.total : 0));
  return { head: new PrincipalHead({ origin: mean, directions: turned, unit, scale }), energies };
}

function* meanOf({ dim, count, values }: DenseRows): Steps<Float32Array> {
  const sums = new Float64Array(dim);
  const rows = Math.ceil(pieceValues / dim);
  for (let r = 0; r < count; r++) {
    for (let i = 0; i < dim; i++) sums[i] += values[r * dim + i];
    if (r % rows === rows - 1) yield;
  }
  return Float32Array.from(sums, (sum) => sum / Math.max(1, count));
}

function* centre({ dim, count, values }: DenseRows, mean: Float32Array, stride: number): Steps<Float32Array> {
  const centred = new Float32Array(count * stride);
  const rows = Math.ceil(pieceValues / dim);
  for (let r = 0; r < count; r++) {
    for (let i = 0; i < dim; i++) centred[r * stride + i] = values[r * dim + i] - mean[i];
    if (r % rows === rows - 1) yield;
  }
  return centred;
}

function identity(size: number, stride: number): Float32Array {
  const directions = new Float32Array(size * stride);
  for (let d = 0; d < size; d++) directions[d * stride + d] = 1;
  return directions;
}

/** The matrix vᵢᵀ XᵀX vⱼ of the directions v, and the trace of XᵀX: all the variance there is. */
function* covarianceWithin(
  centred: Float32Array,
  count: number,
  stride: number,
  directions: Float32Array,
  size: number,
): Steps<{ matrix: Float64Array; total: number }> {
  const matrix = new Float64Array(size * size);
  const map = new PrincipalHead({ origin: new Float32Array(stride), directions, unit: false });
  const rows: DenseRows = { kind: "dense", dim: stride, count, values: centred };
  let total = 0;
  for (let from = 0; from < count; from += 64) {
    const to = Math.min(count, from + 64);
    const mapped = map.map(rows, from, to);
    for (let r = 0; r < to - from; r++) total += map.squares[r];
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b++) matrix[a * size + b] += columnProduct(mapped, to - from, size, a, b);
    }
    yield;
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) matrix[b * size + a] = matrix[a * size + b];
  return { matrix, total };
}

function columnProduct(values: Float32Array, rows: number, stride: number, a: number, b: number): number {
  let sum = 0;
  for (let at = 0; at < rows * stride; at += stride) sum += values[at + a] * values[at + b];
  return sum;
}
