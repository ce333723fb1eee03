import type { Engine } from "nearts";
import { timed } from "../asking.js";
import { baseCount, type DataSet, queryCount, queryOf } from "../data/set.js";
import { recalls, type Truth } from "../data/truth.js";
import { mean } from "../statistics.js";

/** Neighbours asked for, everywhere. */
export const k = 10;

/** Queries per second of two engines in turn, and how the second compares in each round. */
export interface Race {
  readonly qps: readonly [number, number];
  readonly ratio: number;
}

/** Stores half of a set and learns from it; returns how many of the other half are stored per second, with keys and codes: learning is not in it. */
export async function storeHalves(engine: Engine, { base, dim }: DataSet): Promise<number> {
  const half = Math.floor(base.length / dim / 2) * dim;
  await engine.storeManyVectors(base.subarray(0, half), { dim });
  await engine.train();
  const { seconds } = await timed(() => engine.storeManyVectors(base.subarray(half), { dim }));
  return (base.length - half) / dim / seconds;
}

/** Asks all queries, each when the one before is answered: queries per second. */
export async function askedPerSecond(engine: Engine, set: DataSet): Promise<number> {
  const { seconds } = await timed(() => askEach(engine, set));
  return queryCount(set) / seconds;
}

export async function askEach(engine: Engine, set: DataSet): Promise<void> {
  for (let q = 0; q < queryCount(set); q++) await engine.neighbours(queryOf(set, q), { k });
}

/** Part of the true neighbours that are found. Ids are row numbers. */
export async function recallOf(engine: Engine, set: DataSet, truth: Truth): Promise<number> {
  const answers: number[][] = [];
  for (let q = 0; q < queryCount(set); q++) answers.push((await engine.neighbours(queryOf(set, q), { k })).map(({ id }) => Number(id)));
  return mean(recalls(set, truth, answers));
}

/** Vectors whose entries a query reads: those that would have to be fetched if buckets held no codes. */
export async function candidatesOf(engine: Engine, set: DataSet): Promise<number> {
  const count = Math.min(50, queryCount(set));
  const found: number[] = [];
  for (let q = 0; q < count; q++) found.push((await engine.candidateCount(queryOf(set, q))).unique);
  return mean(found);
}

/** Both in turn, so that what others do on the machine meets both; the median of the rounds' ratios. */
export async function race(first: () => Promise<number>, second: () => Promise<number>, rounds: number): Promise<Race> {
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    // Neither is always first.
    if (round % 2 === 0) pairs.push([await first(), await second()]);
    else {
      const late = await second();
      pairs.push([await first(), late]);
    }
  }
  const middle = pairs.sort((a, b) => a[1] / a[0] - b[1] / b[0])[Math.floor(pairs.length / 2)];
  return { qps: middle, ratio: middle[1] / middle[0] };
}

export function bytesOfVectors(set: DataSet): number {
  return baseCount(set) * set.dim * 4;
}
