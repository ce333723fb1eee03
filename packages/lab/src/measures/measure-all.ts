import type { Measured } from "../results.js";
import type { Bootstrap } from "./bootstrap.js";
import { isPerQuery, type Measure } from "./measure.js";
import type { Outcome } from "./outcome.js";

/** Every measure of an outcome by its name; those that have nothing to say of it (no query has a value) are left out. */
export function measureAll(measures: readonly Measure[], outcome: Outcome, bootstrap: Bootstrap): Record<string, Measured> {
  const all: Record<string, Measured> = {};
  for (const measure of measures) {
    const measured = measureOne(measure, outcome, bootstrap);
    if (measured !== undefined) all[measure.name] = measured;
  }
  return all;
}

function measureOne(measure: Measure, outcome: Outcome, bootstrap: Bootstrap): Measured | undefined {
  const { unit, better } = measure;
  if (!isPerQuery(measure)) {
    const value = measure.whole(outcome);
    return Number.isFinite(value) ? { value, unit, better } : undefined;
  }
  const values = measure.perQuery(outcome);
  const summary = measure.quantile === undefined ? bootstrap.mean(values) : bootstrap.quantile(values, measure.quantile);
  if (summary === undefined) return undefined;
  const of = (one: number) => measure.of?.(one, outcome) ?? one;
  const [value, one, other] = [of(summary.value), of(summary.low), of(summary.high)];
  if (![value, one, other].every(Number.isFinite)) return undefined;
  return { value, unit, low: Math.min(one, other), high: Math.max(one, other), better };
}
