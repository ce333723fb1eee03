import { room } from "../../../core/columns.js";
import type { Condition } from "../../../core/predicates.js";
import { intersect, unite } from "./bitmap.js";
import type { Column } from "./column.js";
import { Dictionary } from "./dictionary.js";
import { FrequentValues } from "./frequent-values.js";
import { Lists } from "./lists.js";

/** Lists of texts: the rows of each text; frequent texts have bitmaps. */
export class StringsColumn implements Column<readonly string[]> {
  readonly bytesPerRow: number = 8 + 8;
  /** By row: a number that changes with its list, and the list's different texts. */
  #stamps: Uint32Array = new Uint32Array(0);
  #lengths: Uint32Array = new Uint32Array(0);
  readonly #dictionary = new Dictionary();
  readonly #lists = new Lists();
  readonly #frequent = new FrequentValues();

  get bytes(): number {
    return this.#stamps.byteLength * 2 + this.#dictionary.bytes + this.#lists.bytes + this.#frequent.bytes;
  }

  accepts(value: unknown): value is readonly string[] {
    return Array.isArray(value) && value.every((text) => typeof text === "string");
  }

  reserve(rows: number): void {
    this.#stamps = room(this.#stamps, rows);
    this.#lengths = room(this.#lengths, rows);
  }

  set(row: number, value: readonly string[]): void {
    // Sets are slow to make for the short lists that most are.
    const texts = value.length < 2 ? value : new Set(value);
    let length = 0;
    for (const text of texts) {
      const number = this.#dictionary.use(text);
      this.#lists.add(number, row, this.#stamps[row]);
      this.#frequent.add(number, row);
      length++;
    }
    this.#lengths[row] = length;
  }

  delete(row: number): void {
    this.#stamps[row]++;
    this.#lists.forget(this.#lengths[row]);
    this.#lengths[row] = 0;
    this.#frequent.removeFromAll(row);
    if (this.#lists.wasteful) this.#sweep();
  }

  select(condition: Condition, _matches: (value: unknown) => boolean, typed: Uint32Array, out: Uint32Array): void {
    if (condition.op !== "has") return;
    const numbers = this.#dictionary.numbersOf(condition.values);
    if (!condition.all) for (const number of numbers) this.#add(number, out);
    else if (condition.values.every((value) => typeof value === "string" && this.#dictionary.find(value) >= 0)) {
      this.#addAll(numbers, typed, out);
    }
  }

  /** Adds the rows whose list contains all of these. */
  #addAll(numbers: readonly number[], typed: Uint32Array, out: Uint32Array): void {
    unite(out, typed);
    const one = new Uint32Array(out.length);
    for (const number of numbers) {
      one.fill(0);
      this.#add(number, one);
      if (!intersect(out, one)) return;
    }
  }

  /** Adds the rows whose list contains this. */
  #add(number: number, out: Uint32Array): void {
    const fill = (words: Uint32Array) => this.#lists.select(number, this.#stamps, words);
    // Uses include stale entries until the next sweep: a value may count as frequent a little longer than it is.
    const words = this.#frequent.get(number, this.#dictionary.uses(number), out.length * 32, fill);
    if (words === undefined) this.#lists.select(number, this.#stamps, out);
    else unite(out, words);
  }

  #sweep(): void {
    this.#lists.sweep(this.#dictionary.numbers, this.#stamps, (number, entries) => {
      if (this.#dictionary.release(number, entries)) this.#frequent.drop(number);
    });
  }
}
