import type { Codes } from "../../core/codes.js";
import { type Candidates, type Keys, type Probes, room } from "../../core/columns.js";
import type { Batch, BucketStats, ScanPlan, SchemaHash } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { createArena } from "../../kernels/arena.js";
import { CodedPostings } from "../postings/coded-postings.js";
import { Postings } from "../postings/postings.js";
import { keepAllowed } from "./row-sets.js";

/** The buckets of one hash, with codes in them or without. */
export type HashTable = Postings | CodedPostings;

/** The buckets of all hashes of an index, by number of the hash. */
export class HashTables {
  readonly #threads: number;
  /** Null where one was dropped. */
  #tables: (HashTable | null)[] = [];
  /** For each hash that is being added the rows written or removed since. */
  readonly #adding = new Map<number, Set<number>>();
  #stamps: Uint32Array = new Uint32Array(0);
  #stamp = 0;

  /** To be read by so many threads. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  get bytes(): number {
    return this.#tables.reduce((sum, table) => sum + (table?.bytes ?? 0), 0);
  }

  get stampBytes(): number {
    return this.#stamps.byteLength;
  }

  /** Bytes that one more row takes, about. */
  get bytesPerRow(): number {
    return this.#tables.reduce((sum, table) => sum + (table?.bytesPerRow ?? 0), 0);
  }

  /** Empty buckets for these hashes, in place of all there were. */
  reset(hashes: readonly SchemaHash[]): void {
    this.#tables = hashes.map((hash) => tableOf(hash, this.#threads));
    this.#adding.clear();
    this.#stamps = new Uint32Array(0);
  }

  /** E_NOT_FOUND for a number that no hash has. */
  known(hash: number): HashTable {
    const table = this.#tables[hash];
    if (table) return table;
    throw new NearError("E_NOT_FOUND", `the storage has no hash number ${hash}; it has ${this.#tables.length}`, { hash });
  }

  /** Takes back the scratch that other threads have to read a hash, if there still is one of this number. */
  unshare(hash: number): void {
    const table = this.#tables[hash];
    if (table instanceof CodedPostings) table.unshare();
  }

  /** Makes room for rows below `limit`. */
  reserve(limit: number): void {
    for (const table of this.#tables) table?.reserve(limit);
  }

  /** Adds a hash for rows below `rows`; as `Resident.addHash`. */
  add(hash: SchemaHash, rows: number): number {
    const gap = this.#tables.indexOf(null);
    const number = gap < 0 ? this.#tables.length : gap;
    this.put(number, hash, rows);
    this.#adding.set(number, new Set());
    return number;
  }

  /** Empty buckets for hash number `number`, in place of those it had: for those who know its number. */
  put(number: number, hash: SchemaHash, rows: number): void {
    const table = tableOf(hash, this.#threads);
    table.reserve(rows);
    while (this.#tables.length < number) this.#tables.push(null);
    this.#tables[number] = table;
  }

  drop(hash: number): void {
    this.#tables[hash] = null;
    this.#adding.delete(hash);
  }

  prepare(hash: number, lo: Uint32Array, counts: Uint32Array): void {
    const table = this.known(hash);
    if (table instanceof CodedPostings) table.prepare(lo, counts);
  }

  /** Enters rows that hold a vector and were not touched since the hash was added; `entered` is told the entries. */
  enter(hash: number, keys: Keys, codes: Codes | null, holds: (row: number) => boolean, entered?: (e: number) => void): void {
    const table = this.known(hash);
    const touched = this.#adding.get(hash);
    for (let e = 0; e < keys.count; e++) {
      const row = keys.rows[e];
      if (!holds(row) || touched?.has(row) === true) continue;
      add(table, row, keys, e, codes);
      entered?.(e);
    }
  }

  settle(hash: number): void {
    this.#adding.delete(hash);
    const table = this.known(hash);
    if (table instanceof CodedPostings) table.settle();
  }

  /** Enters row number `i` of a batch as a stored row; `next` says by hash which entry comes next, and is moved on. */
  enterRow(row: number, i: number, { keys, codes }: Batch, next: Uint32Array): void {
    for (let h = 0; h < keys.length; h++) {
      const own = keys[h];
      const table = this.#tables[h];
      while (next[h] < own.count && own.rows[next[h]] === i) {
        if (table !== null) add(table, row, own, next[h], codes?.[h] ?? null);
        next[h]++;
      }
    }
    this.#touch(row);
  }

  /** Takes rows out of all buckets. */
  remove(rows: readonly number[]): void {
    for (const table of this.#tables) table?.removeMany(rows);
    for (const row of rows) this.#touch(row);
  }

  /** To be called after removals. */
  tidy(): void {
    for (const table of this.#tables) table?.tidy();
  }

  /** As `Storage.scan`, for rows below `rows`. */
  scan(probes: Probes, plan: ScanPlan, out: Candidates, rows: number): void {
    const { estimation, allowed } = plan;
    const stamps = plan.unique ? this.#freshStamps(rows) : null;
    for (let h = 0; estimation !== undefined && h < this.#tables.length; h++) {
      const table = this.#tables[h];
      const estimate = estimation.estimates[h];
      if (table instanceof CodedPostings && estimate)
        table.scanByCodes(probes, h, estimate, { unique: plan.unique, estimation, allowed }, out);
    }
    const chosen = out.count;
    for (let p = 0; p < probes.count; p++) {
      const h = probes.hashes[p];
      if (!estimation?.estimates[h]) this.#tables[h]?.scan(probes, p, out, stamps, this.#stamp);
    }
    if (out.bounded) {
      out.bound();
      out.lower.fill(Number.NEGATIVE_INFINITY, chosen, out.count);
    }
    if (allowed !== undefined) keepAllowed(out, chosen, allowed);
    // Each hash sees to its own repeats.
    if (estimation !== undefined && plan.unique && this.#tables.length > 1) this.#keepFirst(out, rows);
  }

  stats(): BucketStats[] {
    return this.#tables.filter((table) => table !== null).map((table) => table.stats());
  }

  #touch(row: number): void {
    for (const touched of this.#adding.values()) touched.add(row);
  }

  #keepFirst(candidates: Candidates, end: number): void {
    const stamps = this.#freshStamps(end);
    const { rows, lower, bounded } = candidates;
    let kept = 0;
    for (let i = 0; i < candidates.count; i++) {
      if (stamps[rows[i]] === this.#stamp) continue;
      stamps[rows[i]] = this.#stamp;
      if (bounded) lower[kept] = lower[i];
      rows[kept++] = rows[i];
    }
    candidates.count = kept;
  }

  #freshStamps(rows: number): Uint32Array {
    if (this.#stamps.length < rows) this.#stamps = room(this.#stamps, rows);
    if (this.#stamp === 0xffffffff) {
      this.#stamps.fill(0);
      this.#stamp = 0;
    }
    this.#stamp++;
    return this.#stamps;
  }
}

function tableOf({ config, tables, keysPerTable, sketch }: SchemaHash, threads: number): HashTable {
  if (sketch === undefined) return new Postings(config.name, tables, keysPerTable);
  const makeArena = (limit: number) => createArena(undefined, limit, { shared: threads > 1 });
  return new CodedPostings(config.name, tables, keysPerTable, sketch.groups, { makeArena });
}

function add(table: HashTable, row: number, keys: Keys, e: number, codes: Codes | null): void {
  if (table instanceof CodedPostings) {
    // The engine encodes for every hash whose schema has a sketch.
    if (codes !== null) table.add(row, keys, e, codes);
  } else table.add(row, keys, e);
}
