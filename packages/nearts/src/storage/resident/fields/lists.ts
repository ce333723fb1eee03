import { room } from "../../../core/columns.js";

/** Ends a list. */
const none = 0xffffffff;

/** Rows by value, as linked lists in columns; an entry is stale once its row's stamp is another, and goes when half of all are. */
export class Lists {
  /** Newest entry of each value. */
  #heads: Uint32Array = new Uint32Array(0);
  /** By entry: its row, the row's stamp when it was made, and the next older entry of its value. */
  #entries: Uint32Array = new Uint32Array(0);
  #count = 0;
  #stale = 0;

  get bytes(): number {
    return this.#heads.byteLength + this.#entries.byteLength;
  }

  /** Whether it is time to {@link Lists.sweep}. */
  get wasteful(): boolean {
    return this.#stale > 1024 && this.#stale * 2 > this.#count;
  }

  /** Gives a row, as of `stamp`, to a value. */
  add(value: number, row: number, stamp: number): void {
    const before = this.#heads.length;
    if (value >= before) {
      this.#heads = room(this.#heads, value + 1);
      this.#heads.fill(none, before);
    }
    const e = this.#count++;
    this.#entries = room(this.#entries, 3 * this.#count);
    this.#entries[3 * e] = row;
    this.#entries[3 * e + 1] = stamp;
    this.#entries[3 * e + 2] = this.#heads[value];
    this.#heads[value] = e;
  }

  /** So many more entries are stale. */
  forget(entries: number): void {
    this.#stale += entries;
  }

  /** Adds the rows of a value to `out`; `stampOf` is the stamp that each row has now. */
  select(value: number, stampOf: Uint32Array, out: Uint32Array): void {
    const entries = this.#entries;
    for (let e = this.#heads[value]; e !== none; e = entries[3 * e + 2]) {
      const row = entries[3 * e];
      if (stampOf[row] === entries[3 * e + 1]) out[row >>> 5] |= 1 << (row & 31);
    }
  }

  /** Drops what is stale and puts each list in one piece; calls `dropped` with the entries that each value below `values` has lost. */
  sweep(values: number, stampOf: Uint32Array, dropped: (value: number, entries: number) => void): void {
    const left = new Lists();
    left.#heads = new Uint32Array(this.#heads.length).fill(none);
    left.#entries = new Uint32Array(3 * (this.#count - this.#stale));
    for (let value = 0; value < values; value++) {
      let lost = 0;
      for (let e = this.#heads[value]; e !== none; e = this.#entries[3 * e + 2]) {
        const [row, stamp] = [this.#entries[3 * e], this.#entries[3 * e + 1]];
        if (stampOf[row] === stamp) left.add(value, row, stamp);
        else lost++;
      }
      if (lost > 0) dropped(value, lost);
    }
    this.#heads = left.#heads;
    this.#entries = left.#entries;
    this.#count = left.#count;
    this.#stale = 0;
  }
}
