import type { HashConfig } from "../core/contracts.js";
import type { Question } from "../engine/questions.js";
import type { Effort } from "../engine/stages.js";
import type { SharedWork } from "../numeric/shared-work.js";
import type { SharedIndex } from "../storage/resident/index-reader.js";

/** A hash and its codes, to be made again by a worker. */
export interface StageConfig {
  readonly hash: HashConfig;
  readonly sketch: HashConfig;
}

/** What a plan says that a worker needs: it makes the same plan again. */
export interface TaskPlan {
  readonly distance: string;
  readonly nearest: number;
  readonly within: number | undefined;
  readonly effort: Effort;
}

/** Results by query, in shared memory: those of query q are the first of the `limit` places from q · limit on. */
export interface SharedResults {
  readonly limit: number;
  readonly rows: Uint32Array;
  readonly distances: Float64Array;
  /** How many results a query has, and one more; 0 while it has not been answered. */
  readonly counts: Uint32Array;
  /** Numbers of the queries that have been answered, and one more, in the order in which they were, as many as its last place says. Written last. */
  readonly order: Uint32Array;
}

/** Whom a task is for. */
export interface Addressed {
  readonly batch: number;
  /** Number of the receiver, from 1. */
  readonly thread: number;
}

/** By what a task is done. */
export interface OfStage {
  /** Number of the stage, and what it is made of where the receiver has not seen it yet. */
  readonly stage: number;
  readonly config: StageConfig | null;
}

/** What a worker is posted. */
export type Task = AnswerTask | AskTask | EncodeTask | PartsTask;

/** Queries that several threads answer together, each taking the next few until none are left. */
export interface AnswerTask extends Addressed, OfStage {
  readonly kind: "answer";
  readonly index: SharedIndex;
  readonly plan: TaskPlan;
  readonly dim: number;
  readonly count: number;
  /** In so many shares threads begin with the queries. */
  readonly shares: number;
  /** Row-major, in shared memory. */
  readonly queries: Float32Array;
  readonly results: SharedResults;
  /** By query 1 once a thread is about to answer it, in shared memory. */
  readonly taken: Int32Array;
  /** In shared memory: by number of the thread what became of its task, in place of number 0 the next share that nobody has begun with, or {@link ended} or more, and last how many queries are there yet. */
  readonly control: Int32Array;
}

/** Queries of a trial that several threads ask: part `p` is query `(first + p) % count` and question number `(first + p) / count`. */
export interface AskTask extends Addressed, OfStage {
  readonly kind: "ask";
  readonly index: SharedIndex;
  readonly plan: Omit<TaskPlan, "effort">;
  /** All queries, in shared memory, and the number by which they are known again. */
  readonly trial: {
    readonly number: number;
    readonly dim: number;
    readonly count: number;
    readonly values: Float32Array;
    readonly leaveOut: Int32Array;
  };
  readonly questions: readonly Question[];
  readonly count: number;
  readonly first: number;
  /** By query and question so many numbers, in shared memory. */
  readonly width: number;
  readonly left: Float64Array;
  readonly parts: SharedParts;
}

/** Rows in parts that several threads make keys and codes of. */
export interface EncodeTask extends Addressed, OfStage {
  readonly kind: "encode";
  /** Number of the hash in the storage. */
  readonly hash: number;
  readonly rows: SharedRows;
  readonly entries: SharedEntries;
  readonly parts: SharedParts;
}

/** A work of learning of which several threads do parts. */
export interface PartsTask extends Addressed {
  readonly kind: "parts";
  readonly work: SharedWork;
  readonly parts: SharedParts;
}

/** Rows on their way to whoever encodes them, in shared memory: part p has `parts[3 p + 2]` of them, in slot `parts[3 p]`, and its entries begin at `parts[3 p + 1]`. */
export interface SharedRows {
  readonly dim: number;
  /** Rows that a slot has room for. */
  readonly atOnce: number;
  readonly slots: Float32Array;
  readonly parts: Uint32Array;
}

/** One entry for each row, in shared memory: the number of its list, and the columns of its code. */
export interface SharedEntries {
  readonly groups: number;
  readonly lists: Uint32Array;
  readonly bytes: Uint8Array;
  readonly add: Float32Array;
  readonly scale: Float32Array;
  readonly error: Float32Array;
}

/** Parts of a work, each of which any thread may do, in shared memory. */
export interface SharedParts {
  /** By number of the thread what became of its task, in place of number 0 the next part that nobody has taken, and last how many can be taken, or {@link over}. */
  readonly control: Int32Array;
  /** By part: 1 once it is done. */
  readonly done: Int32Array;
}

/** There are no more parts to be taken. */
export const over = -1;

/** Queries that are not answered yet are not wanted any more. */
export const ended: number = 2 ** 30;

/** What a worker says when it is through with a task. */
export interface Report {
  readonly batch: number;
  /** Why it could not do its share. */
  readonly error?: string;
}

/** What became of a thread's task: it waits, it is being done, or it is no longer wanted. */
export const waits = 0;
export const begun = 1;
export const cancelled = 2;
