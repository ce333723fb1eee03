import type { Candidates } from "../core/columns.js";
import type { Distance, Rounding, RowReader } from "../core/contracts.js";
import { type Rows, rowAt } from "../core/rows.js";
import { keepNearest } from "../numeric/select.js";
import type { QueryPlan } from "./plan.js";

/**
 * Leaves in `candidates` those that can still be results, with their distances in float64. Ranks decide who is measured exactly: first the nearest k
 * and a few more. Where rounding could have kept a nearer one out, all whose rank is within rounding of the k-th are measured.
 */
export function measure(distance: Distance, plan: QueryPlan, query: Rows, reader: RowReader, candidates: Candidates): void {
  const { metric } = distance;
  const { nearest, within } = plan;
  if (candidates.bounded && metric !== undefined && nearest !== undefined) {
    // Chosen by estimates already: a vector lost to the rounding of its rank is as far as the last one found, unless ranks are mostly rounding.
    if (nearest + spare < candidates.count) {
      candidates.save();
      reader.nearest(metric, query, candidates, nearest + spare, Number.POSITIVE_INFINITY);
      measureExactly(distance, query, reader, candidates);
      const bound = blurred(distance, reader.rounding(metric, query), candidates);
      if (bound === null) return;
      candidates.restore();
      reader.nearest(metric, query, candidates, candidates.count, bound);
    }
  } else if (
    metric !== undefined &&
    distance.toRank !== undefined &&
    nearest !== undefined &&
    nearest + slack(nearest) < candidates.count
  ) {
    candidates.save();
    reader.nearest(metric, query, candidates, nearest + slack(nearest), Number.POSITIVE_INFINITY);
    const bound = confirm(distance, nearest, query, reader, candidates);
    if (bound === null) return;
    candidates.restore();
    reader.nearest(metric, query, candidates, candidates.count, bound);
  } else if (metric !== undefined && within !== undefined && distance.toRank !== undefined) {
    reader.nearest(metric, query, candidates, candidates.count, widened(distance.toRank(within), reader.rounding(metric, query)));
  }
  measureExactly(distance, query, reader, candidates);
}

/**
 * Measures the best ranked candidates exactly. Null if the k nearest of all are certainly among them; otherwise the rank up to which others may
 * be as near as the k-th.
 */
export function confirm(distance: Distance, k: number, query: Rows, reader: RowReader, best: Candidates): number | null {
  if (distance.metric === undefined || distance.toRank === undefined) return null;
  const rounding = reader.rounding(distance.metric, query);
  // Ranks without rounding chose rightly, among ties too.
  const exact = rounding.relative === 0 && rounding.absolute === 0;
  const worst = best.distances[best.count - 1];
  measureExactly(distance, query, reader, best);
  if (exact) return null;
  let certain = 0;
  for (let i = 0; i < best.count; i++) if (widened(distance.toRank(best.distances[i]), rounding) < worst) certain++;
  if (certain >= k) return null;
  const kth = best.distances.slice(0, best.count).sort()[Math.min(k, best.count) - 1];
  return widened(distance.toRank(kth), rounding);
}

/** Null unless rounding may move ranks by a good part of what tells the farthest measured candidate from the nearest and from distance 0; then the rank up to which others may be as near. */
function blurred(distance: Distance, rounding: Rounding, { distances, count }: Candidates): number | null {
  if (distance.toRank === undefined) return null;
  let [nearest, farthest] = [0, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    nearest = Math.min(nearest, distances[i]);
    farthest = Math.max(farthest, distances[i]);
  }
  const rank = distance.toRank(farthest);
  const bound = widened(rank, rounding);
  return bound - rank > blur * (rank - distance.toRank(nearest)) ? bound : null;
}

/** Distances of all candidates in float64. */
export function measureExactly(distance: Distance, query: Rows, reader: RowReader, candidates: Candidates): void {
  candidates.measured = true;
  const { distances, count } = candidates;
  if (distance.metric !== undefined && distance.fromExact !== undefined && reader.exact?.(distance.metric, query, candidates) === true) {
    for (let i = 0; i < count; i++) distances[i] = distance.fromExact(distances[i]);
    return;
  }
  const vector = rowAt(query, 0);
  for (let i = 0; i < count; i++) distances[i] = distance.between(vector, reader.vector(candidates.rows[i]));
}

/** Applies the plan's distance filters, and its order. */
export function applyDistanceFilters(
  plan: QueryPlan,
  candidates: Candidates,
  context: Parameters<QueryPlan["distanceFilters"][number]["apply"]>[1],
): void {
  for (const filter of plan.distanceFilters) filter.apply(candidates, context);
  if (plan.sorted) keepNearest(candidates, candidates.count);
}

/** Rounding of so much of the difference of ranks is too much. */
const blur = 0.25;

/** How many more than k are measured exactly where codes have chosen, for ranks in the wrong order. */
export const spare = 2;

/** How many more than k are measured exactly. */
export function slack(k: number): number {
  return Math.max(8, k >>> 3);
}

/** A rank's upper bound, once more than its rounding, so that the comparison's own rounding does not matter. */
export function widened(rank: number, { relative, absolute }: Rounding): number {
  return rank + 2 * (Math.abs(rank) * relative + absolute);
}
