import type { QueryMeasure } from "./measure.js";
import { answerOf, eachQuery, limitOf } from "./outcome.js";

/**
 * NearPy's distance ratio: how far all results of a query lie outside the ball of its k true neighbours, whose radius R is the distance of the last, on
 * average: max(0, (d − R)/R). 0: all inside; 1: at twice the radius. A query without results has none, nor has one of radius 0 with results outside.
 */
export const distanceRatio: QueryMeasure = {
  name: "distanceRatio",
  about: "mean over all results of max(0, (d − d_k)/d_k); queries without results are left out",
  unit: "",
  better: "lower",
  perQuery: (outcome) => eachQuery(outcome, (q) => ratioOf(answerOf(outcome.answers, q), limitOf(outcome, q))),
};

/** The k-th distances of the truth and of the engine may differ in their last bits. */
const rounding = 1e-9;

function ratioOf(distances: Float64Array, radius: number): number {
  if (distances.length === 0) return Number.NaN;
  let sum = 0;
  for (const distance of distances) {
    const outside = distance - radius;
    if (outside > Math.abs(radius) * rounding) sum += outside / Math.abs(radius);
  }
  return Number.isFinite(sum) ? sum / distances.length : Number.NaN;
}
