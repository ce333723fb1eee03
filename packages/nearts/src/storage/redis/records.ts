import type { Codes } from "../../core/codes.js";
import type { SchemaHash } from "../../core/contracts.js";

/** The row of a place that holds nothing. */
export const deadRow = 0xffffffff;

/** Without codes a record is row (u32) and end (u32, seconds of the server's clock; 0 for none). */
const plainBytes = 8;

/**
 * How the records of a hash's buckets lie: row (u32), add, scale, error (f32), the code in whole words, end (u32, seconds of the server's clock; 0 for none).
 * That is what the scan kernel reads as a record, its code longer by the end: eight groups more, which count nothing.
 */
export interface RecordLayout {
  /** Groups of 4 bits of a code; 0 where there is none. */
  readonly groups: number;
  /** The same with the end and what pads the code: a multiple of 8. */
  readonly scannedGroups: number;
  readonly bytes: number;
  /** Bytes between row and end. */
  readonly bodyBytes: number;
}

export function recordLayout({ sketch }: Pick<SchemaHash, "sketch">): RecordLayout {
  const groups = sketch?.groups ?? 0;
  if (groups === 0) return { groups, scannedGroups: 0, bytes: plainBytes, bodyBytes: 0 };
  const words = Math.ceil(groups / 8);
  return { groups, scannedGroups: (words + 1) * 8, bytes: 16 + words * 4 + 4, bodyBytes: 12 + words * 4 };
}

/** Writes what lies between row and end: entry `e` of `codes`. */
export function putBody(bytes: Buffer, at: number, { bodyBytes }: RecordLayout, codes: Codes, e: number): void {
  bytes.writeFloatLE(codes.add[e], at);
  bytes.writeFloatLE(codes.scale[e], at + 4);
  bytes.writeFloatLE(codes.error[e], at + 8);
  const { bytesPerCode } = codes;
  bytes.set(codes.bytes.subarray(e * bytesPerCode, (e + 1) * bytesPerCode), at + 12);
  bytes.fill(0, at + 12 + bytesPerCode, at + bodyBytes);
}
