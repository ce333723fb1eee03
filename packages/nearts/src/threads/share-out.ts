import type { Candidates } from "../core/columns.js";
import type { Awaitable } from "../core/contracts.js";
import { type DenseRows, slice } from "../core/rows.js";
import type { QueryPlan } from "../engine/plan.js";
import { runMany } from "../engine/run-many.js";
import type { Search } from "../engine/search.js";
import type { AnswerTask, SharedResults } from "./task.js";

/** Queries that a thread takes at a time: few, so that all threads end together. */
const takenAtOnce = 8;

/** The queries of a task. */
export function queriesOf({ dim, count, queries }: Pick<AnswerTask, "dim" | "count" | "queries">): DenseRows {
  return { kind: "dense", dim, count, values: queries };
}

/** Answers queries as long as there are some that no thread has taken, and that are wanted; says how many. */
export async function answerShare(
  search: Search,
  plan: QueryPlan,
  task: Pick<AnswerTask, "control" | "count" | "dim" | "queries" | "results">,
  between: () => Awaitable<void>,
): Promise<number> {
  const queries = queriesOf(task);
  for (let answered = 0; ; ) {
    const from = Atomics.add(task.control, 0, takenAtOnce);
    if (from >= task.count) return answered;
    const to = Math.min(task.count, from + takenAtOnce);
    awaitQueries(task.control, to);
    answered += await answerRange(search, plan, queries, from, to, task.results);
    await between();
  }
}

/** Waits until the first `wanted` queries are there. Who brings them does nothing else before all are, so that it is not for long. */
function awaitQueries(control: Int32Array, wanted: number): void {
  const last = control.length - 1;
  for (let there = Atomics.load(control, last); there < wanted; there = Atomics.load(control, last)) Atomics.wait(control, last, there);
}

/** Answers queries `from` to `to` − 1; those that have to read more than the plan says stay unanswered. Says how many it answered. */
export async function answerRange(
  search: Search,
  plan: QueryPlan,
  queries: DenseRows,
  from: number,
  to: number,
  results: SharedResults,
): Promise<number> {
  let handedBack = 0;
  await runMany(search, {
    queries: slice(queries, from, to),
    plan,
    sink: (found, _, q) => keepResults(results, from + q, found),
    between: () => undefined,
    handBack: () => {
      handedBack++;
    },
  });
  return to - from - handedBack;
}

/** Keeps what was found for query `q`. */
export function keepResults({ limit, rows, distances, counts }: SharedResults, q: number, found: Candidates): void {
  const count = Math.min(found.count, limit);
  rows.set(found.rows.subarray(0, count), q * limit);
  distances.set(found.distances.subarray(0, count), q * limit);
  Atomics.store(counts, q, count + 1);
}
