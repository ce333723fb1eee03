import type { QueryMeasure } from "./measure.js";

/** Entries of buckets that a query went through: row numbers, or their codes. */
export const entries: QueryMeasure = {
  name: "entries",
  about: "bucket entries that were read, repeats included, a query",
  unit: "",
  better: "lower",
  perQuery: ({ work }) => work.entries,
};
