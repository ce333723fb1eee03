import { grown } from "../core/columns.js";
import type { DenseRows, SparseRows } from "../core/rows.js";

/** Dense rows that grow value by value. */
export class DenseColumns {
  count = 0;
  #values: Float32Array = new Float32Array(64);
  #length = 0;
  /** Where the row at hand begins. */
  #start = 0;

  /** Bytes of the values that are here. */
  get bytes(): number {
    return this.#length * 4;
  }

  add(value: number): void {
    if (this.#length === this.#values.length) this.#values = grown(this.#values, this.#length * 2);
    this.#values[this.#length++] = value;
  }

  endRow(): void {
    this.count++;
    this.#start = this.#length;
  }

  /** Forgets what was added since the last row ended. */
  dropRow(): void {
    this.#length = this.#start;
  }

  /** The rows, all of this dimension, as arrays of their own; none are left. */
  take(dim: number): DenseRows {
    const rows: DenseRows = { kind: "dense", dim, count: this.count, values: this.#values.slice(0, this.#length) };
    this.count = 0;
    this.#length = 0;
    this.#start = 0;
    return rows;
  }
}

/** Sparse rows that grow entry by entry. */
export class SparseColumns {
  count = 0;
  #offsets: Uint32Array = new Uint32Array(16);
  #indices: Uint32Array = new Uint32Array(64);
  #values: Float32Array = new Float32Array(64);
  #length = 0;

  /** Bytes of the rows that are here. */
  get bytes(): number {
    return this.#length * 8 + this.count * 4;
  }

  add(index: number, value: number): void {
    if (this.#length === this.#indices.length) {
      this.#indices = grown(this.#indices, this.#length * 2);
      this.#values = grown(this.#values, this.#length * 2);
    }
    this.#indices[this.#length] = index;
    this.#values[this.#length++] = value;
  }

  endRow(): void {
    if (++this.count === this.#offsets.length) this.#offsets = grown(this.#offsets, this.count * 2);
    this.#offsets[this.count] = this.#length;
  }

  /** Forgets what was added since the last row ended. */
  dropRow(): void {
    this.#length = this.#offsets[this.count];
  }

  /** The rows as arrays of their own; none are left. */
  take(dim: number): SparseRows {
    const { count } = this;
    const offsets = this.#offsets.slice(0, count + 1);
    const indices = this.#indices.slice(0, this.#length);
    const values = this.#values.slice(0, this.#length);
    this.count = 0;
    this.#length = 0;
    return { kind: "sparse", dim, count, offsets, indices, values };
  }
}
