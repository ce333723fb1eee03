import { NearError } from "../core/errors.js";
import type { Rows, SparseRows } from "../core/rows.js";
import type { KernelBuild } from "../kernels/contract.js";
import { padded } from "../kernels/contract.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";
import type { PlaneSource } from "./plane-source.js";

const largest = 2 ** 30;
const columnsAtOnce = 16;
const rowsAtOnce = 64;
const scratchGoal = 2 ** 22;

/** Refuses (E_LIMIT) planes whose matrix would be over 1 GiB. */
export function refuseLargeMatrix(planes: number, dim: number): void {
  const bytes = planes * padded(dim) * 4;
  if (bytes <= largest) return;
  const message = `${planes} planes of ${dim} dense dimensions need ${bytes} bytes, at most ${largest} are kept: use fewer projections or tables, or sparse vectors`;
  throw new NearError("E_LIMIT", message, { planes, dim, bytes, limit: largest });
}

/** Planes as a matrix in the shared plane memory, and the kernel that multiplies rows with it. Gives its bytes back when it is collected. */
export class PlaneMatrix {
  readonly #memory: PlaneMemory;
  readonly #planes: number;
  readonly #stride: number;
  readonly #block: number;
  readonly #at: number;

  /** Makes the matrix now. E_LIMIT over 1 GiB, E_MEMORY where the machine has no room. */
  constructor(source: PlaneSource, dim: number, build: KernelBuild) {
    refuseLargeMatrix(source.planes, dim);
    this.#memory = planeMemory(build);
    this.#planes = source.planes;
    this.#stride = padded(dim);
    this.#block = Math.max(4, Math.min(rowsAtOnce, Math.floor(scratchGoal / (4 * (this.#stride + this.#planes)))));
    this.#at = this.#memory.allocate(4 * this.#planes * this.#stride, this);
    this.#fill(source, dim);
  }

  /** Writes the projection of row r on plane p to `out[(r − from) · planes + p]`, for the rows from … to − 1. */
  project(rows: Rows<"dense" | "sparse">, from: number, to: number, out: Float32Array): void {
    for (let first = from; first < to; first += this.#block) {
      this.#projectBlock(rows, first, Math.min(to, first + this.#block), out, (first - from) * this.#planes);
    }
  }

  #projectBlock(rows: Rows<"dense" | "sparse">, from: number, to: number, out: Float32Array, offset: number): void {
    const count = to - from;
    const scratch = this.#memory.scratch(4 * this.#block * (this.#stride + this.#planes));
    const products = scratch + 4 * this.#block * this.#stride;
    const { arena } = this.#memory;
    const { f32 } = arena.views();
    const at = scratch / 4;
    if (rows.kind === "dense") copyDense(rows.values, from * rows.dim, rows.dim, count, f32, at, this.#stride);
    else copySparse(rows, from, to, f32, at, this.#stride);
    arena.kernels.project(scratch, count, this.#at, this.#planes, this.#stride, products);
    out.set(f32.subarray(products / 4, products / 4 + count * this.#planes), offset);
  }

  #fill(source: PlaneSource, dim: number): void {
    const { f32 } = this.#memory.arena.views();
    const columns = new Float32Array(columnsAtOnce * this.#planes);
    f32.fill(0, this.#at / 4, this.#at / 4 + this.#planes * this.#stride);
    for (let first = 0; first < dim; first += columnsAtOnce) {
      const count = Math.min(columnsAtOnce, dim - first);
      for (let c = 0; c < count; c++) source.column(first + c, columns, c * this.#planes);
      for (let p = 0; p < this.#planes; p++) {
        const at = this.#at / 4 + p * this.#stride + first;
        for (let c = 0; c < count; c++) f32[at + c] = columns[c * this.#planes + p];
      }
    }
  }
}

/** Copies dense rows in one piece, then moves each to its padded place, last first: no view is made per row. */
function copyDense(values: Float32Array, start: number, dim: number, count: number, f32: Float32Array, at: number, stride: number): void {
  f32.set(values.subarray(start, start + count * dim), at);
  if (stride === dim) return;
  for (let r = count - 1; r >= 0; r--) {
    f32.copyWithin(at + r * stride, at + r * dim, at + (r + 1) * dim);
    for (let i = dim; i < stride; i++) f32[at + r * stride + i] = 0;
  }
}

function copySparse(
  { offsets, indices, values }: SparseRows,
  from: number,
  to: number,
  f32: Float32Array,
  at: number,
  stride: number,
): void {
  f32.fill(0, at, at + (to - from) * stride);
  for (let r = from; r < to; r++) {
    const start = at + (r - from) * stride;
    for (let e = offsets[r]; e < offsets[r + 1]; e++) f32[start + indices[e]] = values[e];
  }
}
