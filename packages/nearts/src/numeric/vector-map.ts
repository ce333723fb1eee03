import type { DenseRows } from "../core/rows.js";

/**
 * A map of vectors to `size` values of the same geometry, but for a scale: with x scaled, P(x) = V(x − origin) with orthonormal rows V, so that ‖P x − P y‖ ≤ ‖x − y‖, and equal
 * where V is a whole rotation. What lies outside the span of V is the tail: ‖tail‖² = ‖x − origin‖² − ‖P x‖².
 */
export interface VectorMap {
  /** Dimension of the vectors it takes. */
  readonly dim: number;
  /** Whether vectors are divided by their length first (zero vectors stay zero): what the cosine needs, and no other metric. */
  readonly unit: boolean;
  /** What vectors are multiplied by first, where they are not divided by their length: squares of what it makes are then squares of the vectors times scale². */
  readonly scale: number;
  /** Values that it makes of each; at least `dim` means that there is no tail. */
  readonly size: number;
  /** Rows from … to − 1 mapped, row-major, `size` apart: borrowed until the next call. Mapping the same few rows again costs little. */
  map(rows: DenseRows, from: number, to: number): Float32Array;
  /**
   * One row as a query, mapped as exactly as choosing what to read asks for, perhaps faster: borrowed as from `map`. One that is too long for squares in
   * float32 may be mapped as a shorter one of its direction, its square being +∞.
   */
  mapQuery(row: DenseRows): Float32Array;
  /** Names queries that are going to be asked for, so that they are mapped together, which is faster; they must not change until others are named, or none. */
  ahead?(queries: DenseRows | null): void;
  /** ‖P x‖² + ‖tail‖² of each row as last mapped, which is ‖x − origin‖² where the tail is all that V leaves out: borrowed too. */
  readonly squares: Float32Array;
}
