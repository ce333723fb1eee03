import type { Distance, OpenWhere } from "nearts";
import { type Index, recallOfOne } from "../search/trial.js";
import { pick, type RealRows, type Vectors, vectorAt } from "../search/vectors.js";
import { Progress } from "../terminal/progress.js";
import type { Answer, Sink } from "./sinks.js";
import type { Truth } from "./truth.js";

/** What is asked, and of whom. */
export interface Asking {
  readonly engine: Index;
  readonly queries: Vectors;
  readonly k: number | undefined;
  readonly within: number | undefined;
  /** As tuned, or one, when not given. */
  readonly probes: number | undefined;
  readonly where?: OpenWhere | undefined;
  readonly exact?: true | undefined;
  readonly truth: Truth | undefined;
  readonly signal: AbortSignal;
}

/** What answering took, and how good the answers were. */
export interface Answered {
  readonly seconds: number;
  readonly recall?: number;
  /** Neighbours that the recall is about. */
  readonly recallAt?: number;
}

/** Queries asked together: they may share work, and between two such lots the answers go out. */
const TOGETHER = 256;

/** Asks all queries, and hands each answer to the sinks. */
export async function answerAll(asking: Asking, sinks: readonly Sink[]): Promise<Answered> {
  const { engine, k, within, probes, where, exact, truth, signal } = asking;
  const { rows: queries, ids } = asking.queries;
  const given = Object.entries({ k, within, probes, where, exact }).filter(([, value]) => value !== undefined);
  const options = { ...Object.fromEntries(given), signal, columns: true as const };
  const at = Math.min(k ?? 0, truth?.neighbours.dim ?? 0);
  const progress = new Progress({ label: "answering", unit: "queries", total: queries.count });
  let [millis, recall] = [0, 0];
  for (let from = 0; from < queries.count; from += TOGETHER) {
    const to = Math.min(queries.count, from + TOGETHER);
    const lot = pick(
      queries,
      Array.from({ length: to - from }, (_, i) => from + i),
    );
    const begun = performance.now();
    const columns = await engine.neighboursOfMany(lot, options);
    millis += performance.now() - begun;
    for (let q = from; q < to; q++) {
      const [first, last] = [columns.offsets[q - from], columns.offsets[q - from + 1]];
      const answer: Answer = { query: ids?.[q] ?? q, ids: columns.ids.slice(first, last), distances: columns.distances.slice(first, last) };
      for (const sink of sinks) await sink.add(answer);
      if (truth !== undefined) recall += recallOfOne(answer.distances, trueDistances(engine.distance, queries, q, truth, at));
    }
    progress.update(to);
  }
  progress.end();
  return { seconds: millis / 1000, ...(truth !== undefined && { recall: recall / queries.count, recallAt: at }) };
}

/** Distances of the first `count` true neighbours, measured as the engine measures, so that ties count as found. */
function trueDistances(distance: Distance, queries: RealRows, q: number, { rows, neighbours }: Truth, count: number): Float64Array {
  const query = vectorAt(queries, q);
  return Float64Array.from({ length: count }, (_, i) =>
    distance.between(query, vectorAt(rows, neighbours.values[q * neighbours.dim + i])),
  ).sort();
}
