import { NearError, show } from "../core/errors.js";

/** Bits of a bucket key. */
export const keyBits = 64;

/** Most tables of one hash. */
export const mostTables = 1024;

const longestName = 128;

/** A hash's name: 1 to 128 characters. E_BAD_OPTION else. */
export function nameOf(name: unknown): string {
  if (typeof name === "string" && name.length > 0 && name.length <= longestName) return name;
  const got = typeof name === "string" ? `a text of ${name.length} characters` : show(name);
  throw new NearError("E_BAD_OPTION", `name is ${got}; it must be a text of 1 to ${longestName} characters`, { option: "name", got: name });
}

/** An integer from 1 to `most`. E_BAD_OPTION for anything else, E_LIMIT above `most`, with the reason for it. */
export function countOf(option: string, value: unknown, most: number, reason: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) {
    throw new NearError("E_BAD_OPTION", `${option} is ${show(value)}; it must be an integer of at least 1`, { option, got: value });
  }
  if (value > most)
    throw new NearError("E_LIMIT", `${option} is ${value}; the limit is ${most}, as ${reason}`, { option, got: value, limit: most });
  return value;
}

/** Projections of one table whose key has a bit for each: 1 to 64. */
export function bitsOf(projections: unknown): number {
  return countOf("projections", projections, keyBits, "a key has 64 bits: use more tables, or a hash of discretized projections");
}

/** Projections of one table whose key has an integer for each: 1 to 1,024. */
export function slotsOf(projections: unknown): number {
  return countOf("projections", projections, 1024, "more make no two vectors meet");
}

/** Tables of a hash: 1 to 1,024. */
export function tablesOf(tables: unknown): number {
  return countOf("tables", tables, mostTables, "each row is entered into every table");
}

/** A width of bins: finite and above 0. E_BAD_OPTION else. */
export function widthOf(binWidth: unknown): number {
  if (typeof binWidth === "number" && binWidth > 0 && binWidth < Number.POSITIVE_INFINITY) return binWidth;
  throw new NearError("E_BAD_OPTION", `binWidth is ${show(binWidth)}; it must be a finite number above 0`, {
    option: "binWidth",
    got: binWidth,
  });
}

/** True or false. E_BAD_OPTION else. */
export function flagOf(option: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new NearError("E_BAD_OPTION", `${option} is ${show(value)}; it must be true or false`, { option, got: value });
}
