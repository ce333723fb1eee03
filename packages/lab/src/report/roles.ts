import type { Measured, Result } from "../results.js";

/** What figures are about, by the names that measures have in results, and how they are called on axes. */
export const ROLES = {
  recall: { measure: "recall", label: "recall" },
  speed: { measure: "queriesPerSecond", label: "queries/s" },
  candidates: { measure: "candidates", label: "candidates a query" },
  distanceRatio: { measure: "distanceRatio", label: "distance ratio" },
  resultSize: { measure: "resultSize", label: "result size" },
  timeRatio: { measure: "timeRatio", label: "time, as a part of exact search" },
  build: { measure: "buildSeconds", label: "time to build" },
  memory: { measure: "bytes", label: "memory" },
} as const;

export type Role = keyof typeof ROLES;

/** The measure of a result that plays this role, where it was asked for and is a number. */
export function measured(result: Result, role: Role): Measured | undefined {
  const found = Object.hasOwn(result.measures, ROLES[role].measure) ? result.measures[ROLES[role].measure] : undefined;
  return found !== undefined && Number.isFinite(found.value) ? found : undefined;
}
