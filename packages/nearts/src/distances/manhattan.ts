import type { Distance } from "../core/contracts.js";
import { type RealVector, sumOver } from "../numeric/sums.js";

/** Σ|xᵢ − yᵢ|. */
export class ManhattanDistance implements Distance<"dense" | "sparse"> {
  readonly name = "manhattan";
  readonly kinds = ["dense", "sparse"] as const;
  readonly metric = "manhattan";

  toRank(distance: number): number {
    return distance;
  }

  between(x: RealVector, y: RealVector): number {
    return sumOver(x, y, absoluteDifference);
  }
}

function absoluteDifference(x: number, y: number): number {
  return Math.abs(x - y);
}
