import type { Distance, Shape } from "../core/contracts.js";
import { asDense, asSparse, concatenate } from "../core/convert.js";
import { NearError, show } from "../core/errors.js";
import { type BitRows, type DenseRows, type Kind, type Rows, type SparseRows, wordsPerRow } from "../core/rows.js";
import { allFinite } from "../numeric/finite.js";
import { checkSetRows, type SetInput, setRow } from "./intake-sets.js";

/** A sparse vector as users write it: strictly ascending indices below the dimension, and as many values. */
export interface SparseInput {
  readonly indices: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly dim?: number;
}

/** A bit vector as users write it: ⌈dim/32⌉ words, bit b being `words[b >>> 5] >>> (b & 31) & 1`. */
export interface BitInput {
  readonly words: ArrayLike<number>;
  readonly dim?: number;
}

/** One vector as users write it: numbers (for a bit engine: 0, 1, false, true), a sparse vector, packed bits, or a set of tokens. */
export type VectorInput = ArrayLike<number> | readonly boolean[] | SparseInput | BitInput | SetInput;

/** One vector as rows of the engine's kind (for dense and sparse engines either of the two), checked. `where` names it in errors. */
export function intakeOne(input: unknown, shape: Shape, where: string): Rows {
  if (shape.kind === "bits") return bitRow(input, shape.dim, where);
  if (shape.kind === "set") return setRow(input, shape.dim, where);
  if (isSparse(input)) return sparseRow(input, shape, where);
  return denseRow(input, shape.dim, where);
}

/** Several vectors, one by one, as one set of columns of the engine's kind; errors count them from `first`. */
export function intakeMany(inputs: ArrayLike<unknown>, shape: Shape, where: string, first = 0): Rows {
  const rows: Rows[] = [];
  for (let i = 0; i < inputs.length; i++) rows.push(intakeOne(inputs[i], shape, `${where} ${first + i}`));
  // A list of several kinds becomes one set of columns, so each is brought to the engine's kind first.
  return concatenate(
    rows.map((row) => toKind(row, shape.kind)),
    shape.kind,
    shape.dim,
  );
}

/** Columns given as such, checked: shape, lengths, order of indices, finite values. Nothing is copied unless it must be converted. */
export function intakeRows(rows: Rows, shape: Shape, where: string): Rows {
  if (typeof rows !== "object" || rows === null || !Number.isInteger(rows.count) || rows.count < 0) {
    const got = show(typeof rows === "object" && rows !== null ? rows.count : rows);
    throw new NearError(
      "E_BAD_VECTOR",
      `${where} are no columns: ${got} is not a count; give { kind, dim, count, … } with an integer count from 0`,
      { got },
    );
  }
  const comparable = rows.kind === shape.kind || (isReal(rows.kind) && isReal(shape.kind));
  if (!comparable) {
    throw new NearError("E_BAD_VECTOR", `${where} are ${show(rows.kind)} rows, the index holds ${shape.kind} vectors`, {
      got: rows.kind,
      expected: shape.kind,
    });
  }
  // Sparse rows may come with an open dimension: their indices say what they need, as members do of sets.
  const open = rows.kind === "set" || (rows.kind === "sparse" && rows.dim >= shape.dim);
  if (!open) expectDim(rows.dim, shape.dim, where, rows.kind === "sparse");
  switch (rows.kind) {
    case "dense":
      checkColumn(rows.values, Float32Array, rows.count * rows.dim, `${where}: values`);
      if (allFinite(rows.values, rows.count * rows.dim)) return rows;
      for (let i = 0; i < rows.count; i++) checkFinite(rows.values, i * rows.dim, (i + 1) * rows.dim, `${where}, row ${i}`);
      return rows;
    case "sparse":
      return checkSparseRows(rows, shape, where);
    case "bits":
      return checkBitRows(rows, where);
    case "set":
      checkColumn(rows.offsets, Uint32Array, rows.count + 1, `${where}: offsets`);
      checkColumn(rows.members, Uint32Array, rows.offsets[rows.count], `${where}: members`);
      return checkSetRows(rows, shape.dim, where);
  }
}

/** One flat run of dense vectors, checked. */
export function intakeFlat(values: Float32Array | Float64Array, shape: Shape, where: string): Rows {
  if (!isReal(shape.kind))
    throw new NearError("E_BAD_VECTOR", `${where} are numbers, the index holds ${shape.kind} vectors`, { expected: shape.kind });
  if (values.length === 0 || values.length % shape.dim !== 0) {
    const message = `${where} are ${values.length} values, not a multiple of the dimension ${shape.dim}${values.length === 0 ? " (is the buffer detached?)" : ""}`;
    throw new NearError("E_DIM_MISMATCH", message, { length: values.length, dim: shape.dim });
  }
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  return intakeRows({ kind: "dense", dim: shape.dim, count: values.length / shape.dim, values: floats }, shape, where);
}

/** Columns of the kind the storage keeps. */
export function toKind(rows: Rows, kind: Kind): Rows {
  if (rows.kind === kind) return rows;
  return kind === "sparse" ? asSparse(rows) : asDense(rows);
}

/** Refuses rows of length zero (E_ZERO_VECTOR), for distances that are undefined there. */
function refuseZeros(rows: Rows, distance: string, where: string): void {
  if (rows.kind !== "dense" && rows.kind !== "sparse") return;
  for (let i = 0; i < rows.count; i++) {
    const from = rows.kind === "dense" ? i * rows.dim : rows.offsets[i];
    const to = rows.kind === "dense" ? from + rows.dim : rows.offsets[i + 1];
    if (!hasNonZero(rows.values, from, to)) {
      const row = rows.count > 1 ? `, row ${i},` : "";
      throw new NearError(
        "E_ZERO_VECTOR",
        `${where}${row} has length 0 in float32, where the ${distance} distance is undefined: leave it out, or use the euclidean distance`,
        { row: i },
      );
    }
  }
}

/** Refuses rows that the distance is undefined for: E_ZERO_VECTOR, E_BAD_VECTOR for those with negative values. */
export function refuseUndefined(rows: Rows, { name, refusesZero, refusesNegative }: Distance, where: string): void {
  if (refusesZero === true) refuseZeros(rows, name, where);
  if (refusesNegative !== true || (rows.kind !== "dense" && rows.kind !== "sparse")) return;
  const end = rows.kind === "dense" ? rows.count * rows.dim : rows.offsets[rows.count];
  for (let i = 0; i < end; i++) {
    if (!(rows.values[i] < 0)) continue;
    const message = `there is a value ${rows.values[i]} in ${where}, and the ${name} distance is of weights, which are not negative: leave it out, or use another distance`;
    throw new NearError("E_BAD_VECTOR", message, { value: rows.values[i] });
  }
}

function isReal(kind: Kind): boolean {
  return kind === "dense" || kind === "sparse";
}

function isSparse(input: unknown): input is SparseInput {
  return typeof input === "object" && input !== null && "indices" in input && "values" in input;
}

function denseRow(input: unknown, dim: number, where: string): DenseRows {
  const numbers = arrayLike(input, where);
  expectDim(numbers.length, dim, where);
  const values = toFloats(numbers, where);
  return { kind: "dense", dim, count: 1, values };
}

function sparseRow(input: SparseInput, shape: Shape, where: string): SparseRows {
  const given = arrayLike(input.indices, `${where}: indices`);
  const values = toFloats(arrayLike(input.values, `${where}: values`), where);
  if (input.dim !== undefined) expectDim(input.dim, shape.dim, where);
  if (given.length !== values.length) {
    throw new NearError("E_BAD_SPARSE", `${where} has ${given.length} indices and ${values.length} values; give one value an index`, {
      indices: given.length,
      values: values.length,
    });
  }
  for (let e = 0; e < given.length; e++) checkIndex(given[e], e === 0 ? -1 : given[e - 1], shape.dim, e, where);
  return { kind: "sparse", dim: shape.dim, count: 1, offsets: Uint32Array.of(0, given.length), indices: Uint32Array.from(given), values };
}

function bitRow(input: unknown, dim: number, where: string): BitRows {
  const width = wordsPerRow(dim);
  if (typeof input === "object" && input !== null && "words" in input) {
    const packed = input as BitInput; // its parts are checked below
    if (packed.dim !== undefined) expectDim(packed.dim, dim, where);
    const given = arrayLike(packed.words, `${where}: words`);
    if (given.length !== width)
      throw new NearError("E_DIM_MISMATCH", `${where} has ${given.length} words, ${dim} bits need ${width}`, {
        got: given.length,
        expected: width,
      });
    return checkBitRows({ kind: "bits", dim, count: 1, words: toWords(given, where) }, where);
  }
  const bits = arrayLike(input, where);
  expectDim(bits.length, dim, where);
  const words = new Uint32Array(width);
  for (let b = 0; b < dim; b++) {
    const bit: unknown = bits[b];
    if (bit === 1 || bit === true) words[b >>> 5] |= 1 << (b & 31);
    else if (bit !== 0 && bit !== false)
      throw new NearError("E_BAD_VECTOR", `${where} has ${show(bit)} at position ${b}; bits are 0, 1, false or true`, { position: b });
  }
  return { kind: "bits", dim, count: 1, words };
}

function toWords(given: ArrayLike<number>, where: string): Uint32Array {
  for (let i = 0; i < given.length; i++) {
    if (typeof given[i] !== "number" || given[i] >>> 0 !== given[i]) {
      throw new NearError("E_BAD_VECTOR", `${where} has ${show(given[i])} as word ${i}; words are integers from 0 to 2³² − 1`, {
        position: i,
      });
    }
  }
  return Uint32Array.from(given);
}

function checkBitRows(rows: BitRows, where: string): BitRows {
  const width = wordsPerRow(rows.dim);
  checkColumn(rows.words, Uint32Array, rows.count * width, `${where}: words`);
  const beyond = rows.dim % 32 === 0 ? 0 : ~0 << (rows.dim % 32);
  for (let i = 0; i < rows.count; i++) {
    if ((rows.words[(i + 1) * width - 1] & beyond) !== 0) {
      throw new NearError("E_BAD_VECTOR", `${where} has bits set beyond its ${rows.dim}: clear them`, { row: i, dim: rows.dim });
    }
  }
  return rows;
}

function checkSparseRows(rows: SparseRows, shape: Shape, where: string): SparseRows {
  const { count, offsets, indices, values } = rows;
  checkColumn(offsets, Uint32Array, count + 1, `${where}: offsets`);
  const entries = offsets[count];
  checkColumn(indices, Uint32Array, entries, `${where}: indices`);
  checkColumn(values, Float32Array, entries, `${where}: values`);
  if (offsets[0] !== 0)
    throw new NearError("E_BAD_SPARSE", `${where}: the first offset is ${offsets[0]}; it must be 0`, { got: offsets[0] });
  for (let i = 0; i < count; i++) {
    if (offsets[i + 1] < offsets[i]) {
      throw new NearError("E_BAD_SPARSE", `${where}: offset ${i + 1} is ${offsets[i + 1]}, less than ${offsets[i]} before it`, { row: i });
    }
    for (let e = offsets[i]; e < offsets[i + 1]; e++)
      checkIndex(indices[e], e === offsets[i] ? -1 : indices[e - 1], shape.dim, e - offsets[i], `${where}, row ${i}`);
    checkFinite(values, offsets[i], offsets[i + 1], `${where}, row ${i}`);
  }
  return { ...rows, dim: shape.dim };
}

function checkIndex(index: unknown, before: number, dim: number, position: number, where: string): void {
  if (typeof index === "number" && Number.isInteger(index) && index > before && index < dim) return;
  const details = { index, before, dim, position };
  if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index < dim) {
    const relation = index === before ? "repeats" : "comes after";
    throw new NearError(
      "E_BAD_SPARSE",
      `${where}: index ${index} at position ${position} ${relation} ${before}: sort the indices and merge repeated ones`,
      details,
    );
  }
  throw new NearError(
    "E_BAD_SPARSE",
    `${where}: index ${show(index)} at position ${position} is not an integer from 0 to ${dim - 1}`,
    details,
  );
}

function expectDim(got: number, dim: number, where: string, sparse = false): void {
  if (got === dim) return;
  const hint = sparse ? ": give sparse rows the index's dimension" : "";
  throw new NearError("E_DIM_MISMATCH", `${where} has ${show(got)} dimensions, the index has ${dim}${hint}`, { got, expected: dim });
}

function arrayLike(input: unknown, where: string): ArrayLike<number> {
  if (typeof input === "object" && input !== null && !(input instanceof DataView)) {
    if (ArrayBuffer.isView(input) && isDetached(input)) {
      throw new NearError(
        "E_BAD_VECTOR",
        `${where} is on a detached buffer (transferred, or grown WebAssembly memory): copy it before giving it away`,
        {},
      );
    }
    const { length } = input as { length?: unknown }; // any object may be asked for its length
    if (typeof length === "number" && Number.isInteger(length) && length >= 0) return input as ArrayLike<number>; // its elements are checked one by one
  }
  throw new NearError("E_BAD_VECTOR", `${where} is ${show(input)}; give an array of numbers or a sparse vector { indices, values }`, {
    type: typeof input,
  });
}

function isDetached(view: ArrayBufferView): boolean {
  if (view.byteLength > 0 || view.buffer.byteLength > 0) return false;
  try {
    // Only a detached buffer refuses a new view; an empty one does not.
    return new Uint8Array(view.buffer).byteLength !== 0;
  } catch {
    return true;
  }
}

/** Owned float32 copy; every value a number, finite after rounding. */
function toFloats(given: ArrayLike<number>, where: string): Float32Array {
  if (!(given instanceof Float32Array)) {
    for (let i = 0; i < given.length; i++) {
      if (typeof given[i] !== "number")
        throw new NearError("E_BAD_VECTOR", `${where} has ${show(given[i])} at position ${i}; give numbers`, { position: i });
    }
  }
  const values = given instanceof Float32Array ? given.slice() : Float32Array.from(given);
  checkFinite(values, 0, values.length, where, given);
  return values;
}

function checkFinite(values: Float32Array, from: number, to: number, where: string, given: ArrayLike<number> = values): void {
  // What is not finite sticks in a sum, and finite float32 numbers never leave float64: one test for the row, in four sums that do not wait for one another.
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = from;
  for (; i + 4 <= to; i += 4) {
    a += values[i];
    b += values[i + 1];
    c += values[i + 2];
    d += values[i + 3];
  }
  for (; i < to; i++) a += values[i];
  if (Number.isFinite(a + b + c + d)) return;
  const position = values.subarray(from, to).findIndex((x) => !Number.isFinite(x));
  const value = given[from + position];
  const why = Number.isFinite(value) ? `, which is infinite in float32 (the largest is 3.4e38)` : "";
  throw new NearError("E_BAD_VECTOR", `${where} has ${value} at position ${position}${why}: give finite numbers`, { position, value });
}

/** Values of another type would be rounded when stored, after they were checked. */
function checkColumn(column: unknown, type: Float32ArrayConstructor | Uint32ArrayConstructor, expected: number, where: string): void {
  if (!(column instanceof type))
    throw new NearError("E_BAD_VECTOR", `${where} is ${show(column)}; give a ${type.name}`, { expected: type.name });
  if (column.length >= expected) return;
  throw new NearError("E_BAD_VECTOR", `${where} has ${column.length} entries, its count needs ${expected} (is the buffer detached?)`, {
    got: column.length,
    expected,
  });
}

function hasNonZero(values: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (values[i] !== 0) return true;
  return false;
}
