import type { Condition } from "../../../core/predicates.js";

/** The values of one declared field that have the declared type, by row. */
export interface Column<T> {
  readonly bytes: number;
  /** Bytes that one more row takes at most, what its value itself takes aside. */
  readonly bytesPerRow: number;
  /** Whether a value has the type of the column. */
  accepts(value: unknown): value is T;
  /** Makes room for rows below `rows`, a multiple of 32. */
  reserve(rows: number): void;
  /** Writes the value of a row that has none; there is room for it. */
  set(row: number, value: T): void;
  /** Takes the value from a row that has one. */
  delete(row: number): void;
  /**
   * Adds to `out`, which is empty, the rows whose value the condition holds for. `matches` is its tester, `typed` the rows that have a value; there is
   * room for as many rows as `out` has bits.
   */
  select(condition: Condition, matches: (value: unknown) => boolean, typed: Uint32Array, out: Uint32Array): void;
}
