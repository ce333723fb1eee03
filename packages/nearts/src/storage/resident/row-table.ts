import { type Candidates, room } from "../../core/columns.js";
import type { Id, RowSet } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { IdTable } from "./id-table.js";
import { has } from "./row-sets.js";

/** Which row numbers hold a vector, under which id, and which are free. */
export class RowTable {
  #ids = new IdTable();
  #live: Uint8Array = new Uint8Array(0);
  #free: number[] = [];
  /** Rows ever numbered, and those that hold a vector. */
  #rows = 0;
  #size = 0;
  #nextId = 0;
  /** For each reading of all entries under way the rows claimed since: their ids may have been given already, under other rows. */
  readonly #readings = new Set<Set<number>>();

  /** Bytes that a new row takes at most, its id aside. */
  static readonly bytesPerRow = 5;

  /** Row numbers are below it. */
  get end(): number {
    return this.#rows;
  }

  /** Rows that hold a vector. */
  get size(): number {
    return this.#size;
  }

  /** Freed row numbers, which are given again. */
  get free(): number {
    return this.#free.length;
  }

  get idBytes(): number {
    return this.#ids.bytes;
  }

  get liveBytes(): number {
    return this.#live.byteLength;
  }

  /** The integer that `reserveIds` gives next: above all ids that are integers. */
  get nextId(): number {
    return this.#nextId;
  }

  set nextId(next: number) {
    this.#nextId = Math.max(this.#nextId, next);
  }

  /** Row of an id, or −1. */
  find(id: Id): number {
    return this.#ids.find(id);
  }

  /** Id of a row that holds a vector. */
  id(row: number): Id {
    return this.#ids.at(row);
  }

  holds(row: number): boolean {
    return this.#live[row] === 1;
  }

  /** How many of these ids are new, and the bytes that they take. */
  fresh(ids: readonly Id[]): { readonly count: number; readonly bytes: number } {
    let [count, bytes] = [0, 0];
    for (const id of ids) {
      if (this.#ids.find(id) >= 0) continue;
      count++;
      bytes += IdTable.bytesOf(id);
    }
    return { count, bytes };
  }

  /** Makes room for rows below `limit`. */
  reserve(limit: number): void {
    this.#live = room(this.#live, limit);
  }

  /** Gives a new id a row. */
  claim(id: Id): number {
    const row = this.#free.pop() ?? this.#rows++;
    this.#name(row, id);
    for (const claimed of this.#readings) claimed.add(row);
    return row;
  }

  /** Gives a new id this row, which holds nothing: for those who know which row it has. Rows in between are free once {@link RowTable.recount} is called. */
  place(row: number, id: Id): void {
    this.reserve(row + 1);
    this.#rows = Math.max(this.#rows, row + 1);
    this.#name(row, id);
    for (const claimed of this.#readings) claimed.add(row);
  }

  /** Takes the id from a row. Its number is given again after {@link RowTable.release}. */
  unname(row: number): void {
    this.#ids.delete(row);
    this.#live[row] = 0;
    this.#size--;
  }

  /** Lets rows be claimed that hold nothing. */
  release(rows: readonly number[]): void {
    for (const row of rows) this.#free.push(row);
  }

  /** Finds the free rows, the lowest to be claimed first. */
  recount(): void {
    this.#free = [];
    for (let row = this.#rows - 1; row >= 0; row--) if (this.#live[row] === 0) this.#free.push(row);
  }

  /** Reserves `count` integers that are no id; the first of them. E_LIMIT where there are no more. */
  reserveIds(count: number): number {
    const first = this.#nextId;
    if (count > Number.MAX_SAFE_INTEGER - first + 1) {
      const message = `there are no ${count} integers left above the largest id, ${first - 1}: give the vectors ids of your own`;
      throw new NearError("E_LIMIT", message, { count, largest: first - 1 });
    }
    this.#nextId += count;
    return first;
  }

  /** Drops the candidates that hold nothing. */
  keepHeld(candidates: Candidates): void {
    if (this.#size === this.#rows) return;
    const { rows, distances } = candidates;
    let kept = 0;
    for (let i = 0; i < candidates.count; i++) {
      if (this.#live[rows[i]] !== 1) continue;
      rows[kept] = rows[i];
      distances[kept++] = distances[i];
    }
    candidates.count = kept;
  }

  /** Appends the rows that hold a vector, or those also in `allowed`. */
  all(out: Candidates, allowed?: RowSet): void {
    out.reserve(allowed === undefined ? this.#size : Math.min(this.#size, allowed.count));
    const end = allowed === undefined ? this.#rows : Math.min(this.#rows, allowed.words.length * 32);
    for (let row = 0; row < end; row++) {
      if (allowed !== undefined && allowed.words[row >>> 5] === 0)
        row |= 31; // none of 32
      else if (this.#live[row] === 1 && (allowed === undefined || has(allowed, row))) out.add(row);
    }
    out.raw += out.count;
  }

  /** The rows that hold a vector, ascending; a copy. */
  held(): Uint32Array {
    const rows = new Uint32Array(this.#size);
    let count = 0;
    for (let row = 0; row < this.#rows; row++) if (this.#live[row] === 1) rows[count++] = row;
    return rows;
  }

  /** All rows that hold a vector, `rows` numbers at a time, but those claimed since it began. */
  *blocks(rows: number): Iterable<number[]> {
    const claimed = new Set<number>();
    this.#readings.add(claimed);
    try {
      for (let from = 0; from < this.#rows; from += rows) {
        const living: number[] = [];
        const to = Math.min(from + rows, this.#rows);
        for (let row = from; row < to; row++) if (this.#live[row] === 1 && !claimed.has(row)) living.push(row);
        if (living.length > 0) yield living;
      }
    } finally {
      this.#readings.delete(claimed);
    }
  }

  /** The ids, which rows below `end` hold a vector (1), and the others, the next to be claimed last: borrowed until the next write. For snapshots. */
  get parts(): { readonly ids: IdTable; readonly live: Uint8Array; readonly free: readonly number[] } {
    return { ids: this.#ids, live: this.#live, free: this.#free };
  }

  /** Numbers rows below `rows`, where there are none: all hold a vector but those of `free`, of which the last is claimed next. They are given ids through {@link RowTable.parts}. */
  restore(rows: number, free: Uint32Array, nextId: number): void {
    this.#rows = rows;
    this.#size = rows - free.length;
    this.#free = [...free];
    this.#live = new Uint8Array(rows).fill(1);
    for (const row of free) this.#live[row] = 0;
    this.#nextId = nextId;
  }

  clear(): void {
    this.#ids = new IdTable();
    this.#live = new Uint8Array(0);
    this.#free = [];
    this.#rows = 0;
    this.#size = 0;
  }

  #name(row: number, id: Id): void {
    if (typeof id === "number" && id >= this.#nextId) this.#nextId = id + 1;
    this.#ids.set(row, id);
    this.#live[row] = 1;
    this.#size++;
  }
}
