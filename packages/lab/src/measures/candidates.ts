import type { QueryMeasure } from "./measure.js";

/** Stored vectors that a query measured: what its buckets proposed, each once, or what their codes let through. */
export const candidates: QueryMeasure = {
  name: "candidates",
  about: "stored vectors that were measured, a query",
  unit: "",
  better: "lower",
  perQuery: ({ work }) => work.candidates,
};
