import type { QueryMeasure } from "./measure.js";
import { answerOf, eachQuery, limitOf, type Outcome, wantedOf, within } from "./outcome.js";

/**
 * How much farther than the last true neighbour a result may be and still count, in the unit of the distance: ann-benchmarks' own allowance
 * (`plotting/metrics.py`, epsilon), absolute, and coarse where distances are as small as that.
 */
export const TIE = 1e-3;

/**
 * Recall by distance, as ann-benchmarks has it: the share of the k wanted neighbours in whose place something as near was returned. What lies as near
 * as the last of them counts, since ties have no order.
 */
export const recall: QueryMeasure = {
  name: "recall",
  about: `results among the first k with d ≤ d_k + ${TIE}, over k`,
  unit: "",
  better: "higher",
  perQuery: (outcome) => recallWithin(outcome, (limit) => limit + TIE),
};

/** Recall where results up to a distance count that follows from that of the last true neighbour. */
export function recallWithin(outcome: Outcome, reach: (limit: number) => number): Float64Array {
  const wanted = wantedOf(outcome);
  if (wanted === 0) return eachQuery(outcome, () => 1);
  return eachQuery(outcome, (q) => within(answerOf(outcome.answers, q).subarray(0, wanted), reach(limitOf(outcome, q))) / wanted);
}
