import { grown } from "../core/columns.js";

/** Keys as columns: entry i has the key (hi[i], lo[i]). */
export interface KeyColumns {
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
}

/**
 * Entries sorted by their keys as they read with the bits in another order (Charikar 2002, section 4): near a query's place stand keys that
 * agree with it in the bits that come first there.
 */
export class PermutedList {
  /** Position in the key of the bit that comes 0th, 1st, … */
  readonly #order: Uint8Array;
  #entries: Uint32Array = new Uint32Array(16);
  #count = 0;

  constructor(order: Uint8Array) {
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

  /** Takes up the entries from number `from` to `to` − 1, none of which it holds; all keys are different. */
  insert(keys: KeyColumns, from: number, to: number): void {
    const more = to - from;
    const fresh = Uint32Array.from({ length: more }, (_, i) => from + i);
    sort(keys, this.#order, fresh, new Uint32Array(more), 0, more, 0);
    if (this.#entries.length < this.#count + more) {
      this.#entries = grown(this.#entries, Math.max(this.#count + more, 2 * this.#entries.length));
    }
    // From the last on, so that each old entry moves once, to its final place.
    let end = this.#count;
    for (let i = more - 1; i >= 0; i--) {
      const place = this.#placeOf(keys, keys.hi[fresh[i]], keys.lo[fresh[i]], end);
      if (place < end) this.#entries.copyWithin(place + i + 1, place, end);
      this.#entries[place + i] = fresh[i];
      end = place;
    }
    this.#count += more;
  }

  /** How many entries come before the key (hi, lo): its own place, if it is there. */
  placeOf(keys: KeyColumns, hi: number, lo: number): number {
    return this.#placeOf(keys, hi, lo, this.#count);
  }

  #placeOf({ hi, lo }: KeyColumns, wantedHi: number, wantedLo: number, end: number): number {
    let from = 0;
    let to = end;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const entry = this.#entries[middle];
      if (precedes(this.#order, hi[entry], lo[entry], wantedHi, wantedLo)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** Whether the first key comes before the second: it has a 0 in the first bit in which they differ. */
function precedes(order: Uint8Array, hi1: number, lo1: number, hi2: number, lo2: number): boolean {
  const hi = hi1 ^ hi2;
  const lo = lo1 ^ lo2;
  for (let j = 0; j < order.length; j++) {
    if (bitOf(hi, lo, order[j]) !== 0) return bitOf(hi1, lo1, order[j]) === 0;
  }
  return false;
}

/** Sorts entries that agree in the first `depth` bits of the order: those with a 0 in the next bit first, then each half by the bits after. */
function sort(
  keys: KeyColumns,
  order: Uint8Array,
  entries: Uint32Array,
  spare: Uint32Array,
  from: number,
  to: number,
  depth: number,
): void {
  if (to - from < 2 || depth === order.length) return;
  const bit = order[depth];
  let zeros = from;
  let ones = 0;
  for (let i = from; i < to; i++) {
    // Written to both sides and counted on one: the processor could not guess a random bit.
    const entry = entries[i];
    const one = bitOf(keys.hi[entry], keys.lo[entry], bit);
    entries[zeros] = entry;
    zeros += 1 - one;
    spare[ones] = entry;
    ones += one;
  }
  for (let i = 0; i < ones; i++) entries[zeros + i] = spare[i];
  sort(keys, order, entries, spare, from, zeros, depth + 1);
  sort(keys, order, entries, spare, zeros, to, depth + 1);
}

/** Bit `bit` of a key, bit 0 being the most significant. */
function bitOf(hi: number, lo: number, bit: number): number {
  return ((bit < 32 ? hi : lo) >>> (31 - (bit & 31))) & 1;
}
