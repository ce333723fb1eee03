import { type Hash, NearError } from "nearts";
import { type Family, families, type Making } from "./families.js";
import { UsageError } from "./usage-error.js";

/** A hash as the command line names it: `family` or `family:option=value,…`. */
export interface HashSpec {
  readonly family: string;
  /** Every option of the family with its value, in the family's order. */
  readonly values: Readonly<Record<string, number>>;
  /** The hash under this name; `sample` gives rows to learn from, and is called by families that learn only. */
  make(name: string, sample: Making["sample"]): Hash;
}

/** The hash that `text` names, such as `rbp:bits=12,tables=8`. A UsageError says what is wrong with it and what there is. */
export function parseHash(text: string): HashSpec {
  const [name, list, ...rest] = text.split(":");
  const family = families.get(name);
  if (family === undefined || rest.length > 0) {
    throw new UsageError(`--hash ${text}: ${JSON.stringify(name)} is no family of hashes; there are\n${describeHashes()}`);
  }
  const values = valuesOf(text, name, family, list === undefined ? [] : list.split(","));
  const make = (as: string, sample: Making["sample"]) => made(text, () => family.make({ name: as, values, sample }));
  make(name, () => undefined); // refuses bad values now, not after files were read
  return { family: name, values, make };
}

/** The hashes of these specs: each is named after its family, and numbered where a family comes again. */
export function makeHashes(specs: readonly HashSpec[], sample: Making["sample"]): Hash[] {
  const times = new Map<string, number>();
  return specs.map((spec) => {
    const time = (times.get(spec.family) ?? 0) + 1;
    times.set(spec.family, time);
    return spec.make(time === 1 ? spec.family : `${spec.family}-${time}`, sample);
  });
}

/** The spec in full: `rbp:bits=12,tables=8,seed=1`. */
export function nameOf({ family, values }: HashSpec): string {
  const list = Object.entries(values).map(([option, value]) => `${option}=${value}`);
  return list.length === 0 ? family : `${family}:${list.join(",")}`;
}

/** Two lines for each family: all its options with their defaults, and what it is. */
export function describeHashes(): string {
  const lines = [...families].map(([name, { about, options }]) => {
    const list = Object.entries(options).map(([option, value]) => `${option}=${value ?? "…"}`);
    return `  ${list.length === 0 ? name : `${name}:${list.join(",")}`}\n        ${about}`;
  });
  return lines.join("\n");
}

function valuesOf(text: string, name: string, family: Family, list: readonly string[]): Record<string, number> {
  const known = Object.keys(family.options);
  const given = new Map<string, number>();
  for (const part of list) {
    const [option, value, ...rest] = part.split("=");
    if (!known.includes(option)) {
      const options = known.length === 0 ? "no options" : `the options ${known.join(", ")}`;
      throw new UsageError(`--hash ${text}: ${JSON.stringify(option)} is no option of ${name}, which has ${options}`);
    }
    if (value === undefined || value.trim() === "" || !Number.isFinite(Number(value)) || rest.length > 0) {
      throw new UsageError(`--hash ${text}: ${option} wants a number, as in ${option}=${family.options[option] ?? 0.5}`);
    }
    given.set(option, Number(value));
  }
  const missing = known.find((option) => family.options[option] === null && !given.has(option));
  if (missing !== undefined) throw new UsageError(`--hash ${text}: ${name} needs ${missing}=…, a number in the units of the vectors`);
  return Object.fromEntries(known.map((option) => [option, given.get(option) ?? family.options[option] ?? 0])); // null ones were given
}

/** What the library refuses about a value was said on the command line. */
function made(text: string, make: () => Hash): Hash {
  try {
    return make();
  } catch (error) {
    if (error instanceof NearError && (error.code === "E_BAD_OPTION" || error.code === "E_LIMIT")) {
      throw new UsageError(`--hash ${text}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
