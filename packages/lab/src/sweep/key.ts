import { createHash } from "node:crypto";
import type { DataSet } from "../data.js";
import type { Build, Definition, Way } from "../definitions/definition.js";

/** SHA-256, in hex, of all that decides a trial's outcome but the machine and the version of the library. */
export function keyOf({ k, seed }: Definition, { hash: data, distance }: DataSet, build: Build, way: Way): string {
  const { engine, parameters, code = null } = build;
  return createHash("sha256")
    .update(JSON.stringify(ordered({ version: 1, data, distance, k, seed, engine, parameters, way, code })))
    .digest("hex");
}

/** The value with the keys of its objects in order, so that equal values have equal texts. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, ordered(inner)]));
}
