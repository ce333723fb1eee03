import type { Measured, Result } from "../results.js";
import { sameMachine } from "./machine.js";

/** What counts as no worse, as shares of the baseline's value. */
export interface Tolerance {
  /** For what follows from data and seed alone. */
  readonly share: number;
  /** For times, which are noisy: worse ones count only where their intervals are apart as well. */
  readonly time: number;
}

/** One value that got worse. */
export interface Regression {
  readonly result: Result;
  readonly measure: string;
  readonly before: Measured;
  readonly now: Measured;
  /** How much worse, as a share of the value before. */
  readonly change: number;
}

/** A value of the baseline whose trial was run now, and not measured so. */
export interface Unmeasured {
  readonly result: Result;
  readonly measure: string;
  readonly before: Measured;
}

/** What results say beside those of a baseline. */
export interface Comparison {
  /** Trials that both have. */
  readonly compared: number;
  readonly regressions: readonly Regression[];
  /** Results of the baseline that were not run now: of other data, parameters or seed. */
  readonly missing: readonly Result[];
  /** What the baseline measured of trials that both have, and is not measured now. */
  readonly unmeasured: readonly Unmeasured[];
  /** Whether times were compared: only those of one machine are. */
  readonly times: boolean;
}

/** Units of time, and what depends on it. */
const timeUnits: readonly string[] = ["s", "µs", "1/s", "×"];

/** What got worse since a baseline, trial by trial of equal key; of repetitions the last counts. The worst come first. */
export function compare(results: readonly Result[], baseline: readonly Result[], tolerance: Tolerance): Comparison {
  const now = lastByKey(results);
  const before = lastByKey(baseline);
  const pairs = [...before.values()].flatMap((old) => {
    const result = now.get(old.key);
    return result === undefined ? [] : [{ old, result }];
  });
  const regressions = pairs.flatMap(({ old, result }) => regressionsOf(old, result, tolerance));
  return {
    compared: pairs.length,
    regressions: regressions.sort((a, b) => b.change - a.change),
    unmeasured: pairs.flatMap(({ old, result }) => unmeasuredOf(old, result)),
    missing: [...before.values()].filter(({ key }) => !now.has(key)),
    times: pairs.some(({ old, result }) => sameMachine(old.machine, result.machine)),
  };
}

function unmeasuredOf(old: Result, result: Result): Unmeasured[] {
  return Object.entries(old.measures).flatMap(([measure, before]) =>
    result.measures[measure] === undefined ? [{ result, measure, before }] : [],
  );
}

function regressionsOf(old: Result, result: Result, tolerance: Tolerance): Regression[] {
  const timed = sameMachine(old.machine, result.machine);
  return Object.entries(old.measures).flatMap(([measure, before]) => {
    const now = result.measures[measure];
    const isTime = timeUnits.includes(before.unit);
    if (now === undefined || (isTime && !timed)) return [];
    const change = worsening(before, now);
    const worse = isTime ? change > tolerance.time && apart(before, now) : change > tolerance.share;
    return worse ? [{ result, measure, before, now, change }] : [];
  });
}

/** How much worse a value is, as a share of what it was; at most 0 where it is not. */
function worsening(before: Measured, now: Measured): number {
  if (before.better === null) return 0;
  const change = before.better === "higher" ? before.value - now.value : now.value - before.value;
  return change <= 0 ? 0 : change / Math.max(Math.abs(before.value), Number.MIN_VALUE);
}

function apart(before: Measured, now: Measured): boolean {
  const [low, high] = [before.low ?? before.value, before.high ?? before.value];
  return (now.low ?? now.value) > high || (now.high ?? now.value) < low;
}

function lastByKey(results: readonly Result[]): Map<string, Result> {
  return new Map(results.map((result) => [result.key, result]));
}
