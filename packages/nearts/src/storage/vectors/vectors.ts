import type { Candidates } from "../../core/columns.js";
import type { Metric, Rounding } from "../../core/contracts.js";
import type { Rows, VectorOf } from "../../core/rows.js";

/** Where the vectors of one kind live in memory, by row number, and how they are ranked in place. */
export interface Vectors {
  /** Bytes held, scratch apart. */
  readonly bytes: number;
  /** Bytes that rows like these would add, `grown` of them under numbers never used before. */
  bytesOf(rows: Rows, grown: number): number;
  /** Stores row `i` of `rows` under a free row number. Grows first: where it throws (E_MEMORY), nothing has changed. */
  write(row: number, rows: Rows, i: number): void;
  /** To be called after the rows of a batch were written, with their numbers. */
  settle(rows: Uint32Array): void;
  /** Takes memory for rows below `limit`, which are about to come in several batches; E_MEMORY where there is none. */
  expect(limit: number): void;
  /** Makes room so that writing these rows under numbers below `limit` cannot fail. */
  reserve(rows: Rows, limit: number): void;
  /** Forgets a row. */
  free(row: number): void;
  /** A view, borrowed until the next write. */
  vector(row: number): VectorOf;
  /** As `vector`, valid until the next call: it is never a copy of the caller's own. */
  borrow(row: number): VectorOf;
  /** Ranks of all candidates into their `distances`. */
  rank(metric: Metric, query: Rows, candidates: Candidates): void;
  /** A bound on the error of ranks. */
  rounding(metric: Metric, query: Rows): Rounding;
  /** Keeps the `limit` best candidates of rank ≤ `within`, best first, ties by row. */
  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void;
  /** Float64 values of all candidates into their `distances`, as `RowReader.exact`; false where this kind has no such kernel. */
  exact(metric: Metric, query: Rows, candidates: Candidates): boolean;
  /** The `limit` best for each query row over the same candidates: `each` is called with them, query after query. */
  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void;
}
