import type { Stage } from "../engine/stages.js";
import { PooledThread } from "./pool.js";
import { stageConfig } from "./revive-stage.js";
import type { Addressed, OfStage, StageConfig, Task } from "./task.js";

/** A stage that workers can make again, and the number that they know it by. */
export interface KnownStage {
  readonly number: number;
  readonly config: StageConfig;
}

/** A worker at work. */
export interface AtWork {
  /** Its number, from 1. */
  readonly thread: number;
  /** Resolves, never rejects, when it is through, or will never be. */
  readonly done: Promise<void>;
  /** Nobody waits for it any more: then it is done. */
  readonly forget: () => void;
}

/** The workers of an engine. They start when they are first given something to do. */
export class Crew {
  readonly #workers: readonly PooledThread[];
  /** Of stages that workers cannot make again null. */
  readonly #stages = new WeakMap<Stage, KnownStage | null>();
  #lastStage = 0;
  #lastBatch = 0;
  #lastTrial = 0;

  constructor(workers: number) {
    this.#workers = Array.from({ length: workers }, () => new PooledThread());
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Whether any of them can be given something to do. */
  get works(): boolean {
    return this.#workers.some(({ works }) => works);
  }

  /** How workers come to know a stage; null where they cannot. */
  know(stage: Stage): KnownStage | null {
    const known = this.#stages.get(stage);
    if (known !== undefined) return known;
    const config = stageConfig(stage);
    const made = config === null ? null : { number: ++this.#lastStage, config };
    this.#stages.set(stage, made);
    return made;
  }

  /** A number by which workers know a trial again. */
  nextTrial(): number {
    return ++this.#lastTrial;
  }

  /** Sets up to `most` workers to a task that `task` writes for each. */
  set(most: number, task: (to: Addressed) => Task): readonly AtWork[] {
    return this.#set(most, (_, to) => task(to));
  }

  /** As {@link Crew.set}, where they go by a stage. */
  setBy({ number, config }: KnownStage, most: number, task: (to: Addressed & OfStage) => Task): readonly AtWork[] {
    return this.#set(most, (worker, to) => {
      const news = worker.stage === number ? null : config;
      worker.stage = number;
      return task({ ...to, stage: number, config: news });
    });
  }

  #set(most: number, task: (worker: PooledThread, to: Addressed) => Task): readonly AtWork[] {
    const batch = ++this.#lastBatch;
    const working = this.#workers.filter(({ works }) => works).slice(0, most);
    return working.map((worker) => {
      const thread = this.#workers.indexOf(worker) + 1;
      return { thread, done: worker.do(task(worker, { batch, thread })), forget: () => worker.forget(batch) };
    });
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }
}
