import type { Candidates } from "../core/columns.js";
import type { Distance, RowReader } from "../core/contracts.js";
import { type Rows, rowAt } from "../core/rows.js";
import { keepNearest } from "../numeric/select.js";
import type { QueryPlan } from "./plan.js";

/**
 * Leaves in `candidates` those that can still be results, with their distances in float64. Ranks in float32 decide who is measured
 * exactly: the nearest k and a few more, because two distances that differ by rounding only may come in either order of rank.
 */
export function measure(distance: Distance, plan: QueryPlan, query: Rows, reader: RowReader, candidates: Candidates): void {
  const { metric } = distance;
  const { nearest, within } = plan;
  if (metric !== undefined && nearest !== undefined && nearest + slack(nearest) < candidates.count) {
    reader.nearest(metric, query, candidates, nearest + slack(nearest), Number.POSITIVE_INFINITY);
  } else if (metric !== undefined && metric !== "dot" && within !== undefined && distance.toRank !== undefined) {
    const bound = distance.toRank(within);
    reader.nearest(metric, query, candidates, candidates.count, bound + margin(bound));
  }
  measureExactly(distance, query, reader, candidates);
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

/** How many more than k are measured exactly. */
export function slack(k: number): number {
  return Math.max(8, k >>> 3);
}

// Ranks carry the rounding of float32 sums: about 1e-5 of their size at the dimensions in use, and of 1 for cosines.
function margin(rank: number): number {
  return 1e-3 * Math.abs(rank) + 1e-5;
}
