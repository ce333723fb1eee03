import type { QueryMeasure } from "./measure.js";
import { eachQuery } from "./outcome.js";

/** Results of a query. */
export const resultSize: QueryMeasure = {
  name: "resultSize",
  about: "results a query",
  unit: "",
  better: null,
  perQuery: (outcome) => eachQuery(outcome, (q) => outcome.answers.offsets[q + 1] - outcome.answers.offsets[q]),
};
