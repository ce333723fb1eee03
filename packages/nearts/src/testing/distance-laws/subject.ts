import type { Distance } from "../../core/contracts.js";
import { Random } from "../../core/random.js";
import { type Kind, type Rows, rowAt, type VectorOf } from "../../core/rows.js";
import { arbitraryRows } from "../arbitraries.js";

/** A distance under test, on vectors of one kind. */
export interface DistanceSubject {
  readonly kind: Kind;
  readonly dim: number;
  /** Whether it says that it obeys the triangle inequality. */
  readonly triangle: boolean;
  readonly create: () => Distance;
}

/** Vectors of the subject's shape, the same for the same seed; zero vectors among them unless the distance refuses these. */
export function sample({ kind, dim, create }: DistanceSubject, count = 60, seed = 1): Rows {
  const { refusesZero, refusesNegative } = create();
  return arbitraryRows(new Random(seed), kind, { count, dim, zeros: refusesZero !== true, positive: refusesNegative === true });
}

/** Rows as vectors, each a copy of its own. */
export function vectorsOf(rows: Rows): VectorOf[] {
  return Array.from({ length: rows.count }, (_, i) => structuredClone(rowAt(rows, i)));
}

/** Calls `each` for every pair of numbers below `count`, both orders and equal ones included. */
export function forEachPair(count: number, each: (i: number, j: number) => void): void {
  for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) each(i, j);
}

/** How exactly two ways of computing one distance in float64 must agree: to 1e-12 of its size, or of 1. */
export function near(distance: number): number {
  return 1e-12 * Math.max(1, Math.abs(distance));
}
