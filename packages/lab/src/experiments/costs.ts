import { mean } from "../measures/mean.js";
import type { Outcome } from "../measures/outcome.js";
import { resultSize } from "../measures/result-size.js";

/** What the answers of an engine cost, beside how good they are. */
export interface Costs {
  /** Results a query, the query itself not counted. */
  readonly resultSize: number;
  /** Stored vectors measured for a query. */
  readonly candidates: number;
  /** Time of a query over that of exact search. */
  readonly timeRatio: number;
  /** Time to store all vectors. */
  readonly indexSeconds: number;
  /** Memory of the index, vectors included. */
  readonly bytes: number;
}

/** Costs as means over queries. */
export function costsOf(outcome: Outcome): Costs {
  const { work, micros, exactMicros, buildSeconds, bytes } = outcome;
  return {
    resultSize: mean(resultSize.perQuery(outcome)),
    candidates: mean(work.candidates),
    timeRatio: mean(micros) / exactMicros,
    indexSeconds: buildSeconds,
    bytes,
  };
}
