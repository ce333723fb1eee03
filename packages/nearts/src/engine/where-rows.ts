import type { Candidates } from "../core/columns.js";
import type { RowSet } from "../core/contracts.js";
import { entryNanos, vectorNanos } from "./cost.js";

/** So many rows are measured as fast as a scan finds out which of them to measure. */
const fewRows = 2000;

/** Selectivity below which all rows of the set are measured. */
const rare = 0.01;

/**
 * Whether a query that may find only `count` of `size` rows should measure all of them, which is exact, rather than scan buckets for them.
 *
 * A scan that reads the share f of the entries without a filter must read about f/s of them to see as many that count, with s = count/size. At c times
 * the cost of reading an entry's code for measuring a vector, measuring all s·size is cheaper while c·s < f/s, that is s < √(f/c): about 1 % to 4 %,
 * with f from 0.3 % to 3 % and c about 20. Below s = f the scan would read everything. Where vectors are short, c is less: then so many are measured as cost
 * half of reading all codes, of `groups` groups of 4 bits.
 */
export function measuresAll(count: number, size: number, { dim, groups }: { readonly dim: number; readonly groups: number }): boolean {
  if (count <= fewRows || count < size * rare) return true;
  return groups > 0 && count * vectorNanos(dim) < share * size * entryNanos(groups);
}

/** Share of a scan of all codes that measuring all rows may cost instead. */
const share = 0.5;

/** Appends the rows of a set, ascending. */
export function addRows({ words, count }: RowSet, out: Candidates): void {
  out.reserve(count);
  for (let w = 0; w < words.length; w++) {
    // The lowest set bit is the sign bit's distance from the top of what it leaves alone.
    for (let left = words[w]; left !== 0; left &= left - 1) out.add(w * 32 + 31 - Math.clz32(left & -left));
  }
}
