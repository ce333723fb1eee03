import type { QueryMeasure } from "./measure.js";

/** Queries a second, one after the other on one thread, in the fastest pass (as in ann-benchmarks). Its interval is over queries, not over machines. */
export const queriesPerSecond: QueryMeasure = {
  name: "queriesPerSecond",
  about: "queries answered a second, one by one, in the fastest pass",
  unit: "1/s",
  better: "higher",
  perQuery: ({ micros }) => micros,
  of: (mean) => 1e6 / mean,
};
