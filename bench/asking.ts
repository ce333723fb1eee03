import { isWithin } from "./data/distances.js";
import type { Truth } from "./data/truth.js";
import type { TunedEngine, TunedQuery } from "./systems/tuned-engine.js";

/** Shorter measurements are repeated: the compiler is still at work in them. */
const leastMillis = 500;

/** Queries as flat float32. */
export interface Queries {
  readonly dim: number;
  readonly queries: Float32Array;
}

type Found = Awaited<ReturnType<TunedEngine["neighbours"]>>;

/** What one by one asking gave, and how fast. */
export interface Asked {
  readonly qps: number;
  readonly found: readonly Found[];
}

/** Asks all queries, each when the one before is answered, after some that are not counted; the best of the passes, as others on the machine only slow one down. */
export async function askAll(engine: TunedEngine, { queries, dim }: Queries, options: TunedQuery, passes = 3): Promise<Asked> {
  const all = Array.from({ length: queries.length / dim }, (_, q) => queries.subarray(q * dim, (q + 1) * dim));
  for (const query of all.slice(0, 50)) await engine.neighbours(query, options);
  let best: Asked = { qps: 0, found: [] };
  const begun = performance.now();
  for (let pass = 0; pass < passes || performance.now() - begun < leastMillis; pass++) {
    const found: Found[] = [];
    const start = performance.now();
    for (const query of all) found.push(await engine.neighbours(query, options));
    const qps = all.length / ((performance.now() - start) / 1000);
    if (qps > best.qps) best = { qps, found };
  }
  return best;
}

/** Part of each query's true neighbours that were found, by the distances that came with them. */
export function recallsByDistance({ found }: Asked, { k, bounds }: Truth): number[] {
  return found.map((results, q) => Math.min(k, results.filter(({ distance }) => isWithin(distance, bounds[q])).length) / k);
}

/** What a promise resolved to and how many seconds that took. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - start) / 1000 };
}
