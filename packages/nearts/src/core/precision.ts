import type { Precision } from "./contracts.js";
import { NearError } from "./errors.js";
import { fromHalf, halfOverflow, largestHalf, toHalf } from "./half.js";
import type { Rows } from "./rows.js";

/** Largest code of a byte. */
const largestCode = 127;
/** Below this, scales would lose the digits they need; a vector of so small values is rounded to multiples of it. */
const smallestScale = 2 ** -133;
/** Bits of a scale's fraction that are kept: with 7 bits of a code, a product fits into the 24 of a float32. */
const droppedBits = 0x7f;
const largestFloat = 3.4028234663852886e38;

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/**
 * The scale of a vector's i8 codes, `largest` being its largest absolute value: `largest`/127, rounded up to 17 significant bits (down where 127 times that
 * would overflow). So the product of scale and code is exact in float32, and encoding a decoded vector gives the same codes and scale again.
 */
export function scaleOf(largest: number): number {
  const wanted = largest / largestCode;
  if (wanted < smallestScale) return smallestScale;
  float[0] = wanted;
  word[0] &= ~droppedBits;
  const below = float[0];
  if (below >= wanted) return below;
  word[0] += droppedBits + 1;
  return float[0] * largestCode <= largestFloat ? float[0] : below;
}

/** The i8 code of a value under a scale. */
export function codeOf(value: number, scale: number): number {
  return Math.max(-largestCode, Math.min(largestCode, Math.round(value / scale))) + 0; // a code has no −0
}

/** The largest absolute value among `values[from … to)`. */
export function largestOf(values: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/** Refuses (E_BAD_VECTOR) dense rows with values that overflow the precision they are to be stored with. `where` names them. */
export function checkPrecision(rows: Rows, precision: Precision, where = "vector"): void {
  if (precision !== "f16" || rows.kind === "bits" || rows.kind === "set") return;
  const { values, count } = rows;
  for (let row = 0; row < count; row++) {
    const [from, to] = rows.kind === "dense" ? [row * rows.dim, (row + 1) * rows.dim] : [rows.offsets[row], rows.offsets[row + 1]];
    if (largestOf(values, from, to) < halfOverflow) continue;
    const position = values.subarray(from, to).findIndex((value) => Math.abs(value) >= halfOverflow);
    const value = values[from + position];
    const name = count > 1 ? `${where}, row ${row},` : where;
    const message = `${name} has ${value} at position ${position}, and half precision ends at ${largestHalf}: scale the vectors, or store them as "f32" or "i8"`;
    throw new NearError("E_BAD_VECTOR", message, { row, position, value, precision });
  }
}

/**
 * Dense rows as they come back when stored with this precision: a copy where that is not f32, the rows themselves where it is. Storing the result gives the
 * same bytes. Throws what {@link checkPrecision} does.
 */
export function atPrecision(rows: Rows, precision: Precision, where?: string): Rows {
  if (precision === "f32" || rows.kind !== "dense") return rows;
  checkPrecision(rows, precision, where);
  const values = rows.values.slice(0, rows.count * rows.dim);
  for (let row = 0; row < rows.count; row++) roundRow(values.subarray(row * rows.dim, (row + 1) * rows.dim), precision);
  return { ...rows, values };
}

function roundRow(values: Float32Array, precision: "f16" | "i8"): void {
  if (precision === "f16") {
    for (let i = 0; i < values.length; i++) values[i] = fromHalf(toHalf(values[i]));
    return;
  }
  const scale = scaleOf(largestOf(values, 0, values.length));
  for (let i = 0; i < values.length; i++) values[i] = codeOf(values[i], scale) * scale;
}
