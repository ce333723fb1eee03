import { room } from "../../../core/columns.js";
import type { Condition } from "../../../core/predicates.js";
import { clearBit, setBit, unite, uniteComplement, wordsFor } from "./bitmap.js";
import type { Column } from "./column.js";

/** Booleans: a bit a row. */
export class BooleanColumn implements Column<boolean> {
  readonly bytesPerRow: number = 1 / 8;
  #truths: Uint32Array = new Uint32Array(0);

  get bytes(): number {
    return this.#truths.byteLength;
  }

  accepts(value: unknown): value is boolean {
    return typeof value === "boolean";
  }

  reserve(rows: number): void {
    this.#truths = room(this.#truths, wordsFor(rows));
  }

  set(row: number, value: boolean): void {
    if (value) setBit(this.#truths, row);
  }

  delete(row: number): void {
    clearBit(this.#truths, row);
  }

  select(_condition: Condition, matches: (value: unknown) => boolean, typed: Uint32Array, out: Uint32Array): void {
    if (matches(true)) unite(out, this.#truths);
    if (matches(false)) uniteComplement(out, typed, this.#truths);
  }
}
