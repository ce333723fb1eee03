import { channel } from "#platform";
import type { Distance, Filter, Storage } from "../core/contracts.js";
import { type DenseRows, slice } from "../core/rows.js";
import type { Batches, BatchJob, EncodeJob, SharedTrial, TrialOf } from "../engine/batches.js";
import type { Entries } from "../engine/entries.js";
import { type Gate, gateOf } from "../engine/gate.js";
import type { QueryPlan } from "../engine/plan.js";
import { Search, type Searched } from "../engine/search.js";
import { type Effort, type Stage, Stages } from "../engine/stages.js";
import type { Parts } from "../numeric/steps.js";
import { MemoryStorage } from "../storage/memory/memory-storage.js";
import type { SharedHash } from "../storage/resident/index-reader.js";
import { threadedTrial } from "./ask-trial.js";
import { type AtWork, Crew, type KnownStage } from "./crew.js";
import { encodeRows } from "./encode-rows.js";
import { type Answering, answerShare, answerSome, queriesOf } from "./share-out.js";
import { shareParts } from "./share-parts.js";
import { shareStage } from "./share-stage.js";
import { SharedPart } from "./shared-part.js";
import type { TaskPlan } from "./task.js";

/** Tells of each batch how many of its queries other threads answered, and of threads that failed why. */
const events = channel("nearts:threads");

/** Fewer queries than this are answered by the calling thread. */
const leastQueries = 64;
/** Queries by which the calling thread learns how long one takes, and how many milliseconds of work there must be for others to help: that is true of so many queries. */
const tried = 8;
const leastMillis = 5;
const surelyShared = 500;
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
  readonly known: KnownStage;
  readonly effort: Effort;
  readonly plan: TaskPlan;
}

class ThreadedBatches implements Batches {
  readonly #storage: MemoryStorage;
  readonly #gate: Gate;
  readonly #known: Known;
  readonly #crew: Crew;

  constructor(storage: MemoryStorage, threads: number, known: Known) {
    this.#storage = storage;
    this.#gate = gateOf(storage);
    this.#known = known;
    this.#crew = new Crew(threads - 1);
  }

  async answer(job: BatchJob): Promise<boolean> {
    if (job.queries.count < leastQueries || job.threads < 2 || job.queries.kind !== "dense") return false;
    if (!this.#crew.works) return false;
    return this.#gate.during(async () => {
      // From here on nothing is written: what is read now is so until the end.
      const shareable = this.#shareable(job);
      if (shareable === null) return false;
      const { effort, plan } = shareable;
      const shared = shareStage(this.#storage, shareable.stage, [effort], Math.max(plan.nearest, effort.neighbours ?? 0));
      if (shared === null) return false;
      await this.#answer(job, shareable, shared);
      return true;
    });
  }

  encode(job: EncodeJob): Promise<Entries | null> {
    return encodeRows(this.#crew, job);
  }

  share(work: Parts, turn: () => Promise<void> | undefined): Promise<boolean> {
    return shareParts(this.#crew, work, turn);
  }

  async close(): Promise<void> {
    await this.#crew.end();
  }

  trial(of: TrialOf): SharedTrial | undefined {
    const { distance, nearest } = of.plan;
    if (distance === null || nearest === undefined || !this.#knows(of.plan, distance)) return undefined;
    return threadedTrial(this.#crew, this.#storage, of);
  }

  /** How a batch is shared; null where it cannot be. */
  #shareable({ plan, stages, search }: BatchJob): Shareable | null {
    const { distance, nearest, within } = plan;
    const [stage] = stages.active;
    if (stages.active.length !== 1 || distance === null || nearest === undefined || !search.coded(plan)) return null;
    if (plan.where !== null || plan.allowed !== undefined || plan.sought !== undefined || !this.#knows(plan, distance)) return null;
    const known = this.#crew.know(stage);
    if (known === null) return null;
    const effort = search.effort(plan);
    return { stage, known, effort, plan: { distance: distance.name, nearest, within, effort } };
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

  async #answer(job: BatchJob, shareable: Shareable, shared: SharedHash): Promise<void> {
    const { queries } = job;
    const limit = Math.min(shareable.plan.nearest, this.#storage.size());
    const step = Math.max(leastQueries, Math.floor(mostResults / Math.max(1, limit)));
    for (let from = 0; from < queries.count; from += step) {
      const some = slice(queries, from, Math.min(queries.count, from + step)) as DenseRows; // others were refused
      await this.#answerSome(job, shareable, shared, new SharedPart(some, limit, { workers: this.#crew.size, most: job.threads }, from));
    }
  }

  async #answerSome(job: BatchJob, shareable: Shareable, shared: SharedHash, part: SharedPart): Promise<void> {
    const { task } = part;
    const { resident } = this.#storage;
    const answering: Answering = {
      search: new Search(readable(this.#storage, shared), new Stages([shareable.stage])),
      plan: { ...job.plan, effort: shareable.effort },
      sink: (found, _, q) => part.give(q, found, job.sink, resident),
      between: () => {
        part.handOut(job.sink, resident);
        return job.between();
      },
    };
    let helpers: readonly AtWork[] = [];
    try {
      if (await this.#worthHelp(answering, part)) helpers = this.#helpers(job.threads - 1, shareable, shared, part);
      part.bring(task.count);
      await answerShare(answering, task);
    } finally {
      part.end();
      for (const helper of helpers) if (part.cancel(helper.thread)) helper.forget();
      await Promise.all(helpers.map(({ done }) => done));
    }
    part.handOut(job.sink, resident);
    // What a worker took and did not finish, and what has to read more than workers can.
    for (const q of part.unanswered()) {
      await answering.search.run(slice(queriesOf(task), q, q + 1), answering.plan, (found) => answering.sink(found, resident, q));
      await job.between();
    }
    if (events.hasSubscribers) events.publish({ queries: task.count, helped: part.helped });
  }

  /** Whether there is work enough for others to help, as the first queries tell, which it answers where there are not many. */
  async #worthHelp(answering: Answering, part: SharedPart): Promise<boolean> {
    const { task } = part;
    if (task.count >= surelyShared) return true;
    const first = Math.min(tried, task.count);
    part.bring(first);
    const begun = performance.now();
    await answerSome(answering, task, slice(queriesOf(task), 0, first) as DenseRows, (i) => i); // of dense rows
    return ((performance.now() - begun) / first) * (task.count - first) >= leastMillis;
  }

  /** Sets up to `most` workers to work. */
  #helpers(most: number, { known, plan }: Shareable, { index }: SharedHash, { task }: SharedPart): readonly AtWork[] {
    return this.#crew.setBy(known, most, (to) => ({ kind: "answer", ...to, index, plan, ...task }));
  }
}

/** All that a query may read: the shared hash, even where the storage has another by now, and all vectors. */
function readable({ resident }: MemoryStorage, { own }: SharedHash): Searched {
  return {
    resident,
    size: () => own.size(),
    directory: (hash) => own.directory(hash),
    scan: (probes, plan, out) => own.scan(probes, plan, out),
    fetch: (candidates) => own.fetch(candidates),
  };
}
