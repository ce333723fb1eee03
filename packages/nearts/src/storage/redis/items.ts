import type { Field, Id } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { fromHalf, toHalf } from "../../core/half.js";
import { codeOf, largestOf, scaleOf } from "../../core/precision.js";
import { type Rows, rowAt, type SparseVector, type VectorOf, wordsPerRow } from "../../core/rows.js";
import { idFromBytes } from "./keys.js";

/**
 * An item, little-endian: end (u32, seconds of the server's clock; 0 for none), its stamp (u64), where its entries begin (u32), bytes of vector, data and id
 * (u32, u32, u16), flags (u16); then vector, id and data; then an entry for each of its records: bucket name and place. Stamps number the writes of a shard.
 */
const headerBytes = 28;
/** End and stamp, which the server gives. */
const givenBytes = 12;
/** Data up to so many bytes is within the item; beyond, under a key of its own. */
const inlineData = 1024;

const flags = { data: 1, dataElsewhere: 2 } as const;

/** One stored vector, as it was received. */
export interface StoredItem {
  readonly id: Id;
  readonly stamp: number;
  readonly end: number;
  readonly vector: VectorOf;
  /** JSON; undefined where there is none, null where it is under a key of its own. */
  readonly data: string | undefined | null;
}

/** An item without its end, stamp and entries, as it is written; and the data that is to be beside it. */
export interface WrittenItem {
  readonly bytes: Buffer;
  readonly beside: Buffer | null;
}

/** Bytes of a vector of a field, of row `i`. */
function vectorBytes(field: Field, rows: Rows, i: number): Buffer {
  const vector = rowAt(rows, i);
  if (vector instanceof Float32Array) return denseBytes(field, vector);
  if ("words" in vector) return viewed(vector.words);
  if ("members" in vector) return viewed(vector.members);
  return Buffer.concat([viewed(vector.indices), viewed(vector.values)]);
}

function denseBytes({ precision }: Field, values: Float32Array): Buffer {
  if (precision === "f32") return viewed(values);
  if (precision === "f16") return viewed(Uint16Array.from(values, toHalf));
  const scale = scaleOf(largestOf(values, 0, values.length));
  return Buffer.concat([viewed(Float32Array.of(scale)), viewed(Int8Array.from(values, (value) => codeOf(value, scale)))]);
}

function viewed({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Row `i` of `rows` as an item. */
export function itemOf(field: Field, rows: Rows, i: number, id: Buffer, data: string | undefined): WrittenItem {
  const vector = vectorBytes(field, rows, i);
  const text = data === undefined ? null : Buffer.from(data, "utf8");
  const beside = text !== null && text.length > inlineData ? text : null;
  const inline = beside === null ? text : null;
  const end = headerBytes + vector.length + id.length + (inline?.length ?? 0);
  const bytes = Buffer.allocUnsafe(end - givenBytes);
  bytes.writeUInt32LE(end, 0);
  bytes.writeUInt32LE(vector.length, 4);
  bytes.writeUInt32LE(text?.length ?? 0, 8);
  bytes.writeUInt16LE(id.length, 12);
  bytes.writeUInt16LE((text === null ? 0 : flags.data) | (beside === null ? 0 : flags.dataElsewhere), 14);
  let at = headerBytes - givenBytes;
  for (const part of [vector, id, inline]) {
    if (part !== null) bytes.set(part, at);
    at += part?.length ?? 0;
  }
  return { bytes, beside };
}

/** The item of these bytes, its vector copied. E_CORRUPT where they are none. */
export function itemFrom(bytes: Buffer, field: Field): StoredItem {
  const whole = bytes.length >= headerBytes;
  const [ends, vector, data] = whole ? [bytes.readUInt32LE(12), bytes.readUInt32LE(16), bytes.readUInt32LE(20)] : [0, 0, 0];
  const [id, flag] = whole ? [bytes.readUInt16LE(24), bytes.readUInt16LE(26)] : [0, 0];
  const elsewhere = (flag & flags.dataElsewhere) !== 0;
  const inline = (flag & flags.data) === 0 || elsewhere ? 0 : data;
  if (!whole || headerBytes + vector + id + inline !== ends || ends > bytes.length) {
    throw new NearError("E_CORRUPT", `a stored vector of ${bytes.length} bytes is damaged: run repair()`, { bytes: bytes.length });
  }
  const idAt = headerBytes + vector;
  return {
    id: idFromBytes(bytes.subarray(idAt, idAt + id)),
    stamp: bytes.readUInt32LE(4) + bytes.readUInt32LE(8) * 2 ** 32,
    end: bytes.readUInt32LE(0),
    vector: vectorFrom(bytes.subarray(headerBytes, idAt), field),
    data: (flag & flags.data) === 0 ? undefined : elsewhere ? null : bytes.toString("utf8", idAt + id, idAt + id + data),
  };
}

function vectorFrom(bytes: Buffer, { kind, dim, precision }: Field): VectorOf {
  // A reply's bytes lie anywhere in what the socket gave: copied, they lie as typed arrays want them.
  const copy = Uint8Array.prototype.slice.call(bytes).buffer;
  if (kind === "sparse") {
    const count = bytes.length / 8;
    if (!Number.isInteger(count)) throw wrongLength(bytes, kind, dim);
    return { dim, indices: new Uint32Array(copy, 0, count), values: new Float32Array(copy, count * 4, count) } satisfies SparseVector;
  }
  if (kind === "set") {
    if (bytes.length % 4 !== 0) throw wrongLength(bytes, kind, dim);
    return { members: new Uint32Array(copy) };
  }
  const expected = kind === "bits" ? wordsPerRow(dim) * 4 : precision === "f32" ? dim * 4 : precision === "f16" ? dim * 2 : 4 + dim;
  if (bytes.length !== expected) throw wrongLength(bytes, kind, dim);
  if (kind === "bits") return { dim, words: new Uint32Array(copy) };
  if (precision === "f32") return new Float32Array(copy);
  if (precision === "f16") return Float32Array.from(new Uint16Array(copy), fromHalf);
  const [scale] = new Float32Array(copy, 0, 1);
  return Float32Array.from(new Int8Array(copy, 4), (code) => code * scale);
}

function wrongLength(bytes: Buffer, kind: string, dim: number): NearError {
  const message = `a stored ${kind} vector has ${bytes.length} bytes, which no vector of ${dim} dimensions has: run repair()`;
  return new NearError("E_CORRUPT", message, { bytes: bytes.length, kind, dim });
}
