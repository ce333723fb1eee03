import type { Candidates } from "../../core/columns.js";

/** Appends `length` rows of `source` from `start` on to `out`; with `stamps`, only those whose stamp is not `stamp` yet. */
export function appendRows(
  source: Uint32Array,
  start: number,
  length: number,
  out: Candidates,
  stamps: Uint32Array | null,
  stamp: number,
): void {
  if (length === 0) return;
  out.raw += length;
  out.reserve(length);
  const { rows } = out;
  let { count } = out;
  if (stamps === null) {
    rows.set(source.subarray(start, start + length), count);
    out.count = count + length;
    return;
  }
  for (let i = start; i < start + length; i++) {
    const row = source[i];
    if (stamps[row] === stamp) continue;
    stamps[row] = stamp;
    rows[count++] = row;
  }
  out.count = count;
}
