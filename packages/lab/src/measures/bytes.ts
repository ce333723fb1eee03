import type { TrialMeasure } from "./measure.js";

/** What the engine holds, by its own count: vectors, buckets, codes, ids. */
export const bytes: TrialMeasure = {
  name: "bytes",
  about: "memory of the index, vectors included",
  unit: "bytes",
  better: "lower",
  whole: (outcome) => outcome.bytes,
};
