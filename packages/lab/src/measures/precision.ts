import type { QueryMeasure } from "./measure.js";
import { answerOf, eachQuery, limitOf, wantedOf, within } from "./outcome.js";
import { TIE } from "./recall.js";

/** The share of all results that are among the true neighbours, ties as for recall; 0 of none, as NearPy has it. */
export const precision: QueryMeasure = {
  name: "precision",
  about: `true neighbours among the results (d ≤ d_k + ${TIE}, at most k), over results; 0 where there are none`,
  unit: "",
  better: "higher",
  perQuery: (outcome) => {
    const wanted = wantedOf(outcome);
    return eachQuery(outcome, (q) => {
      const found = answerOf(outcome.answers, q);
      return found.length === 0 ? 0 : Math.min(wanted, within(found, limitOf(outcome, q) + TIE)) / found.length;
    });
  },
};
