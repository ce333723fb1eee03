import { show } from "../core/errors.js";
import type { Condition, Range } from "../core/predicates.js";
import { badWhere } from "./where-limits.js";

/** Operators that bound a value from one side. */
export const boundOperators = ["gt", "gte", "lt", "lte"] as const;
export type BoundOperator = (typeof boundOperators)[number];

type RangeCondition = Extract<Condition, { readonly op: "numbers" | "strings" }>;
/** What no value is in. */
type Nothing = Extract<Condition, { readonly op: "in" }>;

/** The values on one side of a bound: numbers where that is a number, texts where it is text. */
export function rangeOf(operator: BoundOperator, at: string, bound: unknown): RangeCondition | Nothing {
  const below = operator === "gt" || operator === "gte";
  const open = operator === "gt" || operator === "lt";
  if (typeof bound === "string") return { op: "strings", ...oneSided(below, open, bound) };
  if (typeof bound !== "number" || Number.isNaN(bound))
    throw badWhere(`${at} is ${show(bound)}; give a number or text`, { at, given: show(bound) });
  if (Number.isFinite(bound)) return { op: "numbers", ...oneSided(below, open, bound) };
  // Data have finite numbers only: an infinite bound leaves all or none.
  return bound > 0 === below ? { op: "in", values: [] } : { op: "numbers", ...oneSided<number>(below, false, null) };
}

/** The same conditions with fewer ranges: a lower and an upper bound of one type become one. */
export function mergeRanges(ranges: readonly (RangeCondition | Nothing)[]): readonly (RangeCondition | Nothing)[] {
  const merged: (RangeCondition | Nothing)[] = [];
  for (const range of ranges) {
    const partner = merged.findIndex((other) => mergeable(other, range));
    if (partner < 0) merged.push(range);
    else merged[partner] = merge(merged[partner] as RangeCondition, range as RangeCondition); // mergeable() looked
  }
  return merged;
}

function mergeable(a: RangeCondition | Nothing, b: RangeCondition | Nothing): boolean {
  return a.op !== "in" && a.op === b.op && (a.low === null || b.low === null) && (a.high === null || b.high === null);
}

function merge(a: RangeCondition, b: RangeCondition): RangeCondition {
  const [low, high] = [a.low === null ? b : a, a.high === null ? b : a];
  // Both are of one type, which the compiler does not follow.
  return { op: a.op, low: low.low, lowOpen: low.lowOpen, high: high.high, highOpen: high.highOpen } as RangeCondition;
}

function oneSided<T>(below: boolean, open: boolean, bound: T | null): Range<T> {
  return below ? { low: bound, lowOpen: open, high: null, highOpen: false } : { low: null, lowOpen: false, high: bound, highOpen: open };
}
