import { Random } from "../core/random.js";
import type { DenseRows } from "../core/rows.js";
import { createArena } from "../kernels/arena.js";
import { type Arena, padded } from "../kernels/contract.js";
import {
  assignBlock,
  blockRows,
  type NearestLayout,
  narrowedBytes,
  putCentroids,
  type SharedNearest,
  scratchBytes,
} from "./nearest-blocks.js";
import { leastShared, runSteps, type Steps } from "./steps.js";

/** How to look for centroids. */
export interface KMeansOptions {
  readonly lists: number;
  /** Centroids of length 1, for the cosine (Dhillon & Modha 2001, "spherical k-means"); the sample must then be of length 1 too. */
  readonly spherical: boolean;
  readonly seed: number | string;
  readonly rounds?: number;
}

/** Products computed between pauses, and values copied: a few milliseconds. */
const pieceProducts = 20_000_000;
const pieceValues = 524_288;
/** Above so many lists a first level of about their root is found, and each of its parts divided by itself: far less work, a little worse. */
const mostFlat = 256;
/** Rounds of each level, at most, where two are looked for: more of them gain nothing that the rounds over all lists do not. */
const levelRounds = 5;
/** Up to so many lists what the two levels found is then improved over all lists, in so many rounds. */
const mostRefined = 4096;
const refinements = 2;

/**
 * Centroids of `lists` clusters of the sample, row-major: Lloyd's algorithm (Lloyd 1982) from distinct random rows, a cluster that loses
 * all its rows starting again at the row farthest from its centroid in the largest. The same sample and seed give the same bits everywhere.
 */
export function kMeans(sample: DenseRows, options: KMeansOptions): Float32Array {
  return runSteps(kMeansSteps(sample, options));
}

/** {@link kMeans} in pieces of a few milliseconds. */
export function* kMeansSteps(sample: DenseRows, options: KMeansOptions): Steps<Float32Array> {
  return yield* divide(sample, options, createArena(undefined, 4_294_901_760));
}

function* divide(sample: DenseRows, options: KMeansOptions, arena: Arena): Steps<Float32Array> {
  const { lists, rounds = 8 } = options;
  if (lists <= mostFlat) return yield* lloyd(sample, options, randomRows(sample, options), rounds, arena);
  const top = Math.round(Math.sqrt(lists));
  const level = { ...options, rounds: Math.min(rounds, levelRounds) };
  const parts = yield* partsOf(sample, yield* divide(sample, { ...level, lists: top }, arena), top, arena);
  const shares = sharesOf(parts, lists);
  const centroids = new Float32Array(lists * sample.dim);
  let done = 0;
  for (let p = 0; p < top; p++) {
    if (shares[p] === 0) continue;
    centroids.set(yield* divide(parts[p], { ...level, lists: shares[p], seed: `${options.seed}/${p}` }, arena), done * sample.dim);
    done += shares[p];
  }
  return lists <= mostRefined ? yield* lloyd(sample, options, centroids, refinements, arena) : centroids;
}

/** The sample and centroids in an arena, padded; room for what is computed of a block behind them. Whoever trained in it before is done. */
class Trainer {
  /** Becomes one of its own once other threads help. */
  #arena: Arena;
  readonly #sample: DenseRows;
  readonly #at: NearestLayout & { readonly sums: number };

  constructor(sample: DenseRows, lists: number, arena: Arena) {
    this.#arena = arena;
    this.#sample = sample;
    const { count } = sample;
    const stride = padded(sample.dim);
    const centroids = count * stride * 4;
    const squares = centroids + lists * stride * 4;
    const longest = squares + padded(lists) * 4;
    const narrowed = longest + 16;
    const nearest = narrowed + narrowedBytes(lists, stride);
    const gaps = nearest + padded(count) * 4;
    const sums = gaps + padded(count) * 4;
    const scratch = sums + lists * stride * 8;
    this.#at = { count, lists, stride, centroids, squares, longest, narrowed, nearest, gaps, sums, scratch };
    this.#arena.ensure(this.#bytes(1));
  }

  /** The number of the nearest centroid of each row, and ‖x − c‖² − ‖x‖² of it: views, valid until the next sample is loaded. */
  get nearest(): Uint32Array {
    return this.#arena.views().u32.subarray(this.#at.nearest >>> 2, (this.#at.nearest >>> 2) + this.#sample.count);
  }

  get gaps(): Float32Array {
    return this.#arena.views().f32.subarray(this.#at.gaps >>> 2, (this.#at.gaps >>> 2) + this.#sample.count);
  }

  /** Takes the sample into the arena. */
  *load(): Steps<void> {
    const { dim, count, values } = this.#sample;
    const { stride } = this.#at;
    const { f32 } = this.#arena.views();
    const rows = Math.max(1, Math.floor(pieceValues / dim));
    for (let r = 0; r < count; r++) {
      f32.set(values.subarray(r * dim, (r + 1) * dim), r * stride);
      f32.fill(0, r * stride + dim, (r + 1) * stride);
      if (r % rows === rows - 1) yield;
    }
  }

  /** Finds the nearest centroid of every row, ties to the smaller number. */
  *assign(centroids: Float32Array): Steps<void> {
    putCentroids(this.#arena, this.#at, centroids, this.#sample.dim);
    const { count, lists, stride } = this.#at;
    const blocks = Math.ceil(count / blockRows);
    const run = (which: number) => assignBlock(this.#arena, this.#at, which, 0);
    if (count * lists * stride >= leastShared && (yield { count: blocks, run, share: (threads) => this.#share(threads) }) === true) return;
    const atOnce = Math.max(1, Math.floor(pieceProducts / (blockRows * lists * stride)));
    for (let which = 0; which < blocks; which++) {
      run(which);
      if ((which + 1) % atOnce === 0) yield;
    }
  }

  /** Sums of the rows nearest to each centroid, the stride apart: a view, valid until the next call. */
  *sums(): Steps<Float64Array> {
    const { count, lists, stride, nearest, sums } = this.#at;
    const { f64 } = this.#arena.views();
    const view = f64.subarray(sums >>> 3, (sums >>> 3) + lists * stride);
    view.fill(0);
    for (let from = 0; from < count; from += 4096) {
      const some = Math.min(4096, count - from);
      this.#arena.kernels.accumulate(from * stride * 4, some, stride, nearest + from * 4, sums);
      yield;
    }
    return view;
  }

  /** Goes on in an arena that other threads share, with room for what each of them computes. */
  #share(threads: number): SharedNearest {
    let { memory } = this.#arena;
    if (memory === null || memory.buffer instanceof ArrayBuffer) {
      const bytes = this.#bytes(threads);
      const shared = createArena(undefined, bytes, { shared: true });
      shared.ensure(bytes);
      shared.views().f32.set(this.#arena.views().f32.subarray(0, this.#at.nearest >>> 2));
      this.#arena = shared;
      memory = shared.memory as WebAssembly.Memory; // what is shared is one
    }
    return { kind: "nearest", memory, at: this.#at };
  }

  #bytes(threads: number): number {
    return this.#at.scratch + threads * scratchBytes(this.#at.lists, this.#at.stride);
  }
}

/** `rounds` rounds of assigning rows and moving centroids, which are changed. */
function* lloyd(
  sample: DenseRows,
  { lists, spherical }: KMeansOptions,
  centroids: Float32Array,
  rounds: number,
  arena: Arena,
): Steps<Float32Array> {
  const { dim } = sample;
  const trainer = new Trainer(sample, lists, arena);
  yield* trainer.load();
  for (let round = 0; round < rounds; round++) {
    yield* trainer.assign(centroids);
    yield* update(sample, trainer, centroids, lists);
    if (spherical) for (let c = 0; c < lists; c++) makeUnit(centroids.subarray(c * dim, (c + 1) * dim));
  }
  return centroids;
}

function randomRows({ dim, count, values }: DenseRows, { lists, seed }: KMeansOptions): Float32Array {
  const start = new Random(seed).choose(count, lists);
  const centroids = new Float32Array(lists * dim);
  for (let c = 0; c < lists; c++) centroids.set(values.subarray(start[c] * dim, (start[c] + 1) * dim), c * dim);
  return centroids;
}

/** Moves each centroid to the mean of its rows; one without rows to the row farthest from its own centroid in the largest cluster. */
function* update({ dim, values }: DenseRows, trainer: Trainer, centroids: Float32Array, lists: number): Steps<void> {
  const sums = yield* trainer.sums();
  const stride = padded(dim);
  const { nearest, gaps } = trainer;
  const sizes = new Uint32Array(lists);
  for (const list of nearest) sizes[list]++;
  for (let c = 0; c < lists; c++) {
    if (sizes[c] > 0) for (let i = 0; i < dim; i++) centroids[c * dim + i] = sums[c * stride + i] / sizes[c];
  }
  for (let c = 0; c < lists; c++) {
    if (sizes[c] > 0) continue;
    const row = farthestOf(largestOf(sizes), nearest, gaps);
    sizes[nearest[row]]--;
    nearest[row] = c;
    sizes[c] = 1;
    centroids.set(values.subarray(row * dim, (row + 1) * dim), c * dim);
  }
}

function largestOf(sizes: Uint32Array): number {
  let largest = 0;
  for (let c = 1; c < sizes.length; c++) if (sizes[c] > sizes[largest]) largest = c;
  return largest;
}

function farthestOf(list: number, nearest: Uint32Array, gaps: Float32Array): number {
  let farthest = nearest.indexOf(list);
  for (let r = farthest; r < nearest.length; r++) if (nearest[r] === list && gaps[r] > gaps[farthest]) farthest = r;
  return farthest;
}

/** The rows of each of `lists` clusters. */
function* partsOf(sample: DenseRows, centroids: Float32Array, lists: number, arena: Arena): Steps<DenseRows[]> {
  const trainer = new Trainer(sample, lists, arena);
  yield* trainer.load();
  yield* trainer.assign(centroids);
  const { dim } = sample;
  const members = Array.from({ length: lists }, (): number[] => []);
  for (let r = 0; r < sample.count; r++) members[trainer.nearest[r]].push(r);
  const parts: DenseRows[] = [];
  for (const rows of members) {
    const values = new Float32Array(rows.length * dim);
    for (let i = 0; i < rows.length; i++) values.set(sample.values.subarray(rows[i] * dim, (rows[i] + 1) * dim), i * dim);
    parts.push({ kind: "dense", dim, count: rows.length, values });
    yield;
  }
  return parts;
}

/** Lists for each part by its size: no more than it has rows, `lists` together. */
function sharesOf(parts: readonly DenseRows[], lists: number): number[] {
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  const shares = parts.map(({ count }) => Math.min(count, Math.floor((lists * count) / total)));
  let left = lists - shares.reduce((sum, share) => sum + share, 0);
  // What rounding left over goes to the parts with the most rows a list.
  while (left > 0) {
    let neediest = 0;
    for (let p = 1; p < parts.length; p++) if (need(parts[p], shares[p]) > need(parts[neediest], shares[neediest])) neediest = p;
    shares[neediest]++;
    left--;
  }
  return shares;
}

function need({ count }: DenseRows, share: number): number {
  return count > share ? count / (share + 0.5) : -1;
}

function squaredLength(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}

function makeUnit(x: Float32Array): void {
  const length = Math.sqrt(squaredLength(x));
  for (let i = 0; length > 0 && i < x.length; i++) x[i] /= length;
}
