import { Codes } from "../../core/codes.js";
import type { Keys } from "../../core/columns.js";
import type { SchemaHash } from "../../core/contracts.js";
import { chunkRows } from "./chunks.js";
import { corrupt, seal, sealBytes, unseal } from "./records.js";

const countBytes = chunkRows * 2;

/**
 * The bucket entries of a hash as bytes, little-endian: table and key as three u32; where the hash has codes three f32 of factors and the code, padded to a
 * multiple of 4. A chunk is how many entries each of its rows has, as u16, and then the entries row by row.
 */
export class EntryCodec {
  readonly entryBytes: number;
  readonly #groups: number;
  readonly #tables: number;

  constructor({ tables, sketch }: SchemaHash) {
    this.#tables = tables;
    this.#groups = sketch?.groups ?? 0;
    this.entryBytes = this.#groups === 0 ? 12 : 24 + Math.ceil(((this.#groups + 1) >>> 1) / 4) * 4;
  }

  /** Where entries with codes come. */
  codes(): Codes | null {
    return this.#groups === 0 ? null : new Codes(this.#groups);
  }

  /** Writes entry `e` at byte `at`, a multiple of 4, of a buffer that begins with one. */
  write(to: Uint8Array, at: number, keys: Keys, codes: Codes | null, e: number): void {
    const words = new Uint32Array(to.buffer, to.byteOffset + at, 3);
    words[0] = keys.tables[e];
    words[1] = keys.hi[e];
    words[2] = keys.lo[e];
    if (this.#groups === 0 || codes === null) return;
    const factors = new Float32Array(to.buffer, to.byteOffset + at + 12, 3);
    factors[0] = codes.add[e];
    factors[1] = codes.scale[e];
    factors[2] = codes.error[e];
    const { bytes, bytesPerCode } = codes;
    for (let i = 0; i < bytesPerCode; i++) to[at + 24 + i] = bytes[e * bytesPerCode + i];
  }

  /** A chunk with these entries of its rows; null where there are none. */
  join(rows: readonly Uint8Array[], key: number): Uint8Array | null {
    const bytes = rows.reduce((sum, { length }) => sum + length, 0);
    if (bytes === 0) return null;
    const record = new Uint8Array(sealBytes + countBytes + bytes);
    const counts = new Uint16Array(record.buffer, sealBytes, chunkRows);
    let at = sealBytes + countBytes;
    rows.forEach((entries, i) => {
      counts[i] = entries.length / this.entryBytes;
      record.set(entries, at);
      at += entries.length;
    });
    return seal(record, key);
  }

  /** The entries of each row of a chunk, as views. E_CORRUPT where it is damaged. */
  split(record: Uint8Array | null, key: number, what: string): Uint8Array[] {
    if (record === null) return new Array<Uint8Array>(chunkRows).fill(nothing);
    const { counts, entries } = this.#parts(record, key, what);
    let at = 0;
    return Array.from(counts, (count) => {
      const from = at;
      at += count * this.entryBytes;
      return entries.subarray(from, at);
    });
  }

  /** Appends the entries of a chunk whose first row is `first` to `keys`, with row numbers, and `codes`; those of rows that `wants` says. E_CORRUPT where it is damaged. */
  read(
    record: Uint8Array,
    key: number,
    what: string,
    first: number,
    wants: (row: number) => boolean,
    keys: Keys,
    codes: Codes | null,
  ): void {
    const { counts, entries } = this.#parts(record, key, what);
    const words = new Uint32Array(entries.buffer, entries.byteOffset, entries.length >>> 2);
    const floats = new Float32Array(entries.buffer, entries.byteOffset, entries.length >>> 2);
    const step = this.entryBytes >>> 2;
    let at = 0;
    for (let i = 0; i < chunkRows; i++) {
      const wanted = counts[i] > 0 && wants(first + i);
      for (let n = 0; n < counts[i]; n++, at += step) {
        if (!wanted) continue;
        if (words[at] >= this.#tables) throw corrupt(`${what} name table ${words[at]} of ${this.#tables}`, { key });
        keys.add(first + i, words[at], words[at + 1], words[at + 2]);
        if (codes !== null) readCode(codes, floats, entries, at);
      }
    }
  }

  #parts(record: Uint8Array, key: number, what: string): { readonly counts: Uint16Array; readonly entries: Uint8Array } {
    const body = unseal(record, key, what);
    if (body.length >= countBytes) {
      const counts = new Uint16Array(body.buffer, body.byteOffset, chunkRows);
      const entries = body.subarray(countBytes);
      if (counts.reduce((sum, count) => sum + count, 0) * this.entryBytes === entries.length) return { counts, entries };
    }
    throw corrupt(`${what} are no entries of this hash`, { key });
  }
}

const nothing = new Uint8Array(0);

function readCode(codes: Codes, floats: Float32Array, entries: Uint8Array, at: number): void {
  codes.reserve(1);
  const c = codes.count++;
  codes.add[c] = floats[at + 3];
  codes.scale[c] = floats[at + 4];
  codes.error[c] = floats[at + 5];
  const { bytes, bytesPerCode } = codes;
  for (let i = 0, from = (at + 6) * 4, to = c * bytesPerCode; i < bytesPerCode; i++) bytes[to + i] = entries[from + i];
}
