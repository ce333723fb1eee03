import { Keys, Probes } from "../../src/core/columns.js";
import type { Hash, KeyDirectory } from "../../src/core/contracts.js";
import type { Rows } from "../../src/core/rows.js";
import { compareKeys, sharedPrefix } from "../../src/numeric/bits.js";

interface Bucket {
  readonly hi: number;
  readonly lo: number;
  readonly rows: Set<number>;
}

class Table {
  readonly buckets: Bucket[] = [];
  readonly numbers = new Map<string, number>();

  at(hi: number, lo: number): Bucket {
    const key = nameOf(hi, lo);
    const number = this.numbers.get(key) ?? this.buckets.length;
    if (number === this.buckets.length) {
      this.buckets.push({ hi: hi >>> 0, lo: lo >>> 0, rows: new Set() });
      this.numbers.set(key, number);
    }
    return this.buckets[number];
  }
}

/** A storage of bucket entries and nothing else, on Maps: what a hash may ask, and what its probes would read. */
export class MapDirectory implements KeyDirectory {
  epoch = 0;
  readonly #tables = new Map<number, Table>();

  /** Enters the rows under the keys that `hash` gives them, as rows `first`, `first` + 1, … */
  store(hash: Hash, rows: Rows, first = 0): void {
    const keys = keysOf(hash, rows);
    for (let e = 0; e < keys.count; e++)
      this.#table(keys.tables[e])
        .at(keys.hi[e], keys.lo[e])
        .rows.add(first + keys.rows[e]);
  }

  /** Takes a row out of every bucket; emptied buckets keep their numbers. */
  remove(row: number): void {
    for (const { buckets } of this.#tables.values()) for (const { rows } of buckets) rows.delete(row);
  }

  /** Forgets empty buckets and numbers the others anew, last first. */
  renumber(): void {
    this.epoch++;
    for (const [t, { buckets }] of this.#tables) {
      const table = new Table();
      for (const { hi, lo, rows } of buckets.filter((bucket) => bucket.rows.size > 0).reverse()) {
        for (const row of rows) table.at(hi, lo).rows.add(row);
      }
      this.#tables.set(t, table);
    }
  }

  /** The rows that each probe reads, in the probes' order. */
  read(probes: Probes): number[][] {
    return Array.from({ length: probes.count }, (_, p) =>
      this.#table(probes.tables[p])
        .buckets.filter(({ hi, lo }) => sharedPrefix(hi, lo, probes.hi[p], probes.lo[p]) >= probes.prefixBits[p])
        .flatMap(({ rows }) => [...rows]),
    );
  }

  size(table: number): number {
    return this.#table(table).buckets.length;
  }

  keyHi(table: number, i: number): number {
    return this.#table(table).buckets[i].hi;
  }

  keyLo(table: number, i: number): number {
    return this.#table(table).buckets[i].lo;
  }

  countAt(table: number, i: number): number {
    return this.#table(table).buckets[i].rows.size;
  }

  find(table: number, hi: number, lo: number): number {
    return this.#table(table).numbers.get(nameOf(hi, lo)) ?? -1;
  }

  sorted(table: number): Uint32Array {
    const { buckets } = this.#table(table);
    return Uint32Array.from(buckets.keys()).sort((a, b) => compareKeys(buckets[a].hi, buckets[a].lo, buckets[b].hi, buckets[b].lo));
  }

  #table(t: number): Table {
    const table = this.#tables.get(t) ?? new Table();
    this.#tables.set(t, table);
    return table;
  }
}

/** The keys of the rows, in new columns. */
export function keysOf(hash: Hash, rows: Rows): Keys {
  const keys = new Keys();
  hash.keys(rows, keys);
  return keys;
}

/** The probes of one query, in new columns. */
export function probesOf(hash: Hash, query: Rows, directory: KeyDirectory = new MapDirectory(), budget: number = hash.tables): Probes {
  const probes = new Probes();
  hash.probes(query, directory, budget, probes);
  return probes;
}

/** All entries as "row table key", for comparing. */
export function entriesOf(keys: Keys): string[] {
  return Array.from({ length: keys.count }, (_, e) => `${keys.rows[e]} ${keys.tables[e]} ${nameOf(keys.hi[e], keys.lo[e])}`);
}

/** A key as 16 hexadecimal digits. */
export function nameOf(hi: number, lo: number): string {
  return (hi >>> 0).toString(16).padStart(8, "0") + (lo >>> 0).toString(16).padStart(8, "0");
}
