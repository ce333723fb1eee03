import { type BucketStats, type DistanceName, Engine, type Hash } from "nearts";
import { Progress } from "../terminal/progress.js";
import { breathe } from "./breathe.js";
import { type RealRows, vectorAt } from "./vectors.js";

/** What is tried: vectors to store, and others to ask with. */
export interface Ground {
  readonly stored: RealRows;
  readonly queries: RealRows;
  readonly distance: DistanceName;
  /** Neighbours wanted. */
  readonly k: number;
  readonly signal: AbortSignal;
}

/** An engine to try. */
export interface Contender {
  readonly label: string;
  readonly hashes: readonly Hash[];
  readonly probes: number;
}

/** What a trial found. */
export interface Trial {
  readonly indexSeconds: number;
  readonly buckets: number;
  readonly largestBucket: number;
  readonly skew: number;
  /** Entries read, and different rows among them, of a query on average. */
  readonly entries: number;
  readonly candidates: number;
  /** Distances of each query's results, ascending. */
  readonly answers: readonly Float64Array[];
  /** The stored rows that these belong to. */
  readonly found: readonly Uint32Array[];
  /** Queries a second, asked one after the other, in the fastest round. */
  readonly rate: number;
}

/** An engine of vectors of either kind. */
export type Index = Engine<unknown, "dense" | "sparse">;

/** All queries are asked again and the fastest round counts, until they took so long: short rounds tell more of the machine than of the engine. */
const ENOUGH_MILLIS = 400;
const MOST_ROUNDS = 5;

/** Indexes the vectors and asks every query, one after the other; `look` may look at the engine before it is closed. */
export async function tryOut(ground: Ground, contender: Contender, look?: (engine: Index) => Promise<void>): Promise<Trial> {
  const { stored, distance, signal } = ground;
  const engine: Index = new Engine({ dim: stored.dim, kind: stored.kind, distance, hashes: contender.hashes });
  const indexing = new Progress({ label: `indexing by ${contender.label}`, unit: "rows", total: stored.count });
  await engine.storeManyVectors(stored, { signal, onProgress: (progress) => indexing.update(progress.stored) });
  const indexSeconds = indexing.end();
  const work = await countCandidates(engine, ground, contender.probes);
  const asked = await ask(engine, ground, contender);
  const { hashes } = await engine.stats();
  await look?.(engine);
  await engine.close();
  return { indexSeconds, ...summed(hashes), ...work, ...asked };
}

/** The numbers of a trial, for programs. */
export function numbersOf({ indexSeconds, buckets, largestBucket, skew, entries, candidates, rate }: Trial): object {
  return { indexSeconds, buckets, largestBucket, skew, entries, candidates, queriesPerSecond: rate };
}

/** The mean part of each query's true neighbours that was found. */
export function recall(answers: readonly Float64Array[], exact: readonly Float64Array[]): number {
  let sum = 0;
  for (let q = 0; q < exact.length; q++) sum += recallOfOne(answers[q], exact[q]);
  return exact.length === 0 ? 1 : sum / exact.length;
}

/** The part of a query's true neighbours that was found: both given as distances, ascending. What lies as near as the last true one counts, since ties have no order. */
export function recallOfOne(answer: Float64Array, exact: Float64Array): number {
  if (exact.length === 0) return 1;
  const farthest = exact[exact.length - 1];
  const limit = farthest + Math.abs(farthest) * 1e-6 + 1e-9;
  let hits = 0;
  while (hits < answer.length && answer[hits] <= limit) hits++;
  return Math.min(exact.length, hits) / exact.length;
}

async function countCandidates(engine: Index, { queries, signal }: Ground, probes: number): Promise<Pick<Trial, "entries" | "candidates">> {
  let [entries, candidates] = [0, 0];
  for (let q = 0; q < queries.count; q++) {
    const { raw, unique } = await engine.candidateCount(vectorAt(queries, q), { probes });
    entries += raw;
    candidates += unique;
    if (q % 64 === 0) await breathe(signal);
  }
  return { entries: entries / queries.count, candidates: candidates / queries.count };
}

async function ask(engine: Index, ground: Ground, contender: Contender): Promise<Pick<Trial, "answers" | "found" | "rate">> {
  const { queries, k, signal } = ground;
  const options = { k, probes: contender.probes, signal };
  const answers: Float64Array[] = [];
  const found: Uint32Array[] = [];
  const progress = new Progress({ label: `asking ${contender.label}`, unit: "queries", total: queries.count });
  let fastest = Number.POSITIVE_INFINITY;
  let total = 0;
  for (let round = 0; round < MOST_ROUNDS && total < ENOUGH_MILLIS; round++) {
    let millis = 0;
    for (let q = 0; q < queries.count; q++) {
      const begun = performance.now();
      const nearest = await engine.neighbours(vectorAt(queries, q), options);
      millis += performance.now() - begun;
      if (q % 16 === 0) await breathe(signal);
      if (round > 0) continue;
      answers.push(Float64Array.from(nearest, (neighbour) => neighbour.distance));
      found.push(Uint32Array.from(nearest, (neighbour) => Number(neighbour.id))); // stored without ids: they are row numbers
      progress.update(q + 1);
    }
    fastest = Math.min(fastest, millis);
    total += millis;
  }
  progress.end();
  return { answers, found, rate: (queries.count / fastest) * 1000 };
}

function summed(hashes: readonly BucketStats[]): Pick<Trial, "buckets" | "largestBucket" | "skew"> {
  return {
    buckets: hashes.reduce((sum, hash) => sum + hash.buckets, 0),
    largestBucket: Math.max(...hashes.map((hash) => hash.largestBucket)),
    skew: hashes.reduce((sum, hash) => sum + hash.skew, 0) / hashes.length,
  };
}
