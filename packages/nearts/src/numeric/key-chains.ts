import type { Keys } from "../core/columns.js";
import { grown } from "../core/columns.js";

/** No later row. */
const none = 0xffffffff;

/**
 * Rows that share a bucket, as chains: for each row and table the next row with the same key. 4 bytes a row and table, whatever the keys. Rows are numbered
 * as they were added; keys are told apart by 32 bits, so that now and then rows are chained that share no bucket: whoever follows a chain measures.
 */
export class KeyChains {
  readonly tables: number;
  /** Of each table: a mix of each row's key (0: it has none) until `link`, then the number of the next row of the bucket. */
  #columns: Uint32Array[];
  #count = 0;
  /** For each row the last one whose walk has met it. */
  #met: Uint32Array = new Uint32Array(0);

  constructor(tables: number) {
    this.tables = tables;
    this.#columns = Array.from({ length: tables }, () => new Uint32Array(1024));
  }

  /** Rows added. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that so many rows take, with what `link` needs beside. */
  static bytesFor(rows: number, tables: number): number {
    return rows * (4 * tables + 4 + 32);
  }

  /** Adds the keys of `rows` rows, at most one a row and table. */
  add(keys: Keys, rows: number): void {
    const wanted = this.#count + rows;
    if (wanted > this.#columns[0].length) {
      const capacity = Math.max(wanted, this.#columns[0].length * 2);
      this.#columns = this.#columns.map((column) => grown(column, capacity));
    }
    for (let e = 0; e < keys.count; e++) this.#columns[keys.tables[e]][this.#count + keys.rows[e]] = mixed(keys.hi[e], keys.lo[e]);
    this.#count = wanted;
  }

  /** Renumbers the rows: row i is the one that was `order[i]`. Before `link`. */
  reorder(order: Uint32Array): void {
    this.#columns = this.#columns.map((column) => Uint32Array.from(order, (i) => column[i]));
  }

  /** Chains the rows, when all have been added. */
  link(): void {
    const bits = Math.max(4, Math.ceil(Math.log2(this.#count * 2 + 1)));
    const keys = new Uint32Array(2 ** bits);
    const rows = new Uint32Array(2 ** bits);
    this.#columns.forEach((column, t) => {
      if (t > 0) keys.fill(0);
      chain(column, this.#count, keys, rows);
    });
    this.#met = new Uint32Array(this.#count);
  }

  /** The next row after `row` with its key in a table; −1 where there is none. */
  next(table: number, row: number): number {
    const next = this.#columns[table][row];
    return next === none ? -1 : next;
  }

  /** Writes the later rows that share a bucket with `row`, each once, into `out` (room for all rows); how many. */
  later(row: number, out: Uint32Array): number {
    const met = this.#met;
    const stamp = row + 1;
    let count = 0;
    for (const column of this.#columns) {
      for (let other = column[row]; other !== none; other = column[other]) {
        if (met[other] === stamp) continue;
        met[other] = stamp;
        out[count++] = other;
      }
    }
    return count;
  }
}

/** Replaces each row's key by the number of the next row with that key. `keys` (all 0) and `rows` are room for a table of the last row of each key. */
function chain(column: Uint32Array, count: number, keys: Uint32Array, rows: Uint32Array): void {
  const mask = keys.length - 1;
  for (let row = count - 1; row >= 0; row--) {
    const key = column[row];
    column[row] = none;
    if (key === 0) continue;
    let at = key & mask;
    while (keys[at] !== 0 && keys[at] !== key) at = (at + 1) & mask;
    if (keys[at] === key) column[row] = rows[at];
    keys[at] = key;
    rows[at] = row;
  }
}

/** 32 bits of a key that are not all 0, each hanging on all 64 (the finishing steps of MurmurHash3). */
function mixed(hi: number, lo: number): number {
  let h = Math.imul(hi ^ (hi >>> 16), 0x85ebca6b) ^ lo;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  h = (h ^ (h >>> 16)) >>> 0;
  return h === 0 ? 1 : h;
}
