import type { QueryMeasure } from "./measure.js";

/** The time that a share of the queries stays below, each asked when the one before was answered, in the fastest pass over all. */
export function latency(percent: number): QueryMeasure {
  return {
    name: `latencyP${percent}`,
    about: `time that ${percent} % of the queries take at most`,
    unit: "µs",
    better: "lower",
    quantile: percent / 100,
    perQuery: ({ micros }) => micros,
  };
}
