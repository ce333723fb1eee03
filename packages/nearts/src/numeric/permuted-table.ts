import { grown } from "../core/columns.js";
import type { KeyDirectory } from "../core/contracts.js";
import { hamming } from "./bits.js";
import type { NearKeys } from "./near-keys.js";
import { type KeyColumns, PermutedList } from "./permuted-list.js";

/** One table of a directory in many permuted orders, brought up to date with it before each search. It takes 4 bytes an entry and permutation. */
export class PermutedTable {
  readonly #table: number;
  readonly #orders: readonly Uint8Array[];
  #lists: readonly PermutedList[] = [];
  /** The entries' keys, copied: sorting reads each many times. */
  #keys: KeyColumns = { hi: new Uint32Array(0), lo: new Uint32Array(0) };
  #epoch: number | undefined;
  #known = 0;
  /** When each entry was last seen, so that no search adds it twice. */
  #stamps: Uint32Array = new Uint32Array(0);
  #stamp = 0;
  /** The key searched for. */
  #hi = 0;
  #lo = 0;

  constructor(table: number, orders: readonly Uint8Array[]) {
    this.#table = table;
    this.#orders = orders;
  }

  /**
   * Adds the entries that hold rows and stand, in any of the orders, among the `beam`/2 such before the key's place or the `beam`/2 from it on; each once, with
   * its Hamming distance. What it adds, and in which order, depends on the keys that hold rows and nothing else.
   */
  near(directory: KeyDirectory, hi: number, lo: number, beam: number, out: NearKeys): void {
    this.#update(directory);
    this.#stamp = (this.#stamp + 1) >>> 0;
    if (this.#stamp === 0) {
      this.#stamps.fill(0); // stamps of 2³² searches ago would look fresh
      this.#stamp = 1;
    }
    this.#hi = hi;
    this.#lo = lo;
    for (const list of this.#lists) {
      const place = list.placeOf(this.#keys, hi, lo);
      this.#walk(directory, list, place, 1, beam / 2, out);
      this.#walk(directory, list, place - 1, -1, beam / 2, out);
    }
  }

  #walk(directory: KeyDirectory, list: PermutedList, start: number, step: 1 | -1, wanted: number, out: NearKeys): void {
    const t = this.#table;
    let found = 0;
    for (let i = start; i >= 0 && i < list.count && found < wanted; i += step) {
      const entry = list.at(i);
      if (directory.countAt(t, entry) === 0) continue;
      found++;
      if (this.#stamps[entry] === this.#stamp) continue;
      this.#stamps[entry] = this.#stamp;
      out.add(t, entry, hamming(this.#hi, this.#lo, this.#keys.hi[entry], this.#keys.lo[entry]));
    }
  }

  #update(directory: KeyDirectory): void {
    if (this.#epoch !== directory.epoch) {
      this.#epoch = directory.epoch;
      this.#known = 0;
      this.#stamps.fill(0);
      this.#lists = this.#orders.map((order) => new PermutedList(order));
    }
    const size = directory.size(this.#table);
    if (size === this.#known) return;
    this.#reserve(size);
    for (let i = this.#known; i < size; i++) {
      this.#keys.hi[i] = directory.keyHi(this.#table, i);
      this.#keys.lo[i] = directory.keyLo(this.#table, i);
    }
    for (const list of this.#lists) list.insert(this.#keys, this.#known, size);
    this.#known = size;
  }

  #reserve(size: number): void {
    if (size <= this.#stamps.length) return;
    const capacity = Math.max(size, 2 * this.#stamps.length);
    this.#stamps = grown(this.#stamps, capacity);
    this.#keys = { hi: grown(this.#keys.hi, capacity), lo: grown(this.#keys.lo, capacity) };
  }
}
