import { Candidates } from "../core/columns.js";
import type { Distance, Filter, Storage } from "../core/contracts.js";
import type { DenseRows } from "../core/rows.js";
import type { Batches, BatchJob } from "../engine/batches.js";
import { type Gate, gateOf } from "../engine/gate.js";
import type { QueryPlan } from "../engine/plan.js";
import { Search } from "../engine/search.js";
import { type Effort, type Stage, Stages } from "../engine/stages.js";
import { MemoryStorage, type SharedHash } from "../storage/memory/memory-storage.js";
import { PooledThread } from "./pool.js";
import { stageConfig } from "./revive-stage.js";
import { answerRange, answerShare, queriesOf } from "./share-out.js";
import { cancelled, type SharedResults, type StageConfig, type Task, type TaskPlan, waits } from "./task.js";

/** Fewer queries than this are answered by the calling thread. */
const leastQueries = 64;
/** Queries by which the calling thread learns how long one takes, and how many milliseconds of work there must be for others to help. */
const tried = 16;
const leastMillis = 5;
/** Results gathered before they are handed out: 48 MiB of them. */
const mostResults = 2 ** 22;

/** What a registry knows that a worker knows as well. */
export interface Known {
  readonly distances: Readonly<Record<string, () => Distance>>;
  readonly filters: readonly Filter[];
}

/** The batches of a memory storage that is made for several threads; undefined for others. */
export function makeBatches(storage: Storage, threads: number, known: Known): Batches | undefined {
  if (!(storage instanceof MemoryStorage) || storage.threads === 1 || threads === 1) return undefined;
  return new ThreadedBatches(storage, Math.min(threads, storage.threads), known);
}

/** A batch that several threads can answer. */
interface Shareable {
  readonly stage: Stage;
  readonly config: StageConfig;
  readonly effort: Effort;
  readonly plan: TaskPlan;
}

class ThreadedBatches implements Batches {
  readonly #storage: MemoryStorage;
  readonly #gate: Gate;
  readonly #known: Known;
  readonly #workers: readonly PooledThread[];
  /** Numbers of stages, which workers know them by, and what these are made of. */
  readonly #stages = new WeakMap<Stage, { readonly number: number; readonly config: StageConfig | null }>();
  #lastStage = 0;
  #lastBatch = 0;

  constructor(storage: MemoryStorage, threads: number, known: Known) {
    this.#storage = storage;
    this.#gate = gateOf(storage);
    this.#known = known;
    this.#workers = Array.from({ length: threads - 1 }, () => new PooledThread());
  }

  async answer(job: BatchJob): Promise<boolean> {
    if (job.queries.count < leastQueries || job.threads < 2 || job.queries.kind !== "dense") return false;
    if (!this.#workers.some(({ works }) => works)) return false;
    return this.#gate.during(async () => {
      // From here on nothing is written: what is read now is so until the end.
      const shareable = this.#shareable(job);
      if (shareable === null) return false;
      const { effort, plan } = shareable;
      const shared = this.#storage.share(shareable.stage.number, effort.probes, plan.nearest);
      if (shared === null) return false;
      await this.#answer(job, shareable, shared);
      return true;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  /** How a batch is shared; null where it cannot be. */
  #shareable({ plan, stages, search }: BatchJob): Shareable | null {
    const { distance, nearest, within } = plan;
    const [stage] = stages.active;
    if (stages.active.length !== 1 || distance === null || nearest === undefined || !search.coded(plan)) return null;
    if (plan.where !== null || plan.allowed !== undefined || plan.sought !== undefined || !this.#knows(plan, distance)) return null;
    const config = this.#numbered(stage).config;
    if (config === null) return null;
    const effort = search.effort(plan);
    return { stage, config, effort, plan: { distance: distance.name, nearest, within, effort } };
  }

  /** Whether workers know the distance and all filters: those built in, and no namesakes. */
  #knows(plan: QueryPlan, distance: Distance): boolean {
    const { distances, filters } = this.#known;
    const classes = filters.map((filter) => filter.constructor);
    return (
      Object.hasOwn(distances, distance.name) &&
      distances[distance.name]().constructor === distance.constructor &&
      plan.distanceFilters.every((filter) => classes.includes(filter.constructor))
    );
  }

  #numbered(stage: Stage): { readonly number: number; readonly config: StageConfig | null } {
    const known = this.#stages.get(stage) ?? { number: ++this.#lastStage, config: stageConfig(stage) };
    this.#stages.set(stage, known);
    return known;
  }

  async #answer(job: BatchJob, shareable: Shareable, shared: SharedHash): Promise<void> {
    const { queries, sink } = job;
    const dense = queries as DenseRows; // others were refused
    const limit = Math.min(shareable.plan.nearest, this.#storage.size());
    const step = Math.max(tried, Math.floor(mostResults / Math.max(1, limit)));
    const found = new Candidates();
    for (let from = 0; from < queries.count; from += step) {
      const part = shareQueries(dense, from, Math.min(queries.count, from + step));
      const results = shareResults(part.count, limit);
      await this.#run(job, shareable, shared, { ...part, results, control: sharedInts(1 + this.#workers.length) });
      for (let q = 0; q < part.count; q++) {
        read(results, q, found);
        sink(found, this.#storage);
      }
    }
  }

  /** Fills the results of some queries. */
  async #run(job: BatchJob, { stage, plan }: Shareable, { own, index }: SharedHash, part: Part): Promise<void> {
    const { count, results, control } = part;
    const search = new Search(own, new Stages([stage]));
    const ownPlan = { ...job.plan, effort: plan.effort };
    const first = Math.min(tried, count);
    const begun = performance.now();
    await answerRange(search, ownPlan, queriesOf(part), 0, first, results);
    const millis = ((performance.now() - begun) / first) * (count - first);
    Atomics.store(control, 0, first);
    const helpers = millis < leastMillis ? [] : this.#workers.slice(0, job.threads - 1).filter(({ works }) => works);
    const batch = ++this.#lastBatch;
    const working = helpers.map((worker) => {
      const thread = this.#workers.indexOf(worker) + 1;
      const { number, config } = this.#numbered(stage);
      const known = worker.stage === number;
      worker.stage = number;
      return { worker, thread, done: worker.do({ batch, thread, stage: number, config: known ? null : config, index, plan, ...part }) };
    });
    try {
      await answerShare(search, ownPlan, part, job.between);
    } finally {
      Atomics.store(control, 0, count);
      for (const { worker, thread } of working) {
        if (Atomics.compareExchange(control, thread, waits, cancelled) === waits) worker.forget(batch);
      }
      await Promise.all(working.map(({ done }) => done));
    }
    // What a worker took and did not finish.
    for (let q = first; q < count; q++) if (results.counts[q] === 0) await answerRange(search, ownPlan, queriesOf(part), q, q + 1, results);
  }
}

/** Some queries, in shared memory, and where their results go. */
type Part = Pick<Task, "dim" | "count" | "queries" | "results" | "control">;

function shareQueries({ dim, values }: DenseRows, from: number, to: number): Pick<Task, "dim" | "count" | "queries"> {
  const queries = new Float32Array(new SharedArrayBuffer((to - from) * dim * 4));
  queries.set(values.subarray(from * dim, to * dim));
  return { dim, count: to - from, queries };
}

function shareResults(count: number, limit: number): SharedResults {
  return {
    limit,
    rows: new Uint32Array(new SharedArrayBuffer(count * limit * 4)),
    distances: new Float64Array(new SharedArrayBuffer(count * limit * 8)),
    counts: new Uint32Array(new SharedArrayBuffer(count * 4)),
  };
}

function sharedInts(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * 4));
}

/** The results of one query, as a search leaves them. */
function read({ limit, rows, distances, counts }: SharedResults, q: number, out: Candidates): void {
  out.clear();
  const count = counts[q] - 1;
  out.reserve(count);
  out.rows.set(rows.subarray(q * limit, q * limit + count));
  out.distances.set(distances.subarray(q * limit, q * limit + count));
  out.count = count;
  out.measured = true;
}
