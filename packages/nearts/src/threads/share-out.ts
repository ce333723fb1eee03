import type { Candidates } from "../core/columns.js";
import type { Awaitable } from "../core/contracts.js";
import { type DenseRows, slice } from "../core/rows.js";
import type { QueryPlan } from "../engine/plan.js";
import { runMany } from "../engine/run-many.js";
import type { Search } from "../engine/search.js";
import type { AnswerTask, SharedResults } from "./task.js";

/** Queries that a thread takes at a time, at most, as many together are answered sooner; and at least, when few are left. */
const mostTaken = 256;
const leastTaken = 8;

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
  let answered = 0;
  for (let part = take(task); part !== null; part = take(task)) {
    awaitQueries(task.control, part.to);
    answered += await answerRange(search, plan, queries, part, task.results, between);
    await between();
  }
  return answered;
}

/** Takes some of the queries that no thread has: of those that are left so many for each thread that all end together (guided self-scheduling, Polychronopoulos & Kuck 1987). Null where none are left. */
function take({ control, count }: Pick<AnswerTask, "control" | "count">): Range | null {
  const threads = control.length - 1;
  for (let from = Atomics.load(control, 0); from < count; ) {
    const to = Math.min(count, from + Math.min(mostTaken, Math.max(leastTaken, Math.floor((count - from) / (2 * threads)))));
    const first = Atomics.compareExchange(control, 0, from, to);
    if (first === from) return { from, to };
    from = first;
  }
  return null;
}

/** Waits until the first `wanted` queries are there. Who brings them does nothing else before all are, so that it is not for long. */
function awaitQueries(control: Int32Array, wanted: number): void {
  const last = control.length - 1;
  for (let there = Atomics.load(control, last); there < wanted; there = Atomics.load(control, last)) Atomics.wait(control, last, there);
}

/** Queries `from` to `to` − 1. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Answers some queries; those that have to read more than this thread can stay unanswered. Says how many it answered. */
export async function answerRange(
  search: Search,
  plan: QueryPlan,
  queries: DenseRows,
  { from, to }: Range,
  results: SharedResults,
  between: () => Awaitable<void>,
): Promise<number> {
  let handedBack = 0;
  await runMany(search, {
    queries: slice(queries, from, to),
    plan,
    sink: (found, _, q) => keepResults(results, from + q, found),
    between,
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
