import type { DistanceName, Json, Kind } from "nearts";
import { z } from "zod";
import type { FileSpec } from "../data/spec.js";

/** Distances that a definition can name. */
const distances = [
  "angular",
  "containment",
  "cosine",
  "euclidean",
  "hamming",
  "inner-product",
  "jaccard",
  "manhattan",
] as const satisfies readonly DistanceName[];
const kinds = ["dense", "sparse", "bits", "set"] as const satisfies readonly Kind[];

const whole = z.number().int().min(1);
const share = z.number().gt(0).max(1);
/** Names are written in tables and terminals: without control characters, and without those that turn the direction of a line. */
const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u, "control characters are no part of names");
const json: z.ZodType<Json> = z.json();

/** A value, or alternatives of which each is tried. */
function choice<T extends z.ZodType>(one: T): z.ZodUnion<readonly [T, z.ZodArray<T>]> {
  return z.union([one, z.array(one).min(1)]);
}

const common = { name: name.optional(), distance: z.enum(distances).optional(), kind: z.enum(kinds).optional() };

const holdOut = z.strictObject({
  count: whole.optional(),
  share: share.optional(),
  seed: z.number().int().optional(),
  keep: z.boolean().optional(),
});

const fileShape = {
  ...common,
  base: z.string().min(1),
  column: z.string().min(1).optional(),
  queries: z.string().min(1).optional(),
  queryColumn: z.string().min(1).optional(),
  holdOut: holdOut.optional(),
  limit: whole.optional(),
  queryLimit: whole.optional(),
  zeros: z.enum(["refuse", "drop"]).optional(),
};

/** Data in files. */
export const fileData: z.ZodType<FileSpec> = z.strictObject(fileShape);

/** Data made up; `parameters` are those of its generator. */
export function syntheticData(generators: readonly string[], parameters: readonly string[]): z.ZodType {
  return z.strictObject({
    ...common,
    generate: z.enum(generators),
    rows: whole,
    queries: whole,
    dim: whole,
    seed: z.number().int().optional(),
    ...Object.fromEntries(parameters.map((parameter) => [parameter, z.number().optional()])),
  });
}

const engine = z.strictObject({
  name,
  hash: z
    .union([z.string().min(1), z.custom((value) => typeof value === "function", "expected the name of a hash, or a class")])
    .optional(),
  parameters: z.record(z.string(), json).default({}),
  codes: choice(z.union([z.boolean(), z.literal([1, 2, 4])])).optional(),
  vectors: choice(z.enum(["f32", "f16", "i8"])).optional(),
  recall: choice(share).optional(),
  guarantee: z.literal("per-query").optional(),
  query: z.strictObject({ probes: choice(whole).optional() }).default({}),
  diagnose: z.boolean().default(false),
});

/** A definition as people write it. */
export const written: z.ZodType<Written> = z.strictObject({
  $schema: z.string().optional(),
  name: name.optional(),
  about: z.string().optional(),
  data: z.looseObject({}),
  k: whole.max(10_000).default(10),
  seed: z.number().int().default(1),
  passes: whole.max(100).default(5),
  measures: z
    .array(z.union([z.string(), z.looseObject({ name })]))
    .min(1)
    .optional(),
  engines: z.array(engine).min(1),
});

type OneOrMore<T> = T | readonly T[];

/** What {@link written} gives. */
export interface Written {
  readonly name?: string | undefined;
  readonly about?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly k: number;
  readonly seed: number;
  readonly passes: number;
  readonly measures?: readonly (string | Readonly<Record<string, unknown>>)[] | undefined;
  readonly engines: readonly WrittenEngine[];
}

/** A definition as a module writes it; what is not given has its usual value. */
export type DefinitionInput = Partial<Omit<Written, "data" | "engines">> & {
  readonly data: Readonly<Record<string, unknown>>;
  readonly engines: readonly (Partial<WrittenEngine> & Pick<WrittenEngine, "name">)[];
};

/** One engine of {@link Written}. */
export interface WrittenEngine {
  readonly name: string;
  readonly hash?: unknown;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly codes?: OneOrMore<boolean | 1 | 2 | 4> | undefined;
  readonly vectors?: OneOrMore<"f32" | "f16" | "i8"> | undefined;
  readonly recall?: OneOrMore<number> | undefined;
  readonly guarantee?: "per-query" | undefined;
  readonly query: { readonly probes?: OneOrMore<number> | undefined };
  readonly diagnose: boolean;
}

/** Names of the settings that there are at a place of a definition. */
export function settingsAt(place: readonly (string | number)[]): readonly string[] {
  const [top, , inner] = place;
  if (top === undefined) return definitionSettings;
  return inner === "query" ? ["probes"] : Object.keys(engine.shape);
}

const definitionSettings: readonly (keyof Written)[] = ["name", "about", "data", "k", "seed", "passes", "measures", "engines"];

/** Settings of data in files. */
export const fileSettings: readonly string[] = Object.keys(fileShape);

/** Settings of data made up. */
export function syntheticSettings(parameters: readonly string[]): readonly string[] {
  return [...Object.keys(common), "generate", "rows", "queries", "dim", "seed", ...parameters];
}
