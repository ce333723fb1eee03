import { NearError } from "../../core/errors.js";
import type { Arena } from "../../kernels/contract.js";

const none = 0xffffffff;

/**
 * Runs of consecutive blocks in an arena, from `base` on. Nothing ever moves: growing adds blocks at the end. Freed runs are kept in pieces of powers of two, whose
 * first words link those of one size, and are split as needed.
 */
export class BlockRuns {
  readonly #arena: Arena;
  readonly #base: number;
  readonly #blockBytes: number;
  /** Blocks that there can be. */
  readonly #most: number;
  /** First free run of 2ⁱ blocks. */
  readonly #free: Uint32Array = new Uint32Array(32).fill(none);
  #used = 0;
  /** Blocks of the run that {@link BlockRuns.allocateAbout} gave last. */
  given = 0;

  /** `base` and `blockBytes` are multiples of 16, `limit` is the arena's. */
  constructor(arena: Arena, base: number, blockBytes: number, limit: number) {
    this.#arena = arena;
    this.#base = base;
    this.#blockBytes = blockBytes;
    this.#most = Math.floor((limit - base) / blockBytes);
  }

  /** Byte offset of a block. */
  at(block: number): number {
    return this.#base + block * this.#blockBytes;
  }

  /** First block of a run of `blocks`, which holds anything. E_MEMORY where there is no room, and then nothing changed. Views are stale. */
  allocate(blocks: number): number {
    const at = this.#take(blocks);
    if (at !== none) return at;
    this.#grow(blocks);
    this.#used += blocks;
    return this.#used - blocks;
  }

  /** As `allocate`, but it may be fewer where only such runs are free: {@link BlockRuns.given}. */
  allocateAbout(blocks: number): number {
    this.given = blocks;
    const at = this.#take(blocks);
    if (at !== none) return at;
    for (let size = 31 - Math.clz32(blocks); size >= 0; size--) {
      if (this.#free[size] === none) continue;
      this.given = 2 ** size;
      return this.#pop(size);
    }
    return this.allocate(blocks);
  }

  /** Whether `allocate(blocks)` takes no more memory than there is. */
  holds(blocks: number): boolean {
    if (this.at(this.#used + blocks) <= this.#arena.size) return true;
    return this.#free.subarray(sizeFor(blocks)).some((first) => first !== none);
  }

  /** Takes back a run, or any part of one. */
  release(at: number, blocks: number): void {
    const { u32 } = this.#arena.views();
    let [first, left] = [at, blocks];
    while (left > 0) {
      const size = 31 - Math.clz32(left);
      u32[this.at(first) >>> 2] = this.#free[size];
      this.#free[size] = first;
      first += 2 ** size;
      left -= 2 ** size;
    }
  }

  #take(blocks: number): number {
    for (let size = sizeFor(blocks); size < 32; size++) {
      if (this.#free[size] === none) continue;
      const at = this.#pop(size);
      this.release(at + blocks, 2 ** size - blocks);
      return at;
    }
    return none;
  }

  #pop(size: number): number {
    const at = this.#free[size];
    this.#free[size] = this.#arena.views().u32[this.at(at) >>> 2];
    return at;
  }

  #grow(blocks: number): void {
    const wanted = this.#used + blocks;
    if (wanted > this.#most) {
      const [limit, bytes] = [this.at(this.#most), this.at(wanted)];
      const message = `the codes in the buckets of one hash need ${bytes} bytes and can have ${limit}: store fewer rows, or use fewer tables or bits for codes`;
      throw new NearError("E_MEMORY", message, { bytes, limit });
    }
    // A little more than asked for, so that a growing memory grows in few steps.
    if (this.at(wanted) > this.#arena.size) this.#arena.ensure(this.at(Math.min(this.#most, wanted + (wanted >>> 6))));
  }
}

/** The i for which 2ⁱ blocks are enough. */
function sizeFor(blocks: number): number {
  return 32 - Math.clz32(blocks - 1);
}
