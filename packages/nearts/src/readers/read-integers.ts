import { decode, type ReadOptions, toRequest } from "./decode.js";
import { badFile } from "./faults.js";
import { type IntegerRows, readIntegerRows } from "./formats/ivecs.js";
import { join } from "./join.js";
import type { Source } from "./source.js";

/**
 * All rows of an ivecs file (ground truth: the row numbers of each query's neighbours), gzipped or not, as the integers they are.
 * E_BAD_FILE where damaged or empty.
 */
export async function readIntegers(source: Source, options: ReadOptions = {}): Promise<IntegerRows> {
  const request = toRequest(options, "ivecs", typeof source === "string" ? source : undefined);
  const parts: Int32Array[] = [];
  let dim = 0;
  let count = 0;
  for await (const rows of decode(source, options, { read: (input) => readIntegerRows(input, request), countRows: (part) => part.count })) {
    parts.push(rows.values);
    dim = rows.dim;
    count += rows.count;
  }
  if (count === 0) throw badFile(request, "it has 0 rows, expected at least 1; check that it is the right file", { rows: 0 });
  return { dim, count, values: join(parts, (length) => new Int32Array(length)) };
}
