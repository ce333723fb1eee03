import { room } from "../../../core/columns.js";
import { clearBit, setBit, wordsFor } from "./bitmap.js";

/** A value is frequent while one row of so many has it: all bitmaps together then take at most 8 bytes for each value of a row, or twice that once values have become rarer. */
const oneOf = 64;

/** Bitmaps of values that many rows have and that were asked for, by the value's number. */
export class FrequentValues {
  readonly #bitmaps = new Map<number, Uint32Array>();

  get bytes(): number {
    let bytes = 0;
    for (const words of this.#bitmaps.values()) bytes += words.byteLength;
    return bytes;
  }

  /** The rows with a value that `uses` of `rows` rows have, made by `fill` where it is not there; undefined if it is not frequent. Valid until the next write. */
  get(value: number, uses: number, rows: number, fill: (words: Uint32Array) => void): Uint32Array | undefined {
    const known = this.#bitmaps.get(value);
    if (uses * oneOf * (known === undefined ? 1 : 2) < rows) {
      this.#bitmaps.delete(value);
      return undefined;
    }
    if (known !== undefined && known.length * 32 >= rows) return known;
    const words = known === undefined ? new Uint32Array(wordsFor(rows)) : room(known, wordsFor(rows));
    if (known === undefined) fill(words);
    this.#bitmaps.set(value, words);
    return words;
  }

  /** A row has got the value. */
  add(value: number, row: number): void {
    const words = this.#bitmaps.size === 0 ? undefined : this.#bitmaps.get(value);
    if (words === undefined) return;
    const wide = room(words, wordsFor(row + 1));
    if (wide !== words) this.#bitmaps.set(value, wide);
    setBit(wide, row);
  }

  /** A row has lost the value. */
  remove(value: number, row: number): void {
    const words = this.#bitmaps.size === 0 ? undefined : this.#bitmaps.get(value);
    if (words !== undefined) clearBit(words, row);
  }

  /** A row has lost all its values. */
  removeFromAll(row: number): void {
    if (this.#bitmaps.size > 0) for (const words of this.#bitmaps.values()) clearBit(words, row);
  }

  /** No row has the value any more. */
  drop(value: number): void {
    this.#bitmaps.delete(value);
  }
}
