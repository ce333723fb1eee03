import type { QueryMeasure } from "./measure.js";

/** NearPy's time ratio: time of a query over that of exact search on one thread. */
export const timeRatio: QueryMeasure = {
  name: "timeRatio",
  about: "mean time of a query over that of exact search",
  unit: "×",
  better: "lower",
  perQuery: ({ micros }) => micros,
  of: (mean, { exactMicros }) => mean / exactMicros,
};
