import type { Awaitable, Resident, Storage } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import type { Parts } from "../numeric/steps.js";
import type { Entries } from "./entries.js";
import type { Sink } from "./finish.js";
import type { QueryPlan } from "./plan.js";
import type { Question, TrialQueries } from "./questions.js";
import type { Search } from "./search.js";
import type { Stage, Stages } from "./stages.js";

/** Many queries to be answered by one plan. */
export interface BatchJob {
  readonly queries: Rows;
  readonly plan: QueryPlan;
  /** What is searched, and how much of it: both are looked at when the batch begins. */
  readonly stages: Stages;
  readonly search: Search;
  /** Most threads to use, the calling one included. */
  readonly threads: number;
  /** Receives the results of each query, in any order. */
  readonly sink: Sink;
  /** Called between pieces of work; a rejection ends the batch. */
  readonly between: () => Awaitable<void>;
}

/** Stored rows whose keys and codes are to be made. */
export interface EncodeJob {
  readonly stage: Stage;
  readonly dim: number;
  /** Row numbers, and how many of them are encoded together, between pauses. */
  readonly rows: Uint32Array;
  readonly atOnce: number;
  /** As `Resident.gather`: each row is copied before it is encoded, so that writes go on. */
  readonly gather: Resident["gather"];
  /** Called between pieces of work; may wait, and throws when the work is to end. */
  readonly turn: () => Promise<void> | undefined;
}

/** A trial of one stage. */
export interface TrialOf extends TrialQueries {
  readonly stage: Stage;
  readonly plan: QueryPlan;
}

/** Questions of one kind that the first `count` queries of a trial are asked. */
export interface TrialJob {
  readonly questions: readonly Question[];
  readonly count: number;
  /** What queries leave, question by question: in shared memory. */
  readonly left: Float64Array;
  /** Asks query `part % count` question number `part / count` in this thread. */
  readonly run: (part: number) => Promise<void>;
  /** Called between queries; may wait, and throws when the work is to end. */
  readonly turn: () => Promise<void> | undefined;
}

/** A trial whose queries several threads can ask. */
export interface SharedTrial {
  /** Asks all, each over one state of the storage: writes wait meanwhile, but not for long at a time. False where these questions are not for several threads: then all are still to be asked. */
  ask(job: TrialJob): Promise<boolean>;
}

/** Does on several threads what they do sooner than one. */
export interface Batches {
  /** Answers a batch over one state of the storage: writes wait meanwhile. False where the batch is not for several threads, or would be answered no sooner: then nothing was done. */
  answer(job: BatchJob): Promise<boolean>;
  /** The keys, by row number, and codes of rows: what one thread makes of them. Null where these are not for several threads: then nothing was done. */
  encode(job: EncodeJob): Promise<Entries | null>;
  /** Does all parts of a work; false where there is nobody to help: then nothing was done. `turn` as for encoding. */
  share(work: Parts, turn: () => Promise<void> | undefined): Promise<boolean>;
  /** A trial that they can take part in; undefined where they cannot. */
  trial(of: TrialOf): SharedTrial | undefined;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** The batches of a storage, on so many threads; undefined where it cannot be read by several. */
export type MakeBatches = (storage: Storage, threads: number) => Batches | undefined;
