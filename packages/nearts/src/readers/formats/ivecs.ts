import type { Format, Request, Steps } from "../format.js";
import type { Input } from "../input.js";
import { toIntegers } from "../numbers.js";
import { readBlocks } from "../records.js";
import { readVecs, vecsLayout } from "./vecs.js";

/** Rows of integers as ivecs files hold them, row-major. */
export interface IntegerRows {
  readonly dim: number;
  readonly count: number;
  readonly values: Int32Array;
}

/** ivecs: per row a little-endian int32 count and that many int32; as vectors they are rounded to float32 (exact up to 2²⁴). */
export const ivecs: Format = {
  name: "ivecs",
  names: /\.ivecs$/,
  read: (input, request) => readVecs(input, request, "i4"),
};

/** The rows of an ivecs file as the integers they are. */
export function* readIntegerRows(input: Input, request: Request): Steps<IntegerRows> {
  const layout = yield* vecsLayout(input, request, "i4");
  if (layout === null) return;
  for (const block of readBlocks(input, request, layout)) {
    yield block === null ? null : { dim: layout.dim, count: block.count, values: toIntegers(new Uint8Array(block.raw)) };
  }
}
