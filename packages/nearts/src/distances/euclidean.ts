import type { Distance } from "../core/contracts.js";
import { type RealVector, squaredDifference } from "../numeric/sums.js";

/** ‖x − y‖₂. */
export class EuclideanDistance implements Distance<"dense" | "sparse"> {
  readonly name = "euclidean";
  readonly kinds = ["dense", "sparse"] as const;
  readonly metric = "squaredEuclidean";

  toRank(distance: number): number {
    return distance < 0 ? distance : distance * distance;
  }

  fromExact(value: number): number {
    return Math.sqrt(value);
  }

  between(x: RealVector, y: RealVector): number {
    return Math.sqrt(squaredDifference(x, y));
  }
}
