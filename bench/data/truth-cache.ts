import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataSet, queryCount } from "./set.js";

const folder = join(tmpdir(), "nearts-bench");
const digestBytes = 32;

/** The bounds that were computed for vectors of equal bytes, distance and k; null where there are none or the file is damaged. */
export function recalled(set: DataSet, k: number): Float64Array | null {
  const file = read(fileOf(set, k));
  const payload = file?.subarray(digestBytes);
  if (payload?.length !== queryCount(set) * 8 || !digest(payload).equals(file?.subarray(0, digestBytes) ?? payload)) return null;
  return new Float64Array(payload.buffer.slice(payload.byteOffset, payload.byteOffset + payload.length));
}

/** Keeps bounds for later runs; a disk that refuses costs these runs time and nothing else. */
export function remember(set: DataSet, k: number, bounds: Float64Array): void {
  const payload = new Uint8Array(bounds.buffer, bounds.byteOffset, bounds.byteLength);
  const file = fileOf(set, k);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, Buffer.concat([digest(payload), payload]));
    renameSync(`${file}.${process.pid}`, file);
  } catch (error) {
    console.error(`the truth could not be kept in ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function read(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

function fileOf({ base, queries, dim, distance }: DataSet, k: number): string {
  const hash = createHash("sha256").update(JSON.stringify({ version: 1, dim, distance, k, base: base.length, queries: queries.length }));
  for (const values of [base, queries]) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return join(folder, `${hash.digest("hex")}.truth`);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
