import { badFile } from "./faults.js";

/** The footer's length (4 bytes) and `ARROW1`, with which a file ends. */
const endBytes = 10;
/** A block: place, length of its description and of its body. */
const blockBytes = 24;
/** Fields of the footer that are lists of blocks (Arrow, File.fbs). */
const lists = { "dictionary batches": 2, "record batches": 3 };

/** Bytes of a file from a place on, as many as there are. */
export type ReadAt = (at: number, length: number) => Uint8Array;

/**
 * Refuses an Arrow file of `size` bytes whose footer lies outside of it, or lists more batches than it has room for: whoever believes it goes through them all. The footer
 * is a FlatBuffer: its table points to a vtable of 16-bit places of fields, a vector starts with its length.
 */
export function checkFooter(path: string, size: number, readAt: ReadAt): void {
  const end = viewOf(readAt(Math.max(0, size - endBytes), endBytes));
  const length = end.byteLength < endBytes ? 0 : end.getInt32(0, true);
  if (length <= 0 || length > size - endBytes)
    throw badFile(path, `its footer claims ${length} bytes, the file has ${size}; it is cut off or damaged`, { claimed: length });
  const footer = viewOf(readAt(size - endBytes - length, length));
  for (const [what, field] of Object.entries(lists)) {
    const count = lengthOf(footer, field);
    if (count * blockBytes <= length) continue;
    throw badFile(path, `its footer of ${length} bytes lists ${count} ${what}; it is damaged`, { claimed: count });
  }
}

/** Length of the vector in a field of the root table, 0 where there is none; Infinity where it is said to be outside. */
function lengthOf(footer: DataView, field: number): number {
  try {
    const table = footer.getUint32(0, true);
    const vtable = table - footer.getInt32(table, true);
    const slot = 4 + 2 * field;
    if (slot >= footer.getUint16(vtable, true)) return 0;
    const place = footer.getUint16(vtable + slot, true);
    if (place === 0) return 0;
    return footer.getUint32(table + place + footer.getUint32(table + place, true), true);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
