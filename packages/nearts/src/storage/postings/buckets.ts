import type { Keys, Probes } from "../../core/columns.js";
import type { BucketStats, KeyDirectory } from "../../core/contracts.js";
import { BackPointers } from "./back-pointers.js";
import { KeyTable } from "./key-table.js";

/** From so many rows on, and in buckets of more, it pays to go through a bucket once for all of them. */
const fewRows = 16;
const largeBucket = 256;

/** Where the entries of one table's buckets are, by number of the bucket. It counts the table's `lengths` and `empty`. */
export interface Lists {
  /** Bytes of its own columns, apart from what all tables share. */
  readonly bytes: number;
  /** Rows of a bucket in its own order: borrowed until the next call. */
  rows(bucket: number): Uint32Array;
  /** Takes a row that is there out of a bucket. */
  remove(bucket: number, row: number): void;
  /** Keeps the rows of a bucket for which `stays` says so. */
  filter(bucket: number, stays: (row: number) => boolean): void;
  /** Follows the table, which is about to renumber its buckets to `kept`: the old numbers, ascending. */
  compact(kept: Uint32Array): void;
}

/** The buckets of one hash, whatever their entries hold: keys and lists of each table, and the buckets of each row. */
export class Buckets<L extends Lists> implements KeyDirectory {
  epoch = 0;
  keys: KeyTable[] = [];
  lists: L[] = [];
  readonly rows: BackPointers;
  readonly #name: string;
  readonly #tables: number;
  readonly #keysPerTable: number;
  readonly #makeLists: (keys: KeyTable) => L;
  readonly #one: Uint32Array = new Uint32Array(1);

  constructor(name: string, tables: number, keysPerTable: number, makeLists: (keys: KeyTable) => L) {
    this.#name = name;
    this.#tables = tables;
    this.#keysPerTable = keysPerTable;
    this.#makeLists = makeLists;
    this.rows = new BackPointers(tables, keysPerTable);
    this.#reset();
  }

  get bytes(): number {
    let sum = this.rows.bytes;
    for (let t = 0; t < this.#tables; t++) sum += this.keys[t].bytes + this.lists[t].bytes;
    return sum;
  }

  /** Number of the bucket that entry `e` of `keys` puts a row into, noted for the row; −1 where it is there already. */
  link(row: number, keys: Keys, e: number): number {
    const table = keys.tables[e];
    const bucket = this.keys[table].findOrAdd(keys.hi[e], keys.lo[e]);
    return this.rows.link(row, table, bucket) ? bucket : -1;
  }

  /** Takes a row out of all its buckets. */
  remove(row: number): void {
    for (let t = 0; t < this.#tables; t++) {
      for (let j = 0; j < this.#keysPerTable; j++) {
        const bucket = this.rows.take(row, t, j);
        if (bucket >= 0) this.lists[t].remove(bucket, row);
      }
    }
  }

  /** Takes many rows out of all their buckets: each large bucket is gone through once, not once a row. */
  removeMany(rows: readonly number[]): void {
    if (rows.length < fewRows) {
      for (const row of rows) this.remove(row);
      return;
    }
    for (let t = 0; t < this.#tables; t++) this.#removeFrom(t, rows);
  }

  /** Renumbers the buckets of tables in which most are empty. To be called after removals, never while someone reads. */
  tidy(): void {
    for (let t = 0; t < this.#tables; t++) if (this.keys[t].wantsCompaction) this.#compact(t);
  }

  clear(): void {
    this.epoch++;
    this.rows.clear();
    this.#reset();
  }

  /** Numbers of the buckets that probe `p` reads, in the order of reading, some of them empty: borrowed until the next call or write. */
  probed(probes: Probes, p: number): Uint32Array {
    return probedIn(this.keys[probes.tables[p]], probes, p, this.#one);
  }

  size(table: number): number {
    return this.keys[table].count;
  }

  keyHi(table: number, i: number): number {
    return this.keys[table].hi[i];
  }

  keyLo(table: number, i: number): number {
    return this.keys[table].lo[i];
  }

  countAt(table: number, i: number): number {
    return this.keys[table].lengths[i];
  }

  find(table: number, hi: number, lo: number): number {
    return this.keys[table].find(hi, lo);
  }

  sorted(table: number): Uint32Array {
    return this.keys[table].sorted();
  }

  /** Rows of bucket `i`, ascending: a copy. */
  rowsAt(table: number, i: number): Uint32Array {
    return this.lists[table].rows(i).slice().sort();
  }

  stats(): BucketStats {
    let [buckets, entries, largestBucket, skew] = [0, 0, 0, 0];
    for (const table of this.keys) {
      let [sum, squares] = [0, 0];
      for (let bucket = 0; bucket < table.count; bucket++) {
        const length = table.lengths[bucket];
        sum += length;
        squares += length * length;
        largestBucket = Math.max(largestBucket, length);
      }
      const filled = table.count - table.empty;
      buckets += filled;
      entries += sum;
      skew += sum === 0 ? 1 : (filled * squares) / (sum * sum);
    }
    return { name: this.#name, tables: this.#tables, buckets, entries, largestBucket, skew: skew / this.#tables };
  }

  #reset(): void {
    this.keys = Array.from({ length: this.#tables }, () => new KeyTable());
    this.lists = this.keys.map((keys) => this.#makeLists(keys));
  }

  #removeFrom(t: number, rows: readonly number[]): void {
    const large = new Set<number>();
    for (const row of rows) {
      for (let j = 0; j < this.#keysPerTable; j++) {
        const bucket = this.rows.take(row, t, j);
        if (bucket < 0) continue;
        if (this.keys[t].lengths[bucket] > largeBucket) large.add(bucket);
        else if (!large.has(bucket)) this.lists[t].remove(bucket, row);
      }
    }
    for (const bucket of large) this.lists[t].filter(bucket, (row) => this.rows.has(row, t, bucket));
  }

  #compact(t: number): void {
    this.epoch++;
    const kept = this.keys[t].kept();
    this.lists[t].compact(kept);
    this.keys[t].compact(kept);
    for (let bucket = 0; bucket < kept.length; bucket++) {
      const old = kept[bucket];
      // Numbers only shrink, in ascending order: no later bucket still goes by the number that this one takes.
      if (old === bucket) continue;
      for (const row of this.lists[t].rows(bucket)) this.rows.renumber(row, t, old, bucket);
    }
  }
}

/** Numbers of the buckets of a table that probe `p` reads: borrowed until the next call or write; a single one is put into `one`. */
export function probedIn(table: KeyTable, probes: Probes, p: number, one: Uint32Array): Uint32Array {
  const bits = probes.prefixBits[p];
  if (bits < 64) return table.withPrefix(probes.hi[p], probes.lo[p], bits);
  const bucket = table.find(probes.hi[p], probes.lo[p]);
  if (bucket < 0) return none;
  one[0] = bucket;
  return one;
}

const none = new Uint32Array(0);
