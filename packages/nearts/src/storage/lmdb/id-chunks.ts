import type { Id } from "../../core/contracts.js";
import { chunkRows, chunksOf } from "./chunks.js";
import { corrupt, sealed, unseal } from "./records.js";
import type { Table } from "./table.js";

/** What is known of a row without its vector: null where it holds none. */
export interface StoredRow {
  readonly id: Id;
  /** Whether it has data. */
  readonly data: boolean;
}

const nothing = 0;
const isNumber = 1;
const isText = 2;
const hasData = 4;

/** Writes the ids of all rows in the chunks that these rows are in; `rowAt` knows them. */
export function writeIds(table: Table<number>, rows: Iterable<number>, rowAt: (row: number) => StoredRow | null): void {
  for (const chunk of chunksOf(rows)) {
    const parts: Uint8Array[] = [];
    let any = false;
    for (let row = chunk * chunkRows; row < (chunk + 1) * chunkRows; row++) {
      const stored = rowAt(row);
      any ||= stored !== null;
      parts.push(bytesOf(stored));
    }
    table.put(chunk, any ? sealed(joined(parts), chunk) : null);
  }
}

/** The rows of a chunk, by their place in it. E_CORRUPT where they cannot be read. */
export function readIds(table: Table<number>, chunk: number): (StoredRow | null)[] {
  const record = table.get(chunk);
  if (record === null) return new Array<null>(chunkRows).fill(null);
  const what = `the ids of rows ${chunk * chunkRows} to ${(chunk + 1) * chunkRows - 1}`;
  const body = unseal(record, chunk, what);
  const rows: (StoredRow | null)[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  try {
    let at = 0;
    while (rows.length < chunkRows) {
      const kind = view.getUint8(at++);
      const data = (kind & hasData) !== 0;
      if ((kind & 3) === nothing) rows.push(null);
      else if ((kind & 3) === isNumber) {
        rows.push({ id: view.getFloat64(at, true), data });
        at += 8;
      } else {
        const end = at + 2 + view.getUint16(at, true);
        rows.push({ id: decoder.decode(body.subarray(at + 2, end)), data });
        at = end;
      }
    }
    if (at === body.length) return rows;
  } catch (error) {
    throw corrupt(`${what} are no ids`, { chunk }, error);
  }
  throw corrupt(`${what} are no ids`, { chunk });
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();
const empty = Uint8Array.of(nothing);

function bytesOf(stored: StoredRow | null): Uint8Array {
  if (stored === null) return empty;
  const { id, data } = stored;
  const flag = data ? hasData : 0;
  if (typeof id === "number") {
    const bytes = new Uint8Array(9);
    bytes[0] = isNumber | flag;
    new DataView(bytes.buffer).setFloat64(1, id, true);
    return bytes;
  }
  const text = encoder.encode(id); // at most 512 bytes
  const bytes = new Uint8Array(3 + text.length);
  bytes[0] = isText | flag;
  new DataView(bytes.buffer).setUint16(1, text.length, true);
  bytes.set(text, 3);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
