import type { Field, Precision } from "../../core/contracts.js";
import { asDense, asSparse } from "../../core/convert.js";
import { fromHalf, toHalf } from "../../core/half.js";
import { codeOf, largestOf, scaleOf } from "../../core/precision.js";
import { type Kind, type Rows, rowAt, type VectorOf, wordsPerRow } from "../../core/rows.js";
import { corrupt, sealBytes } from "./records.js";

const blockBytes = 2 ** 20;

/**
 * Vectors as records, little-endian behind the seal: dense values as f32, as IEEE halves, or as an f32 scale and a byte each; words of bits; of sparse vectors
 * the indices and as many values; members of sets.
 */
export class VectorCodec {
  readonly #kind: Kind;
  readonly #dim: number;
  readonly #precision: Precision;
  /** Where records are made, and how much of it is used: nothing is ever made in the same place again. */
  #block: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor({ kind, dim, precision }: Field) {
    this.#kind = kind;
    this.#dim = dim;
    this.#precision = precision;
  }

  /** Row `i` of `rows` as a record that is not sealed yet. */
  encode(rows: Rows, i: number): Uint8Array {
    if (this.#kind === "sparse") {
      const { indices, values } = rowAt<"sparse">(asSparse(rows), i);
      return this.#record(indices, values);
    }
    if (rows.kind === "bits") return this.#record(rowAt<"bits">(rows, i).words);
    if (rows.kind === "set") return this.#record(rowAt<"set">(rows, i).members);
    const values = rowAt<"dense">(asDense(rows), i);
    if (this.#precision === "f32") return this.#record(values);
    if (this.#precision === "f16") return this.#record(Uint16Array.from(values, toHalf));
    const scale = scaleOf(largestOf(values, 0, values.length));
    return this.#record(
      Float32Array.of(scale),
      Int8Array.from(values, (value) => codeOf(value, scale)),
    );
  }

  /** The vector of a record, as one row: views of `body` where that is how it is kept. E_CORRUPT for bytes that are no vector of this index. */
  decode(body: Uint8Array, row: number): Rows {
    const [kind, dim] = [this.#kind, this.#dim];
    if (kind === "sparse") return this.#sparse(body, row);
    if (kind === "set") return this.#set(body, row);
    const values = kind === "bits" ? wordsPerRow(dim) : dim;
    const bytes = this.#precision === "f16" ? values * 2 : this.#precision === "i8" && kind === "dense" ? 4 + values : values * 4;
    if (body.length !== bytes) throw corrupt(`the vector of row ${row} has ${body.length} bytes, expected ${bytes}`, { row });
    if (kind === "bits") return { kind, dim, count: 1, words: new Uint32Array(body.buffer, body.byteOffset, values) };
    return { kind: "dense", dim, count: 1, values: this.#dense(body) };
  }

  /** The same as a vector that owns its arrays. */
  vector(body: Uint8Array, row: number): VectorOf {
    return rowAt(this.decode(body.slice(), row), 0);
  }

  /** A record of these columns, in a buffer that many share: each buffer that the database is given costs it a call. */
  #record(...columns: readonly Column[]): Uint8Array {
    const bytes = columns.reduce((sum, { byteLength }) => sum + byteLength, sealBytes);
    if (this.#used + bytes > this.#block.length) {
      this.#block = new Uint8Array(Math.max(blockBytes, bytes));
      this.#used = 0;
    }
    const record = this.#block.subarray(this.#used, this.#used + bytes);
    this.#used += Math.ceil(bytes / 4) * 4;
    let at = sealBytes;
    for (const { buffer, byteOffset, byteLength } of columns) {
      record.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at += byteLength;
    }
    return record;
  }

  #dense(body: Uint8Array): Float32Array {
    if (this.#precision === "f32") return new Float32Array(body.buffer, body.byteOffset, this.#dim);
    if (this.#precision === "f16") return Float32Array.from(new Uint16Array(body.buffer, body.byteOffset, this.#dim), fromHalf);
    const [scale] = new Float32Array(body.buffer, body.byteOffset, 1);
    return Float32Array.from(new Int8Array(body.buffer, body.byteOffset + 4, this.#dim), (code) => code * scale);
  }

  #sparse(body: Uint8Array, row: number): Rows {
    const count = body.length >>> 3;
    const indices = new Uint32Array(body.buffer, body.byteOffset, count);
    const values = new Float32Array(body.buffer, body.byteOffset + count * 4, count);
    this.#requireAscending(indices, row);
    return { kind: "sparse", dim: this.#dim, count: 1, offsets: Uint32Array.of(0, count), indices, values };
  }

  #set(body: Uint8Array, row: number): Rows {
    if (body.length % 4 !== 0) throw corrupt(`the set of row ${row} has ${body.length} bytes, which no members have`, { row });
    const members = new Uint32Array(body.buffer, body.byteOffset, body.length / 4);
    this.#requireAscending(members, row);
    return { kind: "set", dim: this.#dim, count: 1, offsets: Uint32Array.of(0, members.length), members };
  }

  #requireAscending(places: Uint32Array, row: number): void {
    let next = 0;
    for (const place of places) {
      if (place < next || place >= this.#dim) throw corrupt(`the vector of row ${row} has index ${place} out of order or range`, { row });
      next = place + 1;
    }
  }
}

type Column = Uint8Array | Int8Array | Uint16Array | Uint32Array | Float32Array;
