import type { Distance } from "../core/contracts.js";
import { norm, type RealVector, squaredDifference } from "../numeric/sums.js";

/**
 * 1 − x·y/(‖x‖‖y‖), in [0, 2]. Computed as ½‖x/‖x‖ − y/‖y‖‖², which is the same number, is exactly 0 for identical vectors,
 * never negative, and keeps its digits where the cosine is near 1. With a zero vector it is 1 (as if orthogonal); engines refuse these.
 */
export class CosineDistance implements Distance<"dense" | "sparse"> {
  readonly name = "cosine";
  readonly kinds = ["dense", "sparse"] as const;
  readonly metric = "cosine";
  readonly refusesZero = true;
  readonly similarity = true;

  toRank(distance: number): number {
    return distance - 1;
  }

  fromExact(value: number): number {
    return Math.min(2, value);
  }

  between(x: RealVector, y: RealVector): number {
    const [nx, ny] = [norm(x), norm(y)];
    if (nx === 0 || ny === 0) return 1;
    return Math.min(2, squaredDifference(x, y, 1 / nx, 1 / ny) / 2);
  }
}
