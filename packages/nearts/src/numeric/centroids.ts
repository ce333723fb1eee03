import { createArena } from "../kernels/arena.js";
import { type Arena, padded } from "../kernels/contract.js";
import { NarrowMatrix } from "./narrow-matrix.js";

/** Rows compared with all centroids by one kernel call. */
const block = 64;

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
  readonly #narrow: NarrowMatrix;
  /** ‖c‖² of each. */
  readonly #squares: Float64Array;
  readonly #at: { readonly centroids: number; readonly products: number; readonly numbers: number; readonly heap: number };

  constructor(values: Float32Array, dim: number) {
    this.values = values;
    this.dim = dim;
    this.count = values.length / dim;
    this.#stride = padded(dim);
    this.#narrow = new NarrowMatrix(values, dim);
    this.#squares = Float64Array.from({ length: this.count }, (_, c) => squaredLength(values, c * dim, dim));
    this.#at = this.#layOut();
    this.#arena.ensure(this.#at.heap + this.count * 8);
    const { f32, u32 } = this.#arena.views();
    for (let c = 0; c < this.count; c++) {
      f32.set(values.subarray(c * dim, (c + 1) * dim), (this.#at.centroids >>> 2) + c * this.#stride);
      u32[(this.#at.numbers >>> 2) + c] = c;
    }
  }

  /** Writes the numbers of the nearest centroid of each of `count` rows of `values` (and of the second nearest to `second`, where given) from `first` on. Ties go to the smaller number. */
  assign(values: Float32Array, first: number, count: number, nearest: Uint32Array, second?: Uint32Array): void {
    for (let from = 0; from < count; from += block) {
      const products = this.#multiply(values, first + from, Math.min(block, count - from));
      for (let r = from; r < Math.min(count, from + block); r++) {
        const at = (r - from) * this.count;
        nearest[r] = this.#nearestOf(products, at, -1);
        if (second !== undefined) second[r] = this.#nearestOf(products, at, nearest[r]);
      }
    }
  }

  /** Ranks the `wanted` centroids nearest to one row of `values`; returns how many there are. */
  rank(values: Float32Array, wanted: number): number {
    const products = this.#arena.views().f32.subarray(this.#at.products >>> 2, (this.#at.products >>> 2) + this.count);
    this.#narrow.multiply(values.subarray(0, this.dim), products);
    const limit = Math.min(wanted, this.count);
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.count; c++) least = Math.min(least, this.#squares[c] - 2 * products[c]);
    // Less the least, in float64: what is left keeps its digits in float32.
    for (let c = 0; c < this.count; c++) products[c] = this.#squares[c] - 2 * products[c] - least;
    const { kernels } = this.#arena;
    const held = kernels.offer(this.#at.products, this.#at.numbers, this.count, this.#at.heap, 0, limit, Number.POSITIVE_INFINITY);
    kernels.drain(this.#at.heap, held, limit);
    const { f32, u32 } = this.#arena.views();
    const heap = this.#at.heap >>> 2;
    this.gaps = f32.subarray(heap, heap + held);
    this.ranked = u32.subarray(heap + limit, heap + limit + held);
    return held;
  }

  /** Products of rows with all centroids, a row's together: borrowed. */
  #multiply(values: Float32Array, first: number, rows: number): Float32Array {
    const { f32 } = this.#arena.views();
    for (let r = 0; r < rows; r++) f32.set(values.subarray((first + r) * this.dim, (first + r + 1) * this.dim), r * this.#stride);
    this.#arena.kernels.project(0, rows, this.#at.centroids, this.count, this.#stride, this.#at.products);
    const out = this.#at.products >>> 2;
    return f32.subarray(out, out + rows * this.count);
  }

  #nearestOf(products: Float32Array, from: number, except: number): number {
    let [best, smallest] = [-1, Number.POSITIVE_INFINITY];
    for (let c = 0; c < this.count; c++) {
      const gap = this.#squares[c] - 2 * products[from + c];
      if (gap >= smallest || c === except) continue;
      smallest = gap;
      best = c;
    }
    return best;
  }

  #layOut() {
    const centroids = block * this.#stride * 4;
    const products = centroids + this.count * this.#stride * 4;
    const numbers = products + block * this.count * 4;
    return { centroids, products, numbers, heap: numbers + this.count * 4 };
  }
}

function squaredLength(values: Float32Array, from: number, dim: number): number {
  let sum = 0;
  for (let i = from; i < from + dim; i++) sum += values[i] * values[i];
  return sum;
}
