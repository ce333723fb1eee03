import { type BucketStats, type DistanceName, Engine, type Hash } from "nearts";
import { Progress } from "../terminal/progress.js";
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
  /** Queries a second, asked one after the other. */
  readonly rate: number;
}

/** Asked first and not counted, so that the compiler has seen the code. */
const WARM_UP = 20;

/** Indexes the vectors and asks every query, one after the other; `look` may look at the engine before it is closed. */
export async function tryOut(ground: Ground, contender: Contender, look?: (engine: Engine<unknown, "dense" | "sparse">) => void): Promise<Trial> {
  const { stored, queries, distance, signal } = ground;
  const engine = new Engine<unknown, "dense" | "sparse">({ dim: stored.dim, kind: stored.kind, distance, hashes: contender.hashes });
  const indexing = new Progress({ label: `indexing by ${contender.label}`, unit: "rows", total: stored.count });
  await engine.storeManyVectors(stored, { signal, onProgress: (progress) => indexing.update(progress.stored) });
  const indexSeconds = indexing.end();
  const work = await countCandidates(engine, queries, contender.probes);
  const asked = await ask(engine, ground, contender);
  const { hashes } = await engine.stats();
  look?.(engine);
  await engine.close();
  return { indexSeconds, ...summed(hashes), ...work, ...asked };
}

/** The mean part of each query's k true neighbours that was found; what lies as near as the last true one counts, since ties have no order. */
export function recall(found: readonly Float64Array[], exact: readonly Float64Array[]): number {
  let sum = 0;
  for (let q = 0; q < exact.length; q++) {
    const wanted = exact[q].length;
    const farthest = wanted === 0 ? 0 : exact[q][wanted - 1];
    const limit = farthest + Math.abs(farthest) * 1e-6 + 1e-9;
    const hits = found[q].reduce((count, distance) => count + (distance <= limit ? 1 : 0), 0);
    sum += wanted === 0 ? 1 : Math.min(wanted, hits) / wanted;
  }
  return exact.length === 0 ? 1 : sum / exact.length;
}

async function countCandidates(
  engine: Engine<unknown, "dense" | "sparse">,
  queries: RealRows,
  probes: number,
): Promise<Pick<Trial, "entries" | "candidates">> {
  let [entries, candidates] = [0, 0];
  for (let q = 0; q < queries.count; q++) {
    const { raw, unique } = await engine.candidateCount(vectorAt(queries, q), { probes });
    entries += raw;
    candidates += unique;
  }
  return { entries: entries / queries.count, candidates: candidates / queries.count };
}

async function ask(engine: Engine<unknown, "dense" | "sparse">, ground: Ground, contender: Contender): Promise<Pick<Trial, "answers" | "rate">> {
  const { queries, k, signal } = ground;
  const options = { k, probes: contender.probes, signal };
  for (let q = 0; q < Math.min(WARM_UP, queries.count); q++) await engine.neighbours(vectorAt(queries, q), options);
  const progress = new Progress({ label: `asking ${contender.label}`, unit: "queries", total: queries.count });
  const answers: Float64Array[] = [];
  let millis = 0;
  for (let q = 0; q < queries.count; q++) {
    const begun = performance.now();
    const found = await engine.neighbours(vectorAt(queries, q), options);
    millis += performance.now() - begun;
    answers.push(Float64Array.from(found, (neighbour) => neighbour.distance));
    progress.update(q + 1);
  }
  progress.end();
  return { answers, rate: (queries.count / millis) * 1000 };
}

function summed(hashes: readonly BucketStats[]): Pick<Trial, "buckets" | "largestBucket" | "skew"> {
  return {
    buckets: hashes.reduce((sum, hash) => sum + hash.buckets, 0),
    largestBucket: Math.max(...hashes.map((hash) => hash.largestBucket)),
    skew: hashes.reduce((sum, hash) => sum + hash.skew, 0) / hashes.length,
  };
}
