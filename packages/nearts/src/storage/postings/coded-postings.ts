import type { Codes, Estimate } from "../../core/codes.js";
import type { Candidates, Keys, Probes } from "../../core/columns.js";
import type { BucketStats, KeyDirectory } from "../../core/contracts.js";
import type { Dump, Supply } from "../../core/dump.js";
import { NearError } from "../../core/errors.js";
import { createArena } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";
import { appendRows } from "./append-rows.js";
import { Buckets } from "./buckets.js";
import { arenaLimit, CodeMemory, type RunRegion } from "./code-memory.js";
import { type CodePlan, CodeReader, type ReadableBuckets } from "./code-reader.js";
import { codedForm } from "./coded-dump.js";
import { CodedLists } from "./coded-lists.js";
import type { ScanJobs } from "./scan-jobs.js";
import { type SharedCodes, sharedBuckets, threadScratchBytes } from "./shared-codes.js";
import { bytesOf, type EntryForm, type LivingRows, restoreTables, tables } from "./table-dump.js";

/** Where {@link CodedPostings} keep their entries. */
export interface CodedPostingsOptions {
  /** Most bytes of entries and scratch; a page less than 4 GiB when not given. */
  readonly maxBytes?: number;
  /** Makes an empty arena of at most `limit` bytes. */
  readonly makeArena?: (limit: number) => Arena;
}

/** An arena up to this size is used again after everything was removed, a larger one is given back. */
const smallArena = 2 ** 20;

/** As `Postings`, with a code beside each row, by which a scan reads what may be among the nearest only. All entries are in one arena. */
export class CodedPostings implements KeyDirectory, ReadableBuckets {
  readonly groups: number;
  readonly #limit: number;
  readonly #makeArena: (limit: number) => Arena;
  readonly #buckets: Buckets<CodedLists>;
  readonly #reader: CodeReader;
  readonly #form: EntryForm;
  #memory: CodeMemory;
  /** Scratch of other threads, by number. */
  #threads: RunRegion[] = [];
  /** Rows that can have entries. */
  #rows = 0;
  #preparing = false;

  /** For codes of `groups` groups of 4 bits. */
  constructor(name: string, tables: number, keysPerTable: number, groups: number, options: CodedPostingsOptions = {}) {
    this.groups = groups;
    this.#limit = options.maxBytes ?? arenaLimit;
    this.#makeArena = options.makeArena ?? ((limit) => createArena(undefined, limit));
    this.#memory = new CodeMemory(groups, this.#makeArena(this.#limit), this.#limit);
    this.#reader = new CodeReader(this, this.#memory);
    this.#buckets = new Buckets(name, tables, keysPerTable, (keys) => new CodedLists(keys, this.#memory));
    this.#form = codedForm(this.#buckets, () => this.#memory);
  }

  get tables(): number {
    return this.#buckets.keys.length;
  }

  get epoch(): number {
    return this.#buckets.epoch;
  }

  get bytes(): number {
    return this.#memory.bytes + this.#buckets.bytes + this.#reader.bytes;
  }

  /** Bytes that one more row takes, about, apart from new buckets: its entries lie in blocks and lists that are not all full. */
  get bytesPerRow(): number {
    return Math.ceil(this.#buckets.rows.width * (5 + 1.5 * this.#memory.layout.recordBytes));
  }

  /** All tables, their entries with their codes; row numbers are below `rows`. */
  dump(rows: number): Dump {
    return { bytes: bytesOf(this.#buckets, this.#form), pieces: () => tables(this.#buckets, this.#form, rows) };
  }

  /** Takes what `dump` gave, where there is nothing. */
  restore(living: LivingRows, supply: Supply): Promise<void> {
    this.#rows = Math.max(this.#rows, living.rows);
    return restoreTables(this.#buckets, this.#form, living, supply);
  }

  /** Makes room for rows below `rows`. */
  reserve(rows: number): void {
    this.#buckets.rows.reserve(rows);
    this.#rows = Math.max(this.#rows, rows);
  }

  /** Adds entry `e` of `keys` with its code, entry `e` of `codes`, for a stored row. A key that the row already has in this table changes nothing. */
  add(row: number, keys: Keys, e: number, codes: Codes): void {
    this.#check(codes, e);
    const table = keys.tables[e];
    const bucket = this.#buckets.link(row, keys, e);
    if (bucket < 0) return;
    const lists = this.#buckets.lists[table];
    try {
      lists.reserve(bucket, 1);
    } catch (error) {
      this.#buckets.rows.unlink(row, table, bucket);
      throw error;
    }
    lists.append(bucket, row, codes, e);
  }

  /**
   * Adds all entries of `keys`, entry e for stored row `rows[keys.rows[e]]`: room is made once for what each bucket gets, in one piece.
   * E_MEMORY where there is none, and then no entry was added.
   */
  addMany(rows: Uint32Array, keys: Keys, codes: Codes): void {
    if (keys.count === 0) return;
    this.#check(codes, keys.count - 1);
    const buckets = new Int32Array(keys.count);
    for (let e = 0; e < keys.count; e++) buckets[e] = this.#buckets.link(rows[keys.rows[e]], keys, e);
    const counts = this.#countsOf(keys, buckets);
    try {
      this.#reserveAll(counts);
    } catch (error) {
      for (let e = 0; e < keys.count; e++) {
        if (buckets[e] >= 0) this.#buckets.rows.unlink(rows[keys.rows[e]], keys.tables[e], buckets[e]);
      }
      throw error;
    }
    // A new entry touches most of its block: bucket by bucket, the block is still in the cache for the next.
    for (const e of ordered(keys, buckets, counts)) this.#buckets.lists[keys.tables[e]].append(buckets[e], rows[keys.rows[e]], codes, e);
  }

  /**
   * Makes room in table 0 for `counts[i]` entries under key `lo[i]` (its upper half 0), each bucket's in one piece: for those who know all buckets
   * before they add the entries. Until {@link CodedPostings.settle} no bucket is renumbered.
   */
  prepare(lo: Uint32Array, counts: Uint32Array): void {
    this.#preparing = true;
    const [keys] = this.#buckets.keys;
    const [lists] = this.#buckets.lists;
    for (let i = 0; i < lo.length; i++) lists.prepare(keys.findOrAdd(0, lo[i]), counts[i]);
  }

  /** Ends what `prepare` began: takes back all room that no entry came for. */
  settle(): void {
    this.#preparing = false;
    for (const lists of this.#buckets.lists) lists.settle();
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
    if (!this.#preparing) this.#buckets.tidy();
  }

  clear(): void {
    const { arena } = this.#memory;
    this.#memory = new CodeMemory(this.groups, arena.size <= smallArena ? arena : this.#makeArena(this.#limit), this.#limit);
    this.#reader.use(this.#memory);
    this.#threads = [];
    this.#buckets.clear();
    this.#preparing = false;
  }

  /** Appends all rows of probe `p` to `out`, whatever their codes; with `stamps`, only those whose stamp is not `stamp` yet. */
  scan(probes: Probes, p: number, out: Candidates, stamps: Uint32Array | null, stamp: number): void {
    const lists = this.#buckets.lists[probes.tables[p]];
    const buckets = this.#buckets.probed(probes, p);
    for (let i = 0; i < buckets.length; i++) {
      const rows = lists.rows(buckets[i]);
      appendRows(rows, 0, rows.length, out, stamps, stamp);
    }
  }

  /**
   * Appends the rows under the probes of hash number `hash` that may be among the nearest by their codes, with lower bounds. T, and with it `nearest`, counts over this
   * hash only, and so does `unique`. A set of allowed rows must not change: it is copied when its `words` are other ones, or its count.
   * E_CONFIG or E_BAD_OPTION where estimate or plan do not fit.
   */
  scanByCodes(probes: Probes, hash: number, estimate: Estimate, plan: CodePlan, out: Candidates): void {
    this.#reader.read(probes, hash, estimate, plan, this.#rows, this.#buckets.rows.width > 1, out);
  }

  /**
   * What other threads need to read the buckets, valid until the next write: each of `threads` can then scan for up to `nearest` neighbours by `probes` probes.
   * Null where the arena is not shared. E_MEMORY where there is no room for their scratch. Views of the arena are stale.
   */
  share(threads: number, probes: number, nearest: number): SharedCodes | null {
    const { memory } = this.#memory.arena;
    if (memory === null || !(memory.buffer instanceof SharedArrayBuffer)) return null;
    const buckets = this.#buckets.keys.map((keys, table) =>
      sharedBuckets(keys, (bucket, jobs) => this.addJobs(table, bucket, jobs, 0, 0, 0)),
    );
    const manyKeys = this.#buckets.rows.width > 1;
    const bytes = threadScratchBytes({ groups: this.groups, tables: buckets, probes, nearest, rows: manyKeys ? this.#rows : 0 });
    while (this.#threads.length < threads) this.#threads.push(this.#memory.region());
    for (const region of this.#threads) region.fit(bytes);
    const scratch = this.#threads.map(({ at, bytes }) => ({ at, bytes }));
    return { memory, groups: this.groups, rows: this.#rows, manyKeys, probes, nearest, tables: buckets, scratch };
  }

  /** Takes back the scratch of other threads: to be called when none of them reads. */
  unshare(): void {
    for (const region of this.#threads) region.free();
  }

  probed(probes: Probes, p: number): Uint32Array {
    return this.#buckets.probed(probes, p);
  }

  addJobs(table: number, bucket: number, jobs: ScanJobs, centre: number, spread: number, order: number): void {
    this.#buckets.lists[table].scan(bucket, jobs, centre, spread, order);
  }

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

  #check(codes: Codes, e: number): void {
    if (codes.groups === this.groups && e < codes.count) return;
    const message = `there are ${codes.count} codes of ${codes.groups} groups and entry ${e} needs one of ${this.groups}: encode every entry with the sketch of this hash`;
    throw new NearError("E_CONFIG", message, { codes: codes.count, groups: codes.groups, expected: this.groups });
  }

  /** For each table how often each bucket is named. */
  #countsOf(keys: Keys, buckets: Int32Array): Uint32Array[] {
    const counts = this.#buckets.keys.map((table) => new Uint32Array(table.count));
    for (let e = 0; e < keys.count; e++) if (buckets[e] >= 0) counts[keys.tables[e]][buckets[e]]++;
    return counts;
  }

  #reserveAll(counts: readonly Uint32Array[]): void {
    for (let t = 0; t < counts.length; t++) {
      for (let bucket = 0; bucket < counts[t].length; bucket++) {
        if (counts[t][bucket] > 0) this.#buckets.lists[t].reserve(bucket, counts[t][bucket]);
      }
    }
  }
}

/** The entries that have a bucket, by table and bucket, in their own order within one. `counts`, of each bucket's entries, is used up. */
function ordered(keys: Keys, buckets: Int32Array, counts: readonly Uint32Array[]): Uint32Array {
  let total = 0;
  for (const table of counts) {
    for (let bucket = 0; bucket < table.length; bucket++) {
      const count = table[bucket];
      table[bucket] = total;
      total += count;
    }
  }
  const order = new Uint32Array(total);
  for (let e = 0; e < keys.count; e++) if (buckets[e] >= 0) order[counts[keys.tables[e]][buckets[e]]++] = e;
  return order;
}
