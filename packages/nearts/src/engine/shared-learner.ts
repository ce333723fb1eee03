import { Codes } from "../core/codes.js";
import { Keys } from "../core/columns.js";
import type { Distance, Id, Lease, Schema, Shape, Shared, Storage } from "../core/contracts.js";
import { NearError } from "../core/errors.js";
import type { DenseRows, Rows, SetRows } from "../core/rows.js";
import type { Steps } from "../numeric/steps.js";
import { valuesOf } from "./cost.js";
import { enter } from "./entries.js";
import { type Known, knowledgeOf, knownFrom } from "./knowledge.js";
import { growth, type Lesson, leastLearned, sampleValues } from "./learner.js";
import type { Learn, Learned, LearnOptions, Registry, SearchPlan, TuneOptions } from "./options.js";
import { schemaHashOf } from "./schema.js";
import type { Effort, Stage, Stages } from "./stages.js";

/** Milliseconds between two looks whether another process, which learns the index, is done. */
const lookMillis = 200;

/** What learns and tunes an index in memory. */
export interface Studying {
  train(signal: AbortSignal | undefined, anew: boolean): Promise<void>;
  tune(options: TuneOptions): Promise<SearchPlan>;
}

/** Has `work` done on an index in memory, with a stage that it has or (null) none. */
export type Study = (
  memory: Storage,
  how: { readonly stage: Stage | null; readonly learn: Learn | undefined; readonly work: (studying: Studying) => Promise<void> },
) => Promise<void>;

/** What an index that many processes share consists of, for the one that learns it. */
export interface SharedLearning {
  readonly storage: Storage;
  readonly shared: Shared;
  readonly stages: Stages;
  readonly shape: Shape;
  readonly distance: Distance;
  readonly learn: Learn;
  readonly revive: Registry["revive"];
  readonly renew: () => Promise<void>;
  readonly schema: () => Schema;
  readonly memory: () => Storage;
  readonly study: Study;
}

/**
 * Learns an index that many processes use, for all of them: on a sample in its own memory, where it also finds out how much a query has to read. Then
 * everything is entered beside what is in use, and put in its place in one step (design 7). One process at a time does so; the others profit.
 */
export class SharedLearner {
  readonly #parts: SharedLearning;
  #running: Promise<void> | null = null;
  #lesson: Lesson | null = null;
  #failedAt = 0;

  constructor(parts: SharedLearning) {
    this.#parts = parts;
  }

  /** As the members of {@link Learner} with these names, here and below. */
  get lesson(): Lesson | null {
    return this.#lesson;
  }

  get learning(): boolean {
    return this.#running !== null;
  }

  wants(size: number): boolean {
    if (this.#running !== null || size < leastLearned) return false;
    const known = Math.max(this.#lesson?.size ?? 0, this.#failedAt);
    return known === 0 || size >= growth * known;
  }

  failedAt(size: number): void {
    this.#failedAt = size;
  }

  /** Searches by what was learned, exactly where nothing was, and writes what another process is filling too. */
  recall(lesson: Lesson | null, effort: Effort, filling: Stage | null): void {
    const { stages } = this.#parts;
    this.#lesson = lesson;
    if (lesson === null) stages.reset(filling);
    else stages.use(lesson.stage, effort, filling);
  }

  forget(): void {
    this.#parts.stages.reset();
    this.#lesson = null;
    this.#failedAt = 0;
  }

  /** How the contents move is not watched: what other processes write is not seen here. */
  written(_count: number): void {}

  gone(_ids: readonly Id[]): void {}

  learn(turn: () => Promise<void> | undefined): Promise<void> {
    this.#running ??= this.#learn(turn).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** The effort that meets a recall, found on a sample in memory with the buckets that are in use. */
  async tune(options: TuneOptions): Promise<Known> {
    const lesson = this.#lesson;
    if (lesson === null) throw new NearError("E_UNSUPPORTED", "this index has not been learned, so there is nothing to tune", {});
    const { hash, sketch } = lesson.stage;
    const stage: Stage = { number: 0, hash, sketch };
    const memory = this.#parts.memory();
    await memory.open({ ...this.#parts.schema(), hashes: [schemaHashOf(hash, sketch)] });
    await this.#fillMemory(memory, stage, await this.#parts.storage.size());
    await this.#parts.study(memory, {
      stage,
      learn: undefined,
      work: async (studying) => {
        await studying.tune(options);
      },
    });
    return this.#known(memory);
  }

  async #learn(turn: () => Promise<void> | undefined): Promise<void> {
    const { shared, storage } = this.#parts;
    const before = this.#lesson;
    let lease = await shared.lease();
    // Another process is at it: what it learns is as good.
    for (; lease === null; lease = await shared.lease()) {
      await new Promise((resolve) => setTimeout(resolve, lookMillis));
      await turn();
      await storage.size();
      await this.#parts.renew();
      if (this.#lesson !== before) return;
    }
    try {
      await this.#learnUnder(lease, turn);
    } finally {
      await lease.release();
    }
    await this.#parts.renew();
  }

  async #learnUnder(lease: Lease, turn: () => Promise<void> | undefined): Promise<void> {
    const begun = performance.now();
    const size = await this.#parts.storage.size();
    const learned = await this.#learnInMemory(size);
    if (learned?.lesson === null || learned === null) return;
    const { hash, sketch } = learned.lesson.stage;
    const number = await lease.begin(schemaHashOf(hash, sketch));
    const stage: Stage = { number, hash, sketch };
    // Its own writes have the keys too, from here on.
    await this.#parts.renew();
    const entries = { keys: new Keys(), codes: sketch === null ? null : new Codes(sketch.groups) };
    for await (const block of lease.blocks()) {
      enter(stage, block.vectors, entries);
      await lease.enter(block, entries.keys, entries.codes);
      await turn();
    }
    const lesson = { ...learned.lesson, stage, size, seconds: (performance.now() - begun) / 1000 };
    await lease.finish(knowledgeOf({ ...learned, lesson }));
  }

  /** What is learned of a sample, and how it is searched; null where there is nothing to learn from. */
  async #learnInMemory(size: number): Promise<Known | null> {
    const { learn, study } = this.#parts;
    const memory = this.#parts.memory();
    await memory.open({ ...this.#parts.schema(), hashes: [] });
    if ((await this.#fillMemory(memory, null, size)) < 2) return null;
    // The partition is for all vectors, not for the sample's number of them.
    function sized(sample: DenseRows, options: LearnOptions): Steps<Learned>;
    function sized(sample: DenseRows | SetRows, options: LearnOptions): Steps<Learned | null>;
    function sized(sample: DenseRows | SetRows, options: LearnOptions): Steps<Learned | null> {
      return learn(sample, { ...options, size });
    }
    const ownLearn: Learn = Object.assign(sized, {
      sampleFor: (count: number, dim: number) => learn.sampleFor(count, dim),
    });
    await study(memory, { stage: null, learn: ownLearn, work: (studying) => studying.train(undefined, true) });
    return this.#known(memory);
  }

  async #known(memory: Storage): Promise<Known> {
    const knowledge = await memory.knowledge();
    if (knowledge === null) throw new NearError("E_FAILED", "learning came to nothing: store more vectors, and train again", {});
    return knownFrom(knowledge, this.#parts.shape, this.#parts.revive);
  }

  /** Stores a sample, with the keys of a stage where there is one; how many there were. */
  async #fillMemory(memory: Storage, stage: Stage | null, size: number): Promise<number> {
    const wanted = Math.min(size, Math.max(1, Math.floor(sampleValues / valuesOf(this.#parts.shape))));
    const entries = { keys: new Keys(), codes: stage?.sketch == null ? null : new Codes(stage.sketch.groups) };
    let count = 0;
    for await (const rows of this.#parts.shared.sample(wanted)) {
      if (stage !== null) enter(stage, rows, entries);
      const ids = Array.from({ length: rows.count }, (_, i) => count + i);
      await memory.write({
        rows: rows satisfies Rows,
        ids,
        keys: stage === null ? [] : [entries.keys],
        codes: stage === null ? [] : [entries.codes],
      });
      count += rows.count;
    }
    return count;
  }
}
