import type { Distance } from "../core/contracts.js";
import { norm, type RealVector, squaredDifference } from "../numeric/sums.js";

/**
 * The angle between x and y in radians, in [0, π]: 2·atan2(‖u − v‖, ‖u + v‖) for the unit vectors u and v, which is accurate for
 * small and large angles alike (Kahan 2006, "How Futile are Mindless Assessments of Roundoff", section 12). π/2 with a zero vector.
 */
export class AngularDistance implements Distance<"dense" | "sparse"> {
  readonly name = "angular";
  readonly kinds = ["dense", "sparse"] as const;
  readonly metric = "cosine";
  readonly refusesZero = true;

  toRank(distance: number): number {
    if (distance < 0) return -1 + distance;
    return distance > Math.PI ? 1 + distance : -Math.cos(distance);
  }

  between(x: RealVector, y: RealVector): number {
    const [nx, ny] = [norm(x), norm(y)];
    if (nx === 0 || ny === 0) return Math.PI / 2;
    const difference = squaredDifference(x, y, 1 / nx, 1 / ny);
    const sum = squaredDifference(x, y, 1 / nx, -1 / ny);
    return 2 * Math.atan2(Math.sqrt(difference), Math.sqrt(sum));
  }
}
