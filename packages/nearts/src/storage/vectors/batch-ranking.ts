import { Candidates } from "../../core/columns.js";
import type { Rows } from "../../core/rows.js";
import { batch, block, type FormatMetric } from "./page.js";
import type { RowPages } from "./row-pages.js";

/**
 * The `heap` best of the same candidates for each row of `queries`, which calls `each` in order: blocks of rows that stay in the cache while a batch of
 * queries passes. For one page, and heaps of which {@link batch} fit beside it. `scales` as in {@link RowPages.fill}.
 */
export function nearestOfBatches(
  pages: RowPages,
  metric: FormatMetric,
  queries: Rows,
  scales: Float32Array | null,
  candidates: Candidates,
  heap: number,
  each: (q: number, best: Candidates) => void,
): void {
  for (let from = 0; from < queries.count; from += batch) {
    const held = rankBatch(pages, metric, queries, from, scales, candidates, heap);
    // All heaps are emptied before anyone is called, who may rank again in the same memory.
    const taken = Array.from(held, (pairs, q) => {
      const own = new Candidates();
      own.count = pages.take(0, q, pairs, heap, own, 0);
      return own;
    });
    for (let q = 0; q < taken.length; q++) each(from + q, taken[q]);
  }
}

/** Fills the heaps of up to {@link batch} queries from `from` on; returns how many each holds. */
function rankBatch(
  pages: RowPages,
  metric: FormatMetric,
  queries: Rows,
  from: number,
  scales: Float32Array | null,
  candidates: Candidates,
  heap: number,
): Uint32Array {
  const page = pages.all[0];
  const count = Math.min(batch, queries.count - from);
  for (let q = 0; q < count; q++) pages.putQuery(page, q, metric, queries, from + q);
  const held = new Uint32Array(count);
  for (let next = 0; next < candidates.count; ) {
    next = pages.fill(0, scales, candidates, next, block);
    page.widen(0, pages.filled);
    for (let q = 0; q < count; q += 4) page.rankFour(metric, q, pages.filled);
    for (let q = 0; q < count; q++) held[q] = page.offer(q, pages.filled, held[q], heap, Number.POSITIVE_INFINITY);
  }
  return held;
}
