import { room } from "../../../core/columns.js";
import { type FieldType, valueReader } from "../../../core/fields.js";
import { type Condition, tester } from "../../../core/predicates.js";
import { clearBit, hasBit, setBit, unite, uniteComplement, wordsFor } from "./bitmap.js";
import { BooleanColumn } from "./boolean-column.js";
import type { Column } from "./column.js";
import { NumberColumn } from "./number-column.js";
import { StringColumn } from "./string-column.js";
import { StringsColumn } from "./strings-column.js";

/** About what a Map takes for an entry. */
const entryBytes = 40;

/** One declared field: a column of the values that have its type, the others in a small map where they are evaluated one by one. */
export class FieldColumn {
  readonly #read: (data: unknown) => unknown;
  readonly #column: Column<unknown>;
  /** Rows with a value in the column. */
  #typed: Uint32Array = new Uint32Array(0);
  /** Values of another type, by row. */
  readonly #others = new Map<number, unknown>();
  #otherBytes = 0;

  constructor(key: string, type: FieldType) {
    this.#read = valueReader(key);
    this.#column = columnOf(type);
  }

  get bytes(): number {
    return this.#column.bytes + this.#typed.byteLength + this.#otherBytes;
  }

  get bytesPerRow(): number {
    return this.#column.bytesPerRow + 1 / 8;
  }

  /** Makes room for rows below `rows`, a multiple of 32. */
  reserve(rows: number): void {
    this.#column.reserve(rows);
    this.#typed = room(this.#typed, wordsFor(rows));
  }

  /** Takes the field's value of a row that has none from its data. */
  set(row: number, data: unknown): void {
    const value = this.#read(data);
    if (value === undefined || value === null) return;
    if (this.#column.accepts(value)) {
      this.#column.set(row, value);
      setBit(this.#typed, row);
    } else {
      const seen = visible(value);
      this.#others.set(row, seen);
      this.#otherBytes += bytesOf(seen);
    }
  }

  delete(row: number): void {
    if (hasBit(this.#typed, row)) {
      this.#column.delete(row);
      clearBit(this.#typed, row);
    } else if (this.#others.size > 0 && this.#others.has(row)) {
      this.#otherBytes -= bytesOf(this.#others.get(row));
      this.#others.delete(row);
    }
  }

  /** Adds to `out`, which is empty, the rows of `live` that a condition holds for. */
  select(condition: Condition, live: Uint32Array, out: Uint32Array): void {
    const matches = tester(condition);
    if (condition.op === "exists") unite(out, this.#typed);
    else this.#column.select(condition, matches, this.#typed, out);
    if (matches(undefined)) uniteComplement(out, live, this.#typed);
    for (const [row, value] of this.#others) {
      if (matches(value)) setBit(out, row);
      else clearBit(out, row);
    }
  }
}

function columnOf(type: FieldType): Column<unknown> {
  switch (type) {
    case "boolean":
      return new BooleanColumn();
    case "number":
      return new NumberColumn();
    case "string":
      return new StringColumn();
    case "strings":
      return new StringsColumn();
  }
}

/** What conditions can see of a value: not what is inside objects and inner lists, which may be large. */
function visible(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => typeof item !== "object" || item === null);
  return typeof value === "object" ? {} : value;
}

function bytesOf(value: unknown): number {
  if (typeof value === "string") return entryBytes + 16 + value.length;
  if (!Array.isArray(value)) return entryBytes;
  return value.reduce<number>((sum, item) => sum + 8 + (typeof item === "string" ? 16 + item.length : 0), entryBytes);
}
