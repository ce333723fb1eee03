import { grown, room } from "../../core/columns.js";

const none = 0xffffffff;

/** Lists of u32 packed into one column. Blocks have 1, 2, 3, 4, 6, 8, 12, 16 … words, so that a growing list wastes a quarter at most; freed blocks are used again. */
export class Slab {
  words: Uint32Array = new Uint32Array(64);
  #used = 0;
  readonly #free: number[] = [];

  get bytes(): number {
    return this.words.byteLength;
  }

  /** Makes room for `words` more in one step. */
  reserve(words: number): void {
    if (this.#used + words > this.words.length) this.words = grown(this.words, this.#used + words);
  }

  /** Offset of a block of size class `rank`, whose {@link Slab.capacity} words hold anything. `words` may have been replaced. */
  allocate(rank: number): number {
    const head = this.#free[rank] ?? none;
    if (head !== none) {
      this.#free[rank] = this.words[head];
      return head;
    }
    const at = this.#used;
    this.#used += capacityOf(rank);
    this.words = room(this.words, this.#used);
    return at;
  }

  /** Takes back a block. Its first word then links the free ones of its class. */
  release(at: number, rank: number): void {
    while (this.#free.length <= rank) this.#free.push(none);
    this.words[at] = this.#free[rank];
    this.#free[rank] = at;
  }

  clear(): void {
    this.words = new Uint32Array(64);
    this.#used = 0;
    this.#free.length = 0;
  }
}

/** The smallest class whose blocks have room for `words`, at least 1. */
export function rankOf(words: number): number {
  let rank = 0;
  while (capacityOf(rank) < words) rank++;
  return rank;
}

/** Words in a block of class `rank`: 1, 2, 3, 4, 6, 8, 12 … */
export function capacityOf(rank: number): number {
  if (rank < 2) return rank + 1;
  const half = 1 << (rank >>> 1);
  return (rank & 1) === 0 ? half + (half >>> 1) : half << 1;
}
