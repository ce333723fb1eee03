import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { collect, type VectorChunk } from "nearts/readers";
// Built, as threads run what is built.
import { readVectors as readVectorsBuilt } from "../../dist/index.js";
import { type FileOptions, readVectors } from "../../src/index.js";
import { freshFolder } from "../folder.js";

/** A file of its own with these bytes. */
export async function fileOf(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(await freshFolder(), name);
  await writeFile(path, bytes);
  return path;
}

/** All that the lab reads of a file, as one chunk. */
export function readWhole(path: string, options: FileOptions = {}): Promise<VectorChunk> {
  return collect(readVectors(path, options), path);
}

/** As {@link readWhole}, with decoders on threads of their own. */
export function readApart(path: string, options: FileOptions = {}): Promise<VectorChunk> {
  return collect(readVectorsBuilt(path, options), path);
}

/** A zip file of these entries, deflated or as they are; `wide` writes sizes as zip64 does. */
export function zip(entries: readonly (readonly [string, Uint8Array])[], { method = 8, wide = false } = {}): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of entries) {
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    const extra = wide ? zip64Field(bytes.length, packed.length, at) : Buffer.alloc(0);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(wide ? 0xffffffff : packed.length, 20);
    entry.writeUInt32LE(wide ? 0xffffffff : bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(wide ? 0xffffffff : at, 42);
    locals.push(local, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name), extra);
    at += 30 + name.length + packed.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, listing, end]);
}

function zip64Field(...numbers: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * numbers.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * numbers.length, 2);
  for (const [i, number] of numbers.entries()) field.writeBigUInt64LE(BigInt(number), 4 + 8 * i);
  return field;
}

/** An npy file of float32 with two axes. */
export function npy(rows: number, dim: number, values: Float32Array): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length & 255, header.length >>> 8)}${header}`, "latin1");
  return Buffer.concat([head, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}
