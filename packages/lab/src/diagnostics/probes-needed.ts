import { type Hash, type KeyDirectory, Probes, type Rows } from "nearts";
import { pick } from "../data/pick.js";
import type { Truth } from "../data.js";
import type { Curve } from "../results.js";
import { RowKeys } from "./row-keys.js";

const mostQueries = 200;
/** Buckets that are looked into for a query: so many a table, and so many at most. */
const bucketsPerTable = 64;
const mostBuckets = 1024;

/** The share of true neighbours that lie in the first so many buckets that a hash proposes. */
export function probesNeeded(hash: Hash, directory: KeyDirectory, base: Rows, queries: Rows, truth: Truth): Curve {
  const count = Math.min(mostQueries, queries.count);
  const budget = Math.max(hash.tables, Math.min(mostBuckets, hash.tables * bucketsPerTable));
  const near = new RowKeys(hash, pick(base, truth.rows.subarray(0, count * truth.k)));
  const found = new Float64Array(budget);
  const probes = new Probes();
  let longest = 1;
  for (let q = 0; q < count; q++) {
    probes.clear();
    hash.probes(pick(queries, [q]), directory, budget, probes);
    longest = Math.max(longest, Math.min(budget, probes.count));
    for (let n = q * truth.k; n < (q + 1) * truth.k; n++) {
      const place = firstWith(probes, near, n);
      if (place >= 0 && place < budget) found[place]++;
    }
  }
  const points: { x: number; y: number }[] = [];
  let sum = 0;
  for (let p = 0; p < longest; p++) {
    sum += found[p];
    // Every place at first, then ever fewer: the curve is drawn over orders of magnitude.
    const last = points[points.length - 1]?.x ?? 0;
    if (p + 1 >= last * 1.1 || p + 1 === longest) points.push({ x: p + 1, y: sum / (count * truth.k) });
  }
  return {
    title: "Neighbours by buckets read",
    xLabel: hash.tables === 1 ? "buckets read" : `buckets read, over all ${hash.tables} tables`,
    yLabel: "share of true neighbours",
    points,
  };
}

/** The first probe whose bucket holds a row; −1 where none does. */
function firstWith({ count, tables, hi, lo, prefixBits }: Probes, keys: RowKeys, row: number): number {
  for (let p = 0; p < count; p++) if (keys.isIn(row, tables[p], hi[p], lo[p], prefixBits[p])) return p;
  return -1;
}
