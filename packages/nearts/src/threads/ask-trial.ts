import { channel } from "#platform";
import type { DenseRows } from "../core/rows.js";
import type { SharedTrial, TrialJob, TrialOf } from "../engine/batches.js";
import { entryNanos } from "../engine/cost.js";
import { gateOf } from "../engine/gate.js";
import { type Question, stagesWith, widthOf } from "../engine/questions.js";
import { Search } from "../engine/search.js";
import { sharedFloats } from "../numeric/steps.js";
import type { MemoryStorage } from "../storage/memory/memory-storage.js";
import type { Crew, KnownStage } from "./crew.js";
import { divide, sharedParts } from "./parts.js";
import { shareStage } from "./share-stage.js";
import type { AskTask } from "./task.js";

const events = channel("nearts:threads");

/** Milliseconds of work that there must be left for workers to be asked. */
const leastMillis = 3;
/** Fewer queries than this are asked by the calling thread, by so many of which it learns how long one takes. */
const leastQueries = 16;

/** Nanoseconds that it takes to read all codes for all queries of a trial for others to help. */
const leastNanos = 5e6;

/** Milliseconds that writes wait at a time, about. */
const mostMillis = 60;

/** A trial that a crew takes part in; undefined where the stage is none that workers can make again, or there is little to do. */
export function threadedTrial(crew: Crew, storage: MemoryStorage, of: TrialOf): SharedTrial | undefined {
  const { queries, stage } = of;
  const known = crew.know(stage);
  if (queries.kind !== "dense" || known === null) return undefined;
  const nanos = storage.size() * entryNanos(stage.sketch?.groups ?? 0);
  if (queries.count * nanos < leastNanos) return undefined;
  const atOnce = Math.floor((mostMillis * 1e6 * (crew.size + 1)) / nanos);
  return new ThreadedTrial(crew, storage, known, { ...of, queries, atOnce });
}

class ThreadedTrial implements SharedTrial {
  readonly #crew: Crew;
  readonly #storage: MemoryStorage;
  readonly #known: KnownStage;
  readonly #of: TrialOf;
  readonly #queries: AskTask["trial"];
  /** Parts between which writes have their turn. */
  #atOnce: number;

  /** `atOnce` is how many queries are asked before writes have their turn, until it is known how long they take. */
  constructor(
    crew: Crew,
    storage: MemoryStorage,
    known: KnownStage,
    of: TrialOf & { readonly queries: DenseRows; readonly atOnce: number },
  ) {
    this.#crew = crew;
    this.#storage = storage;
    this.#known = known;
    this.#of = of;
    this.#atOnce = Math.max(leastQueries, of.atOnce);
    const { dim, count } = of.queries;
    this.#queries = { number: crew.nextTrial(), dim, count, values: sharedFloats(of.queries.values), leaveOut: of.leaveOut };
  }

  async ask(job: TrialJob): Promise<boolean> {
    const { questions, count } = job;
    const all = count * questions.length;
    if (all < leastQueries || !this.#crew.works || !questions.every((question) => this.#coded(question))) return false;
    for (let from = 0; from < all; ) {
      const to = Math.min(all, from + this.#atOnce);
      if (!(await this.#askSome(job, from, to))) return false;
      from = to;
    }
    return true;
  }

  /** Asks parts `from … to − 1` while writes wait. */
  #askSome(job: TrialJob, from: number, to: number): Promise<boolean> {
    return gateOf(this.#storage).during(async () => {
      const begun = performance.now();
      const asked = await this.#ask(job, from, to);
      const millis = Math.max(1, performance.now() - begun);
      this.#atOnce = Math.max(leastQueries, Math.floor((mostMillis * (to - from)) / millis));
      return asked;
    });
  }

  /** Whether what the question takes is read by codes, which is all that workers can read. */
  #coded({ effort }: Question): boolean {
    const { stage, plan } = this.#of;
    return new Search(this.#storage, stagesWith([stage], effort)).coded(plan);
  }

  async #ask({ questions, count, left, run, turn }: TrialJob, first: number, end: number): Promise<boolean> {
    const { stage, plan } = this.#of;
    const { distance, nearest = 0, within } = plan;
    if (distance === null) return false;
    try {
      // One more, as a stored vector is left out of its own answer.
      const efforts = questions.map(({ effort }) => effort);
      const shared = shareStage(this.#storage, stage, efforts, nearest + 1);
      if (shared === null) return false;
      const parts = sharedParts(end - first, this.#crew.size);
      const task = {
        kind: "ask",
        index: shared.index,
        plan: { distance: distance.name, nearest, within },
        trial: this.#queries,
        questions,
        count,
        first,
        width: widthOf(questions[0]),
        left,
        parts,
      } as const;
      let asked = 0;
      const helpers = (millis: number) => {
        if (millis < leastMillis) return [];
        const atWork = this.#crew.setBy(this.#known, this.#crew.size, (to) => ({ ...task, ...to }));
        asked = atWork.length;
        return atWork;
      };
      const work = { count: end - first, parts, bring: () => end - first, run: (part: number) => run(first + part), turn };
      const helped = await divide(work, helpers);
      if (asked > 0 && events.hasSubscribers) events.publish({ work: "trial", parts: end - first, helped });
      return true;
    } finally {
      this.#storage.resident.unshare(stage.number);
    }
  }
}
