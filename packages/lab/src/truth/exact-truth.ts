import { availableParallelism } from "node:os";
import { type DistanceName, NearError, type Rows } from "nearts";
import { slice } from "../data/pick.js";
import type { DataSet, Truth } from "../data.js";
import { TruthCache } from "./cache.js";
import { type Part, partApart, partHere } from "./part.js";
import type { Nearest } from "./scan.js";

/** Queries asked at a time. */
const atOnce = 256;
/** Fewer comparisons than this are made on the calling thread. */
const worthThreads = 2 ** 22;

/** Options of {@link exactTruth}. */
export interface TruthOptions {
  /** Neighbours a query; all rows where there are fewer. */
  readonly k: number;
  /** Threads that share the rows: 2, or 1 where the machine has no more. */
  readonly threads?: number | undefined;
  /** Folder of what was computed before; false for none. Without it a folder among the user's caches. */
  readonly cache?: string | false | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly queries: number; readonly total: number }) => void) | undefined;
}

/**
 * The nearest rows of each query of a data set, by comparing it with all of them: by kernels in blocks, then in float64, ties by row. What was computed before
 * for equal content, distance and `k` is taken from the cache. Rejects with E_BAD_OPTION, what the engine says of vectors that the distance does
 * not take, or the signal's reason.
 */
export async function exactTruth(dataSet: DataSet, options: TruthOptions): Promise<Truth> {
  const k = Math.min(wholeFromOne("k", options.k), dataSet.base.count);
  const threads = wholeFromOne("threads", options.threads ?? Math.min(2, availableParallelism()));
  options.signal?.throwIfAborted();
  const cache = options.cache === false ? null : new TruthCache(options.cache);
  const known = await cache?.recall(dataSet, k);
  if (known !== undefined && known !== null) return known;
  const few = dataSet.base.count * dataSet.queries.count < worthThreads;
  const truth = await compute(dataSet, k, few ? 1 : Math.min(threads, dataSet.base.count), options);
  await cache?.remember(dataSet, truth);
  return truth;
}

async function compute(dataSet: DataSet, k: number, threads: number, options: TruthOptions): Promise<Truth> {
  const { base, queries, distance } = dataSet;
  const bounds = Array.from({ length: threads + 1 }, (_, i) => Math.floor((i * base.count) / threads));
  const parts: Part[] = [];
  const stop = new AbortController();
  const abort = () => stop.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    parts.push(...(await openParts(base, distance, bounds)));
    return { k, ...(await race(askAll(parts, bounds, queries, k, options), stop.signal)) };
  } finally {
    options.signal?.removeEventListener("abort", abort);
    await Promise.all(parts.map((part) => part.end()));
  }
}

function openParts(base: Rows, distance: DistanceName, bounds: readonly number[]): Promise<Part[]> {
  if (bounds.length === 2) return partHere(base, distance).then((part) => [part]);
  return Promise.all(bounds.slice(1).map((to, i) => partApart(slice(base, bounds[i], to), distance)));
}

async function askAll(
  parts: readonly Part[],
  bounds: readonly number[],
  queries: Rows,
  k: number,
  { signal, onProgress }: TruthOptions,
): Promise<Pick<Truth, "rows" | "distances">> {
  const rows = new Uint32Array(queries.count * k);
  const distances = new Float64Array(queries.count * k);
  for (let from = 0; from < queries.count; from += atOnce) {
    signal?.throwIfAborted();
    const to = Math.min(queries.count, from + atOnce);
    const some = slice(queries, from, to);
    const found = await Promise.all(parts.map((part) => part.ask(some, k)));
    for (let q = from; q < to; q++) mergeInto(rows, distances, q * k, k, found, q - from, bounds);
    onProgress?.({ queries: to, total: queries.count });
  }
  return { rows, distances };
}

/** The `k` nearest of what each part found for one query; ties by row, which the parts hold in order. */
function mergeInto(
  rows: Uint32Array,
  distances: Float64Array,
  at: number,
  k: number,
  lists: readonly Nearest[],
  q: number,
  bounds: readonly number[],
): void {
  const taken = lists.map(() => 0);
  for (let i = 0; i < k; i++) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const [p, list] of lists.entries()) {
      if (taken[p] === list.k) continue;
      const distance = list.distances[q * list.k + taken[p]];
      if (best >= 0 && distance >= least) continue;
      best = p;
      least = distance;
    }
    rows[at + i] = bounds[best] + lists[best].rows[q * lists[best].k + taken[best]++];
    distances[at + i] = least;
  }
}

/** What the work resolves to; rejects with the signal's reason as soon as it is aborted. */
async function race<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = () => {};
  const aborted = new Promise<void>((resolve) => {
    leave = resolve;
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
  });
  try {
    await Promise.race([work, aborted]);
    signal.throwIfAborted();
    return await work;
  } finally {
    signal.removeEventListener("abort", leave);
    work.catch(() => {}); // it fails once its threads are ended, which concerns nobody any more
  }
}

function wholeFromOne(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new NearError("E_BAD_OPTION", `${name} is ${value}, it must be a whole number from 1`, { option: name, got: value });
}
