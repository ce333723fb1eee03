import { show } from "../core/errors.js";
import { fieldLimits } from "../core/fields.js";
import type { Condition, FieldPredicate, Scalar } from "../core/predicates.js";
import { type Budget, badWhere, isPlain, spend } from "./where-limits.js";
import { type BoundOperator, boundOperators, mergeRanges, rangeOf } from "./where-ranges.js";

/** What each operator but the bounds makes of its operand; `at` is where that stands. */
const operators = {
  eq: (field, at, operand) => test(field, { op: "in", values: [scalarOrNull(at, operand)] }),
  ne: (field, at, operand) => not(test(field, { op: "in", values: [scalarOrNull(at, operand)] })),
  in: (field, at, operand, budget) => test(field, { op: "in", values: valuesOf(at, operand, budget, scalarOrNull) }),
  notIn: (field, at, operand, budget) => not(test(field, { op: "in", values: valuesOf(at, operand, budget, scalarOrNull) })),
  has: (field, at, operand) => test(field, { op: "has", values: [scalar(at, operand)], all: false }),
  hasAny: (field, at, operand, budget) => test(field, { op: "has", values: valuesOf(at, operand, budget, scalar), all: false }),
  hasAll: (field, at, operand, budget) => test(field, { op: "has", values: valuesOf(at, operand, budget, scalar), all: true }),
  exists: (field, at, operand) => {
    if (typeof operand !== "boolean") throw badWhere(`${at} is ${show(operand)}; give true or false`, { key: field, operator: "exists" });
    return operand ? test(field, { op: "exists" }) : not(test(field, { op: "exists" }));
  },
} satisfies Record<string, (field: string, at: string, operand: unknown, budget: Budget) => FieldPredicate>;

const allowed: readonly string[] = ["eq", "ne", ...boundOperators, "in", "notIn", "has", "hasAny", "hasAll", "exists"];

/** What is asked of the value under `key`: a plain value, or operators of which all must hold. E_BAD_OPTION for what it does not understand. */
export function parseConditions(key: string, given: unknown, budget: Budget): readonly FieldPredicate[] {
  if (key.length > fieldLimits.characters) {
    const message = `where has a key of ${key.length} characters, ${show(key)}; the limit is ${fieldLimits.characters}`;
    throw badWhere(message, { key, limit: fieldLimits.characters });
  }
  spend(budget, "conditions");
  const at = `where[${show(key)}]`;
  if (!isPlain(given)) return [test(key, { op: "in", values: [plainValue(key, at, given)] })];
  const entries = Object.entries(given);
  spend(budget, "conditions", entries.length);
  const bounds = entries
    .filter(([name]) => isBound(name))
    .map(([name, operand]) => rangeOf(name as BoundOperator, `${at}.${name}`, operand)); // isBound told
  const others = entries.filter(([name]) => !isBound(name));
  return [
    ...others.map(([name, operand]) => parseOperator(key, at, name, operand, budget)),
    ...mergeRanges(bounds).map((range) => test(key, range)),
  ];
}

function parseOperator(key: string, at: string, name: string, operand: unknown, budget: Budget): FieldPredicate {
  if (Object.hasOwn(operators, name)) return operators[name as keyof typeof operators](key, `${at}.${name}`, operand, budget); // it is one of its names
  const nested = `${key}.${name}`.slice(0, 60);
  const message = `${at} has the operator ${show(name)} (${show(operand)}); there are ${allowed.join(", ")}; nested data are asked by path, as ${show(nested)}`;
  throw badWhere(message, { key, operator: name, given: show(operand), allowed });
}

/** What may stand for equality; others get the remedy that fits them. */
function plainValue(key: string, at: string, given: unknown): Scalar | null {
  if (!Array.isArray(given)) return scalarOrNull(at, given);
  const message = `${at} is ${show(given)}; give { in: […] } for any of several values, or { hasAny: […] } or { hasAll: […] } for lists in the data`;
  throw badWhere(message, { key, given: show(given) });
}

function valuesOf<T>(at: string, operand: unknown, budget: Budget, check: (at: string, value: unknown) => T): readonly T[] {
  if (!Array.isArray(operand)) throw badWhere(`${at} is ${show(operand)}; give an array of values`, { at, given: show(operand) });
  spend(budget, "values", operand.length);
  return Array.from<unknown, T>(operand, (value, i) => check(`${at}[${i}]`, value));
}

function scalarOrNull(at: string, value: unknown): Scalar | null {
  return value === null ? null : scalar(at, value, ", or null for an absent value");
}

function scalar(at: string, value: unknown, or = ""): Scalar {
  if (typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
  // An undefined is most often a variable that should have had a value: to leave the condition out would show what was meant to be hidden.
  const hint = value === undefined ? "; leave the key out where there is no condition" : "";
  throw badWhere(`${at} is ${show(value)}; give text, a finite number, true or false${or}${hint}`, { at, given: show(value) });
}

function isBound(name: string): boolean {
  return (boundOperators as readonly string[]).includes(name);
}

function test(field: string, condition: Condition): FieldPredicate {
  return { op: "test", field, condition };
}

function not(of: FieldPredicate): FieldPredicate {
  return { op: "not", of };
}
