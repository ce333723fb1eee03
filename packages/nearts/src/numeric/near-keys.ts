import { grown, type Probes } from "../core/columns.js";
import type { KeyDirectory } from "../core/contracts.js";

const distances = 65;

/** Stored keys near a query's, gathered table by table and given out nearest first. Distances are Hamming distances, 0 to 64. */
export class NearKeys {
  #count = 0;
  #tables: Uint32Array = new Uint32Array(64);
  #entries: Uint32Array = new Uint32Array(64);
  #distances: Uint8Array = new Uint8Array(64);
  #order: Uint32Array = new Uint32Array(64);
  #given: Uint8Array = new Uint8Array(0);
  /** Scratch: how many lie at each distance; then where the next of each goes. */
  readonly #places = new Uint32Array(distances);

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Adds entry `entry` of a table's directory. */
  add(table: number, entry: number, distance: number): void {
    if (this.#count === this.#tables.length) this.#grow();
    this.#tables[this.#count] = table;
    this.#entries[this.#count] = entry;
    this.#distances[this.#count++] = distance;
  }

  /** Of the keys from number `from` on keeps the `limit` nearest, in their order; those added first where distances are equal. */
  keepNearest(from: number, limit: number): void {
    if (this.#count - from <= limit) return;
    const last = this.#lastPlaces(from, limit);
    let kept = from;
    for (let i = from; i < this.#count; i++) {
      const distance = this.#distances[i];
      if (last[distance] === 0) continue;
      last[distance]--;
      this.#tables[kept] = this.#tables[i];
      this.#entries[kept] = this.#entries[i];
      this.#distances[kept++] = distance;
    }
    this.#count = kept;
  }

  /**
   * Appends a probe for each key, all tables pooled: by distance, which is its score, then in the order of adding. At most `limit` probes, which must be at
   * least the number of tables: what is left out never is the first of a table.
   */
  emit(directory: KeyDirectory, tables: number, limit: number, out: Probes): void {
    this.#sort();
    if (this.#given.length < tables) this.#given = new Uint8Array(tables);
    let waiting = this.#countTables();
    let left = limit;
    for (let i = 0; i < this.#count && left > 0; i++) {
      const n = this.#order[i];
      const table = this.#tables[n];
      if (this.#given[table] === 1 && left <= waiting) continue;
      waiting -= 1 - this.#given[table];
      this.#given[table] = 1;
      left--;
      out.add(table, directory.keyHi(table, this.#entries[n]), directory.keyLo(table, this.#entries[n]), this.#distances[n]);
    }
  }

  /** How many of each distance are among the `limit` nearest from number `from` on. */
  #lastPlaces(from: number, limit: number): Uint32Array {
    const places = this.#histogram(from);
    let left = limit;
    for (let d = 0; d < distances; d++) {
      places[d] = Math.min(places[d], left);
      left -= places[d];
    }
    return places;
  }

  /** Counting sort by distance, keeping the order of adding. */
  #sort(): void {
    const places = this.#histogram(0);
    let start = 0;
    for (let d = 0; d < distances; d++) {
      const here = places[d];
      places[d] = start;
      start += here;
    }
    for (let i = 0; i < this.#count; i++) this.#order[places[this.#distances[i]]++] = i;
  }

  #histogram(from: number): Uint32Array {
    this.#places.fill(0);
    for (let i = from; i < this.#count; i++) this.#places[this.#distances[i]]++;
    return this.#places;
  }

  /** How many tables have a key; leaves none marked as given. */
  #countTables(): number {
    let tables = 0;
    this.#given.fill(0);
    for (let i = 0; i < this.#count; i++) {
      tables += 1 - this.#given[this.#tables[i]];
      this.#given[this.#tables[i]] = 1;
    }
    this.#given.fill(0);
    return tables;
  }

  #grow(): void {
    const capacity = this.#count * 2;
    this.#tables = grown(this.#tables, capacity);
    this.#entries = grown(this.#entries, capacity);
    this.#distances = grown(this.#distances, capacity);
    this.#order = new Uint32Array(capacity);
  }
}
