import { Random } from "../core/random.js";
import { createArena } from "../kernels/arena.js";
import { padded } from "../kernels/contract.js";
import { runSteps, type Steps } from "./steps.js";

/** Rounds of the iteration: enough for the subspace; single directions within it may still turn. */
const rounds = 3;

/**
 * `count` orthonormal directions (rows of the result, `stride` apart) that span nearly the most of what `rows` unit vectors have in common:
 * the leading subspace of their second moment, by orthogonal iteration (Golub & Van Loan 2013, section 8.2.4) from a fixed start.
 * `sample` holds the vectors padded with zeros to `stride`, a multiple of 4. Fewer directions where the sample has fewer.
 */
export function principalDirections(sample: Float32Array, rows: number, stride: number, count: number): Float32Array {
  return runSteps(principalDirectionSteps(sample, rows, stride, count));
}

/** {@link principalDirections} in pieces of a few milliseconds. */
export function* principalDirectionSteps(sample: Float32Array, rows: number, stride: number, count: number): Steps<Float32Array> {
  const length = padded(rows);
  const arena = createArena();
  const at = layOut(rows, length, stride, count);
  arena.ensure(at.end);
  const { f32 } = arena.views();
  for (const [from, some] of piecesOf(rows, 64 * stride)) {
    f32.set(sample.subarray(from * stride, (from + some) * stride), (at.sample >>> 2) + from * stride);
    yield;
  }
  yield* transpose(f32, at.sample >>> 2, rows, stride, at.turned >>> 2, length);
  const random = new Random("principal directions");
  const directions = Float64Array.from({ length: count * stride }, () => random.uniform() - 0.5);
  for (let round = 0; round < rounds; round++) {
    yield* orthonormalise(directions, count, stride);
    f32.set(directions, at.directions >>> 2);
    for (const [from, some] of piecesOf(rows, count * stride)) {
      arena.kernels.project(at.sample + from * stride * 4, some, at.directions, count, stride, at.products + from * count * 4);
      yield;
    }
    yield* transpose(f32, at.products >>> 2, rows, count, at.weights >>> 2, length);
    for (const [from, some] of piecesOf(stride, count * length)) {
      arena.kernels.project(at.turned + from * length * 4, some, at.weights, count, length, at.products + from * count * 4);
      yield;
    }
    for (let i = 0; i < stride; i++) for (let m = 0; m < count; m++) directions[m * stride + i] = f32[(at.products >>> 2) + i * count + m];
    yield;
  }
  yield* orthonormalise(directions, count, stride);
  return Float32Array.from(directions);
}

/** Products computed between pauses: some milliseconds. */
const pieceProducts = 20_000_000;

/** Where each piece of `total` starts and how many it has, one costing `each` products. */
function* piecesOf(total: number, each: number): Generator<[number, number]> {
  const some = Math.max(1, Math.floor(pieceProducts / each));
  for (let from = 0; from < total; from += some) yield [from, Math.min(some, total - from)];
}

/** Byte offsets of: the sample, the sample turned, directions, their products with either, and weights. */
function layOut(rows: number, length: number, stride: number, count: number) {
  const turned = rows * stride * 4;
  const directions = turned + stride * length * 4;
  const products = directions + count * stride * 4;
  const weights = products + padded(Math.max(rows, stride) * count) * 4;
  return { sample: 0, turned, directions, products, weights, end: weights + count * length * 4 };
}

function* transpose(f32: Float32Array, from: number, rows: number, columns: number, to: number, length: number): Steps<void> {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) f32[to + c * length + r] = f32[from + r * columns + c];
    if (r % 256 === 255) yield;
  }
}

/** Gram–Schmidt, twice for each direction, which is enough (Giraud et al. 2005); what has no length left becomes zero. */
function* orthonormalise(directions: Float64Array, count: number, stride: number): Steps<void> {
  for (let m = 0; m < count; m++) {
    const own = directions.subarray(m * stride, (m + 1) * stride);
    const before = Math.sqrt(product(own, own));
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < m; other++) subtract(own, directions.subarray(other * stride, (other + 1) * stride));
    }
    const left = Math.sqrt(product(own, own));
    const scale = left > before * 1e-6 ? 1 / left : 0;
    for (let i = 0; i < stride; i++) own[i] *= scale;
    if (m % 4 === 3) yield;
  }
}

function subtract(own: Float64Array, other: Float64Array): void {
  const along = product(own, other);
  for (let i = 0; i < own.length; i++) own[i] -= along * other[i];
}

function product(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
