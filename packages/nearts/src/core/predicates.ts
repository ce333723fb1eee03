import { valueReader } from "./fields.js";

/** A single value of data that conditions compare with. */
export type Scalar = boolean | number | string;

/** Between two bounds, each absent (null) or finite; an open bound is not part of the range. */
export interface Range<T> {
  readonly low: T | null;
  readonly lowOpen: boolean;
  readonly high: T | null;
  readonly highOpen: boolean;
}

/** What is asked of one value. Null and an absent value are the same; nothing is converted, so `12` and `"12"` differ. */
export type Condition =
  /** It is one of these; null stands for absence. */
  | { readonly op: "in"; readonly values: readonly (Scalar | null)[] }
  /** It is a number in this range. */
  | ({ readonly op: "numbers" } & Range<number>)
  /** It is a text in this range, in the order of UTF-16 code units. */
  | ({ readonly op: "strings" } & Range<string>)
  /** It is not absent. */
  | { readonly op: "exists" }
  /** It is a list that contains any, or all, of these. */
  | { readonly op: "has"; readonly values: readonly Scalar[]; readonly all: boolean };

/** What is asked of data: conditions on fields, combined. `and` of nothing holds, `or` of nothing does not. Plain JSON. */
export type FieldPredicate =
  | { readonly op: "and" | "or"; readonly of: readonly FieldPredicate[] }
  | { readonly op: "not"; readonly of: FieldPredicate }
  | { readonly op: "test"; readonly field: string; readonly condition: Condition };

/** Up to so many values are compared one by one; more are looked up. */
const fewValues = 8;

/** Whether a predicate holds for data: the one definition of its truth, with which every index of fields agrees. */
export function evaluator(predicate: FieldPredicate): (data: unknown) => boolean {
  switch (predicate.op) {
    case "and": {
      const parts = predicate.of.map(evaluator);
      return (data) => parts.every((holds) => holds(data));
    }
    case "or": {
      const parts = predicate.of.map(evaluator);
      return (data) => parts.some((holds) => holds(data));
    }
    case "not": {
      const holds = evaluator(predicate.of);
      return (data) => !holds(data);
    }
    case "test": {
      const read = valueReader(predicate.field);
      const holds = tester(predicate.condition);
      return (data) => holds(read(data));
    }
  }
}

/** Whether a condition holds for a value of data. */
export function tester(condition: Condition): (value: unknown) => boolean {
  switch (condition.op) {
    case "in": {
      const contains = containsAny(condition.values);
      return (value) => contains(value ?? null);
    }
    case "numbers":
      return (value) => typeof value === "number" && inRange(condition, value);
    case "strings":
      return (value) => typeof value === "string" && inRange(condition, value);
    case "exists":
      return (value) => value !== undefined && value !== null;
    case "has":
      return condition.all ? listHasAll(condition.values) : listHasAny(condition.values);
  }
}

function inRange<T extends number | string>({ low, lowOpen, high, highOpen }: Range<T>, value: T): boolean {
  return (low === null || value > low || (!lowOpen && value === low)) && (high === null || value < high || (!highOpen && value === high));
}

function containsAny(values: readonly unknown[]): (value: unknown) => boolean {
  if (values.length <= fewValues) return (value) => values.includes(value);
  const set = new Set(values);
  return (value) => set.has(value);
}

function listHasAny(values: readonly Scalar[]): (value: unknown) => boolean {
  const contains = containsAny(values);
  return (value) => Array.isArray(value) && value.some(contains);
}

function listHasAll(values: readonly Scalar[]): (value: unknown) => boolean {
  return (value) => {
    if (!Array.isArray(value)) return false;
    const contains = containsAny(value);
    return values.every(contains);
  };
}
