import { room } from "../../../core/columns.js";
import type { Condition } from "../../../core/predicates.js";
import { unite } from "./bitmap.js";
import type { Column } from "./column.js";
import { Dictionary } from "./dictionary.js";
import { FrequentValues } from "./frequent-values.js";

/** Up to so many frequent values are united from their bitmaps; for more, one reading of the column is as fast. */
const fewValues = 16;

/** Texts: the number of each row's text in a dictionary, read in order; frequent values have bitmaps. */
export class StringColumn implements Column<string> {
  readonly bytesPerRow: number = 4 + 8;
  /** Number of the row's text plus one; 0 where there is none. */
  #codes: Uint32Array = new Uint32Array(0);
  readonly #dictionary = new Dictionary();
  readonly #frequent = new FrequentValues();

  get bytes(): number {
    return this.#codes.byteLength + this.#dictionary.bytes + this.#frequent.bytes;
  }

  accepts(value: unknown): value is string {
    return typeof value === "string";
  }

  reserve(rows: number): void {
    this.#codes = room(this.#codes, rows);
  }

  set(row: number, value: string): void {
    const number = this.#dictionary.use(value);
    this.#codes[row] = number + 1;
    this.#frequent.add(number, row);
  }

  delete(row: number): void {
    const number = this.#codes[row] - 1;
    this.#codes[row] = 0;
    this.#frequent.remove(number, row);
    if (this.#dictionary.release(number)) this.#frequent.drop(number);
  }

  select(condition: Condition, matches: (value: unknown) => boolean, _typed: Uint32Array, out: Uint32Array): void {
    const numbers = this.#dictionary.matching(condition, matches);
    if (numbers.length === 0) return;
    const rare = numbers.length > fewValues ? numbers : numbers.filter((number) => !this.#addFrequent(number, out));
    if (rare.length === 1) addEqual(this.#codes, rare[0] + 1, out);
    else if (rare.length > 1) addAny(this.#codes, rare, this.#dictionary.numbers, out);
  }

  /** Adds the rows with a text from its bitmap, if it has one. */
  #addFrequent(number: number, out: Uint32Array): boolean {
    const fill = (words: Uint32Array) => addEqual(this.#codes, number + 1, words);
    const words = this.#frequent.get(number, this.#dictionary.uses(number), out.length * 32, fill);
    if (words !== undefined) unite(out, words);
    return words !== undefined;
  }
}

/** Adds the rows with this code. */
function addEqual(codes: Uint32Array, code: number, out: Uint32Array): void {
  for (let w = 0, i = 0; w < out.length; w++) {
    let word = 0;
    for (let bit = 0; bit < 32; bit++, i++) word |= Number(codes[i] === code) << bit;
    out[w] |= word;
  }
}

/** Adds the rows with any of these of `count` numbers. */
function addAny(codes: Uint32Array, numbers: readonly number[], count: number, out: Uint32Array): void {
  const wanted = new Uint8Array(count + 1);
  for (const number of numbers) wanted[number + 1] = 1;
  for (let w = 0, i = 0; w < out.length; w++) {
    let word = 0;
    for (let bit = 0; bit < 32; bit++, i++) word |= wanted[codes[i]] << bit;
    out[w] |= word;
  }
}
