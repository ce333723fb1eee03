import { type Candidates, type Keys, type Probes, room } from "../../core/columns.js";
import type { BucketStats, KeyDirectory } from "../../core/contracts.js";
import { Slab } from "./slab.js";
import { BucketTable } from "./table.js";

const nowhere = 0xffffffff;
/** From so many rows on, and in buckets of more, it pays to go through a bucket once for all of them. */
const fewRows = 16;
const largeBucket = 256;

/** The resident buckets of one hash: for each table key → rows, and for each row its buckets, so that removing it hashes nothing. */
export class Postings implements KeyDirectory {
  epoch = 0;
  readonly #name: string;
  readonly #keysPerTable: number;
  readonly #slab = new Slab();
  #tables: BucketTable[];
  /** Bucket of each of a row's keys: entry row · width + table · keysPerTable + j. Its position in the bucket is searched for when it is removed. */
  #buckets: Uint32Array = new Uint32Array(0);

  constructor(name: string, tables: number, keysPerTable: number) {
    this.#name = name;
    this.#keysPerTable = keysPerTable;
    this.#tables = Array.from({ length: tables }, () => new BucketTable());
  }

  get #width(): number {
    return this.#tables.length * this.#keysPerTable;
  }

  get bytes(): number {
    let sum = this.#slab.bytes + this.#buckets.byteLength;
    for (const table of this.#tables) sum += table.bytes;
    return sum;
  }

  /** Bytes that one more row takes, at most, apart from new buckets. */
  get bytesPerRow(): number {
    return this.#width * 10;
  }

  /** Makes room for rows below `rows`. */
  reserve(rows: number): void {
    const before = this.#buckets.length;
    this.#buckets = room(this.#buckets, rows * this.#width);
    this.#buckets.fill(nowhere, before);
  }

  /** Adds entry `e` of `keys` for a stored row. A key that the row already has in this table changes nothing. */
  add(row: number, keys: Keys, e: number): void {
    const t = keys.tables[e];
    const table = this.#tables[t];
    const bucket = table.findOrAdd(keys.hi[e], keys.lo[e]);
    const first = row * this.#width + t * this.#keysPerTable;
    for (let at = first; at < first + this.#keysPerTable; at++) {
      if (this.#buckets[at] === bucket) return;
      if (this.#buckets[at] !== nowhere) continue;
      this.#buckets[at] = bucket;
      table.append(this.#slab, bucket, row);
      return;
    }
  }

  /** Takes a row out of all its buckets. */
  remove(row: number): void {
    const first = row * this.#width;
    for (let at = first; at < first + this.#width; at++) {
      const bucket = this.#buckets[at];
      if (bucket === nowhere) continue;
      this.#buckets[at] = nowhere;
      const t = Math.floor((at - first) / this.#keysPerTable);
      this.#tables[t].remove(this.#slab, bucket, row);
    }
  }

  /** Takes many rows out of all their buckets: each large bucket is gone through once, not once a row. */
  removeMany(rows: readonly number[]): void {
    if (rows.length < fewRows) {
      for (const row of rows) this.remove(row);
      return;
    }
    for (let t = 0; t < this.#tables.length; t++) this.#removeFrom(t, rows);
  }

  /** Renumbers the buckets of tables in which most are empty. To be called after removals, never while someone reads. */
  tidy(): void {
    for (let t = 0; t < this.#tables.length; t++) if (this.#tables[t].wantsCompaction) this.#compact(t);
  }

  clear(): void {
    this.epoch++;
    this.#slab.clear();
    this.#tables = this.#tables.map(() => new BucketTable());
    this.#buckets.fill(nowhere);
  }

  /** Appends the rows of probe `p` to `out`; with `stamps`, only those whose stamp is not `stamp` yet. */
  scan(probes: Probes, p: number, out: Candidates, stamps: Uint32Array | null, stamp: number): void {
    const table = this.#tables[probes.tables[p]];
    const bits = probes.prefixBits[p];
    if (bits >= 64) {
      const bucket = table.find(probes.hi[p], probes.lo[p]);
      if (bucket >= 0) this.#read(table, bucket, out, stamps, stamp);
      return;
    }
    const sorted = table.sorted();
    const hi = bits === 0 ? 0 : bits >= 32 ? probes.hi[p] : (probes.hi[p] & (-1 << (32 - bits))) >>> 0;
    const lo = bits <= 32 ? 0 : (probes.lo[p] & (-1 << (64 - bits))) >>> 0;
    for (let i = lowerBound(table, sorted, hi, lo); i < sorted.length; i++) {
      if (!samePrefix(table.hi[sorted[i]], table.lo[sorted[i]], hi, lo, bits)) break;
      this.#read(table, sorted[i], out, stamps, stamp);
    }
  }

  size(table: number): number {
    return this.#tables[table].count;
  }

  keyHi(table: number, i: number): number {
    return this.#tables[table].hi[i];
  }

  keyLo(table: number, i: number): number {
    return this.#tables[table].lo[i];
  }

  countAt(table: number, i: number): number {
    return this.#tables[table].lengths[i];
  }

  find(table: number, hi: number, lo: number): number {
    return this.#tables[table].find(hi, lo);
  }

  sorted(table: number): Uint32Array {
    return this.#tables[table].sorted();
  }

  /** Rows of bucket `i`, ascending: a copy. */
  rowsAt(table: number, i: number): Uint32Array {
    const { starts, lengths } = this.#tables[table];
    return this.#slab.words.slice(starts[i], starts[i] + lengths[i]).sort();
  }

  stats(): BucketStats {
    let [buckets, entries, largestBucket, skew] = [0, 0, 0, 0];
    for (const table of this.#tables) {
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
    return { name: this.#name, tables: this.#tables.length, buckets, entries, largestBucket, skew: skew / this.#tables.length };
  }

  #read(table: BucketTable, bucket: number, out: Candidates, stamps: Uint32Array | null, stamp: number): void {
    const length = table.lengths[bucket];
    if (length === 0) return;
    const start = table.starts[bucket];
    const { words } = this.#slab;
    out.raw += length;
    out.reserve(length);
    const { rows } = out;
    let { count } = out;
    if (stamps === null) {
      rows.set(words.subarray(start, start + length), count);
      out.count = count + length;
      return;
    }
    for (let i = start; i < start + length; i++) {
      const row = words[i];
      if (stamps[row] === stamp) continue;
      stamps[row] = stamp;
      rows[count++] = row;
    }
    out.count = count;
  }

  #removeFrom(t: number, rows: readonly number[]): void {
    const table = this.#tables[t];
    const large = new Set<number>();
    for (const row of rows) {
      const first = row * this.#width + t * this.#keysPerTable;
      for (let at = first; at < first + this.#keysPerTable; at++) {
        const bucket = this.#buckets[at];
        if (bucket === nowhere) continue;
        this.#buckets[at] = nowhere;
        if (table.lengths[bucket] > largeBucket) large.add(bucket);
        else if (!large.has(bucket)) table.remove(this.#slab, bucket, row);
      }
    }
    for (const bucket of large) table.filter(this.#slab, bucket, (row) => this.#isIn(row, t, bucket));
  }

  #isIn(row: number, table: number, bucket: number): boolean {
    const first = row * this.#width + table * this.#keysPerTable;
    for (let at = first; at < first + this.#keysPerTable; at++) if (this.#buckets[at] === bucket) return true;
    return false;
  }

  #entryOf(row: number, table: number, bucket: number): number {
    let at = row * this.#width + table * this.#keysPerTable;
    while (this.#buckets[at] !== bucket) at++;
    return at;
  }

  #compact(t: number): void {
    this.epoch++;
    const table = this.#tables[t];
    const renumbered = table.compact();
    for (let bucket = 0; bucket < table.count; bucket++) {
      const old = renumbered[bucket];
      // Numbers only shrink, in ascending order: no later bucket still goes by the number that this one takes.
      if (old === bucket) continue;
      const start = table.starts[bucket];
      for (let i = start; i < start + table.lengths[bucket]; i++) this.#buckets[this.#entryOf(this.#slab.words[i], t, old)] = bucket;
    }
  }
}

function lowerBound(table: BucketTable, sorted: Uint32Array, hi: number, lo: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const bucket = sorted[middle];
    if (table.hi[bucket] < hi || (table.hi[bucket] === hi && table.lo[bucket] < lo)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function samePrefix(hi: number, lo: number, otherHi: number, otherLo: number, bits: number): boolean {
  if (bits === 0) return true;
  if (bits <= 32) return (hi ^ otherHi) >>> (32 - bits) === 0;
  return hi === otherHi && (lo ^ otherLo) >>> (64 - bits) === 0;
}
