import type { Json } from "nearts";

/** Some columns of a row as data: plain JSON, whatever a table format made of them. */
export function plainData(names: readonly string[], row: { readonly [name: string]: unknown }): Json {
  return Object.fromEntries(names.map((name) => [name, plain(row[name])]));
}

function plain(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && Symbol.iterator in value) return Array.from(value as Iterable<unknown>, plain);
  if (typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  return null;
}
