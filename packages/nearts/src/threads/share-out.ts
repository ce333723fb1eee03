import type { Awaitable } from "../core/contracts.js";
import { type DenseRows, slice } from "../core/rows.js";
import type { QueryPlan } from "../engine/plan.js";
import type { Search } from "../engine/search.js";
import type { SharedResults, Task } from "./task.js";

/** Queries that a thread takes at a time: few, so that all threads end together. */
const takenAtOnce = 8;

/** The queries of a task. */
export function queriesOf({ dim, count, queries }: Pick<Task, "dim" | "count" | "queries">): DenseRows {
  return { kind: "dense", dim, count, values: queries };
}

/** Answers queries as long as there are some that no thread has taken. */
export async function answerShare(
  search: Search,
  plan: QueryPlan,
  task: Pick<Task, "control" | "count" | "dim" | "queries" | "results">,
  between: () => Awaitable<void>,
): Promise<void> {
  const queries = queriesOf(task);
  for (;;) {
    const from = Atomics.add(task.control, 0, takenAtOnce);
    if (from >= task.count) return;
    await answerRange(search, plan, queries, from, Math.min(task.count, from + takenAtOnce), task.results);
    await between();
  }
}

/** Answers queries `from` to `to` − 1. */
export async function answerRange(
  search: Search,
  plan: QueryPlan,
  queries: DenseRows,
  from: number,
  to: number,
  { limit, rows, distances, counts }: SharedResults,
): Promise<void> {
  let q = from;
  const take = (found: { count: number; rows: Uint32Array; distances: Float64Array }) => {
    const count = Math.min(found.count, limit);
    rows.set(found.rows.subarray(0, count), q * limit);
    distances.set(found.distances.subarray(0, count), q * limit);
    counts[q++] = count + 1;
  };
  await search.runMany(slice(queries, from, to) as DenseRows, plan, take, () => undefined); // a slice of dense rows is dense
}
