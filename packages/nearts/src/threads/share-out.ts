import type { Candidates } from "../core/columns.js";
import type { Awaitable } from "../core/contracts.js";
import { type DenseRows, slice } from "../core/rows.js";
import type { Sink } from "../engine/finish.js";
import type { QueryPlan } from "../engine/plan.js";
import { runMany } from "../engine/run-many.js";
import type { Search } from "../engine/search.js";
import type { AnswerTask, SharedResults } from "./task.js";

/** Queries that a thread takes over from others at once, at most. */
const mostTakenOver = 64;

/** Queries that threads share. */
export type SharedQueries = Pick<AnswerTask, "dim" | "count" | "shares" | "queries" | "taken" | "control">;

/** By what a thread answers its share. */
export interface Answering {
  readonly search: Search;
  readonly plan: QueryPlan;
  /** Receives the results of each query that this thread answers, in any order. */
  readonly sink: Sink;
  /** Called between pieces of work; may wait, and ends the work where it throws. */
  readonly between: () => Awaitable<void>;
}

/** The queries of a task. */
export function queriesOf({ dim, count, queries }: Pick<AnswerTask, "dim" | "count" | "queries">): DenseRows {
  return { kind: "dense", dim, count, values: queries };
}

/**
 * Answers queries as long as there are some that no thread has taken: first shares of them, as many together are answered sooner, then those that others
 * have not come to, fewer and fewer, so that all end together (guided self-scheduling, Polychronopoulos & Kuck 1987). Those that have to read more than
 * this thread can stay unanswered.
 */
export async function answerShare(answering: Answering, shared: SharedQueries): Promise<void> {
  const queries = queriesOf(shared);
  for (let share = takeShare(shared); share !== null; share = takeShare(shared)) {
    const { from, to } = share;
    awaitQueries(shared, to);
    await answerSome(answering, shared, slice(queries, from, to) as DenseRows, (i) => from + i); // of dense rows
  }
  awaitQueries(shared, shared.count);
  for (let left = leftOver(shared, shared.count); left.length > 0; left = leftOver(shared, left[0] + 1)) {
    await answerSome(answering, shared, gathered(queries, left), (i) => left[i]);
  }
}

/** Answers those of some queries, whose numbers `number` tells, that no thread has taken. */
export function answerSome(
  { search, plan, sink, between }: Answering,
  { taken }: Pick<SharedQueries, "taken">,
  queries: DenseRows,
  number: (i: number) => number,
): Promise<void> {
  return runMany(search, {
    queries,
    plan,
    sink: (found, reader, i) => sink(found, reader, number(i)),
    between,
    take: (i) => Atomics.exchange(taken, number(i), 1) === 0,
    handBack: () => undefined,
  });
}

/** Queries `from` to `to` − 1. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** The next share that no thread has begun with; null where there is none. */
function takeShare({ control, count, shares }: SharedQueries): Range | null {
  const share = Atomics.add(control, 0, 1);
  if (share >= shares) return null;
  return { from: Math.floor((count * share) / shares), to: Math.floor((count * (share + 1)) / shares) };
}

/** The last of the queries before number `before` that no thread has taken, as many as leave enough for the others; the last first. */
function leftOver({ taken, shares }: SharedQueries, before: number): readonly number[] {
  const left: number[] = [];
  for (let q = before - 1; q >= 0 && left.length < mostTakenOver * 2 * shares; q--) if (Atomics.load(taken, q) === 0) left.push(q);
  return left.slice(0, Math.ceil(left.length / (2 * shares)));
}

/** Waits until the first `wanted` queries are there. Who brings them does nothing else before all are, so that it is not for long. */
function awaitQueries({ control }: SharedQueries, wanted: number): void {
  const last = control.length - 1;
  for (let there = Atomics.load(control, last); there < wanted; there = Atomics.load(control, last)) Atomics.wait(control, last, there);
}

function gathered({ dim, values }: DenseRows, numbers: readonly number[]): DenseRows {
  const some = new Float32Array(numbers.length * dim);
  for (const [i, q] of numbers.entries()) some.set(values.subarray(q * dim, (q + 1) * dim), i * dim);
  return { kind: "dense", dim, count: numbers.length, values: some };
}

/** Keeps what was found for query `q`, for the thread that asks. */
export function keepResults({ limit, rows, distances, counts, order }: SharedResults, q: number, found: Candidates): void {
  const count = Math.min(found.count, limit);
  const first = q * limit;
  // In a loop: so few are copied sooner than views of them are made.
  for (let i = 0; i < count; i++) {
    rows[first + i] = found.rows[i];
    distances[first + i] = found.distances[i];
  }
  Atomics.store(counts, q, count + 1);
  Atomics.store(order, Atomics.add(order, order.length - 1, 1), q + 1);
}
