import { bits64, derive, seedFrom } from "../core/random.js";
import type { DenseRows } from "../core/rows.js";
import { bestBuild } from "../kernels/arena.js";
import { type KernelBuild, padded } from "../kernels/contract.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";
import type { VectorMap } from "./vector-map.js";

/** Rows rotated by one kernel call. */
const block = 64;
/** Fewer values than this are not mixed enough to look normally distributed. */
const leastSize = 64;

/** What a {@link Rotation} is made of. */
export interface RotationOptions {
  readonly dim: number;
  readonly seed: number | string;
  /** What is subtracted from every vector: `dim` values; nothing when not given. */
  readonly origin?: Float32Array | undefined;
  /** Whether vectors are divided by their length first. */
  readonly unit: boolean;
  /** What they are multiplied by first where they are not, the origin too; 1 when not given. */
  readonly scale?: number | undefined;
  /** Build of the kernels; the best that runs here when not given. The same bits in each. */
  readonly build?: KernelBuild;
}

/**
 * A random rotation of vectors padded with zeros to a multiple of 4 and at least 64 values: random signs and fast Hadamard transforms in turn (Ailon & Chazelle
 * 2009; four rounds as in the library of RaBitQ, Gao & Long 2024), O(dim·log dim) for a vector. The same seed gives the same bits everywhere.
 */
export class Rotation implements VectorMap {
  readonly dim: number;
  readonly size: number;
  readonly unit: boolean;
  readonly scale: number;
  squares: Float32Array = new Float32Array(block);
  readonly #origin: Float32Array | undefined;
  readonly #memory: PlaneMemory;
  readonly #signs: number;
  #out: Float32Array = new Float32Array(0);
  /** The one row last mapped by itself. */
  #last: DenseRows | null = null;

  /** E_MEMORY where the machine has no room. */
  constructor({ dim, seed, origin, unit, scale = 1, build = bestBuild() }: RotationOptions) {
    this.dim = dim;
    this.size = rotatedSize(dim);
    this.unit = unit;
    this.scale = unit ? 1 : scale;
    this.#origin = origin?.map((value) => value * this.scale);
    this.#memory = planeMemory(build);
    this.#signs = this.#memory.allocate(4 * this.size * 4, this);
    this.#memory.arena.views().f32.set(signsOf(seed, 4 * this.size), this.#signs >>> 2);
  }

  mapQuery(row: DenseRows): Float32Array {
    return this.map(row, 0, 1);
  }

  map(rows: DenseRows, from: number, to: number): Float32Array {
    if (to - from === 1 && rows.count === 1 && rows === this.#last) return this.#out;
    const wanted = (to - from) * this.size;
    if (this.#out.length < wanted) this.#out = new Float32Array(wanted);
    if (this.squares.length < to - from) this.squares = new Float32Array(to - from);
    for (let at = from; at < to; at += block) this.#mapBlock(rows, at, Math.min(to, at + block), at - from);
    this.#last = to - from === 1 && rows.count === 1 ? rows : null;
    return this.#out;
  }

  #mapBlock(rows: DenseRows, from: number, to: number, place: number): void {
    const { size } = this;
    const count = to - from;
    const scratch = this.#memory.scratch(2 * block * size * 4);
    const out = scratch + block * size * 4;
    const { arena } = this.#memory;
    const { f32 } = arena.views();
    for (let r = from; r < to; r++) this.#putRow(f32, (scratch >>> 2) + (r - from) * size, rows, r);
    arena.kernels.rotate(scratch, count, size, size, this.#signs, out);
    this.#out.set(f32.subarray(out >>> 2, (out >>> 2) + count * size), place * size);
    for (let r = 0; r < count; r++) this.squares[place + r] = sumOfSquares(f32, (out >>> 2) + r * size, size);
  }

  #putRow(f32: Float32Array, at: number, { values, dim }: DenseRows, r: number): void {
    const first = r * dim;
    const origin = this.#origin;
    const square = this.unit ? sumOfSquares(values, first, dim) : 0;
    const scale = square > 0 ? 1 / Math.sqrt(square) : this.scale;
    if (origin === undefined) for (let i = 0; i < dim; i++) f32[at + i] = values[first + i] * scale;
    else for (let i = 0; i < dim; i++) f32[at + i] = values[first + i] * scale - origin[i];
    for (let i = dim; i < this.size; i++) f32[at + i] = 0;
  }
}

/** Values of a rotated vector of `dim`. */
export function rotatedSize(dim: number): number {
  return Math.max(leastSize, padded(dim));
}

/** `count` random signs, each 1 or −1. */
function signsOf(seed: number | string, count: number): Float32Array {
  const stream = derive(seedFrom(seed), "signs");
  const words = new Uint32Array(2);
  const signs = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    if (i % 64 === 0) bits64(stream, i / 64, 0, words);
    signs[i] = ((words[(i >>> 5) & 1] >>> (i & 31)) & 1) === 0 ? 1 : -1;
  }
  return signs;
}

function sumOfSquares(values: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let i = from; i < from + count; i++) sum += values[i] * values[i];
  return sum;
}
