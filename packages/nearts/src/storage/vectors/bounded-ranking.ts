import { Candidates } from "../../core/columns.js";
import type { Rows } from "../../core/rows.js";
import { keepNearest } from "../../numeric/select.js";
import type { FormatMetric } from "./page.js";
import type { RowPages } from "./row-pages.js";

/** A query of this length, which lies beside the first page already. */
export interface BoundedQuery {
  readonly metric: FormatMetric;
  readonly query: Rows;
  readonly length: number;
}

/**
 * Keeps the `limit` best candidates of rank ≤ `within`, best first, reading rows in the order of the candidates' bounds, which are likely not over their
 * ranks, and none whose bound is over the worst rank held. `limit` is from 1 to less than {@link heapPairs}.
 */
export function keepNearestBounded(
  pages: RowPages,
  { metric, query, length }: BoundedQuery,
  candidates: Candidates,
  limit: number,
  within: number,
): void {
  const found = pages.all.length === 1 ? candidates : new Candidates();
  // The kernel's cosines are those of a unit query, times the query's length: so the query need not be divided by it.
  const scale = metric === "cosine" ? length : 1;
  let [kept, worst] = [0, within * scale];
  for (let p = 0; p < pages.all.length; p++) {
    if (p > 0) pages.putQuery(pages.all[p], 0, "dot", query, 0);
    let held = 0;
    for (let from = 0; from < candidates.count; ) {
      const [next, filled] = fill(pages, p, candidates, from, limit, scale);
      held = pages.all[p].offerBounded(metric, filled, held, limit, worst);
      from = next;
    }
    // What is worse than the best of one page so many need not be read in another.
    if (held === limit) worst = Math.min(worst, pages.all[p].worst());
    kept = pages.take(p, 0, held, limit, found, kept);
  }
  found.count = kept;
  for (let i = 0; i < kept && scale !== 1; i++) found.distances[i] /= scale;
  found.bounded = false;
  if (found === candidates) return;
  keepNearest(found, limit);
  candidates.copyFrom(found);
}

/** Writes row numbers and bounds, times `scale`, of candidates in page `p` into its scratch; returns where to go on, and how many it wrote. */
function fill(
  pages: RowPages,
  p: number,
  { rows, lower, count }: Candidates,
  from: number,
  limit: number,
  scale: number,
): [number, number] {
  const page = pages.all[p];
  const { numbers, bounds, room } = page.bounded(limit);
  const { f32, u32 } = page.arena.views();
  const first = p * page.capacity;
  let filled = 0;
  let at = from;
  for (; at < count && filled < room; at++) {
    const number = rows[at] - first;
    if (number < 0 || number >= page.capacity) continue;
    u32[(numbers >>> 2) + filled] = number;
    f32[(bounds >>> 2) + filled++] = lower[at] * scale;
  }
  return [at, filled];
}
