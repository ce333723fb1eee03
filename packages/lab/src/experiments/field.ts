import { type Distance, type DistanceName, Engine, type Kind, NearError, type Rows } from "nearts";
import { pick } from "../data/pick.js";
import type { Truth } from "../data.js";
import { mean } from "../measures/mean.js";
import type { Answers, Outcome } from "../measures/outcome.js";
import { type AnyEngine, type Asked, askAll } from "../sweep/ask.js";

/** Vectors of any kind, as rows or as a list of dense ones. */
export type Vectors = Rows | readonly ArrayLike<number>[];

/** Options of experiments. */
export interface ExperimentOptions {
  /** The share of the vectors that is asked with (0.2), evenly spaced, one at least. They stay stored, and are not counted among their own results. */
  readonly coverage?: number;
  /** What to ask with instead: held-out vectors. */
  readonly queries?: Vectors;
  /** Measures by this distance, the truth and the results; by each engine's own when not given. */
  readonly distance?: DistanceName | Distance;
  /** Timed passes over all queries, of which the fastest counts (1). */
  readonly passes?: number;
  readonly signal?: AbortSignal;
}

/** What an exact search found, and the microseconds a query that it took. */
interface Exact {
  readonly truth: Truth;
  readonly exactMicros: number;
}

/** What engines are compared on: vectors, queries, and the true neighbours by each distance that is asked for, found and timed once. */
export class Field {
  readonly #k: number;
  readonly #rows: Rows;
  readonly #queries: Rows;
  /** The row that each query is; none where they were held out. */
  readonly #own: Uint32Array | undefined;
  readonly #options: ExperimentOptions;
  readonly #exact = new Map<string, Promise<Exact>>();

  /** E_BAD_OPTION for a k or a share that is none, E_BAD_DATA without vectors or queries. */
  constructor(k: number, vectors: Vectors, options: ExperimentOptions) {
    if (!Number.isSafeInteger(k) || k < 1) throw new NearError("E_BAD_OPTION", `k is ${k}, it must be a whole number from 1`, { got: k });
    this.#k = k;
    this.#rows = rowsOf(vectors, "vectors");
    this.#options = options;
    this.#own = options.queries === undefined ? covered(this.#rows.count, options.coverage ?? 0.2) : undefined;
    this.#queries = options.queries === undefined ? pick(this.#rows, this.#own ?? []) : rowsOf(options.queries, "queries");
  }

  /** Empties an engine, stores the vectors in it under their numbers, and asks it everything. */
  async outcomeOf(engine: AnyEngine): Promise<Outcome> {
    const { distance, passes = 1, signal } = this.#options;
    const exact = await this.#exactBy(distance === undefined ? engine.distance : distance);
    await engine.cleanAllBuckets();
    const begun = performance.now();
    await this.#store(engine);
    const { kind, target } = await engine.plan();
    if (target !== undefined && kind !== "hashed") await engine.train(signal === undefined ? {} : { signal });
    const buildSeconds = (performance.now() - begun) / 1000;
    const [asked] = await askAll(engine, this.#queries, [distance === undefined ? {} : { distance }], { passes, signal });
    const { bytes } = await engine.stats();
    const answers = this.#withoutOwn(asked.answers);
    return { k: this.#k, queries: this.#queries.count, ...exact, ...asked, answers, buildSeconds, bytes: bytes.total };
  }

  /** By an engine that compares all, timed as the others are. */
  #exactBy(distance: DistanceName | Distance): Promise<Exact> {
    const name = typeof distance === "string" ? distance : distance.name;
    const known = this.#exact.get(name) ?? this.#search(distance);
    this.#exact.set(name, known);
    return known;
  }

  async #search(distance: DistanceName | Distance): Promise<Exact> {
    const { dim, kind, count } = this.#rows;
    const engine = new Engine<unknown, Kind>({ dim, kind, distance });
    await this.#store(engine);
    const self = this.#own === undefined ? 0 : 1;
    const most = Math.min(this.#k + self, count);
    const { passes = 1, signal } = this.#options;
    const [asked] = await askAll(engine, this.#queries, [{ k: most }], { passes, signal });
    await engine.close();
    return { truth: this.#truthOf(asked, Math.min(this.#k, count - self)), exactMicros: mean(asked.micros) };
  }

  /** The first k of each answer without the query itself. Where copies of it took its place, these are as near, and the last falls out instead. */
  #truthOf({ answers }: Asked, k: number): Truth {
    const others = this.#withoutOwn(answers);
    const rows = new Uint32Array(k * this.#queries.count);
    const distances = new Float64Array(rows.length);
    for (let q = 0; q < this.#queries.count; q++) {
      const from = others.offsets[q];
      rows.set(others.rows.subarray(from, from + k), q * k);
      distances.set(others.distances.subarray(from, from + k), q * k);
    }
    return { k, rows, distances };
  }

  async #store(engine: AnyEngine): Promise<void> {
    const { signal } = this.#options;
    const ids = Array.from({ length: this.#rows.count }, (_, row) => row);
    await engine.storeManyVectors(this.#rows, { ids, ...(signal === undefined ? {} : { signal }) });
  }

  #withoutOwn(answers: Answers): Answers {
    if (this.#own === undefined) return answers;
    const kept: number[] = [];
    const offsets = new Uint32Array(answers.offsets.length);
    for (const [q, own] of this.#own.entries()) {
      for (let i = answers.offsets[q]; i < answers.offsets[q + 1]; i++) if (answers.rows[i] !== own) kept.push(i);
      offsets[q + 1] = kept.length;
    }
    return {
      offsets,
      rows: Uint32Array.from(kept, (i) => answers.rows[i]),
      distances: Float64Array.from(kept, (i) => answers.distances[i]),
    };
  }
}

/** Evenly spaced rows, as NearPy takes them: ⌊j·n/Q⌋ for Q = ⌊share·n⌋ of them, one at least. */
function covered(count: number, share: number): Uint32Array {
  if (!(share > 0 && share <= 1)) {
    throw new NearError("E_BAD_OPTION", `coverage is ${share}; it must be a share of the vectors over 0 and up to 1`, { got: share });
  }
  const queries = Math.max(1, Math.floor(share * count));
  return Uint32Array.from({ length: queries }, (_, j) => Math.floor((j * count) / queries));
}

function rowsOf(vectors: Vectors, what: string): Rows {
  const rows = isList(vectors) ? denseOf(vectors, what) : vectors;
  if (rows.count > 0) return rows;
  throw new NearError("E_BAD_DATA", `there are no ${what}: an experiment needs at least one`, {});
}

function isList(vectors: Vectors): vectors is readonly ArrayLike<number>[] {
  return Array.isArray(vectors);
}

function denseOf(vectors: readonly ArrayLike<number>[], what: string): Rows {
  const dim = vectors[0]?.length ?? 0;
  const values = new Float32Array(vectors.length * dim);
  for (const [row, vector] of vectors.entries()) {
    if (vector.length !== dim) {
      const message = `vector ${row} of the ${what} has ${vector.length} dimensions, the first has ${dim}`;
      throw new NearError("E_DIM_MISMATCH", message, { row, got: vector.length, expected: dim });
    }
    values.set(vector, row * dim);
  }
  return { kind: "dense", dim, count: vectors.length, values };
}
