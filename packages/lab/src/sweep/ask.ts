import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type Engine, type Id, type Kind, NearError, type QueryInput, type QueryOptions, type Rows, rowAt } from "nearts";
import type { Answers, Work } from "../measures/outcome.js";

/** An engine of vectors of any kind, whose ids are row numbers. */
export type AnyEngine = Engine<unknown, Kind>;

/** What came of asking all queries in one way. */
export interface Asked {
  readonly answers: Answers;
  readonly work: Work;
  /** Microseconds of each query in the fastest timed pass. */
  readonly micros: Float64Array;
}

/** How to ask. */
export interface AskOptions {
  /** Timed passes over all queries in each way, at least: the fastest counts, as others on the machine only slow one down. */
  readonly passes: number;
  /** Called before each of these passes. */
  readonly beforePass?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Queries asked so far, over all ways and passes, and how many there will be. */
  readonly onProgress?: ((asked: number, total: number) => void) | undefined;
}

/** A way that has taken so long in timed passes is not timed again: its own noise has evened out. */
const enoughMillis = 30_000;
/** A way of few queries is timed again until it has taken so long: a pass of a millisecond tells more of the machine than of the engine. */
const leastMillis = 30;
const mostPasses = 100;
/** Queries between two looks at the signal. */
const breath = 64;

/**
 * Asks an engine all queries, one by one, in several ways: first to see the answers and the work, which also warms it up, then in timed passes, one way
 * after the other in each pass, so that all have their share of what else the machine does.
 */
export async function askAll(engine: AnyEngine, queries: Rows, ways: readonly QueryOptions[], options: AskOptions): Promise<Asked[]> {
  const { passes, beforePass, signal, onProgress } = options;
  // Engines refuse the kinds that they cannot be asked with.
  const vectors = Array.from({ length: queries.count }, (_, q) => rowAt(queries, q) as QueryInput);
  const total = ways.length * (passes + 1) * vectors.length;
  let done = 0;
  const pause = async (asked: number) => {
    onProgress?.(Math.min(done + asked, total), total);
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  };
  const seen: Omit<Asked, "micros">[] = [];
  for (const way of ways) {
    seen.push(await observe(engine, vectors, way, pause));
    done += vectors.length;
  }
  const fastest = ways.map(() => new Float64Array(vectors.length).fill(Number.POSITIVE_INFINITY));
  const best = ways.map(() => Number.POSITIVE_INFINITY);
  const spent = ways.map(() => 0);
  const wanted = (pass: number, w: number) => (pass < passes ? spent[w] < enoughMillis : spent[w] < leastMillis && pass < mostPasses);
  for (let pass = 0; ways.some((_, w) => wanted(pass, w)); pass++) {
    if (pass < passes) await beforePass?.();
    for (const [w, way] of ways.entries()) {
      if (wanted(pass, w)) {
        const { micros, millis } = await time(engine, vectors, way, pause);
        spent[w] += millis;
        if (millis < best[w]) [fastest[w], best[w]] = [micros, millis];
      }
      if (pass < passes) done += vectors.length;
    }
  }
  return seen.map((one, w) => ({ ...one, micros: fastest[w] }));
}

type Pause = (asked: number) => Promise<void>;

/** One pass in which answers are kept, and the work that the engine tells of each query. */
async function observe(engine: AnyEngine, vectors: readonly QueryInput[], way: QueryOptions, pause: Pause): Promise<Omit<Asked, "micros">> {
  const work = {
    buckets: new Float64Array(vectors.length),
    entries: new Float64Array(vectors.length),
    candidates: new Float64Array(vectors.length),
  };
  const offsets = new Uint32Array(vectors.length + 1);
  const [rows, distances]: [number[], number[]] = [[], []];
  let q = 0;
  // Told before the answer is, and nobody else asks meanwhile.
  const listen = (message: unknown) => {
    const told = message as { buckets: number; entries: number; candidates: number }; // the engine's own event
    work.buckets[q] = told.buckets;
    work.entries[q] = told.entries;
    work.candidates[q] = told.candidates;
  };
  subscribe("nearts:query", listen);
  try {
    for (; q < vectors.length; q++) {
      if (q % breath === 0) await pause(q);
      for (const { id, distance } of await engine.neighbours(vectors[q], way)) {
        rows.push(rowOf(id));
        distances.push(distance);
      }
      offsets[q + 1] = rows.length;
    }
  } finally {
    unsubscribe("nearts:query", listen);
  }
  return { answers: { offsets, rows: Uint32Array.from(rows), distances: Float64Array.from(distances) }, work };
}

/** One pass that is timed, query by query. */
async function time(engine: AnyEngine, vectors: readonly QueryInput[], way: QueryOptions, pause: Pause) {
  const micros = new Float64Array(vectors.length);
  let sum = 0;
  for (let q = 0; q < vectors.length; q++) {
    if (q % breath === 0) await pause(q);
    const begun = performance.now();
    await engine.neighbours(vectors[q], way);
    micros[q] = (performance.now() - begun) * 1000;
    sum += micros[q];
  }
  return { micros, millis: sum / 1000 };
}

function rowOf(id: Id): number {
  if (typeof id === "number") return id;
  throw new NearError("E_BAD_ID", `an engine under trial answered ${JSON.stringify(id)}: its ids must be row numbers`, { id });
}
