import { createHash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Rows } from "nearts";

/** Bytes hashed before others get their turn. */
const pieceBytes = 2 ** 26;

/** SHA-256 over kind, dimension, counts and bytes of rows and queries, in hex: equal for equal content, whatever file it came from. */
export async function contentHash(base: Rows, queries: Rows, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const rows of [base, queries]) {
    hash.update(`${JSON.stringify(["nearts data 1", rows.kind, rows.dim, rows.count])}\n`);
    for (const column of columnsOf(rows)) await update(hash, column, signal);
  }
  return hash.digest("hex");
}

function columnsOf(rows: Rows): readonly (Float32Array | Uint32Array)[] {
  switch (rows.kind) {
    case "dense":
      return [rows.values];
    case "sparse":
      return [rows.offsets, rows.indices, rows.values];
    case "bits":
      return [rows.words];
    case "set":
      return [rows.offsets, rows.members];
  }
}

async function update(hash: Hash, column: Float32Array | Uint32Array, signal: AbortSignal | undefined): Promise<void> {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    signal?.throwIfAborted();
    hash.update(bytes.subarray(at, at + pieceBytes));
    await setImmediate();
  }
}
