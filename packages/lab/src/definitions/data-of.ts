import { dirname, isAbsolute, resolve } from "node:path";
import { NearError } from "nearts";
import { checkSpec } from "../data/check-spec.js";
import { parametersOf } from "../data/generators/generator.js";
import { generators } from "../data/generators/registry.js";
import type { DataSpec, FileSpec, SyntheticSpec } from "../data/spec.js";
import { unknownName } from "../names.js";
import { fault, type Source } from "./fault.js";
import { firstIssue } from "./issues.js";
import { fileData, fileSettings, syntheticData, syntheticSettings } from "./schema.js";

/** Where data lie. */
export interface DataOptions {
  /** The folder that `$NEARTS_DATA` stands for at the head of paths; the variable of the environment when not given. */
  readonly dataFolder?: string | undefined;
}

/** The data of a definition, checked, with full paths: relative ones are seen from the definition's folder. */
export function dataOf(data: Readonly<Record<string, unknown>>, source: Source, options: DataOptions): DataSpec {
  if ("generate" in data) return syntheticOf(data, source);
  const checked = fileData.safeParse(data, { reportInput: true });
  if (!checked.success) throw firstIssue(source, checked.error.issues, ["data"], () => [...fileSettings, "generate"]);
  const spec: FileSpec = checked.data;
  located(source, () => checkSpec(spec));
  const full = (key: "base" | "queries", path: string) => fullPath(path, key, source, options);
  return {
    ...spec,
    base: full("base", spec.base),
    ...(spec.queries === undefined ? {} : { queries: full("queries", spec.queries) }),
  };
}

function syntheticOf(data: Readonly<Record<string, unknown>>, source: Source): DataSpec {
  const name = data["generate"];
  const known = Object.keys(generators);
  if (typeof name !== "string" || !known.includes(name)) {
    const error = unknownName("a generator", String(name), known);
    throw fault(source, ["data", "generate"], error.message, "value", error);
  }
  const generator = generators[name as keyof typeof generators]; // one of its keys, see above
  const parameters = Object.keys(generator.parameters);
  const checked = syntheticData(known, parameters).safeParse(data, { reportInput: true });
  if (!checked.success) throw firstIssue(source, checked.error.issues, ["data"], () => syntheticSettings(parameters));
  const spec = { seed: 1, ...data } as unknown as SyntheticSpec; // the schema has looked at all of it
  located(source, () => parametersOf(generator, { ...spec }));
  return spec;
}

/** Runs a check of data whose errors name the setting, and says where that is. */
function located(source: Source, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof NearError)) throw error;
    throw fault(source, ["data", String(error.details["option"])], error.message, "value", error);
  }
}

function fullPath(path: string, key: string, source: Source, { dataFolder = process.env[DATA_VARIABLE] }: DataOptions): string {
  if (!path.startsWith(`$${DATA_VARIABLE}/`)) return isAbsolute(path) ? path : resolve(dirname(source.file), path);
  const rest = path.slice(DATA_VARIABLE.length + 2);
  if (dataFolder !== undefined && dataFolder !== "") return resolve(dataFolder, rest);
  const message = `the data lie in $${DATA_VARIABLE}, which is not set: set it to the folder of data sets`;
  throw fault(source, ["data", key], message, "value", new NearError("E_NOT_FOUND", message, { variable: DATA_VARIABLE }));
}

/** The environment variable that names the folder of data sets. */
const DATA_VARIABLE = "NEARTS_DATA";

/** Whether an error says that a definition cannot run here, as its data sets are elsewhere. */
export function isWithoutData(error: unknown): boolean {
  return error instanceof NearError && error.details["variable"] === DATA_VARIABLE;
}
