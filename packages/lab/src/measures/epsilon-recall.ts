import type { QueryMeasure } from "./measure.js";
import { recallWithin } from "./recall.js";

/** The share of the wanted neighbours in whose place something at most `factor` times as far as the last of them was returned (ann-benchmarks' epsilon metrics). */
export function epsilonRecall(factor: number): QueryMeasure {
  return {
    name: `epsilonRecall${factor}`,
    about: `results among the first k with d ≤ ${factor} · d_k, over k`,
    unit: "",
    better: "higher",
    // Farther than a negative distance (inner products) is towards 0.
    perQuery: (outcome) => recallWithin(outcome, (limit) => limit + Math.abs(limit) * (factor - 1)),
  };
}
