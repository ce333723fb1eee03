import { badFile, checkDim } from "../faults.js";
import type { Request, Steps, VectorChunk } from "../format.js";
import type { Input } from "../input.js";
import type { NumberName } from "../numbers.js";
import { int32At, type Layout, readRecords } from "../records.js";

/**
 * Rows of the vecs formats (corpus-texmex.irisa.fr): each a little-endian int32 count and that many numbers; all rows have the count of the
 * first.
 */
export function* readVecs(input: Input, request: Request, name: NumberName): Steps<VectorChunk> {
  const layout = yield* vecsLayout(input, request, name);
  if (layout !== null) yield* readRecords(input, request, layout);
}

/** How the rows lie, by the count of the first; null where the file is empty. */
export function* vecsLayout(input: Input, request: Request, name: NumberName): Generator<null, Layout | null, undefined> {
  const whole = yield* input.need(4);
  if (input.length === 0) return null;
  if (!whole)
    throw badFile(request, `row 0 needs a count of 4 bytes, the file has ${input.length}; it is cut off`, { row: 0, got: input.length });
  const dim = int32At(input.bytes(), 0);
  checkDim(request, dim, "row 0");
  return { type: { name, bigEndian: false }, dim, counted: true };
}
