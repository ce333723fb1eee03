import type { Distance } from "../core/contracts.js";
import { type RealVector, sumOver } from "../numeric/sums.js";

/** 1 − Σ min(xᵢ, yᵢ)/Σ max(xᵢ, yᵢ) of vectors without negative values, 0 between two zero vectors: the Jaccard distance of multisets (Ružička 1958). A metric. */
export class WeightedJaccardDistance implements Distance<"dense" | "sparse"> {
  readonly name = "weighted-jaccard";
  readonly kinds = ["dense", "sparse"] as const;
  readonly refusesNegative = true;
  readonly similarity = true;

  between(x: RealVector, y: RealVector): number {
    const all = sumOver(x, y, Math.max);
    return all === 0 ? 0 : sumOver(x, y, difference) / all;
  }
}

/** max − min. */
function difference(x: number, y: number): number {
  return Math.abs(x - y);
}
