import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { badFile, fileFault } from "./faults.js";

/** One entry of a zip file, as its central directory tells it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 as it is, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its local header is. */
  readonly at: number;
}

const END_MARK = 0x06054b50;
const END64_MARK = 0x06064b50;
const END64_LOCATOR_MARK = 0x07064b50;
const ENTRY_MARK = 0x02014b50;
const LOCAL_MARK = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
/** Longest comment after the end of a zip file, whose length has 16 bits. */
const mostComment = 65_535;
/** Largest directory that is read: hundreds of thousands of entries. */
const mostDirectory = 2 ** 25;
const pieceBytes = 2 ** 18;
/** In place of a number of 4 bytes that needs 8, which then stand in the extra field (zip64). */
const SEE_EXTRA = 0xffffffff;

/** The entries of a zip file (PKWARE APPNOTE 6.3, with zip64), in the directory's order. E_BAD_FILE where it is no whole zip file. */
export async function zipEntries(file: string, handle: FileHandle, size: number): Promise<ZipEntry[]> {
  const tailBytes = Math.min(size, endBytes + mostComment);
  const tail = await read(file, handle, size - tailBytes, tailBytes);
  let end = tail.length - endBytes;
  while (end >= 0 && tail.readUInt32LE(end) !== END_MARK) end--;
  if (end < 0) throw badFile(file, "it does not end as a zip file does; it is cut off or no zip file", { size });
  const [length, at] = await directoryAt(file, handle, tail, end, size - tailBytes);
  if (length > mostDirectory || at + length > size)
    throw badFile(file, `its directory claims ${length} bytes at ${at}, the file has ${size}; it is damaged`, { length, at, size });
  return parseDirectory(file, await read(file, handle, at, length), size);
}

/** What an entry holds, unpacked, in pieces; E_BAD_FILE where that is not of the size and checksum that the directory tells. */
export async function* zipContent(file: string, handle: FileHandle, entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
  const local = await read(file, handle, entry.at, localBytes);
  if (local.readUInt32LE(0) !== LOCAL_MARK)
    throw badFile(file, `${entry.name} does not begin where the directory says; the file is damaged`);
  const from = entry.at + localBytes + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = piecesOf(file, handle, from, entry.packedBytes);
  let [bytes, crc] = [0, 0];
  for await (const piece of entry.method === 0 ? packed : inflated(file, entry, packed)) {
    bytes += piece.length;
    if (bytes > entry.bytes) throw badFile(file, `${entry.name} holds more than the ${entry.bytes} bytes it claims; it is damaged`);
    crc = crc32(piece, crc);
    yield piece;
  }
  if (bytes !== entry.bytes) throw badFile(file, `${entry.name} holds ${bytes} bytes and claims ${entry.bytes}; it is damaged`);
  if (crc !== entry.crc) throw badFile(file, `${entry.name} has the checksum ${crc}, its directory says ${entry.crc}; it is damaged`);
}

/** Length and place of the directory, from the record at the end or, where it has no room for them, that of zip64 before it. */
async function directoryAt(file: string, handle: FileHandle, tail: Buffer, end: number, base: number): Promise<[number, number]> {
  const [length, at] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (length !== SEE_EXTRA && at !== SEE_EXTRA && tail.readUInt16LE(end + 10) !== 0xffff) return [length, at];
  const locator = end - 20;
  if (locator < 0 || tail.readUInt32LE(locator) !== END64_LOCATOR_MARK) return [length, at];
  const place = Number(tail.readBigUInt64LE(locator + 8));
  if (place + 56 > base + tail.length) throw badFile(file, `its directory is said to be at ${place}, beyond its end; it is damaged`);
  const end64 = await read(file, handle, place, 56);
  if (end64.readUInt32LE(0) !== END64_MARK) throw badFile(file, "its zip64 record is not where its end says; it is damaged");
  return [Number(end64.readBigUInt64LE(40)), Number(end64.readBigUInt64LE(48))];
}

function parseDirectory(file: string, directory: Buffer, size: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (let at = 0; at < directory.length; ) {
    if (at + entryBytes > directory.length || directory.readUInt32LE(at) !== ENTRY_MARK)
      throw badFile(file, `entry ${entries.length} of its directory is none; it is damaged`, { entry: entries.length });
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const next = at + entryBytes + nameLength + extraLength + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw badFile(file, `entry ${entries.length} of its directory is cut off; it is damaged`);
    const name = directory.toString("utf8", at + entryBytes, at + entryBytes + nameLength);
    const extra = directory.subarray(at + entryBytes + nameLength, at + entryBytes + nameLength + extraLength);
    entries.push(checked(file, size, entryOf(name, directory.subarray(at, at + entryBytes), extra)));
    at = next;
  }
  return entries;
}

function entryOf(name: string, fixed: Buffer, extra: Buffer): ZipEntry & { readonly flags: number } {
  const wide = wideNumbers(extra);
  const number = (at: number) => (fixed.readUInt32LE(at) === SEE_EXTRA ? (wide.shift() ?? SEE_EXTRA) : fixed.readUInt32LE(at));
  const bytes = number(24); // in this order they stand in the extra field
  const packedBytes = number(20);
  const at = number(42);
  return { name, flags: fixed.readUInt16LE(8), method: fixed.readUInt16LE(10), crc: fixed.readUInt32LE(16), packedBytes, bytes, at };
}

/** The numbers of 8 bytes in the zip64 field (number 1) among the extra ones. */
function wideNumbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    return Array.from({ length: Math.floor(field.length / 8) }, (_, i) => Number(field.readBigUInt64LE(8 * i)));
  }
  return [];
}

function checked(file: string, size: number, entry: ZipEntry & { readonly flags: number }): ZipEntry {
  if ((entry.flags & 1) !== 0) throw badFile(file, `${entry.name} is encrypted; unpack it first`, { name: entry.name });
  if (entry.method !== 0 && entry.method !== 8)
    throw badFile(file, `${entry.name} is packed by method ${entry.method}, expected 0 or 8 (deflate); pack it again`, {
      method: entry.method,
    });
  if (entry.at + localBytes + entry.packedBytes > size)
    throw badFile(file, `${entry.name} claims ${entry.packedBytes} bytes at ${entry.at}, the file has ${size}; it is damaged`, {
      name: entry.name,
    });
  return entry;
}

async function* piecesOf(file: string, handle: FileHandle, from: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; done < length; done += pieceBytes) yield await read(file, handle, from + done, Math.min(pieceBytes, length - done));
}

async function* inflated(file: string, entry: ZipEntry, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createInflateRaw();
  const source = Readable.from(packed);
  source.on("error", (error) => inflate.destroy(error));
  try {
    for await (const piece of source.pipe(inflate)) yield piece as Uint8Array; // an inflate stream gives buffers
  } catch (error) {
    throw fileFault(file, error, `${entry.name} cannot be unpacked`);
  } finally {
    source.destroy();
    inflate.destroy();
  }
}

async function read(file: string, handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, from + done);
    if (bytesRead === 0) throw badFile(file, `it ends at byte ${from + done}, ${length - done} more are expected; it is cut off`);
    done += bytesRead;
  }
  return buffer;
}
