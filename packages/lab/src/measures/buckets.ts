import type { QueryMeasure } from "./measure.js";

/** Buckets that a query looked into, empty ones too. */
export const buckets: QueryMeasure = {
  name: "buckets",
  about: "buckets that were read, a query",
  unit: "",
  better: "lower",
  perQuery: ({ work }) => work.buckets,
};
