import { room } from "../../core/columns.js";
import { clearBit, hasBit, setBit, wordsFor } from "../resident/fields/bitmap.js";
import type { RowTexts } from "../resident/texts.js";
import { corrupt, sealed, unseal } from "./records.js";
import type { Table } from "./table.js";

/** Texts of data in the database, and in memory which rows have one. */
export class StoredTexts implements RowTexts {
  readonly #table: Table<number>;
  #there: Uint32Array = new Uint32Array(0);

  constructor(table: Table<number>) {
    this.#table = table;
  }

  get bytes(): number {
    return this.#there.byteLength;
  }

  growth(): number {
    return 0;
  }

  has(row: number): boolean {
    return row >>> 5 < this.#there.length && hasBit(this.#there, row);
  }

  get(row: number): string | undefined {
    if (!this.has(row)) return undefined;
    const what = `the data of row ${row}`;
    const record = this.#table.get(row);
    if (record === null) throw corrupt(`${what} are missing`, { row });
    return new TextDecoder().decode(unseal(record, row, what));
  }

  set(row: number, text: string | undefined): void {
    if (text === undefined) return this.delete(row);
    this.#table.put(row, sealed(new TextEncoder().encode(text), row));
    this.note(row, true);
  }

  delete(row: number): void {
    if (!this.has(row)) return;
    this.#table.put(row, null);
    this.note(row, false);
  }

  /** Notes whether a row has a text, for those who know. */
  note(row: number, there: boolean): void {
    this.#there = room(this.#there, wordsFor(row + 1));
    if (there) setBit(this.#there, row);
    else clearBit(this.#there, row);
  }
}
