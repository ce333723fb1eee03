import type { Candidates } from "../core/columns.js";
import type { Distance, Metric, RowReader } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { confirm, measureExactly, slack, spare, widened } from "./measure.js";
import type { QueryPlan } from "./plan.js";

/** Whether a stored row passes: it reads the row's data, which costs more than measuring it. */
export type Passes = (row: number) => boolean;

/** A query whose candidates are asked in the order of their ranks. */
interface Asked {
  readonly distance: Distance;
  readonly metric: Metric;
  readonly query: Rows;
  readonly reader: RowReader;
  /** Rank within which results lie. */
  readonly reach: number;
  readonly passes: Passes;
}

/** Of so many ranked candidates for each result wanted, the first are asked; then of four times as many. */
const rankedAtFirst = 4;

/**
 * As `measure`, of the candidates that pass: these are asked nearest first, and no more than there must be. Says whether rows that did not come as
 * candidates may be nearer than some that pass: codes chose them, and too few of them pass to know.
 */
export function measureMatching(
  distance: Distance,
  plan: QueryPlan,
  query: Rows,
  reader: RowReader,
  candidates: Candidates,
  passes: Passes,
): boolean {
  const { nearest, within } = plan;
  const { metric } = distance;
  if (metric === undefined || distance.toRank === undefined) return false; // a plan for it would not ask in order
  const reach = within === undefined ? Number.POSITIVE_INFINITY : widened(distance.toRank(within), reader.rounding(metric, query));
  const asked = { distance, metric, query, reader, reach, passes };
  if (nearest !== undefined && candidates.bounded) return nearestByCodes(asked, candidates, nearest, plan.sought ?? nearest);
  if (nearest !== undefined) nearestOfAll(asked, candidates, nearest);
  else {
    reader.nearest(metric, query, candidates, candidates.count, reach);
    keepPassing(candidates, passes, candidates.count);
    measureExactly(distance, query, reader, candidates);
  }
  return false;
}

/** Of candidates that codes chose as the nearest `sought` only these are known to be complete: whatever lies beyond them is not asked. */
function nearestByCodes(
  { distance, metric, query, reader, reach, passes }: Asked,
  candidates: Candidates,
  nearest: number,
  sought: number,
): boolean {
  reader.nearest(metric, query, candidates, sought + spare, reach);
  const cut = candidates.count >= sought;
  keepPassing(candidates, passes, nearest + spare);
  measureExactly(distance, query, reader, candidates);
  return cut;
}

function nearestOfAll(asked: Asked, candidates: Candidates, nearest: number): void {
  const { distance, metric, query, reader, reach, passes } = asked;
  const wanted = nearest + slack(nearest);
  const { count } = candidates;
  candidates.save();
  for (let limit = rankedAtFirst * wanted; ; limit *= 4) {
    reader.nearest(metric, query, candidates, Math.min(limit, count), reach);
    const all = limit >= count || candidates.count < limit;
    keepPassing(candidates, passes, wanted);
    if (all || candidates.count === wanted) break;
    candidates.restore();
  }
  if (candidates.count < wanted) return measureExactly(distance, query, reader, candidates);
  const bound = confirm(distance, nearest, query, reader, candidates);
  if (bound === null) return;
  candidates.restore();
  reader.nearest(metric, query, candidates, count, Math.min(bound, reach));
  keepPassing(candidates, passes, candidates.count);
  measureExactly(distance, query, reader, candidates);
}

/** Keeps the first candidates that pass, at most so many; those after them are not asked. */
function keepPassing(candidates: Candidates, passes: Passes, most: number): void {
  const kept = new Uint32Array(Math.min(most, candidates.count));
  let count = 0;
  for (let i = 0; i < candidates.count && count < most; i++) if (passes(candidates.rows[i])) kept[count++] = i;
  candidates.keep(kept, count);
}
