import type { Distance } from "../core/contracts.js";
import { dotProduct, type RealVector } from "../numeric/sums.js";

/** −x·y: the larger the inner product, the nearer. Not a metric: a vector need not be its own nearest neighbour. */
export class InnerProductDistance implements Distance<"dense" | "sparse"> {
  readonly name = "inner-product";
  readonly kinds = ["dense", "sparse"] as const;
  readonly metric = "dot";

  toRank(distance: number): number {
    return distance;
  }

  fromExact(value: number): number {
    return 0 - value;
  }

  between(x: RealVector, y: RealVector): number {
    // 0 − s rather than −s, so that orthogonal vectors are at 0 and not at −0.
    return 0 - dotProduct(x, y);
  }
}
