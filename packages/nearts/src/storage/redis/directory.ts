import type { KeyDirectory } from "../../core/contracts.js";
import { KeyTable } from "../postings/key-table.js";
import { bucketNameBytes } from "./keys.js";

const fieldBytes = bucketNameBytes + 2; // a name without its hash, and a count

/** Which buckets of a hash there are in all shards and how many records each holds, as last heard of: read whole, then kept up with this process's own writes. */
export class Directory implements KeyDirectory {
  epoch = 0;
  readonly #tables: number;
  readonly #shards: number;
  #keys: KeyTable[] = [];
  /** By shard, for each table: records by number of the key. */
  #counts: Map<number, number>[][] = [];
  /** By shard: of its state when it was read, or last followed; −1 where it has to be read anew. */
  #changes: number[] = [];
  #keysVersions: number[] = [];

  constructor(tables: number, shards: number) {
    this.#tables = tables;
    this.#shards = shards;
    this.reset();
  }

  /** Whether all of it can be relied on. */
  get fresh(): boolean {
    return this.#changes.every((changes) => changes >= 0);
  }

  /** Whether a shard's keys are those known. */
  knows(shard: number, keysVersion: number): boolean {
    return this.#keysVersions[shard] === keysVersion;
  }

  /** It has to be read anew. */
  spoil(): void {
    this.#changes.fill(-1);
  }

  reset(): void {
    this.epoch++;
    this.#keys = Array.from({ length: this.#tables }, () => new KeyTable());
    this.#counts = Array.from({ length: this.#shards }, () => Array.from({ length: this.#tables }, () => new Map<number, number>()));
    this.#changes = new Array<number>(this.#shards).fill(-1);
    this.#keysVersions = new Array<number>(this.#shards).fill(-1);
  }

  /** Takes what a shard's directory is: table (u16), key (two u32) and records (u32) of each bucket. */
  load(shard: number, bytes: Buffer, changes: number, keysVersion: number): void {
    const before = this.#counts[shard].map((counts) => new Set(counts.keys()));
    for (let at = 0; at + fieldBytes <= bytes.length; at += fieldBytes) {
      const table = bytes.readUInt16LE(at);
      if (table >= this.#tables) continue;
      before[table].delete(this.#set(shard, table, bytes.readUInt32LE(at + 2), bytes.readUInt32LE(at + 6), bytes.readUInt32LE(at + 10)));
    }
    before.forEach((gone, table) => {
      for (const key of gone) this.#setCount(shard, table, key, 0);
    });
    this.#changes[shard] = changes;
    this.#keysVersions[shard] = keysVersion;
    this.#tidy();
  }

  /** Follows a write of this process, if nothing came between: `touched` has a bucket's name without its hash, and its records, for each change. */
  follow(shard: number, changesBefore: number, changes: number, keysVersion: number, touched: readonly Buffer[]): void {
    if (this.#changes[shard] !== changesBefore) {
      this.#changes[shard] = -1;
      return;
    }
    for (const one of touched) {
      const table = one.readUInt16LE(0);
      if (table < this.#tables) this.#set(shard, table, one.readUInt32LE(2), one.readUInt32LE(6), one.readUInt32LE(10));
    }
    this.#changes[shard] = changes;
    this.#keysVersions[shard] = keysVersion;
    this.#tidy();
  }

  size(table: number): number {
    return this.#keys[table].count;
  }

  keyHi(table: number, i: number): number {
    return this.#keys[table].hi[i];
  }

  keyLo(table: number, i: number): number {
    return this.#keys[table].lo[i];
  }

  countAt(table: number, i: number): number {
    return this.#keys[table].lengths[i];
  }

  find(table: number, hi: number, lo: number): number {
    return this.#keys[table].find(hi, lo);
  }

  sorted(table: number): Uint32Array {
    return this.#keys[table].sorted();
  }

  /** Numbers of the keys that agree with (hi, lo) in their first `bits` bits. */
  withPrefix(table: number, hi: number, lo: number, bits: number): Uint32Array {
    return this.#keys[table].withPrefix(hi, lo, bits);
  }

  #set(shard: number, table: number, hi: number, lo: number, count: number): number {
    const key = this.#keys[table].findOrAdd(hi, lo);
    this.#setCount(shard, table, key, count);
    return key;
  }

  #setCount(shard: number, table: number, key: number, count: number): void {
    const counts = this.#counts[shard][table];
    const keys = this.#keys[table];
    const before = keys.lengths[key];
    keys.lengths[key] += count - (counts.get(key) ?? 0);
    if (before === 0 && keys.lengths[key] > 0) keys.empty--;
    if (before > 0 && keys.lengths[key] === 0) keys.empty++;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  }

  /** Gives numbers anew where most are of buckets that are gone. */
  #tidy(): void {
    this.#keys.forEach((keys, table) => {
      if (!keys.wantsCompaction) return;
      const kept = keys.kept();
      const numbers = new Map(Array.from(kept, (old, number) => [old, number]));
      for (const shard of this.#counts) {
        // What has records in a shard is kept.
        shard[table] = new Map(Array.from(shard[table], ([old, count]) => [numbers.get(old) ?? 0, count]));
      }
      keys.compact(kept);
      this.epoch++;
    });
  }
}
