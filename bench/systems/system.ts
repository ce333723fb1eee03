import type { DataSet } from "../data/set.js";

/** Row numbers of the vectors nearest to a query. */
export type Answer = readonly number[];

/** An index that is built, with the efforts at which it can be asked. */
export interface Built {
  /** Rising: later ones find more and take longer. */
  readonly efforts: readonly number[];
  /** Sets the effort of the queries to come; its time is not counted. */
  prepare(effort: number): void | Promise<void>;
  /** What the system does at the effort last prepared, for people. */
  parameters(): string;
  /** The same for comparing: equal texts are equal work. The parameters where it is missing. */
  work?(): string;
  ask(q: number, k: number): Answer | Promise<Answer>;
  /** All queries in one call; where it is missing they are asked one by one, however many threads there are. */
  askAll?(k: number, threads: number): Promise<readonly Answer[]>;
  readonly size?: Size;
}

/** Bytes per vector beyond the raw float32 values. */
export interface Size {
  readonly bytesPerVector: number;
  /** Where the number comes from, when it was not counted by the system itself. */
  readonly estimatedFrom?: string;
}

/** How an index will be asked once it is built. */
export interface Asked {
  readonly k: number;
  readonly threads: number;
}

/** Something that answers nearest neighbour queries. */
export interface System {
  readonly name: string;
  /** Rejects where it cannot be built for such a set; it is then left out. */
  build(set: DataSet, asked: Asked): Promise<Built>;
}
