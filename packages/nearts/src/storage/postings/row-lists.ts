import { room } from "../../core/columns.js";
import type { Lists } from "./buckets.js";
import type { KeyTable } from "./key-table.js";
import { capacityOf, rankOf, type Slab } from "./slab.js";

/** Plain rows of one table's buckets, in the slab that all tables share. An empty bucket has no memory. */
export class RowLists implements Lists {
  /** Where each bucket's rows start in the slab. */
  starts: Uint32Array = new Uint32Array(0);
  readonly #keys: KeyTable;
  readonly #slab: Slab;
  #ranks: Uint8Array = new Uint8Array(0);

  constructor(keys: KeyTable, slab: Slab) {
    this.#keys = keys;
    this.#slab = slab;
  }

  get bytes(): number {
    return this.starts.byteLength + this.#ranks.byteLength;
  }

  rows(bucket: number): Uint32Array {
    return this.#slab.words.subarray(this.starts[bucket], this.starts[bucket] + this.#keys.lengths[bucket]);
  }

  /** Puts rows into the buckets, which are all empty: those of the first, `lengths[0]` of them, then those of the next. */
  restore(lengths: Uint32Array, rows: Uint32Array): void {
    this.starts = new Uint32Array(lengths.length);
    this.#ranks = Uint8Array.from(lengths, rankOf);
    this.#slab.reserve(this.#ranks.reduce((sum, rank) => sum + capacityOf(rank), 0));
    for (let bucket = 0, from = 0; bucket < lengths.length; from += lengths[bucket++]) {
      this.starts[bucket] = this.#slab.allocate(this.#ranks[bucket]);
      this.#slab.words.set(rows.subarray(from, from + lengths[bucket]), this.starts[bucket]);
    }
    this.#keys.lengths.set(lengths);
    this.#keys.empty = 0;
  }

  /** Appends a row to a bucket. */
  append(bucket: number, row: number): void {
    const { lengths } = this.#keys;
    const length = lengths[bucket];
    if (length === 0) this.#begin(bucket);
    else if (length === capacityOf(this.#ranks[bucket])) this.#move(bucket, this.#ranks[bucket] + 1);
    this.#slab.words[this.starts[bucket] + length] = row;
    lengths[bucket] = length + 1;
  }

  /** The last row moves to the place of the removed. */
  remove(bucket: number, row: number): void {
    const { words } = this.#slab;
    const start = this.starts[bucket];
    const last = --this.#keys.lengths[bucket];
    words[words.indexOf(row, start)] = words[start + last];
    this.#shrink(bucket, last);
  }

  /** The rows stay in their order. */
  filter(bucket: number, stays: (row: number) => boolean): void {
    const { words } = this.#slab;
    const { lengths } = this.#keys;
    const start = this.starts[bucket];
    let kept = 0;
    for (let i = start; i < start + lengths[bucket]; i++) if (stays(words[i])) words[start + kept++] = words[i];
    lengths[bucket] = kept;
    this.#shrink(bucket, kept);
  }

  compact(kept: Uint32Array): void {
    this.starts = kept.map((bucket) => this.starts[bucket]);
    this.#ranks = Uint8Array.from(kept, (bucket) => this.#ranks[bucket]);
  }

  #begin(bucket: number): void {
    this.starts = room(this.starts, bucket + 1);
    this.#ranks = room(this.#ranks, bucket + 1);
    this.#ranks[bucket] = 0;
    this.starts[bucket] = this.#slab.allocate(0);
    this.#keys.empty--;
  }

  #shrink(bucket: number, length: number): void {
    if (length === 0) {
      this.#slab.release(this.starts[bucket], this.#ranks[bucket]);
      this.#keys.empty++;
      return;
    }
    let rank = this.#ranks[bucket];
    while (rank > 1 && length <= capacityOf(rank - 2)) rank--;
    if (rank !== this.#ranks[bucket]) this.#move(bucket, rank);
  }

  #move(bucket: number, rank: number): void {
    const from = this.starts[bucket];
    const to = this.#slab.allocate(rank);
    this.#slab.words.copyWithin(to, from, from + this.#keys.lengths[bucket]);
    this.#slab.release(from, this.#ranks[bucket]);
    this.starts[bucket] = to;
    this.#ranks[bucket] = rank;
  }
}
