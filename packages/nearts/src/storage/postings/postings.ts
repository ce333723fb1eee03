import type { Candidates, Keys, Probes } from "../../core/columns.js";
import type { BucketStats, KeyDirectory } from "../../core/contracts.js";
import { type Dump, piecesOf, type Supply } from "../../core/dump.js";
import { appendRows } from "./append-rows.js";
import { Buckets } from "./buckets.js";
import { RowLists } from "./row-lists.js";
import { Slab } from "./slab.js";
import { bytesOf, type EntryForm, type LivingRows, restoreTables, tables } from "./table-dump.js";

/** The resident buckets of one hash: for each table key → rows, and for each row its buckets, so that removing it hashes nothing. */
export class Postings implements KeyDirectory {
  readonly #slab = new Slab();
  readonly #buckets: Buckets<RowLists>;

  constructor(name: string, tables: number, keysPerTable: number) {
    this.#buckets = new Buckets(name, tables, keysPerTable, (keys) => new RowLists(keys, this.#slab));
  }

  get tables(): number {
    return this.#buckets.keys.length;
  }

  get epoch(): number {
    return this.#buckets.epoch;
  }

  get bytes(): number {
    return this.#slab.bytes + this.#buckets.bytes;
  }

  /** Bytes that one more row takes, at most, apart from new buckets. */
  get bytesPerRow(): number {
    return this.#buckets.rows.width * 10;
  }

  /** Makes room for rows below `rows`. */
  reserve(rows: number): void {
    this.#buckets.rows.reserve(rows);
  }

  /** Adds entry `e` of `keys` for a stored row. A key that the row already has in this table changes nothing. */
  add(row: number, keys: Keys, e: number): void {
    const bucket = this.#buckets.link(row, keys, e);
    if (bucket >= 0) this.#buckets.lists[keys.tables[e]].append(bucket, row);
  }

  /** Takes a row out of all its buckets. */
  remove(row: number): void {
    this.#buckets.remove(row);
  }

  /** Takes many rows out of all their buckets: each large bucket is gone through once, not once a row. */
  removeMany(rows: readonly number[]): void {
    this.#buckets.removeMany(rows);
  }

  /** Renumbers the buckets of tables in which most are empty. To be called after removals, never while someone reads. */
  tidy(): void {
    this.#buckets.tidy();
  }

  clear(): void {
    this.#slab.clear();
    this.#buckets.clear();
  }

  /** Appends the rows of probe `p` to `out`; with `stamps`, only those whose stamp is not `stamp` yet. */
  scan(probes: Probes, p: number, out: Candidates, stamps: Uint32Array | null, stamp: number): void {
    const t = probes.tables[p];
    const keys = this.#buckets.keys[t];
    const { starts } = this.#buckets.lists[t];
    const { words } = this.#slab;
    if (probes.prefixBits[p] >= 64) {
      const bucket = keys.find(probes.hi[p], probes.lo[p]);
      if (bucket >= 0) appendRows(words, starts[bucket], keys.lengths[bucket], out, stamps, stamp);
      return;
    }
    for (const bucket of this.#buckets.probed(probes, p)) appendRows(words, starts[bucket], keys.lengths[bucket], out, stamps, stamp);
  }

  /** All tables, their entries as rows (u32); row numbers are below `rows`. */
  dump(rows: number): Dump {
    return { bytes: bytesOf(this.#buckets, this.#form), pieces: () => tables(this.#buckets, this.#form, rows) };
  }

  /** Takes what `dump` gave, where there is nothing. */
  restore(living: LivingRows, supply: Supply): Promise<void> {
    return restoreTables(this.#buckets, this.#form, living, supply);
  }

  readonly #form: EntryForm = {
    bytes: (length) => length * 4,
    pieces: (table, bucket) => piecesOf(this.#buckets.lists[table].rows(bucket)),
    restore: async (table, lengths, entries, supply) => this.#buckets.lists[table].restore(lengths, await supply.words(entries)),
  };

  size(table: number): number {
    return this.#buckets.size(table);
  }

  keyHi(table: number, i: number): number {
    return this.#buckets.keyHi(table, i);
  }

  keyLo(table: number, i: number): number {
    return this.#buckets.keyLo(table, i);
  }

  countAt(table: number, i: number): number {
    return this.#buckets.countAt(table, i);
  }

  find(table: number, hi: number, lo: number): number {
    return this.#buckets.find(table, hi, lo);
  }

  sorted(table: number): Uint32Array {
    return this.#buckets.sorted(table);
  }

  /** Rows of bucket `i`, ascending: a copy. */
  rowsAt(table: number, i: number): Uint32Array {
    return this.#buckets.rowsAt(table, i);
  }

  stats(): BucketStats {
    return this.#buckets.stats();
  }
}
