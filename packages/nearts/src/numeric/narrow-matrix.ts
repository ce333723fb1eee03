import { bestBuild } from "../kernels/arena.js";
import type { KernelBuild } from "../kernels/contract.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";

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
    this.#stride = Math.ceil(columns / 8) * 8;
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

  /** Writes the products of all rows with a query to `out`. */
  multiply(query: Float32Array, out: Float32Array): void {
    const stride = this.#stride;
    const at = this.#memory.scratch(stride * 6 + this.rows * 4);
    const products = at + stride * 6;
    const { f32 } = this.#memory.arena.views();
    const length = lengthOf(query);
    const scale = length > 0 ? longest / length : 1;
    f32.fill(0, at >>> 2, (at >>> 2) + stride);
    f32.set(query, at >>> 2);
    const { kernels } = this.#memory.arena;
    kernels.narrow(at, stride, scale, at + stride * 4);
    kernels.projectNarrow(at + stride * 4, this.#matrix, this.rows, stride, 1 / (scale * this.#scale), products);
    out.set(f32.subarray(products >>> 2, (products >>> 2) + this.rows));
  }
}

function lengthOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}
