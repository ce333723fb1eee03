import type { TrialMeasure } from "./measure.js";

/** Time from an empty engine to one that answers: storing, and learning where it learns. */
export const buildSeconds: TrialMeasure = {
  name: "buildSeconds",
  about: "time to store all rows, and to learn from them",
  unit: "s",
  better: "lower",
  whole: ({ buildSeconds: seconds }) => seconds,
};
