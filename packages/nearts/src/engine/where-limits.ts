import { NearError, type NearErrorDetails } from "../core/errors.js";

/** How deep `and`, `or` and `not` may nest, how many conditions and how many values a `where` may have. */
export const whereLimits = { depth: 16, conditions: 1000, values: 65_536 } as const;

/** How many more conditions and values there may be. */
export interface Budget {
  conditions: number;
  values: number;
}

/** Takes so many of what is left; E_BAD_OPTION when there are not as many. */
export function spend(budget: Budget, what: keyof Budget, count = 1): void {
  budget[what] -= count;
  if (budget[what] >= 0) return;
  const remedy = what === "values" ? "store what they have in common as data" : "give a function";
  throw badWhere(`where has more than ${whereLimits[what]} ${what}: ${remedy}`, { limit: whereLimits[what] });
}

export function badWhere(message: string, details: NearErrorDetails): NearError {
  return new NearError("E_BAD_OPTION", message, details);
}

/** Whether it is an object that nobody made a class of: a date or a map has no keys to go by. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
