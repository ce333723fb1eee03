import { Random } from "../core/random.js";
import { createArena } from "../kernels/arena.js";
import { type Arena, padded } from "../kernels/contract.js";
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
  const { f32, f64 } = arena.views();
  const directions = f32.subarray(at.directions >>> 2, (at.directions >>> 2) + count * stride);
  const exact = f64.subarray(at.exact >>> 3, (at.exact >>> 3) + count * stride);
  for (const [from, some] of piecesOf(rows, perCopy * stride)) {
    f32.set(sample.subarray(from * stride, (from + some) * stride), (at.sample >>> 2) + from * stride);
    yield;
  }
  for (const [from, some] of piecesOf(rows, perCopy * stride)) {
    arena.kernels.transpose(at.sample + from * stride * 4, some, stride, at.turned + from * 4, length);
    yield;
  }
  yield* drawDirections(exact);
  for (let round = 0; round < rounds; round++) {
    // The start is random, and so as good as orthogonal; between rounds rows need only stay apart.
    if (round > 0) yield* orthonormalise(arena, at, count, stride, 1);
    directions.set(exact);
    for (const [from, some] of piecesOf(rows, count * stride)) {
      arena.kernels.project(at.sample + from * stride * 4, some, at.directions, count, stride, at.products + from * count * 4);
      yield;
    }
    arena.kernels.transpose(at.products, rows, count, at.weights, length);
    yield;
    for (const [from, some] of piecesOf(stride, count * length)) {
      arena.kernels.project(at.turned + from * length * 4, some, at.weights, count, length, at.products + from * count * 4);
      yield;
    }
    arena.kernels.transpose(at.products, stride, count, at.directions, stride);
    exact.set(directions);
    yield;
  }
  yield* orthonormalise(arena, at, count, stride, 2);
  return Float32Array.from(exact);
}

function* drawDirections(directions: Float64Array): Steps<void> {
  const random = new Random("principal directions");
  for (const [from, some] of piecesOf(directions.length, 4 * perCopy)) {
    for (let i = from; i < from + some; i++) directions[i] = random.uniform() - 0.5;
    yield;
  }
}

/** Products computed between pauses, in some milliseconds, and how many of them take as long as copying a value. */
const pieceProducts = 20_000_000;
const perCopy = 128;

/** Where each piece of `total` starts and how many it has, one costing `each` products. */
function* piecesOf(total: number, each: number): Generator<[number, number]> {
  const some = Math.max(1, Math.floor(pieceProducts / each));
  for (let from = 0; from < total; from += some) yield [from, Math.min(some, total - from)];
}

/** Byte offsets of: the sample, the sample turned, directions, their products with either, and weights; then in float64 directions, these turned, and their products. */
function layOut(rows: number, length: number, stride: number, count: number) {
  const turned = rows * stride * 4;
  const directions = turned + stride * length * 4;
  const products = directions + count * stride * 4;
  const weights = products + padded(Math.max(rows, stride) * count) * 4;
  const exact = weights + count * length * 4;
  const exactTurned = exact + count * stride * 8;
  const factor = exactTurned + stride * padded(count) * 8;
  return { sample: 0, turned, directions, products, weights, exact, exactTurned, factor, end: factor + count * count * 8 };
}

/**
 * Orthonormal rows of the same span by Cholesky's method, in two passes for what rounding left of one (CholeskyQR2, Yamamoto et al. 2015): with D Dᵀ = L Lᵀ the rows of L⁻¹D are
 * orthonormal. What has no length left becomes zero.
 */
function* orthonormalise(arena: Arena, at: ReturnType<typeof layOut>, count: number, stride: number, passes: number): Steps<void> {
  const { kernels } = arena;
  const { exact, exactTurned, factor } = at;
  const apart = padded(count);
  const atOnce = Math.max(4, Math.floor(pieceProducts / (4 * count * stride)) & ~3);
  const products = arena.views().f64.subarray(factor >>> 3, (factor >>> 3) + count * count);
  for (let pass = 0; pass < passes; pass++) {
    kernels.transposeWide(exact, count, stride, exactTurned, apart);
    yield;
    for (let m = 0; m < count; m += atOnce) {
      kernels.gram(exactTurned, stride, apart, count, m, Math.min(count, m + atOnce), factor);
      yield;
    }
    products.set(cholesky(products, count));
    for (let m = 0; m < count; m += atOnce) {
      kernels.substitute(exact, stride, factor, count, m, Math.min(count, m + atOnce));
      yield;
    }
  }
}

/** The lower triangle L with L Lᵀ = the products of `count` rows; rows that hardly differ from a combination of those before them have zeros. */
function cholesky(products: Float64Array, count: number): Float64Array {
  const factor = new Float64Array(count * count);
  for (let m = 0; m < count; m++) {
    for (let n = 0; n <= m; n++) {
      let left = products[m * count + n];
      for (let j = 0; j < n; j++) left -= factor[m * count + j] * factor[n * count + j];
      if (n === m) factor[m * count + m] = left > products[m * count + m] * leastLeft ? Math.sqrt(left) : 0;
      else factor[m * count + n] = factor[n * count + n] > 0 ? left / factor[n * count + n] : 0;
    }
  }
  return factor;
}

/** Part of a squared length that must be left. */
const leastLeft = 1e-12;
