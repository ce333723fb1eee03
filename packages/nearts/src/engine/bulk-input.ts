import type { Id, Shape } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { intakeFlat, intakeMany, intakeRows, type VectorInput } from "./intake.js";
import type { Item } from "./options.js";

/** Many queries: an array of vectors, one flat typed array, or columns. */
export type QueriesInput = Float32Array | Float64Array | Rows | readonly VectorInput[];

/** Queries as rows, checked. */
export function queriesOf(queries: QueriesInput, shape: Shape): Rows {
  const whole = wholeRows(queries, shape);
  if (whole !== null) return whole.rows;
  throw new NearError("E_BAD_VECTOR", `queries are ${show(queries)}; give an array of vectors, a flat Float32Array, or columns`, {
    type: typeof queries,
  });
}

/** Input that is there as a whole, as rows; null for iterables. */
export function wholeRows(
  vectors: unknown,
  shape: Shape,
): { rows: Rows; ids?: readonly (Id | undefined)[]; data?: readonly unknown[] } | null {
  if (vectors instanceof Float32Array || vectors instanceof Float64Array) return { rows: intakeFlat(vectors, shape, "vectors") };
  if (Array.isArray(vectors)) return itemsOf(vectors, shape, 0);
  if (typeof vectors === "object" && vectors !== null) {
    if ("kind" in vectors && "count" in vectors) return { rows: intakeRows(vectors as Rows, shape, "vectors") }; // checked there, column by column
    if (Symbol.asyncIterator in vectors || Symbol.iterator in vectors) return null;
  }
  const message = `vectors are ${show(vectors)}; give an array of vectors, a flat Float32Array, columns, or an iterable`;
  throw new NearError("E_BAD_VECTOR", message, { type: typeof vectors });
}

/** Vectors, or items of vector, id and data, as rows and columns. */
export function itemsOf(
  list: readonly unknown[],
  shape: Shape,
  first: number,
): { rows: Rows; ids?: readonly (Id | undefined)[]; data?: readonly unknown[] } {
  const items = list.map((entry) => (isItem(entry) ? entry : null));
  const vectors: unknown[] = list.map((entry) => (isItem(entry) ? entry.vector : entry));
  const rows = vectors.length === 0 ? emptyRows(shape) : intakeMany(vectors, shape, "vector", first);
  if (items.every((item) => item === null)) return { rows };
  return { rows, ids: items.map((item) => item?.id), data: items.map((item) => item?.data) };
}

function isItem(entry: unknown): entry is Item<unknown> {
  return typeof entry === "object" && entry !== null && "vector" in entry;
}

/** Whether it is rows with what belongs to them, rather than a vector or an item. */
export function isChunk(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && "rows" in entry;
}

function emptyRows(shape: Shape): Rows {
  return intakeMany([], shape, "vector", 0);
}

/** E_BAD_OPTION unless it is absent or has one for each vector. */
export function checkList(what: string, list: unknown, expected: number): void {
  if (list === undefined || (Array.isArray(list) && list.length === expected)) return;
  if (!Array.isArray(list)) {
    throw new NearError("E_BAD_OPTION", `${what} is ${show(list)}; give an array of one for each vector, in order`, { option: what });
  }
  throw new NearError("E_BAD_OPTION", `there are ${list.length} ${what} for ${expected} vectors: give one each, in order`, {
    got: list.length,
    expected,
  });
}

/** E_DIM_MISMATCH unless a dimension that was given is the index's. */
export function checkFlatDim(given: number | undefined, dim: number): void {
  if (given === undefined || given === dim) return;
  throw new NearError("E_DIM_MISMATCH", `the vectors have ${show(given)} dimensions, the index has ${dim}`, { got: given, expected: dim });
}
