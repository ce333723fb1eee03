import { grown } from "../core/columns.js";
import type { KeyDirectory } from "../core/contracts.js";

/**
 * The entries of one table of a directory, sorted by their keys as they read with the bits in another order (Charikar 2002, section 4): near a query's
 * place stand keys that agree with it in the bits that come first there.
 */
export class PermutedList {
  /** Position in the key of the bit that comes 0th, 1st, … */
  readonly #order: Uint8Array;
  readonly #table: number;
  #entries: Uint32Array = new Uint32Array(16);
  #count = 0;

  constructor(table: number, order: Uint8Array) {
    this.#table = table;
    this.#order = order;
  }

  /** How many entries it holds. */
  get count(): number {
    return this.#count;
  }

  /** The entry at place `i`. */
  at(i: number): number {
    return this.#entries[i];
  }

  /** Takes up the entries from number `from` to `to` − 1, none of which it holds. */
  insert(directory: KeyDirectory, from: number, to: number): void {
    const more = to - from;
    const fresh = Uint32Array.from({ length: more }, (_, i) => from + i);
    this.#sort(directory, fresh, 0, more, 0);
    if (this.#entries.length < this.#count + more)
      this.#entries = grown(this.#entries, Math.max(this.#count + more, 2 * this.#entries.length));
    // From the last on, so that each old entry moves once, to its final place.
    let end = this.#count;
    for (let i = more - 1; i >= 0; i--) {
      const place = this.#placeOf(directory, directory.keyHi(this.#table, fresh[i]), directory.keyLo(this.#table, fresh[i]), end);
      this.#entries.copyWithin(place + i + 1, place, end);
      this.#entries[place + i] = fresh[i];
      end = place;
    }
    this.#count += more;
  }

  /** How many entries come before the key (hi, lo): its own place, if it is there. */
  placeOf(directory: KeyDirectory, hi: number, lo: number): number {
    return this.#placeOf(directory, hi, lo, this.#count);
  }

  #placeOf(directory: KeyDirectory, hi: number, lo: number, end: number): number {
    let from = 0;
    let to = end;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const entry = this.#entries[middle];
      if (this.#before(directory.keyHi(this.#table, entry), directory.keyLo(this.#table, entry), hi, lo)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Whether the first key comes before the second: it has a 0 in the first bit in which they differ. */
  #before(hi1: number, lo1: number, hi2: number, lo2: number): boolean {
    for (let j = 0; j < this.#order.length; j++) {
      const bit = this.#order[j];
      if (bitOf(hi1 ^ hi2, lo1 ^ lo2, bit) !== 0) return bitOf(hi1, lo1, bit) === 0;
    }
    return false;
  }

  /** Radix exchange sort (Knuth, TAOCP 3, section 5.2.2) of entries that agree in the first `depth` bits of the order. */
  #sort(directory: KeyDirectory, entries: Uint32Array, from: number, to: number, depth: number): void {
    if (to - from < 2 || depth === this.#order.length) return;
    const bit = this.#order[depth];
    let [low, high] = [from, to];
    while (low < high) {
      const entry = entries[low];
      if (bitOf(directory.keyHi(this.#table, entry), directory.keyLo(this.#table, entry), bit) === 0) low++;
      else {
        entries[low] = entries[--high];
        entries[high] = entry;
      }
    }
    this.#sort(directory, entries, from, low, depth + 1);
    this.#sort(directory, entries, low, to, depth + 1);
  }
}

/** Bit `bit` of a key, bit 0 being the most significant. */
function bitOf(hi: number, lo: number, bit: number): number {
  return ((bit < 32 ? hi : lo) >>> (31 - (bit & 31))) & 1;
}
