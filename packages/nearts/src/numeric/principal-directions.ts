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
  for (const [from, some] of piecesOf(rows, perCopy * stride)) {
    f32.set(sample.subarray(from * stride, (from + some) * stride), (at.sample >>> 2) + from * stride);
    yield;
  }
  yield* transpose(f32, at.sample >>> 2, rows, stride, at.turned >>> 2, length);
  const directions = yield* randomDirections(count, stride);
  for (let round = 0; round < rounds; round++) {
    // The start is random, and so as good as orthogonal; between rounds rows need only stay apart.
    if (round > 0) yield* orthonormalise(directions, count, stride, 1);
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
    for (const [from, some] of piecesOf(stride, perCopy * count)) {
      for (let i = from; i < from + some; i++) {
        for (let m = 0; m < count; m++) directions[m * stride + i] = f32[(at.products >>> 2) + i * count + m];
      }
      yield;
    }
  }
  yield* orthonormalise(directions, count, stride, 2);
  return Float32Array.from(directions);
}

function* randomDirections(count: number, stride: number): Steps<Float64Array> {
  const random = new Random("principal directions");
  const directions = new Float64Array(count * stride);
  for (const [from, some] of piecesOf(directions.length, 4 * perCopy)) {
    for (let i = from; i < from + some; i++) directions[i] = random.uniform() - 0.5;
    yield;
  }
  return directions;
}

/** Products computed between pauses, in some milliseconds, and how many of them take as long as copying a value. */
const pieceProducts = 20_000_000;
const perCopy = 128;

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
  for (const [first, some] of piecesOf(rows, perCopy * columns)) {
    for (let r = first; r < first + some; r++) {
      for (let c = 0; c < columns; c++) f32[to + c * length + r] = f32[from + r * columns + c];
    }
    yield;
  }
}

/**
 * Orthonormal rows of the same span by Cholesky's method, in two passes for what rounding left of one (CholeskyQR2, Yamamoto et al. 2015): with D Dᵀ = L Lᵀ the rows of L⁻¹D are
 * orthonormal. What has no length left becomes zero.
 */
function* orthonormalise(directions: Float64Array, count: number, stride: number, passes: number): Steps<void> {
  const atOnce = Math.max(1, Math.floor(pieceProducts / (8 * count * stride)));
  for (let pass = 0; pass < passes; pass++) {
    const products = new Float64Array(count * count);
    for (let m = 0; m < count; m++) {
      multiply(directions, m, m + 1, stride, products, count);
      if (m % atOnce === atOnce - 1) yield;
    }
    const factor = cholesky(products, count);
    for (let m = 0; m < count; m++) {
      const own = directions.subarray(m * stride, (m + 1) * stride);
      subtract(own, directions, factor.subarray(m * count, m * count + m), stride);
      const scale = factor[m * count + m] > 0 ? 1 / factor[m * count + m] : 0;
      for (let i = 0; i < stride; i++) own[i] *= scale;
      if (m % atOnce === atOnce - 1) yield;
    }
  }
}

/** products[m·apart + n] = the product of rows m and n, for n < `before`. */
function multiply(rows: Float64Array, m: number, before: number, stride: number, products: Float64Array, apart: number): void {
  const x = m * stride;
  for (let n = 0; n < before; n += 4) {
    // Four sums at once: they do not wait for one another. Beyond the last row the same is summed again, and not kept.
    const [a, b, c, d] = [n, n + 1, n + 2, n + 3].map((row) => Math.min(row, before - 1) * stride);
    let [s, t, u, v] = [0, 0, 0, 0];
    for (let i = 0; i < stride; i++) {
      const value = rows[x + i];
      s += value * rows[a + i];
      t += value * rows[b + i];
      u += value * rows[c + i];
      v += value * rows[d + i];
    }
    products.set([s, t, u, v].slice(0, before - n), m * apart + n);
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

/** own −= Σ of the first rows, as many as there are weights, times these. */
function subtract(own: Float64Array, rows: Float64Array, weights: Float64Array, stride: number): void {
  let n = 0;
  for (; n + 4 <= weights.length; n += 4) {
    const [a, b, c, d] = [n * stride, (n + 1) * stride, (n + 2) * stride, (n + 3) * stride];
    const [s, t, u, v] = [weights[n], weights[n + 1], weights[n + 2], weights[n + 3]];
    for (let i = 0; i < stride; i++) own[i] -= s * rows[a + i] + t * rows[b + i] + (u * rows[c + i] + v * rows[d + i]);
  }
  for (; n < weights.length; n++) for (let i = 0; i < stride; i++) own[i] -= weights[n] * rows[n * stride + i];
}
