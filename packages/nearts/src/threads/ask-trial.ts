import { channel } from "#platform";
import type { DenseRows } from "../core/rows.js";
import type { SharedTrial, TrialJob, TrialOf } from "../engine/batches.js";
import { entryNanos } from "../engine/cost.js";
import { gateOf } from "../engine/gate.js";
import { type Question, stagesWith, widthOf } from "../engine/questions.js";
import { Search } from "../engine/search.js";
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

/** A trial that a crew takes part in; undefined where the stage is none that workers can make again, or there is little to do. */
export function threadedTrial(crew: Crew, storage: MemoryStorage, of: TrialOf): SharedTrial | undefined {
  const { queries, stage } = of;
  const known = crew.know(stage);
  if (queries.kind !== "dense" || known === null) return undefined;
  if (queries.count * storage.size() * entryNanos(stage.sketch?.groups ?? 0) < leastNanos) return undefined;
  return new ThreadedTrial(crew, storage, known, of, queries);
}

class ThreadedTrial implements SharedTrial {
  readonly #crew: Crew;
  readonly #storage: MemoryStorage;
  readonly #known: KnownStage;
  readonly #of: TrialOf;
  readonly #queries: AskTask["trial"];

  constructor(crew: Crew, storage: MemoryStorage, known: KnownStage, of: TrialOf, queries: DenseRows) {
    this.#crew = crew;
    this.#storage = storage;
    this.#known = known;
    this.#of = of;
    const values = new Float32Array(new SharedArrayBuffer(queries.values.length * 4));
    values.set(queries.values);
    this.#queries = { number: crew.nextTrial(), dim: queries.dim, count: queries.count, values, leaveOut: of.leaveOut };
  }

  async ask(job: TrialJob): Promise<boolean> {
    const { questions, count } = job;
    if (count * questions.length < leastQueries || !this.#crew.works || !questions.every((question) => this.#coded(question))) return false;
    return gateOf(this.#storage).during(() => this.#ask(job));
  }

  /** Whether what the question takes is read by codes, which is all that workers can read. */
  #coded({ effort }: Question): boolean {
    const { stage, plan } = this.#of;
    return new Search(this.#storage, stagesWith([stage], effort)).coded(plan);
  }

  async #ask({ questions, count, left, run, turn }: TrialJob): Promise<boolean> {
    const { stage, plan } = this.#of;
    const { distance, nearest = 0, within } = plan;
    // One more, as a stored vector is left out of its own answer.
    const shared = shareStage(
      this.#storage,
      stage,
      questions.map(({ effort }) => effort),
      nearest + 1,
    );
    if (shared === null || distance === null) return false;
    const all = count * questions.length;
    const parts = sharedParts(all, this.#crew.size);
    const task = {
      kind: "ask",
      index: shared.index,
      plan: { distance: distance.name, nearest, within },
      trial: this.#queries,
      questions,
      count,
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
    try {
      const helped = await divide({ count: all, parts, bring: () => all, run, turn }, helpers);
      if (asked > 0 && events.hasSubscribers) events.publish({ work: "trial", parts: all, helped });
      return true;
    } finally {
      this.#storage.resident.unshare(stage.number);
    }
  }
}
