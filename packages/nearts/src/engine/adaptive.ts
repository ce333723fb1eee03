import { yieldToEventLoop } from "#platform";
import type { Distance, Schema, Shape, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Rows } from "../core/rows.js";
import { spread } from "../numeric/spread.js";
import { type Calibrated, exactTrial, type Trial, trialOf } from "./calibrate.js";
import { type Choice, chooseEffort } from "./choose-effort.js";
import { Gauge } from "./gauge.js";
import { refuseUnknown, requireOptions } from "./guards.js";
import { knowledgeOf, knownFrom, stageFrom } from "./knowledge.js";
import { Learner, type Lesson, leastLearned } from "./learner.js";
import type { GaugedRecall, Learn, Registry, SearchPlan, TuneOptions } from "./options.js";
import type { QueryPlan } from "./plan.js";
import { describePlan } from "./plan-text.js";
import { SharedLearner, type Study } from "./shared-learner.js";
import { type Effort, plainEffort, type Stage, Stages } from "./stages.js";
import { queriesOf } from "./store.js";
import { turnTaker } from "./turns.js";

/** Queries of a trial that are drawn from the stored vectors. */
const trialQueries = 280;
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
  /** How the index is learned; undefined where its hashes were given, or all searches are exact. */
  readonly learn: Learn | undefined;
  readonly gauge: boolean;
  /** Makes again what was learned. */
  readonly revive: Registry["revive"];
  /** The plan of a plain query for so many neighbours. */
  readonly planOf: (k: number) => QueryPlan;
  /** Throws once the engine is closed. */
  readonly requireOpen: () => void;
  /** Reads what is known of the index anew. */
  readonly renew: () => Promise<void>;
  readonly schema: () => Schema;
  /** An empty storage in this process's memory, to learn in what an index elsewhere needs. */
  readonly memory: () => Storage;
  /** Whether a query may stop before its last probe; where not given, it may. */
  readonly stops?: boolean;
}

/** An engine's knowledge of its own vectors: learns them, tunes its searches to a recall, and watches what these find. */
export class Adaptive {
  readonly #parts: AdaptiveParts;
  readonly #learner: Learner | SharedLearner | null;
  readonly #gauge: Gauge | null;
  #choice: Choice | null = null;
  #tuneSeconds = 0;
  /** Stores of many vectors under way: what comes yet is better waited for. */
  #bulk = 0;
  #checking = false;
  /** When others last had a turn. */
  #breathed = 0;
  /** Calls that stored something, now and when the index was last learned. */
  #writes = 0;
  #learnedWrites = -1;
  /** Of an index elsewhere, whose size is not asked for after every write: at which of them it is to be. */
  #sizeAt = 0;
  /** Whether learning in the background is under way. */
  #waiting = false;
  /** Learning and tuning, one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(parts: AdaptiveParts) {
    this.#parts = parts;
    const { storage, stages, shape, distance, learn } = parts;
    const { resident, shared } = storage;
    // Exact searches of an index elsewhere cost more than knowing its recall is worth.
    this.#gauge = parts.gauge && parts.recall !== undefined && shared === undefined ? new Gauge() : null;
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
              tune: (stage, turn) => this.#tuneStage(stage, turn),
              keep: (lesson, effort) => this.#keep(lesson, effort),
            });
  }

  /** Whether its hashes are learned. */
  get learns(): boolean {
    return this.#learner !== null;
  }

  /** What is going on in the background. */
  get tasks(): readonly string[] {
    return this.#waiting || this.#learner?.learning === true ? ["learning"] : [];
  }

  /** The recall of the queries checked. */
  get gauged(): GaugedRecall | undefined {
    return this.#gauge?.read();
  }

  /** Lets background work have a turn now and then: whoever awaits one call after another leaves it none, as nothing in memory waits. */
  breathe(): Promise<void> | undefined {
    if (!this.#waiting || performance.now() - this.#breathed < betweenBreaths) return undefined;
    return yieldToEventLoop().then(() => {
      this.#breathed = performance.now();
    });
  }

  /** Runs a store of many vectors, and learns after it what it has to. */
  async storing<T>(work: () => Promise<T>): Promise<T> {
    this.#bulk++;
    try {
      return await work();
    } finally {
      this.#bulk--;
      this.#sizeAt = 0;
      await this.stored();
    }
  }

  /** To be called when something was stored: learns in the background where it is time. */
  async stored(): Promise<void> {
    this.#writes++;
    const breath = this.breathe();
    if (breath !== undefined) await breath;
    if (this.#learner === null || this.#bulk > 0) return;
    if (this.#parts.storage.shared !== undefined && this.#writes < this.#sizeAt) return;
    const size = await this.#parts.storage.size();
    this.#sizeAt = this.#writes + Math.max(16, size >>> 8);
    if (this.#waiting || !this.#learner.wants(size)) return;
    this.#waiting = true;
    const learning = this.#afterOther(() => this.#learn(undefined, size));
    // A failure leaves everything as it was; more vectors bring another attempt.
    void learning
      .catch(() => this.#learner?.failedAt(size))
      .finally(() => {
        this.#waiting = false;
      });
  }

  /** Goes on from what the storage kept; E_CONFIG where it cannot be understood. */
  async recall(): Promise<void> {
    const { storage, stages, shape, revive } = this.#parts;
    const kept = await storage.knowledge();
    const filling = kept?.filling === undefined ? null : stageFrom(kept.filling, shape, revive, stages.written);
    if (kept === null || kept.notes === null) {
      this.forget();
      if (storage.shared !== undefined && this.#learner !== null) stages.reset(filling);
      return;
    }
    const { lesson, effort, choice, tuneSeconds } = knownFrom(kept, shape, revive, stages.written);
    this.#choice = choice;
    this.#tuneSeconds = tuneSeconds;
    if (lesson === null) stages.effort = effort;
    else {
      this.#learner?.recall(lesson);
      stages.use(lesson.stage, effort, filling);
    }
  }

  /** Everything was removed. */
  forget(): void {
    this.#choice = null;
    this.#parts.stages.effort = plainEffort;
    this.#gauge?.reset();
    this.#learner?.forget();
  }

  /** Waits for background work. */
  async rest(): Promise<void> {
    await this.#work.catch(() => {});
  }

  /** Runs what changes how the index is searched when nothing else does. */
  #afterOther<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#work.catch(() => {}).then(work);
    this.#work = next;
    return next;
  }

  /** Learns the index; where `from` is given only if it still should be, as it was at that size. */
  async #learn(signal: AbortSignal | undefined, from?: number): Promise<void> {
    const learner = this.#learner;
    if (learner === null || (from !== undefined && !learner.wants(from))) return;
    const writes = this.#writes;
    await learner.learn(this.#turns(signal));
    this.#learnedWrites = writes;
  }

  /** Learns the index now, whatever its size, unless that was done since the last write; `anew` even then. E_UNSUPPORTED where there is nothing to learn. */
  async train(signal: AbortSignal | undefined, anew: boolean): Promise<void> {
    if (this.#learner === null) {
      const message =
        "this engine has nothing to learn: it searches exactly, or by the hashes it was given. Make it with a recall and without hashes";
      throw new NearError("E_UNSUPPORTED", message, {});
    }
    const size = await this.#parts.storage.size();
    if (size < 2) return;
    await this.#afterOther(async () => {
      if (anew || this.#learner?.lesson === null || this.#writes !== this.#learnedWrites) await this.#learn(signal);
    });
  }

  /** Finds the cheapest way to search that meets a recall, and searches that way from now on. */
  async tune(options: TuneOptions): Promise<SearchPlan> {
    const target = checkRecall(options.recall ?? this.#parts.recall ?? 0.95);
    const k = options.k ?? defaultNeighbours;
    checkBudget(options.budget);
    return this.#afterOther(() => this.#tune(target, k, options));
  }

  async #tune(target: number, k: number, options: TuneOptions): Promise<SearchPlan> {
    const { stages, storage } = this.#parts;
    const size = await storage.size();
    if (this.#learner !== null && this.#learner.lesson === null && size >= leastLearned) await this.#learn(options.signal);
    if (stages.active.length === 0 || size === 0) return this.plan();
    if (this.#learner instanceof SharedLearner) return this.#tuneShared(this.#learner, { ...options, recall: target, k });
    const index = this.#calibrated(stages.active, k, this.#turns(options.signal));
    const queries = options.queries === undefined ? undefined : queriesOf(options.queries, this.#parts.shape);
    const choice = await this.#choose(index, target, k, queries, options);
    await this.#keep(this.#learner?.lesson ?? null, choice.effort, choice);
    this.#adopt(choice);
    return this.plan();
  }

  /** Tunes in memory, on a sample, what is searched elsewhere. */
  async #tuneShared(learner: SharedLearner, options: TuneOptions): Promise<SearchPlan> {
    const { effort, choice, tuneSeconds } = await learner.tune(options);
    this.#tuneSeconds = tuneSeconds;
    await this.#keep(learner.lesson, effort, choice);
    if (choice !== null) this.#adopt(choice);
    return this.plan();
  }

  /** Has another of its kind learn or tune an index in memory, without a stop rule: elsewhere all probes are read at once. */
  async #studyIn(memory: Storage, { stage, learn, work }: Parameters<Study>[1]): Promise<void> {
    const stages = new Stages(stage === null ? [] : [stage]);
    await work(new Adaptive({ ...this.#parts, storage: memory, stages, learn, gauge: false, stops: false }));
  }

  /** How queries are answered now. */
  async plan(): Promise<SearchPlan> {
    const { stages, storage, distance } = this.#parts;
    return describePlan({
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
    if (this.#gauge === null || this.#checking || this.#parts.stages.active.length === 0 || plan.nearest === undefined) return;
    if (!plan.byCodes || plan.probes !== undefined || plan.allowed !== undefined || !this.#gauge.earn(millis)) return;
    this.#checking = true;
    void this.#check(query, leaveOut, plan, distances(), plan.nearest).finally(() => {
      this.#checking = false;
    });
  }

  async #check(query: Rows, leaveOut: number, plan: QueryPlan, distances: readonly number[], k: number): Promise<void> {
    await yieldToEventLoop();
    const begun = performance.now();
    try {
      this.#parts.requireOpen();
      const index = { ...this.#calibrated(this.#parts.stages.active, k, () => undefined), plan };
      const trial = await exactTrial(index, query, Int32Array.of(leaveOut), k);
      const limit = trial.limits[0] + Math.abs(trial.limits[0]) * 1e-6;
      const found = distances.filter((distance) => distance <= limit).length;
      this.#gauge?.note(trial.counts[0], Math.min(trial.counts[0], found), performance.now() - begun);
    } catch {
      // A query that could not be checked, as the engine was closed or emptied meanwhile, says nothing about recall.
    }
  }

  /** Tunes a stage that is filled and not in use yet. */
  async #tuneStage(stage: Stage, turn: () => Promise<void> | undefined): Promise<Effort> {
    const index = this.#calibrated([stage], defaultNeighbours, turn);
    const choice = await this.#choose(index, this.#parts.recall ?? 0.95, defaultNeighbours, undefined, {});
    this.#choice = choice;
    this.#gauge?.reset();
    return choice.effort;
  }

  async #choose(index: Calibrated, target: number, k: number, queries: Rows | undefined, { budget }: TuneOptions): Promise<Choice> {
    const begun = performance.now();
    const trial =
      queries === undefined ? await this.#ownTrial(index, k) : await trialOf(index, queries, new Int32Array(queries.count).fill(-1), k);
    const chosen = await chooseEffort(index, trial, target, await this.#listsOf(index), budget ?? {});
    const choice = { ...chosen, effort: { ...chosen.effort, neighbours: k } };
    this.#tuneSeconds = (performance.now() - begun) / 1000;
    return choice;
  }

  /** A trial with stored vectors as queries, each left out of its own answers. */
  async #ownTrial(index: Calibrated, k: number): Promise<Trial> {
    const { resident } = this.#parts.storage;
    if (resident === undefined) {
      throw new NearError(
        "E_BAD_OPTION",
        `the ${this.#parts.storage.name} storage gives no vectors to tune with: pass some in queries`,
        {},
      );
    }
    const rows = resident.rows();
    // The last of the order: the first are those that were learned from.
    const order = spread(rows.length, Math.max(0, rows.length - trialQueries), trialQueries);
    const { rows: chosen, vectors } = resident.gather(Uint32Array.from(order, (i) => rows[i]));
    return trialOf(index, vectors, Int32Array.from(chosen), k);
  }

  /** Most buckets that a query can read in one table. */
  async #listsOf({ storage, stages }: Calibrated): Promise<number> {
    let most = 1;
    for (const { number, hash } of stages) {
      const directory = await storage.directory(number);
      for (let table = 0; table < hash.tables; table++) most = Math.max(most, directory.size(table));
    }
    return most;
  }

  async #keep(lesson: Lesson | null, effort: Effort, choice = this.#choice): Promise<void> {
    await this.#parts.storage.keep(knowledgeOf({ lesson, effort, choice, tuneSeconds: this.#tuneSeconds }));
  }

  #adopt(choice: Choice): void {
    this.#choice = choice;
    this.#parts.stages.effort = choice.effort;
    this.#gauge?.reset();
  }

  #calibrated(stages: readonly Stage[], k: number, turn: () => Promise<void> | undefined): Calibrated {
    return {
      storage: this.#parts.storage,
      stages,
      distance: this.#parts.distance,
      dim: this.#parts.shape.dim,
      plan: this.#parts.planOf(k),
      stops: this.#parts.stops ?? true,
      turn,
    };
  }

  /** Between pieces of work: lets others have their turn, and ends once the engine is closed. */
  #turns(signal: AbortSignal | undefined): () => Promise<void> | undefined {
    const turn = turnTaker(signal);
    return () => {
      this.#parts.requireOpen();
      return turn();
    };
  }
}

/** E_BAD_OPTION unless it holds positive numbers, of probes a whole one. */
function checkBudget(budget: TuneOptions["budget"]): void {
  if (budget === undefined) return;
  requireOptions(budget, "a budget");
  refuseUnknown(budget, ["probes", "micros"], "a budget");
  const { probes, micros } = budget;
  if (probes !== undefined && !(Number.isInteger(probes) && probes >= 1)) {
    throw new NearError("E_BAD_OPTION", `budget.probes is ${show(probes)}; give a whole number of buckets from 1`, { probes });
  }
  if (micros !== undefined && !(typeof micros === "number" && micros > 0)) {
    throw new NearError("E_BAD_OPTION", `budget.micros is ${show(micros)}; give microseconds above 0`, { micros });
  }
}

/** E_BAD_OPTION unless it is over 0 and at most 1. */
export function checkRecall(recall: number): number {
  if (typeof recall === "number" && recall > 0 && recall <= 1) return recall;
  throw new NearError("E_BAD_OPTION", `recall is ${show(recall)}; give the share of neighbours to be found, over 0 to 1, such as 0.95`, {
    recall,
  });
}
