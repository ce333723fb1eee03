import { crc32 } from "node:zlib";

/** A section of a snapshot, apart from the file. */
export interface Part {
  readonly name: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

const head = 32;
const line = 16;

/** The sections of a sound snapshot, as docs/snapshot.md says: written down here a second time, so that the document is checked too. */
export function dissect(file: Uint8Array): Part[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const count = view.getUint32(12, true);
  let at = head + count * line;
  return Array.from({ length: count }, (_, i) => {
    const entry = head + i * line;
    const bytes = file.slice(at, at + Number(view.getBigUint64(entry + 8, true)));
    at += bytes.length + 4;
    return { name: Buffer.from(file.subarray(entry, entry + 4)).toString("latin1"), number: view.getUint32(entry + 4, true), bytes };
  });
}

/** A snapshot of these sections with checksums that are right. */
export function assemble(
  parts: readonly Part[],
  { version = 1, lie = 0 }: { readonly version?: number; readonly lie?: number } = {},
): Uint8Array {
  const table = head + parts.length * line;
  const file = new Uint8Array(table + parts.reduce((sum, { bytes }) => sum + bytes.length + 4, 0));
  const view = new DataView(file.buffer);
  file.set(Buffer.from("894e45415254530a", "hex"));
  view.setUint32(8, version, true);
  view.setUint32(12, parts.length, true);
  view.setBigUint64(16, BigInt(file.length), true);
  let at = table;
  for (const [i, { name, number, bytes }] of parts.entries()) {
    const entry = head + i * line;
    file.set(Buffer.from(name, "latin1"), entry);
    view.setUint32(entry + 4, number, true);
    // A lie moves bytes from one section to the next.
    view.setBigUint64(entry + 8, BigInt.asUintN(64, BigInt(bytes.length) + BigInt(i === 0 ? lie : i === 1 ? -lie : 0)), true);
    file.set(bytes, at);
    view.setUint32(at + bytes.length, crc32(bytes), true);
    at += bytes.length + 4;
  }
  view.setUint32(24, crc32(file.subarray(0, 24)), true);
  view.setUint32(28, crc32(file.subarray(head, table)), true);
  return file;
}

/** The text and the arrays of section META. */
export function splitMeta(meta: Uint8Array): { readonly text: string; readonly arrays: Uint8Array } {
  const view = new DataView(meta.buffer, meta.byteOffset, meta.byteLength);
  const [textBytes, arrayBytes] = [view.getUint32(0, true), view.getUint32(4, true)];
  return { text: Buffer.from(meta.subarray(8, 8 + textBytes)).toString(), arrays: meta.slice(meta.length - arrayBytes) };
}

/** The section with another text, or other arrays. */
export function joinMeta(text: Uint8Array, arrays: Uint8Array): Uint8Array {
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const meta = new Uint8Array(start + arrays.length);
  const view = new DataView(meta.buffer);
  view.setUint32(0, text.length, true);
  view.setUint32(4, arrays.length, true);
  meta.set(text, 8);
  meta.set(arrays, start);
  return meta;
}
