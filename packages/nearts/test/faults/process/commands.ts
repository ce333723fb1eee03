import type { RedisStorageOptions } from "nearts/redis";
import type { Workload } from "../workload.js";

/** Which storage a process opens. */
export type StorageSpec =
  | { readonly kind: "memory" }
  | { readonly kind: "lmdb"; readonly path: string }
  | { readonly kind: "redis"; readonly options: RedisStorageOptions };

/** What a process with an engine can be asked to do, one at a time. */
export type Command =
  /** Opens the storage, with hashes of its own or, with a recall, an index that learns. */
  | { readonly do: "open"; readonly storage: StorageSpec; readonly recall?: number }
  /** Says what is stored, and what is wrong with it: where `deep`, with buckets and answers too. */
  | { readonly do: "hold"; readonly deep: boolean }
  /** Calls operations from this number on, saying `s number` before each, then `a number` or `f number code`. */
  | { readonly do: "write"; readonly workload: Workload; readonly from: number; readonly count: number }
  /** Stores vectors to learn from under the names 0 to count − 1. */
  | { readonly do: "fill"; readonly count: number }
  | { readonly do: "train" }
  /** Asks what was filled and learned: {@link Answers}. */
  | { readonly do: "ask"; readonly count: number }
  | { readonly do: "close" };

/** The answer to "hold". */
export interface Holding {
  /** Names, and the operations that stored their vectors, by turns. */
  readonly held: readonly number[];
  /** Sentences, one for each thing that is inconsistent. */
  readonly problems: readonly string[];
}

/** The answer to "ask". */
export interface Answers {
  readonly size: number;
  /** Share of the true 10 nearest of stored vectors that were found. */
  readonly recall: number;
  /** Stored vectors that were not found at distance 0 by themselves. */
  readonly unfound: number;
  /** What the queries went by, and what has entries. */
  readonly plan: string;
  readonly hashes: readonly string[];
}
