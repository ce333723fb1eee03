import { room } from "../../core/columns.js";

/** Lengths as other threads read them: valid until the next write. */
export interface SharedLengths {
  readonly inverse: Float32Array;
  readonly smallest: number;
  readonly largest: number;
}

/** The lengths of stored dense vectors by row, and their extremes. */
export class RowLengths {
  /** 1/‖x‖ by row; 0 for the zero vector, whose cosine with anything is taken as 0; NaN for freed rows. */
  inverse: Float32Array = new Float32Array(0);
  readonly #shared: boolean;
  #smallest = Number.POSITIVE_INFINITY;
  #largest = 0;
  #stale = false;

  /** In memory that other threads can read where `shared`. */
  constructor(shared = false) {
    this.#shared = shared;
  }

  /** Those that another thread shares. */
  static of({ inverse, smallest, largest }: SharedLengths): RowLengths {
    const lengths = new RowLengths(true);
    lengths.inverse = inverse;
    lengths.#smallest = smallest;
    lengths.#largest = largest;
    return lengths;
  }

  share(): SharedLengths {
    return { inverse: this.inverse, smallest: this.smallest, largest: this.largest };
  }

  /** Makes room for rows below `limit`. */
  reserve(limit: number): void {
    const { inverse } = this;
    const grown = room(inverse, limit);
    if (grown === inverse) return;
    this.inverse = this.#shared ? new Float32Array(new SharedArrayBuffer(grown.byteLength)) : grown;
    if (this.#shared) this.inverse.set(inverse);
  }

  set(row: number, length: number): void {
    this.inverse[row] = length > 0 ? 1 / length : 0;
    this.#largest = Math.max(this.#largest, length);
    if (length > 0) this.#smallest = Math.min(this.#smallest, length);
  }

  free(row: number): void {
    const length = 1 / this.inverse[row];
    this.inverse[row] = Number.NaN;
    // The extremes may have gone with it: they are looked for when next needed.
    if (length <= this.#smallest * 1.001 || length >= this.#largest * 0.999) this.#stale = true;
  }

  /** The shortest length that is not 0; +∞ where there is none. */
  get smallest(): number {
    this.#refresh();
    return this.#smallest;
  }

  /** The longest length; 0 where there is none. */
  get largest(): number {
    this.#refresh();
    return this.#largest;
  }

  #refresh(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#smallest = Number.POSITIVE_INFINITY;
    this.#largest = 0;
    for (const inverse of this.inverse) {
      if (!(inverse > 0)) continue;
      this.#smallest = Math.min(this.#smallest, 1 / inverse);
      this.#largest = Math.max(this.#largest, 1 / inverse);
    }
  }
}
