import { NearError, show } from "../core/errors.js";
import type { FieldPredicate } from "../core/predicates.js";
import { parseConditions } from "./where-conditions.js";
import { type Budget, badWhere, isPlain, spend, whereLimits } from "./where-limits.js";

/** The predicate of a `where` object; it owns all its values. E_BAD_OPTION for what it does not understand. */
export function parseWhere(where: unknown): FieldPredicate {
  try {
    return parseObject(where, "where", 0, { conditions: whereLimits.conditions, values: whereLimits.values });
  } catch (cause) {
    if (cause instanceof NearError) throw cause;
    throw new NearError(
      "E_BAD_OPTION",
      `where could not be read (${show(cause)}): give plain data without getters that throw`,
      {},
      { cause },
    );
  }
}

function parseObject(where: unknown, path: string, depth: number, budget: Budget): FieldPredicate {
  if (depth > whereLimits.depth) {
    const message = `${path.slice(0, 60)}… nests more than ${whereLimits.depth} deep (or contains itself): flatten it`;
    throw badWhere(message, { limit: whereLimits.depth });
  }
  if (!isPlain(where)) {
    const remedy = depth === 0 ? "an object of conditions, or a function" : "an object of conditions";
    throw badWhere(`${path} is ${show(where)}; give ${remedy}`, { path });
  }
  return { op: "and", of: Object.entries(where).flatMap(([key, given]) => parseEntry(key, given, path, depth, budget)) };
}

function parseEntry(key: string, given: unknown, path: string, depth: number, budget: Budget): readonly FieldPredicate[] {
  if (key !== "and" && key !== "or" && key !== "not") return parseConditions(key, given, budget);
  const inner = `${path}.${key}`;
  spend(budget, "conditions");
  if (key === "not") return [{ op: "not", of: parseObject(given, inner, depth + 1, budget) }];
  if (!Array.isArray(given)) throw badWhere(`${inner} is ${show(given)}; give an array of objects of conditions`, { path: inner });
  spend(budget, "conditions", given.length);
  // From the iterator a hole is an undefined, which is refused.
  return [{ op: key, of: Array.from<unknown, FieldPredicate>(given, (part, i) => parseObject(part, `${inner}[${i}]`, depth + 1, budget)) }];
}
