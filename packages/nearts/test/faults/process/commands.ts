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
  /** Stores vectors to learn from under the names 0 to count − 1, then learns. */
  | { readonly do: "fill"; readonly count: number }
  | { readonly do: "train" }
  /** Recall at 10 of stored vectors against an exact search of all. */
  | { readonly do: "recall" }
  | { readonly do: "close" };

/** The answer to "hold". */
export interface Holding {
  /** Names, and the operations that stored their vectors, by turns. */
  readonly held: readonly number[];
  /** Sentences, one for each thing that is inconsistent. */
  readonly problems: readonly string[];
}
