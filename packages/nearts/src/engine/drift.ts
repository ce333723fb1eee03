import type { Id, KeyDirectory } from "../core/contracts.js";

/** Of the vectors there were such a share may be replaced or removed before the index is learned anew. */
const mostGone = 0.75;
/** The lists may become so many times as uneven, and such a share of the vectors may come to lie outside of them all. */
const mostUneven = 4;
const mostOutside = 1 / 32;
/** Between two looks at the lists so many vectors are written, and such a share of all. */
const leastBetween = 256;
const shareBetween = 1 / 16;

/** How the vectors lie in the lists of a partition. */
export interface Spread {
  /** B·Σlen²/(Σlen)² of the B lists that hold any: 1 when all are equal (Jégou et al. 2011, section V). */
  readonly skew: number;
  /** Share of the vectors in the bucket beside the lists, which every query reads. */
  readonly outside: number;
}

/** How far what is stored has moved away from what was learned: told in constant time a write, with a look at the lengths of the lists now and then. */
export class Drift {
  readonly #between: number;
  /** How they lay after learning; null while that is not known. */
  #spread: Spread | null;
  /** One bit for each vector replaced or removed, by its id: how many are set tells how many different ones there were (linear counting, Whang et al. 1990). */
  readonly #gone: Uint32Array;
  readonly #mostSet: number;
  #set = 0;
  #written = 0;

  /** Of an index of `size` vectors that lie so after learning; not given, as they are found when first looked at. */
  constructor(size: number, spread: Spread | null = null) {
    this.#between = Math.max(leastBetween, size * shareBetween);
    this.#spread = spread;
    let bits = 1024;
    while (bits < 2 * size) bits *= 2;
    this.#gone = new Uint32Array(bits / 32);
    this.#mostSet = bits * (1 - Math.exp((-mostGone * size) / bits));
  }

  /** Notes that vectors were replaced or removed. */
  gone(ids: readonly Id[]): void {
    const last = this.#gone.length * 32 - 1;
    for (const id of ids) {
      const at = mixed(id) & last;
      const bit = 1 << (at & 31);
      if ((this.#gone[at >>> 5] & bit) === 0) this.#set++;
      this.#gone[at >>> 5] |= bit;
    }
  }

  /** Whether most of the vectors that were learned from are gone. */
  get replaced(): boolean {
    return this.#set >= this.#mostSet;
  }

  /** Notes that so many vectors were written; says whether it is time to look at the lists. */
  written(count: number): boolean {
    this.#written += count;
    if (this.#written < this.#between) return false;
    this.#written = 0;
    return true;
  }

  /** Whether the lists have become much less even than they were. */
  uneven({ skew, outside }: Spread): boolean {
    this.#spread ??= { skew, outside };
    return skew > mostUneven * this.#spread.skew || outside > this.#spread.outside + mostOutside;
  }
}

/** How the vectors lie now in table 0 of a hash of so many lists. */
export function spreadOf(directory: KeyDirectory, lists: number): Spread {
  let [filled, entries, squares, outside] = [0, 0, 0, 0];
  for (let i = 0; i < directory.size(0); i++) {
    const count = directory.countAt(0, i);
    if (directory.keyLo(0, i) >= lists) outside += count;
    else if (count > 0) {
      filled++;
      entries += count;
      squares += count * count;
    }
  }
  return { skew: entries === 0 ? 1 : (filled * squares) / (entries * entries), outside: outside / Math.max(1, entries + outside) };
}

/** 32 mixed bits of an id (FNV-1a, Fowler, Noll & Vo, with the last step of MurmurHash3). */
function mixed(id: Id): number {
  const text = String(id);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
