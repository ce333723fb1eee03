import { asSparse } from "../core/convert.js";
import { NearError } from "../core/errors.js";
import { bits64, derive, type Seed } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { bestBuild } from "../kernels/arena.js";
import type { KernelBuild } from "../kernels/contract.js";
import { FeatureHashing, hashedDim } from "./feature-hashing.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";
import { rotatedSize } from "./rotation.js";

const rounds = 4;
const rowsAtOnce = 64;
/** Values of rotated rows that are made at once, unless one row has more. */
const scratchGoal = 2 ** 19;
const mostBytes = 2 ** 30;
/** Vectors of more dimensions, which can only be sparse, are hashed to fewer first. */
export const mostRotated = 16_384;

/** What {@link Rotations} are made of. */
export interface RotationsOptions {
  readonly dim: number;
  /** Values that one rotation makes: a multiple of 4, at least {@link turnedSize} of the dimension. */
  readonly size: number;
  /** How many different rotations. */
  readonly count: number;
  readonly seed: Seed;
  /** What is subtracted from every vector first: `dim` values. */
  readonly origin?: Float32Array | undefined;
  readonly build?: KernelBuild;
}

/**
 * Several random rotations of the directions of vectors, side by side: each vector is given the length 1 and padded with zeros first. A rotation is four rounds of
 * random signs and a fast Hadamard transform (FALCONN takes three, Andoni et al. 2015, section 3.2). The same seed gives the same bits everywhere, and more
 * rotations begin with the same ones.
 */
export class Rotations {
  /** Values that one rotation makes of a vector, and all of them. */
  readonly size: number;
  readonly width: number;
  /** Rows that may be rotated at once. */
  readonly most: number;
  /** ‖x − origin‖² of the row last rotated. */
  square = 0;
  readonly #origin: Float32Array | undefined;
  readonly #features: FeatureHashing | undefined;
  readonly #memory: PlaneMemory;
  readonly #signs: number;

  /** E_LIMIT where the signs would be over 1 GiB, E_MEMORY where the machine has no room. */
  constructor({ dim, size, count, seed, origin, build = bestBuild() }: RotationsOptions) {
    this.#features = dim > mostRotated ? new FeatureHashing(dim, `${seed.hi} ${seed.lo}`) : undefined;
    this.size = size;
    this.width = size * count;
    this.most = Math.max(1, Math.min(rowsAtOnce, Math.floor(scratchGoal / (size * (count + 1)))));
    this.#origin = origin;
    const bytes = count * rounds * this.size * 4;
    if (bytes > mostBytes) {
      const message = `${count} rotations of ${this.size} values need ${bytes} bytes of signs, at most ${mostBytes} are kept: use fewer tables, bits, or smaller polytopes`;
      throw new NearError("E_LIMIT", message, { rotations: count, size: this.size, bytes, limit: mostBytes });
    }
    this.#memory = planeMemory(build);
    this.#signs = this.#memory.allocate(bytes, this);
    const { f32 } = this.#memory.arena.views();
    for (let i = 0; i < count; i++) {
      fillSigns(derive(seed, i), f32, (this.#signs >>> 2) + i * rounds * this.size, rounds * this.size);
    }
  }

  /**
   * Rotates the rows from … to − 1, at most {@link Rotations.most}, and returns where in `values` the results begin: those of row r, all rotations together, are at
   * (r − from)·width behind it. Valid until anything else in this process is projected or rotated.
   */
  turn(rows: Rows, from: number, to: number): number {
    const { size, width } = this;
    const rowCount = to - from;
    const scratch = this.#memory.scratch(rowCount * (size + width) * 4);
    const results = scratch + rowCount * size * 4;
    const { arena } = this.#memory;
    const { f32 } = arena.views();
    if (this.#features === undefined) putRows(rows, from, to, f32, scratch >>> 2, size);
    else putRows(this.#features.hashed(asSparse(rows), from, to), 0, rowCount, f32, scratch >>> 2, size);
    for (let r = 0; r < rowCount; r++) {
      const row = scratch + r * size * 4;
      this.#straighten(f32, row >>> 2);
      for (let i = 0; i < width; i += size)
        arena.kernels.rotate(row, 1, size, size, this.#signs + i * rounds * 4, results + (r * width + i) * 4);
    }
    return results >>> 2;
  }

  /** What `turn` wrote to: to be taken anew after each. */
  get values(): Float32Array {
    return this.#memory.arena.views().f32;
  }

  /** Subtracts the origin from one row and divides it by its length, unless that is 0. */
  #straighten(f32: Float32Array, at: number): void {
    const origin = this.#origin;
    if (origin !== undefined) for (let i = 0; i < origin.length; i++) f32[at + i] -= origin[i];
    let square = 0;
    for (let i = at; i < at + this.size; i++) square += f32[i] * f32[i];
    this.square = square;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 1;
    for (let i = at; i < at + this.size; i++) f32[i] *= scale;
  }
}

/** Writes rows as dense ones, `apart` values apart, padded with zeros. */
function putRows(rows: Rows, from: number, to: number, f32: Float32Array, at: number, apart: number): void {
  if (rows.kind === "dense") {
    const { dim, values } = rows;
    for (let r = from; r < to; r++) {
      const place = at + (r - from) * apart;
      f32.set(values.subarray(r * dim, (r + 1) * dim), place);
      f32.fill(0, place + dim, place + apart);
    }
    return;
  }
  const { offsets, indices, values } = asSparse(rows);
  f32.fill(0, at, at + (to - from) * apart);
  for (let r = from; r < to; r++) {
    for (let e = offsets[r]; e < offsets[r + 1]; e++) f32[at + (r - from) * apart + indices[e]] = values[e];
  }
}

/** Fewest values that a rotated vector of `dim` has. */
export function turnedSize(dim: number): number {
  return rotatedSize(dim > mostRotated ? hashedDim : dim);
}

/** `count` random signs, each 1 or −1. */
function fillSigns(seed: Seed, out: Float32Array, at: number, count: number): void {
  const words = new Uint32Array(2);
  for (let i = 0; i < count; i++) {
    if (i % 64 === 0) bits64(seed, i / 64, 0, words);
    out[at + i] = ((words[(i >>> 5) & 1] >>> (i & 31)) & 1) === 0 ? 1 : -1;
  }
}
