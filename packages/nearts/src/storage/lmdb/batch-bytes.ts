import type { SchemaHash } from "../../core/contracts.js";
import type { Rows } from "../../core/rows.js";
import { chunkRows } from "./chunks.js";
import { EntryCodec } from "./entry-codec.js";

/** Bytes of a page of the database: values longer than half of one begin a new one. */
const pageBytes = 4096;

/** Bytes that writing these rows adds to the file, about; at most where rows are next to each other. */
export function batchBytes(rows: Rows, dataBytes: number, hashes: readonly SchemaHash[]): number {
  const perRow = hashes.reduce((sum, hash) => sum + new EntryCodec(hash).entryBytes * hash.tables * hash.keysPerTable, 0);
  const vectors = Math.max(valueBytes(rows), rows.count * Math.min(pageBytes, 2 * perVector(rows)));
  // The first and the last chunk are written anew, with the pages on the way to them.
  return vectors + dataBytes + rows.count * (perRow + 64) + 2 * chunkRows * perRow + 16 * pageBytes;
}

function perVector(rows: Rows): number {
  return Math.ceil(valueBytes(rows) / Math.max(1, rows.count));
}

function valueBytes(rows: Rows): number {
  switch (rows.kind) {
    case "dense":
      return rows.values.byteLength;
    case "bits":
      return rows.words.byteLength;
    case "sparse":
      return rows.values.byteLength * 2;
    case "set":
      return rows.members.byteLength;
  }
}
