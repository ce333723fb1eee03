import { bestBuild } from "../kernels/arena.js";
import type { KernelBuild } from "../kernels/contract.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";

/** Values of a row of a {@link NarrowMatrix} with so many columns, padding included. */
export function narrowStride(columns: number): number {
  return Math.ceil(columns / 8) * 8;
}

/** Rows and queries get at most this length: no value is then over 16 bits, and by Cauchy–Schwarz no sum of products, nor what rounding adds, over 32. */
const longest = 32_767;

/**
 * A matrix whose products with a query are computed in 16-bit integers: off by about a ten-thousandth of the product of the lengths, at half the cost.
 * For what only decides where to look; never for what is stored.
 */
export class NarrowMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly #memory: PlaneMemory;
  readonly #stride: number;
  readonly #matrix: number;
  /** What rows were multiplied by. */
  readonly #scale: number;

  /** Of `rows` rows of `columns` values, row-major. E_MEMORY where the machine has no room. */
  constructor(values: Float32Array, columns: number, build: KernelBuild = bestBuild()) {
    this.columns = columns;
    this.rows = values.length / columns;
    this.#memory = planeMemory(build);
    this.#stride = narrowStride(columns);
    this.#matrix = this.#memory.allocate(this.rows * this.#stride * 2, this);
    let length = 0;
    for (let r = 0; r < this.rows; r++) length = Math.max(length, lengthOf(values.subarray(r * columns, (r + 1) * columns)));
    this.#scale = length > 0 ? longest / length : 1;
    const scratch = this.#memory.scratch(this.#stride * 4);
    const { f32 } = this.#memory.arena.views();
    for (let r = 0; r < this.rows; r++) {
      f32.fill(0, scratch >>> 2, (scratch >>> 2) + this.#stride);
      f32.set(values.subarray(r * columns, (r + 1) * columns), scratch >>> 2);
      this.#memory.arena.kernels.narrow(scratch, this.#stride, this.#scale, this.#matrix + r * this.#stride * 2);
    }
  }

  /** Bytes of scratch that {@link NarrowMatrix.multiply} takes. */
  get scratchBytes(): number {
    return this.#stride * 2 + 16;
  }

  /** Bytes of scratch that {@link NarrowMatrix.multiplyMany} takes for so many queries. */
  manyScratchBytes(count: number): number {
    return count * (this.#stride * 2 + 4) + 32;
  }

  /**
   * Writes the products (f32) of all rows with the query at byte `query` of the planes' memory, to `out` there. The query has `columns` values of this
   * length altogether, then zeros up to a multiple of 8; `scratch` has {@link NarrowMatrix.scratchBytes}.
   */
  multiply(query: number, length: number, scratch: number, out: number): void {
    const scale = length > 0 ? longest / length : 1;
    const { kernels } = this.#memory.arena;
    kernels.narrow(query, this.#stride, scale, scratch);
    kernels.projectNarrow(scratch, this.#matrix, this.rows, this.#stride, 1 / (scale * this.#scale), out);
  }

  /** {@link NarrowMatrix.multiply} for as many queries as there are `lengths`, each padded as one, one behind the other; the products of a query are together. */
  multiplyMany(queries: number, lengths: Float64Array, scratch: number, out: number): void {
    const { arena } = this.#memory;
    const { f32 } = arena.views();
    const scales = scratch + lengths.length * this.#stride * 2;
    for (let r = 0; r < lengths.length; r++) {
      const scale = lengths[r] > 0 ? longest / lengths[r] : 1;
      arena.kernels.narrow(queries + r * this.#stride * 4, this.#stride, scale, scratch + r * this.#stride * 2);
      f32[(scales >>> 2) + r] = 1 / (scale * this.#scale);
    }
    arena.kernels.projectManyNarrow(scratch, lengths.length, this.#matrix, this.rows, this.#stride, scales, out);
  }
}

function lengthOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}
