import { room } from "../../core/columns.js";

const nowhere = 0xffffffff;

/** For each row the buckets it lies in, so that removing it hashes nothing. Its position in a bucket is searched for when it is removed. */
export class BackPointers {
  /** Most buckets of a row. */
  readonly width: number;
  readonly #keysPerTable: number;
  /** Bucket of each of a row's keys: entry row · width + table · keysPerTable + j. */
  #buckets: Uint32Array = new Uint32Array(0);

  constructor(tables: number, keysPerTable: number) {
    this.width = tables * keysPerTable;
    this.#keysPerTable = keysPerTable;
  }

  get bytes(): number {
    return this.#buckets.byteLength;
  }

  /** Makes room for rows below `rows`. */
  reserve(rows: number): void {
    const before = this.#buckets.length;
    this.#buckets = room(this.#buckets, rows * this.width);
    this.#buckets.fill(nowhere, before);
  }

  /** Notes that a row comes into a bucket. False where it is there already, or has as many keys in this table as it can have. */
  link(row: number, table: number, bucket: number): boolean {
    const first = row * this.width + table * this.#keysPerTable;
    for (let at = first; at < first + this.#keysPerTable; at++) {
      if (this.#buckets[at] === bucket) return false;
      if (this.#buckets[at] !== nowhere) continue;
      this.#buckets[at] = bucket;
      return true;
    }
    return false;
  }

  /** Bytes for rows below `rows`. */
  bytesFor(rows: number): number {
    return rows * this.width * 4;
  }

  /** How many rows below `rows` are in some bucket of a table. */
  covered(rows: number, table: number): number {
    let covered = 0;
    for (let row = 0; row < rows; row++) {
      const first = row * this.width + table * this.#keysPerTable;
      let at = first;
      while (at < first + this.#keysPerTable && this.#buckets[at] === nowhere) at++;
      if (at < first + this.#keysPerTable) covered++;
    }
    return covered;
  }

  /** Forgets that a row is in a bucket; false where it is not. */
  unlink(row: number, table: number, bucket: number): boolean {
    const at = this.#at(row, table, bucket);
    if (at >= 0) this.#buckets[at] = nowhere;
    return at >= 0;
  }

  /** Whether a row is in a bucket. */
  has(row: number, table: number, bucket: number): boolean {
    return this.#at(row, table, bucket) >= 0;
  }

  /** The bucket of a row's key `j` in a table, or −1; forgotten by this. */
  take(row: number, table: number, j: number): number {
    const at = row * this.width + table * this.#keysPerTable + j;
    const bucket = this.#buckets[at];
    if (bucket === nowhere) return -1;
    this.#buckets[at] = nowhere;
    return bucket;
  }

  /** A bucket that a row is in goes by another number from now on. */
  renumber(row: number, table: number, from: number, to: number): void {
    this.#buckets[this.#at(row, table, from)] = to;
  }

  clear(): void {
    this.#buckets.fill(nowhere);
  }

  #at(row: number, table: number, bucket: number): number {
    const first = row * this.width + table * this.#keysPerTable;
    for (let at = first; at < first + this.#keysPerTable; at++) if (this.#buckets[at] === bucket) return at;
    return -1;
  }
}
