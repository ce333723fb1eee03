import type { Candidates } from "../core/columns.js";
import type { FilterContext, RowReader } from "../core/contracts.js";
import { type Rows, slice } from "../core/rows.js";
import { applyDistanceFilters, confirm, measure, measureExactly, slack } from "./measure.js";
import { measureMatching } from "./measure-matching.js";
import type { QueryPlan } from "./plan.js";
import type { Scratch } from "./scratch.js";
import { WhereFilter } from "./where-filter.js";

/** Receives the results of one query, number `q` of those asked together: `candidates` in order, readable through `reader`, until it returns. */
export type Sink = (candidates: Candidates, reader: RowReader, q: number) => void;

/** Told of a query, number `q` of those asked together, that has to read more than its thread can and has no results. */
export type HandBack = (q: number) => void;

/** Leaves the results of one query, whose candidates are in `scratch`, and what it came to. */
export function finish(query: Rows, plan: QueryPlan, { candidates, outcome, probes }: Scratch, reader: RowReader): void {
  const context = contextOf(reader);
  outcome.probes = probes.count;
  // A scan by codes says how many it read before it stopped.
  if (!candidates.bounded) candidates.probed = probes.count;
  outcome.raw = candidates.raw;
  outcome.scanned = candidates.count;
  outcome.cut = false;
  for (const filter of plan.scanFilters) filter.apply(candidates, context);
  const rest = plan.where?.rest ?? null;
  if (rest !== null && !plan.asksInOrder) new WhereFilter(rest).apply(candidates, context);
  outcome.matched = candidates.count;
  for (const filter of plan.candidateFilters) filter.apply(candidates, context);
  candidates.proposed = candidates.count;
  if (plan.distance === null) return;
  if (rest !== null && plan.asksInOrder) {
    const passes = (row: number) => rest(context.data(row), context.id(row));
    outcome.cut = measureMatching(plan.distance, plan, query, reader, candidates, passes);
    outcome.matched = candidates.count;
  } else measure(plan.distance, plan, query, reader, candidates);
  applyDistanceFilters(plan, candidates, context);
}

/** Gives the results of several queries that have the same candidates. */
export function finishTogether(queries: Rows, plan: QueryPlan, candidates: Candidates, reader: RowReader, sink: Sink): void {
  const { distance, nearest } = plan;
  if (distance?.metric === undefined || nearest === undefined) return; // only sharable plans come here
  const { metric } = distance;
  const limit = Math.min(nearest + slack(nearest), candidates.count);
  reader.nearestOfMany(metric, queries, candidates, limit, (q, best) => {
    const query = slice(queries, q, q + 1);
    const bound = limit < candidates.count ? confirm(distance, nearest, query, reader, best) : undefined;
    if (typeof bound === "number") {
      best.copyFrom(candidates);
      reader.nearest(metric, query, best, best.count, bound);
    }
    if (bound !== null) measureExactly(distance, query, reader, best);
    best.raw = candidates.raw;
    applyDistanceFilters(plan, best, contextOf(reader));
    sink(best, reader, q);
  });
}

/** What filters may ask, answered by a reader. */
export function contextOf(reader: RowReader): FilterContext {
  return {
    id: (row) => reader.id(row),
    data: (row) => {
      const text = reader.data(row);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    vector: (row) => reader.vector(row),
  };
}
