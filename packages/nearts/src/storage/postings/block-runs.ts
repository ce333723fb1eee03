import { NearError } from "../../core/errors.js";
import type { Arena } from "../../kernels/contract.js";

const none = 0xffffffff;
/** Runs that are looked at one by one for one that is just large enough. */
const tries = 8;

/**
 * Runs of consecutive blocks in an arena, from `base` on. Nothing ever moves: growing adds blocks at the end. Free runs are listed by the logarithm of their length, each
 * with the next of its list and its length in its first two words; they are split as needed, and neighbours are joined before memory grows.
 */
export class BlockRuns {
  /** Blocks of the run that {@link BlockRuns.allocateAbout} gave last. */
  given = 0;
  readonly #arena: Arena;
  readonly #base: number;
  readonly #blockBytes: number;
  /** Blocks that there can be. */
  readonly #most: number;
  /** First free run of 2ⁱ to 2ⁱ⁺¹ − 1 blocks. */
  readonly #free: Uint32Array = new Uint32Array(32).fill(none);
  #used = 0;
  /** Blocks that are free, and those released since neighbours were last joined. */
  #idle = 0;
  #released = 0;

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
    let at = this.#take(blocks);
    if (at === none && this.#join(blocks)) at = this.#take(blocks);
    if (at !== none) return at;
    this.#grow(blocks);
    this.#used += blocks;
    return this.#used - blocks;
  }

  /** As `allocate`, but it may be fewer where only such runs are free: {@link BlockRuns.given}. */
  allocateAbout(blocks: number): number {
    this.given = blocks;
    let at = this.#take(blocks);
    if (at === none && this.#join(blocks)) at = this.#take(blocks);
    for (let size = 31 - Math.clz32(blocks); at === none && size >= 0; size--) {
      if (this.#free[size] === none) continue;
      this.given = Math.min(blocks, this.#words[(this.at(this.#free[size]) >>> 2) + 1]);
      at = this.#take(this.given);
    }
    return at === none ? this.allocate(blocks) : at;
  }

  /** Whether `allocate(blocks)` takes no more memory than there is. */
  holds(blocks: number): boolean {
    if (this.at(this.#used + blocks) <= this.#arena.size) return true;
    return this.#free.subarray(32 - Math.clz32(blocks - 1)).some((first) => first !== none);
  }

  /** Takes back a run, or any part of one. */
  release(at: number, blocks: number): void {
    this.#list(at, blocks);
    this.#released += blocks;
  }

  get #words(): Uint32Array {
    return this.#arena.views().u32;
  }

  #list(at: number, blocks: number): void {
    if (blocks === 0) return;
    const words = this.#words;
    const size = 31 - Math.clz32(blocks);
    words[this.at(at) >>> 2] = this.#free[size];
    words[(this.at(at) >>> 2) + 1] = blocks;
    this.#free[size] = at;
    this.#idle += blocks;
  }

  /** A free run of `blocks`, or none. */
  #take(blocks: number): number {
    const words = this.#words;
    for (let size = 31 - Math.clz32(blocks); size < 32; size++) {
      let previous = none;
      let at = this.#free[size];
      for (let tried = 0; at !== none && tried < tries; tried++) {
        const word = this.at(at) >>> 2;
        const [next, length] = [words[word], words[word + 1]];
        if (length >= blocks) {
          if (previous === none) this.#free[size] = next;
          else words[this.at(previous) >>> 2] = next;
          this.#idle -= length;
          this.#list(at + blocks, length - blocks);
          return at;
        }
        previous = at;
        at = next;
      }
    }
    return none;
  }

  /** Joins free runs that touch one another, where so much was released that `blocks` may come of it; the last one, where it ends the memory used, is no longer used. */
  #join(blocks: number): boolean {
    if (this.#released < blocks || this.#released * 4 < this.#idle) return false;
    const words = this.#words;
    const starts: number[] = [];
    for (const first of this.#free) for (let at = first; at !== none; at = words[this.at(at) >>> 2]) starts.push(at);
    const sorted = Uint32Array.from(starts).sort();
    this.#free.fill(none);
    this.#idle = 0;
    this.#released = 0;
    let end = this.#used;
    // From the last to the first, so that each list begins with its lowest.
    for (let i = sorted.length - 1; i >= 0; ) {
      const stop = sorted[i] + words[(this.at(sorted[i]) >>> 2) + 1];
      let start = sorted[i--];
      while (i >= 0 && sorted[i] + words[(this.at(sorted[i]) >>> 2) + 1] === start) start = sorted[i--];
      if (stop === end) this.#used = start;
      else this.#list(start, stop - start);
      end = none;
    }
    return true;
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
