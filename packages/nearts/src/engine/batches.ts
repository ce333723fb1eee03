import type { Awaitable, Storage } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import type { Sink } from "./finish.js";
import type { QueryPlan } from "./plan.js";
import type { Search } from "./search.js";
import type { Stages } from "./stages.js";

/** Many queries to be answered by one plan. */
export interface BatchJob {
  readonly queries: Rows;
  readonly plan: QueryPlan;
  /** What is searched, and how much of it: both are looked at when the batch begins. */
  readonly stages: Stages;
  readonly search: Search;
  /** Most threads to use, the calling one included. */
  readonly threads: number;
  /** Receives the results of each query, in order. */
  readonly sink: Sink;
  /** Called between pieces of work; a rejection ends the batch. */
  readonly between: () => Awaitable<void>;
}

/** Answers batches on several threads, each over one state of the storage: writes wait meanwhile. */
export interface Batches {
  /** False where the batch is not for several threads, or would be answered no sooner: then nothing was done. */
  answer(job: BatchJob): Promise<boolean>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** The batches of a storage, on so many threads; undefined where it cannot be read by several. */
export type MakeBatches = (storage: Storage, threads: number) => Batches | undefined;
