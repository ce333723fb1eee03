import { crc32 } from "#platform";
import { NearError } from "../core/errors.js";

/** Version of the format that is written, and the newest that is read. */
export const version = 1;

/** 0x89 "NEARTS" 0x0a: no text, and damaged by whatever changes line ends or strips the eighth bit (as PNG's). */
const magic = Uint8Array.of(0x89, 0x4e, 0x45, 0x41, 0x52, 0x54, 0x53, 0x0a);

export const headBytes = 32;
export const entryBytes = 16;
/** Behind each section: its CRC-32. */
export const checkBytes = 4;
/** Most sections: one for each of the most hashes there can be, and others. */
const mostSections = 65_600;
const longestName = 4;

/** One line of the table: four letters, whose first is a capital where a reader must know the section; a number where there are several of that name; its bytes. */
export interface SectionEntry {
  readonly name: string;
  readonly number: number;
  readonly bytes: number;
}

/** A line of the table with the place in the file where the section begins. */
export interface PlacedSection extends SectionEntry {
  readonly at: number;
}

/** Bytes of a file with these sections. */
export function fileBytes(entries: readonly SectionEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes + checkBytes, headBytes + entries.length * entryBytes);
}

/** Head and table of a file: magic, version (u32), number of sections (u32), bytes of the file (u64), CRC-32 of these, CRC-32 of the table; its lines. */
export function headOf(entries: readonly SectionEntry[]): Uint8Array {
  const bytes = new Uint8Array(headBytes + entries.length * entryBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, version, true);
  view.setUint32(12, entries.length, true);
  view.setBigUint64(16, BigInt(fileBytes(entries)), true);
  entries.forEach(({ name, number, bytes: length }, i) => {
    const at = headBytes + i * entryBytes;
    bytes.set(new TextEncoder().encode(name), at);
    view.setUint32(at + 4, number, true);
    view.setBigUint64(at + 8, BigInt(length), true);
  });
  view.setUint32(24, crc32(bytes.subarray(0, 24)), true);
  view.setUint32(28, crc32(bytes.subarray(headBytes)), true);
  return bytes;
}

/** How many sections the head of a file of `size` bytes speaks of. E_CORRUPT for what is no snapshot or is damaged, E_VERSION for one of a newer nearts: of every version the head is like this. */
export function sectionsIn(head: Uint8Array, size: number): number {
  if (head.length < headBytes || !magic.every((byte, i) => head[i] === byte)) {
    throw corrupt("head", 0, `there are ${size} bytes, which do not begin as a snapshot of nearts does`);
  }
  const view = viewOf(head);
  requireCheck(view.getUint32(24, true), head.subarray(0, 24), 24);
  const found = view.getUint32(8, true);
  if (found === 0 || found > version) {
    const message = `the snapshot has version ${found} of the format, this nearts reads up to ${version}: load it with the nearts that saved it, or a newer one`;
    throw new NearError("E_VERSION", message, { found, newest: version });
  }
  const count = view.getUint32(12, true);
  const length = view.getBigUint64(16, true);
  if (length !== BigInt(size)) throw corrupt("head", 16, `it says that the file has ${length} bytes, and there are ${size}`);
  if (count > mostSections || headBytes + count * entryBytes > size) throw corrupt("head", 12, `it speaks of ${count} sections`);
  return count;
}

/** The sections of a file of `size` bytes, from head and table. E_CORRUPT where these are damaged, or their lengths do not add up. */
export function tableOf(bytes: Uint8Array, size: number): PlacedSection[] {
  const view = viewOf(bytes);
  requireCheck(view.getUint32(28, true), bytes.subarray(headBytes), 28);
  const sections: PlacedSection[] = [];
  let at = bytes.length;
  for (let line = headBytes; line < bytes.length; line += entryBytes) {
    const name = String.fromCharCode(...bytes.subarray(line, line + longestName));
    if (!/^[A-Za-z][A-Z0-9a-z]{3}$/.test(name)) throw corrupt("table", line, `a section has the name ${JSON.stringify(name)}`);
    const length = view.getBigUint64(line + 8, true);
    if (length > BigInt(size - at - checkBytes))
      throw corrupt("table", line + 8, `section ${name} has ${length} bytes, and ${size - at} are left`);
    sections.push({ name, number: view.getUint32(line + 4, true), bytes: Number(length), at });
    at += Number(length) + checkBytes;
  }
  if (at !== size) throw corrupt("table", headBytes, `the sections end at byte ${at} and the file at ${size}`);
  return sections;
}

/** E_CORRUPT, naming the section and the byte of the file. */
export function corrupt(section: string, offset: number, why: string, cause?: unknown): NearError {
  const message = `the snapshot is damaged at byte ${offset}, in section ${section}: ${why}; load another copy`;
  return new NearError("E_CORRUPT", message, { section, offset }, cause === undefined ? undefined : { cause });
}

/** A CRC-32 for people. */
export function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}

function requireCheck(stored: number, bytes: Uint8Array, offset: number): void {
  const computed = crc32(bytes);
  if (stored !== computed) throw corrupt("head", offset, `a CRC-32 is ${hex(computed)} and ${hex(stored)} was written`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
