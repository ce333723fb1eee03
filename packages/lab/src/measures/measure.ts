import type { Measured } from "../results.js";
import type { Outcome } from "./outcome.js";

/** What a trial is judged by: a name, a direction, and a number for each query or for the whole trial. One file each; an own one as well. */
export type Measure = QueryMeasure | TrialMeasure;

interface CommonMeasure {
  /** Its name in definitions and results: a word or two, "latencyP99". */
  readonly name: string;
  /** What it says, in a line, with its formula. */
  readonly about: string;
  readonly unit: string;
  readonly better: Measured["better"];
}

/** A measure with a value for each query: has an interval. */
export interface QueryMeasure extends CommonMeasure {
  /** Appends nothing: one value for each query, NaN where there is nothing to be said of it. May be an array of the outcome itself. */
  perQuery(outcome: Outcome): Float64Array;
  /** What stands for all queries that have a value: their mean when not given, else this quantile. */
  readonly quantile?: number;
  /** What becomes of that: monotone, so that it holds for bounds too. The value itself when not given. */
  of?(summary: number, outcome: Outcome): number;
}

/** A measure of the engine rather than of its answers. */
export interface TrialMeasure extends CommonMeasure {
  whole(outcome: Outcome): number;
}

/** Whether a measure has a value for each query. */
export function isPerQuery(measure: Measure): measure is QueryMeasure {
  return "perQuery" in measure;
}
