import { statSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { NearError } from "nearts";

/** An option of a benchmark: what it says in the help, and what becomes of the text that was given. */
export interface Option<T> {
  /** Stands for its value in the help; null for a switch, which has none. */
  readonly value: string | null;
  readonly about: string;
  readonly fallback: T;
  /** How the fallback reads in the help; empty where that goes without saying. */
  readonly usual: string;
  /** E_BAD_OPTION for what it cannot be. */
  readonly read: (given: string, name: string) => T;
}

/** The options of a benchmark by name. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** What was given, or is usual, for each option. */
export type Values<S extends Options> = { readonly [name in keyof S]: S[name] extends Option<infer T> ? T : never };

/** Reads arguments; E_BAD_OPTION for an unknown option, a missing value or a bad one. */
export function readOptions<S extends Options>(options: S, args: readonly string[]): Values<S> {
  const given = parsed(options, args);
  const read = Object.entries(options).map(([name, option]) => {
    const text = given[name];
    return [name, text === undefined ? option.fallback : option.read(`${text}`, `--${name}`)];
  });
  return Object.fromEntries(read) as Values<S>; // every option was read by its own reader or is its fallback
}

function parsed(options: Options, args: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const kinds = Object.entries(options).map(([name, { value }]) => [name, { type: value === null ? "boolean" : "string" }] as const);
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(kinds), strict: true, allowPositionals: false }).values;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new NearError("E_BAD_OPTION", `${error.message.split(/\n|\. /)[0]}; options are ${known.join(", ")}, --help`, {
      expected: known,
    });
  }
}

/** The options as lines of help. */
export function helpLines(options: Options): string {
  const left = Object.entries(options).map(([name, { value }]) => (value === null ? `--${name}` : `--${name} ${value}`));
  const width = Math.max(...left.map((text) => text.length));
  return Object.values(options)
    .map(({ about, usual }, i) => `  ${left[i].padEnd(width)}  ${about}${usual === "" ? "" : ` (${usual})`}`)
    .join("\n");
}

/** Any text, such as the name of a file. */
export function text(value: string, about: string): Option<string | undefined> {
  return { value, about, fallback: undefined, usual: "", read: (given, name) => (given === "" ? refuse(name, given, "something") : given) };
}

/** A file to be written at the end of a run: E_BAD_OPTION at once where its folder is not there. */
export function outputFile(about: string): Option<string | undefined> {
  const read = (given: string, name: string) =>
    given !== "" && statSync(dirname(given), { throwIfNoEntry: false })?.isDirectory()
      ? given
      : refuse(name, given, "a file in a folder that exists");
  return { value: "<file>", about, fallback: undefined, usual: "", read };
}

/** Given or not. */
export function flag(about: string): Option<boolean> {
  return { value: null, about, fallback: false, usual: "", read: () => true };
}

/** A whole number from 1. */
export function count<T extends number | undefined>(about: string, fallback: T): Option<number | T> {
  return { value: "<n>", about, fallback, usual: fallback === undefined ? "" : String(fallback), read: wholeNumber };
}

/** Whole numbers from 1, rising. */
export function numbers(about: string, fallback: readonly number[]): Option<readonly number[]> {
  const read = (given: string, name: string) => [...new Set(given.split(",").map((part) => wholeNumber(part, name)))].sort((a, b) => a - b);
  return { value: "<a,b,…>", about, fallback, usual: fallback.join(","), read };
}

/** Parts of one, as for recalls, rising. */
export function fractions(about: string, fallback: readonly number[]): Option<readonly number[]> {
  const read = (given: string, name: string) =>
    given
      .split(",")
      .map((part) => (Number(part) > 0 && Number(part) <= 1 ? Number(part) : refuse(name, part, "numbers over 0 and up to 1, with commas")))
      .sort((a, b) => a - b);
  return { value: "<a,b,…>", about, fallback, usual: fallback.join(","), read };
}

/** One of a few names. */
export function choice<T extends string>(about: string, names: readonly T[], fallback: T): Option<T> {
  const read = (given: string, name: string) => names.find((known) => known === given) ?? refuse(name, given, `one of ${names.join(", ")}`);
  return { value: `<${names.join("|")}>`, about, fallback, usual: fallback, read };
}

/** Some of a few names, none of them as "none". */
export function choices<T extends string>(about: string, names: readonly T[], fallback: readonly T[]): Option<readonly T[]> {
  const one = (given: string, name: string) =>
    names.find((known) => known === given) ?? refuse(name, given, `none, or some of ${names.join(", ")}`);
  const read = (given: string, name: string) =>
    given === "none" ? [] : [...new Set(given.split(",").map((part) => one(part.trim(), name)))];
  return { value: "<a,b,…>", about: `${about}; of ${names.join(", ")}`, fallback, usual: fallback.join(","), read };
}

function wholeNumber(given: string, name: string): number {
  const value = Number(given);
  return Number.isSafeInteger(value) && value >= 1 ? value : refuse(name, given, "a whole number from 1");
}

function refuse(name: string, given: string, expected: string): never {
  throw new NearError("E_BAD_OPTION", `${name} is ${JSON.stringify(given)}, it must be ${expected}`, { option: name, got: given });
}
