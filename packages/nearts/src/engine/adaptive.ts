import { yieldToEventLoop } from "#platform";
import type { Distance, Id, Schema, Shape, Storage } from "../core/contracts.js";
import { NearError } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import type { Batches } from "./batches.js";
import type { Choice } from "./choose-effort.js";
import { Era } from "./era.js";
import { knowledgeOf, knownFrom, stageFrom } from "./knowledge.js";
import { Learner, type Lesson, leastLearned } from "./learner.js";
import type { GaugedRecall, Learn, Registry, SearchPlan, TuneOptions } from "./options.js";
import type { QueryPlan } from "./plan.js";
import { describePlan } from "./plan-text.js";
import { RecallWatch } from "./recall-watch.js";
import { SharedLearner, type Study } from "./shared-learner.js";
import { type Effort, plainEffort, type Stage, Stages } from "./stages.js";
import { checkBudget, checkRecall, trialQueriesOf } from "./tune-options.js";
import { type Aim, Tuner } from "./tuner.js";

const defaultNeighbours = 10;
/** Milliseconds of other calls after which background work has a turn. */
const betweenBreaths = 5;

/** What an engine adapts. */
export interface AdaptiveParts {
  readonly storage: Storage;
  readonly stages: Stages;
  readonly shape: Shape;
  readonly distance: Distance;
  /** The recall asked for; undefined where none was. */
  readonly recall: number | undefined;
  /** Whether all searches are exact for good. */
  readonly exact: boolean;
  /** How the index is learned; undefined where its hashes were given, or all searches are exact. */
  readonly learn: Learn | undefined;
  readonly gauge: boolean;
  /** Makes again what was learned. */
  readonly revive: Registry["revive"];
  /** The plan of a plain query for so many neighbours. */
  readonly planOf: (k: number) => QueryPlan;
  /** Reads what is known of the index anew. */
  readonly renew: () => Promise<void>;
  readonly schema: () => Schema;
  /** An empty storage in this process's memory, to learn in what an index elsewhere needs. */
  readonly memory: () => Storage;
  /** Whether a query may stop before its last probe; where not given, it may. */
  readonly stops?: boolean;
  /** Throws once the work is to end, where that is not for the engines that join to say. */
  readonly requireOpen?: () => void;
}

/** An engine's knowledge of its own vectors: learns them, tunes its searches to a recall, and watches what these find. */
export class Adaptive {
  readonly #parts: AdaptiveParts;
  /** Of an index in this process's memory, or of one that many processes share. */
  readonly #learner: Learner | SharedLearner | null;
  readonly #watch: RecallWatch | null;
  readonly #tuner: Tuner;
  readonly #era: Era;
  /** By engine its threads, of those that have some. */
  readonly #helpers = new Map<object, Batches>();
  #choice: Choice | null = null;
  #tuneSeconds = 0;
  /** Stores of many vectors under way: what comes yet is better waited for. */
  #bulk = 0;
  /** When others last had a turn. */
  #breathed = 0;
  /** Calls that stored something, now and when the index was last learned. */
  #writes = 0;
  #learnedWrites = -1;
  /** Of an index elsewhere, whose size is not asked for after every write: at which of them it is to be. */
  #sizeAt = 0;
  /** Learning in the background, while it is under way. */
  #background: Promise<void> | null = null;
  /** Learning and tuning, one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(parts: AdaptiveParts) {
    this.#parts = parts;
    const { storage, stages, shape, distance, learn } = parts;
    const { resident, shared } = storage;
    this.#era = new Era(parts.requireOpen);
    const batches = () => this.#helpers.values().next().value;
    this.#tuner = new Tuner({ ...parts, batches });
    // Exact searches of an index elsewhere cost more than knowing its recall is worth.
    const watched = parts.gauge && parts.recall !== undefined && shared === undefined;
    this.#watch = watched ? new RecallWatch(stages, this.#tuner, () => this.#era.requireOpen()) : null;
    if (learn === undefined) this.#learner = null;
    else if (shared !== undefined) {
      const study: Study = (memory, work) => this.#studyIn(memory, work);
      this.#learner = new SharedLearner({ ...parts, shared, learn, study });
    } else
      this.#learner =
        resident === undefined
          ? null
          : new Learner({
              storage,
              resident,
              stages,
              shape,
              distance,
              learn,
              recall: parts.recall ?? 0.95,
              batches,
              tune: (stage, turn) => this.#tuneStage(stage, turn),
              keep: (lesson, effort) => this.#keep(lesson, effort),
            });
  }

  /** Whether its hashes are learned. */
  get learns(): boolean {
    return this.#learner !== null;
  }

  /** An engine goes by this from now on; its threads, if it has any, help to learn. */
  join(engine: object, batches: Batches | undefined): void {
    this.#era.join(engine);
    if (batches !== undefined) this.#helpers.set(engine, batches);
  }

  /** An engine was closed: without any, work under way ends. */
  leave(engine: object): void {
    this.#era.leave(engine);
    this.#helpers.delete(engine);
  }

  /** What is going on in the background. */
  get tasks(): readonly string[] {
    return this.#background !== null || this.#learner?.learning === true ? ["learning"] : [];
  }

  /** The recall of the queries checked. */
  get gauged(): GaugedRecall | undefined {
    return this.#watch?.read(this.#choice?.target ?? this.#parts.recall);
  }

  /** Lets background work have a turn now and then: whoever awaits one call after another leaves it none, as nothing in memory waits. */
  breathe(): Promise<void> | undefined {
    if (this.#background === null || performance.now() - this.#breathed < betweenBreaths) return undefined;
    return yieldToEventLoop().then(() => {
      this.#breathed = performance.now();
    });
  }

  /** Runs a store of many vectors, and learns after it what it has to. */
  async storing<T extends readonly unknown[]>(work: () => Promise<T>): Promise<T> {
    this.#bulk++;
    let stored = 0;
    try {
      const done = await work();
      stored = done.length;
      return done;
    } finally {
      this.#bulk--;
      this.#sizeAt = 0;
      await this.stored(stored);
    }
  }

  /** To be called when vectors were stored: learns in the background where it is time. */
  async stored(count: number): Promise<void> {
    this.#writes++;
    const breath = this.breathe();
    if (breath !== undefined) await breath;
    if (this.#learner === null || this.#bulk > 0) return;
    if (this.#parts.storage.shared !== undefined && this.#writes < this.#sizeAt) return;
    this.#learner.written(count);
    const size = await this.#parts.storage.size();
    this.#sizeAt = this.#writes + Math.max(16, size >>> 8);
    await this.#learnIfWanted(size);
  }

  /** To be called with the ids of vectors that were replaced. */
  replaced(ids: readonly Id[]): void {
    this.#learner?.gone(ids);
  }

  /** To be called with the ids of vectors that were removed: learns in the background where it is time, or searches exactly again where few are left. */
  async removed(ids: readonly Id[]): Promise<void> {
    if (this.#learner === null || ids.length === 0) return;
    this.#writes++;
    this.#learner.gone(ids);
    if (this.#learner instanceof SharedLearner) return;
    const size = await this.#parts.storage.size();
    if (this.#learner.shrunk(size)) await this.unlearn();
    else await this.#learnIfWanted(size);
  }

  /** Everything is removed: what was learned is of no use any more. Ends learning and tuning under way. */
  forget(): void {
    this.#reset();
    this.#learner?.forget();
  }

  /** Drops what was learned: searches are exact until it is learned again. E_UNSUPPORTED where other processes search by it. */
  async unlearn(): Promise<void> {
    if (this.#learner instanceof SharedLearner) {
      const message =
        "other processes search by the buckets of what was learned: learn it anew with train({ anew: true }) instead of emptying them";
      throw new NearError("E_UNSUPPORTED", message, {});
    }
    this.forget();
    await this.#keep(null, plainEffort);
  }

  #reset(): void {
    this.#era.end();
    this.#background = null;
    this.#parts.stages.effort = plainEffort;
    this.#note(null, 0);
  }

  async #learnIfWanted(size: number): Promise<void> {
    if (this.#background !== null || this.#learner === null || !(await this.#learner.wants(size))) return;
    if (this.#background !== null) return; // somebody was sooner
    const learning = this.#nextIn(this.#era.number, () => this.#learn(undefined, size));
    this.#background = learning;
    // A failure leaves everything as it was; more vectors bring another attempt.
    void learning
      .catch(() => this.#learner?.failedAt(size))
      .finally(() => {
        if (this.#background === learning) this.#background = null;
      });
  }

  /** Goes on from what the storage keeps. E_CONFIG where it cannot be understood. */
  async recall(): Promise<void> {
    const { storage, stages, shape, revive } = this.#parts;
    const kept = await storage.knowledge();
    const filling = kept?.filling === undefined ? null : stageFrom(kept.filling, shape, revive, stages.written);
    const known = kept === null || kept.notes === null ? null : knownFrom(kept, shape, revive, stages.written);
    const lesson = known?.lesson ?? null;
    if (this.#learner instanceof SharedLearner) {
      // Its own learning goes on: it has the lease.
      this.#learner.recall(lesson, known?.effort ?? plainEffort, filling);
    } else if (this.#learner !== null && lesson?.stage !== this.#learner.lesson?.stage) {
      this.#reset();
      this.#learner.recall(lesson);
    }
    if (known !== null) stages.effort = known.effort;
    this.#note(known?.choice ?? null, known?.tuneSeconds ?? 0);
  }

  /** Runs what changes how the index is searched when nothing else does. */
  #afterOther<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#work.catch(() => {}).then(work);
    this.#work = next;
    return next;
  }

  /** As {@link Adaptive.#afterOther}, unless that era is over when it is its turn. */
  #nextIn(era: number, work: () => Promise<void>): Promise<void> {
    return this.#afterOther(async () => {
      if (era === this.#era.number) await work();
    });
  }

  /** Learns the index; where `from` is given only if it still should be, as it was at that size. Ends early where all is forgotten meanwhile. */
  async #learn(signal: AbortSignal | undefined, from?: number): Promise<void> {
    const learner = this.#learner;
    const era = this.#era.number;
    if (learner === null || (from !== undefined && !(await learner.wants(from))) || era !== this.#era.number) return;
    const writes = this.#writes;
    await this.#era.unlessOver(async () => {
      await learner.learn(this.#era.turns(signal));
      this.#learnedWrites = writes;
    });
  }

  /** Learns the index now, whatever its size, unless that was done since the last write; `anew` even then. E_UNSUPPORTED where there is nothing to learn. */
  async train(signal: AbortSignal | undefined, anew: boolean): Promise<void> {
    if (this.#learner === null) {
      const message =
        "this engine has nothing to learn: it searches exactly, or by the hashes it was given. Make it with a recall and without hashes";
      throw new NearError("E_UNSUPPORTED", message, {});
    }
    const era = this.#era.number;
    const size = await this.#parts.storage.size();
    if (size < 2) return;
    await this.#nextIn(era, async () => {
      if (anew || this.#learner?.lesson === null || this.#writes !== this.#learnedWrites) await this.#learn(signal);
    });
  }

  /** Finds the cheapest way to search that meets a recall, and searches that way from now on. */
  async tune(options: TuneOptions): Promise<SearchPlan> {
    const target = checkRecall(options.recall ?? this.#parts.recall ?? 0.95);
    const k = options.k ?? defaultNeighbours;
    checkBudget(options.budget);
    const queries = options.queries === undefined ? undefined : trialQueriesOf(options.queries, this.#parts.shape);
    this.#parts.planOf(k); // refuses what is no number of neighbours
    return this.#afterOther(() => this.#tune({ recall: target, k, queries, budget: options.budget }, options.signal));
  }

  async #tune(aim: Aim, signal: AbortSignal | undefined): Promise<SearchPlan> {
    const { stages, storage } = this.#parts;
    const size = await storage.size();
    if (this.#learner !== null && this.#learner.lesson === null && size >= leastLearned) await this.#learn(signal);
    if (size === 0) return this.plan();
    if (stages.active.length === 0 || this.#parts.exact) return this.#exactly(aim, signal);
    if (this.#learner instanceof SharedLearner) return this.#tuneShared(this.#learner, aim, signal);
    await this.#era.unlessOver(async () => {
      const era = this.#era.number;
      const { choice, seconds } = await this.#tuner.choose(stages.active, aim, this.#era.turns(signal));
      if (era !== this.#era.number) return;
      this.#note(choice, seconds);
      stages.effort = choice.effort;
      await this.#keep(this.#learner?.lesson ?? null, choice.effort);
    });
    return this.plan();
  }

  /** The plan of an index that is searched exactly: nothing is chosen, but a query may take longer than it should. */
  async #exactly({ k, queries, budget }: Aim, signal: AbortSignal | undefined): Promise<SearchPlan> {
    const plan = await this.plan();
    if (budget?.micros === undefined || this.#parts.storage.resident === undefined) return plan;
    const micros = await this.#tuner.exactMicros(k, queries, this.#era.turns(signal));
    const timed = { ...plan, micros };
    if (micros <= budget.micros) return timed;
    const warning = `an exact search takes about ${Math.round(micros)} µs, over the budget of ${budget.micros} µs: make the engine with a recall and without hashes, so that it learns, or raise the budget`;
    return { ...timed, warning, text: `${plan.text}\nWarning: ${warning}.` };
  }

  /** Tunes in memory, on a sample, what is searched elsewhere. */
  async #tuneShared(learner: SharedLearner, { recall, k, queries, budget }: Aim, signal: AbortSignal | undefined): Promise<SearchPlan> {
    const { effort, choice, tuneSeconds } = await learner.tune({
      recall,
      k,
      ...(queries === undefined ? {} : { queries }),
      ...(budget === undefined ? {} : { budget }),
      ...(signal === undefined ? {} : { signal }),
    });
    this.#note(choice, tuneSeconds);
    await this.#keep(learner.lesson, effort);
    this.#parts.stages.effort = effort;
    return this.plan();
  }

  /** Has another of its kind learn or tune an index in memory, without a stop rule: elsewhere all probes are read at once. */
  async #studyIn(memory: Storage, { stage, learn, work }: Parameters<Study>[1]): Promise<void> {
    const stages = new Stages(stage === null ? [] : [stage]);
    const requireOpen = () => this.#era.requireOpen();
    await work(new Adaptive({ ...this.#parts, storage: memory, stages, learn, gauge: false, stops: false, requireOpen }));
  }

  /** How queries are answered now. */
  async plan(): Promise<SearchPlan> {
    const { stages, storage, distance, exact } = this.#parts;
    return describePlan({
      exact,
      size: await storage.size(),
      stages: stages.active,
      effort: stages.effort,
      lesson: this.#learner?.lesson ?? null,
      learning: this.tasks.length > 0,
      choice: this.#choice,
      tuneSeconds: this.#tuneSeconds,
      distance,
      target: this.#parts.recall,
    });
  }

  /** Notes an answered query with the distances it gave; now and then checks one, when its answer is out. */
  answered(query: Rows, leaveOut: number, plan: QueryPlan, distances: () => readonly number[], millis: number): void {
    this.#watch?.answered(query, leaveOut, plan, distances, millis);
  }

  /** Tunes a stage that is filled and not in use yet. */
  async #tuneStage(stage: Stage, turn: () => Promise<void> | undefined): Promise<Effort> {
    const aim = { recall: this.#parts.recall ?? 0.95, k: defaultNeighbours, queries: undefined, budget: undefined };
    const era = this.#era.number;
    const { choice, seconds } = await this.#tuner.choose([stage], aim, turn);
    if (era === this.#era.number) this.#note(choice, seconds);
    return choice.effort;
  }

  /** Has the storage keep what is known. */
  async #keep(lesson: Lesson | null, effort: Effort): Promise<void> {
    await this.#parts.storage.keep(knowledgeOf({ lesson, effort, choice: this.#choice, tuneSeconds: this.#tuneSeconds }));
  }

  #note(choice: Choice | null, seconds: number): void {
    this.#choice = choice;
    this.#tuneSeconds = seconds;
    this.#watch?.reset();
  }
}

const known = new WeakMap<Stages, Adaptive>();

/** What engines share that search by the same stages: the first of them makes it. */
export function sharedAdaptive(stages: Stages, make: () => Adaptive): Adaptive {
  const adaptive = known.get(stages) ?? make();
  known.set(stages, adaptive);
  return adaptive;
}
