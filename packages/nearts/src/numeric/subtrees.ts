import type { KeyDirectory } from "../core/contracts.js";
import { compareKeys, sharedPrefix } from "./bits.js";

/**
 * The subtrees on the path of one key in the prefix tree of a table's stored keys, the smallest first. Among sorted keys a subtree is a run around the key's place:
 * widening it bit by bit reads no key outside the answer but its two neighbours. Valid until the next write.
 */
export class SubtreePath {
  /** Rows in the run so far. */
  rows = 0;
  readonly #directory: KeyDirectory;
  readonly #table: number;
  readonly #sorted: Uint32Array;
  readonly #hi: number;
  readonly #lo: number;
  #before: number;
  #after: number;

  constructor(directory: KeyDirectory, table: number, hi: number, lo: number) {
    this.#directory = directory;
    this.#table = table;
    this.#sorted = directory.sorted(table);
    this.#hi = hi;
    this.#lo = lo;
    this.#after = this.#place();
    this.#before = this.#after - 1;
  }

  /** Widens the run to all keys that share the first `depth` bits, no more than before; says how many rows they hold. */
  widen(depth: number): number {
    while (this.#shared(this.#after) >= depth) this.rows += this.#directory.countAt(this.#table, this.#sorted[this.#after++]);
    while (this.#shared(this.#before) >= depth) this.rows += this.#directory.countAt(this.#table, this.#sorted[this.#before--]);
    return this.rows;
  }

  /** Leading bits that the i-th stored key shares with this one; −1 where there is none. */
  #shared(i: number): number {
    if (i < 0 || i >= this.#sorted.length) return -1;
    const entry = this.#sorted[i];
    return sharedPrefix(this.#directory.keyHi(this.#table, entry), this.#directory.keyLo(this.#table, entry), this.#hi, this.#lo);
  }

  /** How many of the sorted keys are below this one. */
  #place(): number {
    let from = 0;
    let to = this.#sorted.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const entry = this.#sorted[middle];
      if (compareKeys(this.#directory.keyHi(this.#table, entry), this.#directory.keyLo(this.#table, entry), this.#hi, this.#lo) < 0)
        from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
