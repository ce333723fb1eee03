import type { Engine } from "nearts";
import { timed } from "../asking.js";
import { type DataSet, queryCount, queryOf } from "../data/set.js";
import { recalls, type Truth } from "../data/truth.js";
import { mean, median } from "../statistics.js";

/** Neighbours asked for, everywhere. */
export const k = 10;

/** How fast something was stored. */
export interface Stored {
  readonly rows: number;
  readonly perSecond: number;
  /** By seconds of processor time of all this process's threads: what others do on the machine is not in it. */
  readonly perProcessorSecond: number;
}

/** Queries per second of two in turn, and how the second compares. */
export interface Race {
  readonly qps: readonly [number, number];
  readonly ratio: number;
}

/** Answers the query of that number. */
export type Ask = (q: number) => Promise<unknown>;

/** Stores half of a set and learns from it. */
export async function learnHalf(engine: Engine, { base, dim }: DataSet): Promise<void> {
  await engine.storeManyVectors(base.subarray(0, halfOf(base, dim)), { dim });
  await engine.train();
}

/** Stores the other half, with keys and codes. */
export async function storeRest(engine: Engine, { base, dim }: DataSet): Promise<Stored> {
  const from = halfOf(base, dim);
  const rows = (base.length - from) / dim;
  const before = process.cpuUsage();
  const { seconds } = await timed(() => engine.storeManyVectors(base.subarray(from), { dim }));
  const { user, system } = process.cpuUsage(before);
  return { rows, perSecond: rows / seconds, perProcessorSecond: rows / ((user + system) / 1e6) };
}

function halfOf(base: Float32Array, dim: number): number {
  return Math.floor(base.length / dim / 2) * dim;
}

/** An engine's answers to the queries of a set. */
export function askingOf(engine: Engine, set: DataSet): Ask {
  return (q) => engine.neighbours(queryOf(set, q), { k });
}

/** Asks all queries, each when the one before is answered. */
export async function askEach(engine: Engine, set: DataSet): Promise<void> {
  for (let q = 0; q < queryCount(set); q++) await engine.neighbours(queryOf(set, q), { k });
}

/** Part of the true neighbours that are found. Ids are row numbers. */
export async function recallOf(engine: Engine, set: DataSet, truth: Truth): Promise<number> {
  const answers: number[][] = [];
  for (let q = 0; q < queryCount(set); q++) answers.push((await engine.neighbours(queryOf(set, q), { k })).map(({ id }) => Number(id)));
  return mean(recalls(set, truth, answers));
}

/** Vectors in the buckets that a query reads: those that would have to be fetched if buckets held no codes. */
export async function candidatesOf(engine: Engine, set: DataSet): Promise<number> {
  const count = Math.min(50, queryCount(set));
  const { probes } = await engine.plan();
  const found: number[] = [];
  for (let q = 0; q < count; q++) found.push((await engine.candidateCount(queryOf(set, q), probes === undefined ? {} : { probes })).unique);
  return mean(found);
}

/**
 * All queries by both, a few of them in turn, so that what others do on the machine meets both. The ratio is the median of those of all turns, queries/s come
 * from the median time of a turn.
 */
export async function race(first: Ask, second: Ask, queries: number, rounds: number): Promise<Race> {
  const atOnce = Math.max(1, Math.min(25, Math.floor(queries / 10)));
  const times: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    for (let from = 0; from + atOnce <= queries; from += atOnce) {
      const seconds: [number, number] = [0, 0];
      // Neither is always first.
      for (const which of (times.length + round) % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const start = performance.now();
        for (let q = from; q < from + atOnce; q++) await (which === 0 ? first : second)(q);
        seconds[which] = (performance.now() - start) / 1000;
      }
      times.push(seconds);
    }
  }
  return {
    qps: [atOnce / median(times.map(([time]) => time)), atOnce / median(times.map(([, time]) => time))],
    ratio: median(times.map(([a, b]) => a / b)),
  };
}
