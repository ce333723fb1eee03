import { room } from "../../../core/columns.js";
import type { RowSet } from "../../../core/contracts.js";
import { NearError, show } from "../../../core/errors.js";
import type { FieldTypes } from "../../../core/fields.js";
import type { FieldPredicate } from "../../../core/predicates.js";
import { clearBit, complement, countBits, hasBit, intersect, setBit, unite, wordsFor } from "./bitmap.js";
import { FieldColumn } from "./field-column.js";

/** Answers kept until the next write, and the longest predicates that are kept with them. */
const mostKept = 8;
const mostCharacters = 65_536;

/**
 * The declared fields of the data of stored rows, as columns: which rows a predicate holds for, by bitmaps. It agrees with {@link evaluator} on the
 * data for every predicate on declared fields, whatever the types of the values.
 */
export class FieldColumns {
  readonly #types: FieldTypes;
  #columns: ReadonlyMap<string, FieldColumn>;
  /** The same, to go through at every write. */
  #all: readonly FieldColumn[];
  #live: Uint32Array = new Uint32Array(0);
  /** Rows below this may be live. */
  #rows = 0;
  /** Answers since the last write, by predicate, oldest first. */
  readonly #kept = new Map<string, RowSet>();
  /** The last of them, by the object it was asked with. */
  #last: { readonly predicate: FieldPredicate; readonly set: RowSet } | null = null;

  /** `fields` as {@link checkFields} gives them. */
  constructor(fields: FieldTypes) {
    this.#types = fields;
    this.#columns = columnsOf(fields);
    this.#all = [...this.#columns.values()];
  }

  get bytes(): number {
    let bytes = this.#live.byteLength;
    for (const column of this.#all) bytes += column.bytes;
    for (const { words } of this.#kept.values()) bytes += words.byteLength;
    return bytes;
  }

  /** Bytes that one more row takes at most, its texts aside. */
  get bytesPerRow(): number {
    let bytes = 1 / 8;
    for (const column of this.#all) bytes += column.bytesPerRow;
    return bytes;
  }

  /** Takes the memory for rows below `rows` now, but for new texts. */
  reserve(rows: number): void {
    const words = wordsFor(rows);
    if (words <= this.#live.length) return;
    this.#live = room(this.#live, words);
    for (const column of this.#all) column.reserve(this.#live.length * 32);
  }

  /** Makes a row live with these data, in place of what it had; undefined where it has none. */
  set(row: number, data: unknown): void {
    this.delete(row);
    this.reserve(row + 1);
    setBit(this.#live, row);
    if (row >= this.#rows) this.#rows = row + 1;
    if (data === undefined) return;
    for (const column of this.#all) column.set(row, data);
  }

  /** Makes a row dead, if it was not. */
  delete(row: number): void {
    this.#forget();
    if (row >= this.#rows || !hasBit(this.#live, row)) return;
    clearBit(this.#live, row);
    for (const column of this.#all) column.delete(row);
  }

  clear(): void {
    this.#columns = columnsOf(this.#types);
    this.#all = [...this.#columns.values()];
    this.#live = new Uint32Array(0);
    this.#rows = 0;
    this.#forget();
  }

  /** The live rows that a predicate holds for, of this moment: never changed, and the same object when asked again before the next write. A predicate must not change once it was asked. E_BAD_OPTION for a field that is not declared. */
  select(predicate: FieldPredicate): RowSet {
    if (this.#last?.predicate === predicate) return this.#last.set;
    const key = JSON.stringify(predicate);
    const set = this.#kept.get(key) ?? this.#selectNow(predicate);
    this.#last = { predicate, set };
    // A map goes by age: the first key is the oldest.
    if (this.#kept.size === mostKept) this.#kept.delete([...this.#kept.keys()][0]);
    if (key.length <= mostCharacters) this.#kept.set(key, set);
    return set;
  }

  /** The live rows among those of `words`. */
  exactly(words: Uint32Array): RowSet {
    const live = words.slice(0, wordsFor(this.#rows));
    intersect(live, this.#live);
    return { words: live, count: countBits(live) };
  }

  #selectNow(predicate: FieldPredicate): RowSet {
    const words = new Uint32Array(wordsFor(this.#rows));
    this.#add(predicate, words);
    return { words, count: countBits(words) };
  }

  #forget(): void {
    if (this.#last === null) return;
    this.#last = null;
    this.#kept.clear();
  }

  /** Adds the rows that a predicate holds for to `out`, which is empty. */
  #add(predicate: FieldPredicate, out: Uint32Array): void {
    switch (predicate.op) {
      case "and":
        unite(out, this.#live);
        for (const part of predicate.of) if (!intersect(out, this.#partly(part, out.length))) return;
        return;
      case "or":
        for (const part of predicate.of) unite(out, this.#partly(part, out.length));
        return;
      case "not":
        this.#add(predicate.of, out);
        return complement(out, this.#live);
      case "test":
        return this.#column(predicate.field).select(predicate.condition, this.#live, out);
    }
  }

  #partly(predicate: FieldPredicate, length: number): Uint32Array {
    const words = new Uint32Array(length);
    this.#add(predicate, words);
    return words;
  }

  #column(field: string): FieldColumn {
    const column = this.#columns.get(field);
    if (column !== undefined) return column;
    const message = `${show(field)} is no declared field; there are ${[...this.#columns.keys()].map(show).join(", ") || "none"}`;
    throw new NearError("E_BAD_OPTION", message, { field });
  }
}

function columnsOf(fields: FieldTypes): ReadonlyMap<string, FieldColumn> {
  return new Map(Object.entries(fields).map(([key, type]) => [key, new FieldColumn(key, type)]));
}
