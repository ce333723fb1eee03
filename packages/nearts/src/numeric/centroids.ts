import { bestBuild, createArena } from "../kernels/arena.js";
import { type Arena, padded, smallestScratch } from "../kernels/contract.js";
import { NarrowMatrix, narrowStride } from "./narrow-matrix.js";
import { blockRows, type NearestLayout, narrowedBytes, nearestTo, putCentroids, scratchBytes } from "./nearest-blocks.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";

/** Queries are compared by the leading values that hold so much of what centroids differ in: the rest changes hardly anything of which are the nearest. */
const mostDifference = 0.98;

/** A gap that float32 holds, and that is over all others. */
const largest = 3e38;

/** Centroids in memory of their own, with what finds those nearest to rows. */
export class Centroids {
  readonly count: number;
  readonly dim: number;
  /** Row-major: count × dim. */
  readonly values: Float32Array;
  /** After {@link Centroids.rank}: numbers of the nearest centroids, nearest first, and by how much ‖x − c‖² exceeds the nearest one's. */
  ranked: Uint32Array = new Uint32Array(0);
  gaps: Float32Array = new Float32Array(0);
  readonly #arena: Arena = createArena(undefined, 4_294_901_760);
  readonly #stride: number;
  readonly #narrow: NarrowMatrix | null;
  /** Values of a query that are compared where that is done in 16-bit integers. */
  readonly #leading: number;
  /** ‖c‖² of each. */
  readonly #squares: Float32Array;
  /** A block of rows is the first of it. */
  readonly #at: NearestLayout;
  /** Where in the planes' memory centroids are ranked. */
  readonly #ranking: {
    query: number;
    scratch: number;
    products: number;
    squares: number;
    numbers: number;
    heap: number;
    selection: number;
  };
  readonly #planes: PlaneMemory = planeMemory(bestBuild());

  /** `narrow`: queries are compared by their leading values in 16-bit integers, which may swap centroids that are about as near. */
  constructor(values: Float32Array, dim: number, narrow: boolean) {
    this.values = values;
    this.dim = dim;
    this.count = values.length / dim;
    this.#stride = padded(dim);
    this.#leading = narrow ? leadingOf(values, dim) : dim;
    this.#narrow = narrow ? new NarrowMatrix(leadingValues(values, dim, this.#leading), this.#leading) : null;
    this.#squares = Float32Array.from({ length: this.count }, (_, c) => squaredLength(values, c * dim, dim));
    this.#at = this.#layOut();
    this.#arena.ensure(this.#at.scratch + scratchBytes(this.count, this.#stride));
    putCentroids(this.#arena, this.#at, values, dim);
    this.#ranking = this.#layOutRanking();
  }

  /** Writes the numbers of the nearest centroid of each of `count` rows of `values` (and of the second nearest to `second`, where given) from `first` on. Ties go to the smaller number; where no gap is a finite number, as float32 does not hold the products, it is `count`. */
  assign(values: Float32Array, first: number, count: number, nearest: Uint32Array, second?: Uint32Array): void {
    for (let from = 0; from < count; from += blockRows) {
      const rows = Math.min(blockRows, count - from);
      this.#put(values, first + from, rows);
      nearestTo(this.#arena, this.#at, 0, rows, 0);
      const chosen = this.#at.nearest >>> 2;
      nearest.set(this.#arena.views().u32.subarray(chosen, chosen + rows), from);
      if (second === undefined) continue;
      const products = this.#multiply(rows);
      for (let r = 0; r < rows; r++) second[from + r] = this.#nearestOf(products, r * this.count, nearest[from + r]);
    }
  }

  /** Ranks the `wanted` centroids nearest to one row of `values`; returns how many there are. Those whose gaps are no finite numbers come last, as if none were nearer. */
  rank(values: Float32Array, wanted: number): number {
    const { f32, u32 } = this.#planes.arena.views();
    const { kernels } = this.#planes.arena;
    const { query, scratch, products, squares, numbers, heap, selection } = this.#ranking;
    if (this.#narrow === null) this.#gapsInFloat64(values, f32.subarray(products >>> 2));
    else {
      let square = 0;
      for (let i = 0; i < this.#leading; i++) {
        f32[(query >>> 2) + i] = values[i];
        square += values[i] * values[i];
      }
      this.#narrow.multiply(query, Math.sqrt(square), scratch, products);
      kernels.gaps(products, squares, this.count, products);
    }
    const limit = Math.min(wanted, this.count);
    const held = kernels.smallest(products, numbers, this.count, heap, limit, selection);
    if (this.ranked.length < held) {
      this.ranked = new Uint32Array(held);
      this.gaps = new Float32Array(held);
    }
    const first = heap >>> 2;
    for (let i = 0; i < held; i++) {
      this.ranked[i] = u32[first + limit + i];
      this.gaps[i] = f32[first + i] - f32[first];
    }
    return held;
  }

  /** By how much ‖x − c‖² exceeds the least of them, as `assign` compares it: what is left keeps its digits in float32. */
  #gapsInFloat64(values: Float32Array, out: Float32Array): void {
    this.#put(values, 0, 1);
    const products = this.#multiply(1);
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.count; c++) least = Math.min(least, this.#gapOf(c, products[c]));
    for (let c = 0; c < this.count; c++) {
      const gap = this.#gapOf(c, products[c]);
      out[c] = gap === Number.POSITIVE_INFINITY ? largest : Math.min(largest, gap - least);
    }
  }

  #put(values: Float32Array, first: number, rows: number): void {
    const { f32 } = this.#arena.views();
    for (let r = 0; r < rows; r++) f32.set(values.subarray((first + r) * this.dim, (first + r + 1) * this.dim), r * this.#stride);
  }

  /** Products of the rows that were put with all centroids, a row's together: borrowed. */
  #multiply(rows: number): Float32Array {
    const { centroids, scratch } = this.#at;
    this.#arena.kernels.project(0, rows, centroids, this.count, this.#stride, scratch);
    return this.#arena.views().f32.subarray(scratch >>> 2, (scratch >>> 2) + rows * this.count);
  }

  /** The nearest but for `except`, which is nearer. */
  #nearestOf(products: Float32Array, from: number, except: number): number {
    let [best, smallest] = [this.count, Number.POSITIVE_INFINITY];
    for (let c = 0; c < this.count; c++) {
      const gap = this.#gapOf(c, products[from + c]);
      if (gap >= smallest || c === except) continue;
      smallest = gap;
      best = c;
    }
    return best;
  }

  /** ‖x − c‖² − ‖x‖² as the kernel computes it; +∞ where that is no finite number. */
  #gapOf(c: number, product: number): number {
    const gap = Math.fround(this.#squares[c] - Math.fround(2 * product));
    return gap - gap === 0 ? gap : Number.POSITIVE_INFINITY;
  }

  #layOut(): NearestLayout {
    const [lists, stride] = [this.count, this.#stride];
    const centroids = blockRows * stride * 4;
    const squares = centroids + lists * stride * 4;
    const longest = squares + padded(lists) * 4;
    const narrowed = longest + 16;
    const nearest = narrowed + narrowedBytes(lists, stride);
    const gaps = nearest + blockRows * 4;
    return { count: blockRows, lists, stride, centroids, squares, longest, narrowed, nearest, gaps, scratch: gaps + blockRows * 4 };
  }

  #layOutRanking() {
    const column = padded(this.count) * 4;
    const before = narrowStride(this.#leading) * 4 + (this.#narrow?.scratchBytes ?? 0);
    const query = this.#planes.allocate(before + 5 * column + smallestScratch(this.count), this);
    const scratch = query + narrowStride(this.#leading) * 4;
    const products = query + before;
    const [squares, numbers, heap] = [products + column, products + 2 * column, products + 3 * column];
    const { f32, u32 } = this.#planes.arena.views();
    f32.fill(0, query >>> 2, scratch >>> 2);
    for (let c = 0; c < this.count; c++) {
      f32[(squares >>> 2) + c] = squaredLength(this.values, c * this.dim, this.#leading);
      u32[(numbers >>> 2) + c] = c;
    }
    return { query, scratch, products, squares, numbers, heap, selection: heap + 2 * column };
  }
}

/** How many leading values, a multiple of 8 unless all, hold the share {@link mostDifference} of what the rows differ in. */
function leadingOf(values: Float32Array, dim: number): number {
  const count = values.length / dim;
  const sums = new Float64Array(dim);
  const squares = new Float64Array(dim);
  for (let i = 0; i < values.length; i++) {
    sums[i % dim] += values[i];
    squares[i % dim] += values[i] * values[i];
  }
  const variances = squares.map((square, i) => Math.max(0, square - (sums[i] * sums[i]) / count));
  const wanted = mostDifference * variances.reduce((sum, variance) => sum + variance, 0);
  let [leading, held] = [0, 0];
  while (leading < dim && !(leading > 0 && held >= wanted)) held += variances[leading++];
  return Math.min(dim, narrowStride(leading));
}

function leadingValues(values: Float32Array, dim: number, leading: number): Float32Array {
  if (leading === dim) return values;
  const out = new Float32Array((values.length / dim) * leading);
  for (let c = 0; c * dim < values.length; c++) out.set(values.subarray(c * dim, c * dim + leading), c * leading);
  return out;
}

function squaredLength(values: Float32Array, from: number, dim: number): number {
  let sum = 0;
  for (let i = from; i < from + dim; i++) sum += values[i] * values[i];
  return sum;
}
