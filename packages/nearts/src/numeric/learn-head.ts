import type { DenseRows } from "../core/rows.js";
import { createArena } from "../kernels/arena.js";
import { padded } from "../kernels/contract.js";
import { eigenSteps } from "./eigen.js";
import { principalDirectionSteps } from "./principal-directions.js";
import { PrincipalHead } from "./principal-head.js";
import type { Steps } from "./steps.js";

/** Most directions of a head: the more, the longer it is learned and applied, and the less each tells. */
export const mostDirections = 160;
/** Directions of vectors that have more dimensions than that: with the length of what they leave out they fill 64 groups of 2 values. */
const usualDirections = 127;

/** Values of the sample worked on between pauses: about a millisecond. */
const pieceValues = 262_144;

/** A head and how much of the sample's variance each of its directions holds. */
export interface LearnedHead {
  readonly head: PrincipalHead;
  /** Share of the sample's variance along each direction, falling; they add up to 1 at most. */
  readonly energies: Float64Array;
}

/**
 * The leading principal directions of a sample, of up to 160 dimensions all, else `directions`, 127 when not given: the leading subspace of its covariance, then Rayleigh–Ritz within it (Golub & Van Loan
 * 2013, section 8.1.5), which orders the directions by variance. The vectors of the sample are of length 1 already where `unit` says so, else multiplied by `scale` already.
 * Yields every few milliseconds. The same sample gives the same bits everywhere.
 */
export function* learnHead(sample: DenseRows, unit: boolean, scale = 1, directions: number = usualDirections): Steps<LearnedHead> {
  const { dim, count } = sample;
  const size = dim <= mostDirections ? dim : directions;
  const stride = padded(dim);
  const mean = yield* meanOf(sample);
  const centred = yield* centre(sample, mean, stride);
  const leading = size === dim ? identity(size, stride) : yield* principalDirectionSteps(centred, count, stride, size);
  const span = new PrincipalHead({ origin: new Float32Array(stride), directions: leading, unit: false });
  const within = yield* covarianceWithin(centred, count, span);
  const { values, vectors } = yield* eigenSteps(within.matrix, size);
  const turned = new Float32Array(size * dim);
  const combined = (yield* span.unmapSteps({ kind: "dense", dim: size, count: size, values: Float32Array.from(vectors) })).values;
  for (let d = 0; d < size; d++) turned.set(combined.subarray(d * stride, d * stride + dim), d * dim);
  yield;
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

/** The matrix vᵢᵀ XᵀX vⱼ of the directions v of a head, and the trace of XᵀX: all the variance there is. */
function* covarianceWithin(centred: Float32Array, count: number, span: PrincipalHead): Steps<{ matrix: Float64Array; total: number }> {
  const { size, dim } = span;
  const rows: DenseRows = { kind: "dense", dim, count, values: centred };
  const stride = padded(count);
  const arena = createArena();
  const products = size * stride * 4;
  arena.ensure(products + size * size * 4);
  let total = 0;
  // Blocks of 4 rows at least share the directions.
  const rowsAtOnce = Math.max(4, Math.min(64, 4 * Math.floor(pieceValues / (16 * dim))));
  for (let from = 0; from < count; from += rowsAtOnce) {
    const to = Math.min(count, from + rowsAtOnce);
    const mapped = span.map(rows, from, to);
    const { f32 } = arena.views();
    for (let r = from; r < to; r++) {
      total += span.squares[r - from];
      for (let d = 0; d < size; d++) f32[d * stride + r] = mapped[(r - from) * size + d];
    }
    yield;
  }
  for (let d = 0; d < size; d++) {
    arena.kernels.project(d * stride * 4, 1, 0, size, stride, products + d * size * 4);
    if (d % 16 === 15) yield;
  }
  const matrix = Float64Array.from(arena.views().f32.subarray(products >>> 2, (products >>> 2) + size * size));
  return { matrix, total };
}
