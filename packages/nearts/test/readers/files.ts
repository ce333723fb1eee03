import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { NearError } from "../../src/core/errors.js";
import type { VectorChunk } from "../../src/readers/index.js";

/** Bytes from hexadecimal digits; white space is for the reader. */
export function hex(digits: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digits.replace(/\s/g, ""), "hex"));
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

export function gzip(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(gzipSync(bytes));
}

/** An npy file of version 1.0 with this dict as its header, unpadded. */
export function npy(dict: string, data: Uint8Array): Uint8Array {
  const header = utf8(`${dict}\n`);
  return concat(hex("934e554d5059 0100"), Uint8Array.of(header.length & 255, header.length >>> 8), header, data);
}

/** The header dict that NumPy writes. */
export function npyDict(descr: string, shape: string, fortran = "False"): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
}

/** A stream that hands out these pieces. */
export async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield part;
}

/** The rows of a chunk in a form that compares and prints well. */
export function plain({ rows, ids, data }: VectorChunk): unknown {
  const common = { dim: rows.dim, count: rows.count, values: Array.from(rows.values), ...(ids && { ids }), ...(data && { data }) };
  return rows.kind === "dense" ? common : { ...common, offsets: Array.from(rows.offsets), indices: Array.from(rows.indices) };
}

/** The {@link NearError} that `promise` rejects with. */
export async function failure(promise: Promise<unknown>): Promise<NearError> {
  const outcome = await promise.then(
    () => "nothing: it resolved",
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(NearError);
  // The line above has just made sure.
  return outcome as NearError;
}

/** Code and message of the {@link NearError} that `promise` rejects with. */
export async function complaint(promise: Promise<unknown>): Promise<string> {
  const { code, message } = await failure(promise);
  return `${code} ${message}`;
}
