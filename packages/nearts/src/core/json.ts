import { NearError, show } from "./errors.js";
import { utf8Length } from "./utf8.js";

/** Deepest nesting and largest size (UTF-16 units of its JSON text) of the data attached to a vector. */
export const dataLimits = { depth: 32, characters: 65_536 } as const;

/** JSON text of `data`, or undefined for undefined. E_BAD_DATA for what JSON cannot carry and bring back: NaN, functions, dates, cycles, typed arrays … */
export function encodeData(data: unknown): string | undefined {
  if (data === undefined) return undefined;
  const text = checkedText(data);
  if (text.length <= dataLimits.characters) return text;
  throw tooLarge(text.length);
}

/** Bytes of data in UTF-8, as {@link encodeData} wrote it: JSON escapes what is not well-formed. */
export function dataBytes(data: readonly (string | undefined)[]): number {
  let sum = 0;
  for (const text of data) if (text !== undefined) sum += utf8Length(text);
  return sum;
}

function checkedText(data: unknown): string {
  try {
    check(data, "data", 0, { left: dataLimits.characters });
    return JSON.stringify(data);
  } catch (cause) {
    if (cause instanceof NearError) throw cause;
    throw new NearError("E_BAD_DATA", `data could not be read (${show(cause)}): give plain data without getters that throw`, {}, { cause });
  }
}

/** How many more values there may be: each takes a character at least, and few objects that share parts can stand for endless text. */
interface Budget {
  left: number;
}

function check(value: unknown, path: string, depth: number, budget: Budget): void {
  if (budget.left-- === 0) throw tooLarge(`more than ${dataLimits.characters}`);
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (Number.isFinite(value)) return;
      break;
    case "object":
      if (value === null) return;
      if (depth >= dataLimits.depth) throw tooDeep(path);
      if (Array.isArray(value)) return checkArray(value, path, depth, budget);
      if (isPlain(value)) return checkObject(value, path, depth, budget);
  }
  throw new NearError(
    "E_BAD_DATA",
    `${path} is ${show(value)}, which JSON cannot carry: give null, booleans, finite numbers, text, arrays or plain objects`,
    { path },
  );
}

function checkArray(array: readonly unknown[], path: string, depth: number, budget: Budget): void {
  for (let i = 0; i < array.length; i++) check(array[i], `${path}[${i}]`, depth + 1, budget);
}

function checkObject(object: object, path: string, depth: number, budget: Budget): void {
  for (const [key, value] of Object.entries(object)) {
    // An absent and an undefined property are the same to JSON, and to most who write optional ones.
    if (value !== undefined) check(value, `${path}.${key}`, depth + 1, budget);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || Object.getPrototypeOf(prototype) === null) && !("toJSON" in value);
}

function tooLarge(characters: number | string): NearError {
  const message = `data is ${characters} characters of JSON, the limit is ${dataLimits.characters}: keep large things elsewhere and store a reference`;
  return new NearError("E_BAD_DATA", message, { characters, limit: dataLimits.characters });
}

function tooDeep(path: string): NearError {
  const at = path.length > 80 ? `${path.slice(0, 77)}…` : path;
  return new NearError("E_BAD_DATA", `data is nested more than ${dataLimits.depth} deep at ${at} (or contains itself): flatten it`, {
    limit: dataLimits.depth,
  });
}
