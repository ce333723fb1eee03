import type { Truth } from "../data.js";

/** What came of asking one engine all queries in one way, as columns: what measures look at. */
export interface Outcome {
  /** Neighbours that were wanted. */
  readonly k: number;
  readonly queries: number;
  readonly truth: Truth;
  readonly answers: Answers;
  readonly work: Work;
  /** Microseconds of each query, one by one, in the fastest pass over all. */
  readonly micros: Float64Array;
  /** Microseconds a query of an exact search, one by one on one thread, asked between those passes: what time ratios refer to. */
  readonly exactMicros: number;
  readonly buildSeconds: number;
  /** All that the engine holds, vectors included. */
  readonly bytes: number;
}

/** Results of queries: those of query q are `rows[offsets[q] … offsets[q+1])` and as many distances, nearest first. */
export interface Answers {
  readonly offsets: Uint32Array;
  readonly rows: Uint32Array;
  readonly distances: Float64Array;
}

/** What each query cost before its results were sorted. */
export interface Work {
  /** Buckets read. */
  readonly buckets: Float64Array;
  /** Entries read in them, repeats included: by their codes where there are codes. */
  readonly entries: Float64Array;
  /** Stored vectors that were measured exactly. */
  readonly candidates: Float64Array;
}

/** Results of query `q`. */
export function answerOf({ offsets, distances }: Answers, q: number): Float64Array {
  return distances.subarray(offsets[q], offsets[q + 1]);
}

/** Distance of the last true neighbour of query `q` that is wanted; −∞ where nothing is stored. */
export function limitOf({ k, truth }: Outcome, q: number): number {
  const wanted = wantedOf({ k, truth });
  return wanted === 0 ? Number.NEGATIVE_INFINITY : truth.distances[q * truth.k + wanted - 1];
}

/** Neighbours that can be found: k, or as many as there are rows. */
export function wantedOf({ k, truth }: Pick<Outcome, "k" | "truth">): number {
  return Math.min(k, truth.k);
}

/** One value for each query. */
export function eachQuery({ queries }: Outcome, value: (q: number) => number): Float64Array {
  return Float64Array.from({ length: queries }, (_, q) => value(q));
}

/** How many distances are at most `limit`. */
export function within(distances: Float64Array, limit: number): number {
  let count = 0;
  for (const distance of distances) if (distance <= limit) count++;
  return count;
}
