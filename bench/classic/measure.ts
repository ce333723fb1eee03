import type { Engine } from "nearts";
import { type DataSet, queryOf } from "../data/set.js";
import { median } from "../statistics.js";

/** Neighbours asked for, everywhere. */
export const k = 10;

/** Vectors stored per second, all of the set's in one call. */
export async function store(engine: Engine, set: DataSet): Promise<number> {
  const start = performance.now();
  await engine.storeManyVectors(set.base);
  return set.base.length / set.dim / ((performance.now() - start) / 1000);
}

/** Queries per second, each asked when the one before is answered. */
export async function oneByOne(engine: Engine, set: DataSet, count: number, effort: { readonly probes?: number } = {}): Promise<number> {
  const start = performance.now();
  for (let q = 0; q < count; q++) await engine.neighbours(queryOf(set, q), { k, ...effort });
  return count / ((performance.now() - start) / 1000);
}

/** Queries per second, all asked in one call. */
export async function atOnce(engine: Engine, set: DataSet, count: number, effort: { readonly probes?: number } = {}): Promise<number> {
  const start = performance.now();
  await engine.neighboursOfMany(set.queries.subarray(0, count * set.dim), { k, columns: true, ...effort });
  return count / ((performance.now() - start) / 1000);
}

/** Candidates per query, mean of the first `count`: as the buckets give them, and without duplicates. */
export async function candidates(engine: Engine, set: DataSet, count: number): Promise<{ raw: number; unique: number }> {
  let [raw, unique] = [0, 0];
  for (let q = 0; q < count; q++) {
    const found = await engine.candidateCount(queryOf(set, q));
    raw += found.raw / count;
    unique += found.unique / count;
  }
  return { raw, unique };
}

/** Bytes that a query leaves behind, on the JavaScript heap and in buffers: median of passes so short that no collection comes between. */
export async function allocation(engine: Engine, set: DataSet): Promise<number> {
  const count = 50;
  const different = Math.min(count, set.queries.length / set.dim);
  const pass = async () => {
    globalThis.gc?.();
    const before = allocated();
    for (let i = 0; i < count; i++) await engine.neighbours(queryOf(set, i % different), { k });
    return (allocated() - before) / count;
  };
  await pass(); // warm: what is allocated once per engine is not a query's
  return median([await pass(), await pass(), await pass(), await pass(), await pass()]);
}

function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes of everything that the engine keeps, by vector. */
export async function bytesPerVector(engine: Engine): Promise<number> {
  const { bytes, size } = await engine.stats();
  return (bytes.vectors + bytes.rows + bytes.buckets) / size;
}
