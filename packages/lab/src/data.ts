import type { DistanceName, Rows } from "nearts";

/** What engines are compared on: rows to store, queries to ask, and the distance they are asked by. Rows are named by their numbers. */
export interface DataSet {
  readonly name: string;
  readonly distance: DistanceName;
  readonly base: Rows;
  /** Of the same kind and dimension as `base`, and none of its rows unless the definition says so. */
  readonly queries: Rows;
  /** SHA-256 over kind, dimension and bytes of both, in hex: equal for equal content, whatever file it came from. */
  readonly hash: string;
}

/** The nearest rows of each query by exact search, nearest first. */
export interface Truth {
  /** Neighbours a query; fewer only where there are fewer rows, and then for all queries. */
  readonly k: number;
  /** Row numbers, `k` for each query in turn. */
  readonly rows: Uint32Array;
  /** Their distances, in float64. */
  readonly distances: Float64Array;
}
