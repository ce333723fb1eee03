import type { NearError } from "../core/errors.js";
import { badFile, notFinite } from "./faults.js";
import { CHUNK_BYTES, type Request, type Steps, type VectorChunk } from "./format.js";
import type { Input } from "./input.js";
import { bytesOf, isNativeFloat, type NumberType, toNumbers } from "./numbers.js";

/** Rows of `dim` numbers, one after the other. */
export interface Layout {
  readonly type: NumberType;
  readonly dim: number;
  /** Whether each row starts with its number of values, a little-endian int32 (fvecs, bvecs, ivecs). */
  readonly counted: boolean;
  /** Rows that the header promises; absent where the rows end with the file. */
  readonly promised?: number;
}

/** The bytes of some rows without their counts: a view into the input, at a multiple of 4, valid until the next step. */
export interface RowBlock {
  readonly first: number;
  readonly count: number;
  readonly raw: Uint8Array;
  /** Rows that follow and are wanted; absent where nobody knows. */
  readonly more?: number;
}

/** Dense rows of fixed size as chunks. The input stands at the first row. */
export function* readRecords(input: Input, request: Request, layout: Layout): Steps<VectorChunk> {
  const convert = isNativeFloat(layout.type) ? floatChunk : toChunk;
  for (const block of readBlocks(input, request, layout)) yield block === null ? null : convert(block, request, layout);
}

/** The bytes of rows of fixed size, block by block. Rows of float32 in this machine's byte order are finite. */
export function* readBlocks(input: Input, request: Request, layout: Layout): Steps<RowBlock> {
  const stride = strideOf(layout);
  const wanted = Math.min(request.limit, layout.promised ?? Infinity);
  let row = 0;
  while (row < wanted) {
    const most = Math.min(rowsPerChunk(layout.dim), wanted - row);
    yield* input.need(most * stride);
    const count = Math.min(most, Math.floor(input.length / stride));
    if (count === 0) break;
    const block = takeRows(input, request, layout, row, count);
    row += count;
    const more = input.left === null ? {} : { more: Math.min(wanted - row, Math.floor(input.left / stride)) };
    yield { ...block, ...more };
  }
  if (row < wanted) checkEnd(input, request, layout, row);
  else if (row < request.limit && (yield* input.need(1))) throw trailing(input, request, row);
}

/** A block of rows as a chunk: rounded to float32, every value finite. */
export function toChunk(block: RowBlock, request: Request, { dim, type }: Layout): VectorChunk {
  const { raw, first } = block;
  const { exact, values, bad } = toNumbers(new Uint8Array(raw), type);
  if (bad >= 0) throw badNumber(request, first + Math.floor(bad / dim), bad % dim, exact[bad]);
  return chunkOf(block, dim, values);
}

/** A block whose bytes are the values already, and checked. */
function floatChunk(block: RowBlock, { borrowed }: Request, { dim }: Layout): VectorChunk {
  const values = new Float32Array(block.raw.buffer, block.raw.byteOffset, block.count * dim);
  return chunkOf(block, dim, borrowed ? values : new Float32Array(values));
}

function chunkOf({ count, more }: RowBlock, dim: number, values: Float32Array): VectorChunk {
  return { rows: { kind: "dense", dim, count, values }, ...(more !== undefined && { more }) };
}

/** Rows of this dimension that make up one chunk. */
export function rowsPerChunk(dim: number): number {
  return Math.max(1, Math.floor(CHUNK_BYTES / (4 * dim)));
}

/** The little-endian int32 at `at`. */
export function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** E_BAD_FILE for a header that promises more rows than the file holds. */
export function tooFewRows(request: Request, promised: number, held: number): NearError {
  return badFile(request, `the header promises ${promised} rows, the file holds ${held}; it is cut off, fetch or write it again`, {
    promised,
    held,
  });
}

function takeRows(input: Input, request: Request, layout: Layout, first: number, count: number): RowBlock {
  const width = layout.dim * bytesOf(layout.type);
  if (width % 4 === 0) closeUpWords(input, request, layout, first, count);
  else if (layout.counted) closeUpBytes(input.bytes(), request, layout, first, count);
  const raw = input.bytes().subarray(0, count * width);
  input.skip(count * strideOf(layout));
  return { first, count, raw };
}

/** Rows close up where they lie, which nobody reads again, and floats are checked on the way. */
function closeUpWords(input: Input, request: Request, layout: Layout, first: number, count: number): void {
  const { dim, counted, type } = layout;
  const isFloat = isNativeFloat(type);
  if (!counted && !isFloat) return;
  const closed = input.closeUp(count, (dim * bytesOf(type)) / 4, counted ? 1 : 0, dim, isFloat ? 1 : 0);
  if (closed === count) return;
  const bytes = input.bytes();
  if (closed >= 0) throw badCount(request, dim, int32At(bytes, closed * strideOf(layout)), first + closed);
  const row = -1 - closed;
  const values = new Float32Array(bytes.buffer, bytes.byteOffset + row * dim * 4, dim);
  const position = values.findIndex((value) => !Number.isFinite(value));
  throw badNumber(request, first + row, position, values[position]);
}

function closeUpBytes(bytes: Uint8Array, request: Request, layout: Layout, first: number, count: number): void {
  const width = layout.dim * bytesOf(layout.type);
  for (let i = 0, from = 0; i < count; i++, from += 4 + width) {
    const got = int32At(bytes, from);
    if (got !== layout.dim) throw badCount(request, layout.dim, got, first + i);
    bytes.copyWithin(i * width, from + 4, from + 4 + width);
  }
}

function strideOf(layout: Layout): number {
  return (layout.counted ? 4 : 0) + layout.dim * bytesOf(layout.type);
}

function badCount(request: Request, dim: number, count: number, row: number): NearError {
  const sentence = `row ${row} has ${count} values, row 0 has ${dim}; the file is damaged, not ${request.format}, or mixes dimensions`;
  return badFile(request, sentence, { row, got: count, expected: dim });
}

function checkEnd(input: Input, request: Request, layout: Layout, row: number): void {
  if (layout.promised !== undefined) throw tooFewRows(request, layout.promised, row);
  if (input.length === 0) return;
  const count = layout.counted && input.length >= 4 ? int32At(input.bytes(), 0) : layout.dim;
  if (count !== layout.dim) throw badCount(request, layout.dim, count, row);
  const sentence = `row ${row} takes ${strideOf(layout)} bytes, the file has ${input.length} left; it is cut off, fetch or write it again`;
  throw badFile(request, sentence, { row, expected: strideOf(layout), got: input.length, offset: input.offset });
}

function trailing(input: Input, request: Request, rows: number): NearError {
  const sentence = `the header promises ${rows} rows, more bytes follow them at byte ${input.offset}; write one array to a file`;
  return badFile(request, sentence, { promised: rows, offset: input.offset });
}

function badNumber(request: Request, row: number, position: number, value: number): NearError {
  const where = `row ${row}, position ${position}`;
  if (!Number.isFinite(Math.fround(value))) return notFinite(request, where, value, { row, position });
  const sentence = `${where} is about ${value}, expected a safe integer (at most 2^53 - 1 either side of 0); write the array as float64`;
  return badFile(request, sentence, { row, position, value });
}
