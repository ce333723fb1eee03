import { dirname, resolve } from "node:path";
import type { Measure } from "../measures/measure.js";
import { measures as builtin } from "../measures/registry.js";
import { unknownName } from "../names.js";
import { fault, type Place, type Source } from "./fault.js";
import { isModulePath, loadModule } from "./modules.js";

/** The measures that a definition names: built-in ones, modules that export one by default, or (in a module) measures themselves; all built-in ones when it names none. */
export async function measuresOf(given: readonly unknown[] | undefined, source: Source): Promise<readonly Measure[]> {
  if (given === undefined) return builtin;
  const found: Measure[] = [];
  for (const [i, one] of given.entries()) {
    const measure = await measureOf(one, ["measures", i], source);
    if (found.some(({ name }) => name === measure.name))
      throw fault(source, ["measures", i], `there are two measures ${JSON.stringify(measure.name)}`);
    found.push(measure);
  }
  return found;
}

async function measureOf(given: unknown, place: Place, source: Source): Promise<Measure> {
  if (typeof given === "string" && !isModulePath(given)) {
    const found = builtin.find(({ name }) => name === given);
    if (found !== undefined) return found;
    const known = builtin.map(({ name }) => name);
    const error = unknownName("a measure", given, known);
    throw fault(source, place, error.message, "value", error);
  }
  const value = typeof given === "string" ? (await loadModule(resolve(dirname(source.file), given))).exports["default"] : given;
  if (isMeasure(value)) return value;
  throw fault(source, place, "it is no measure: export by default { name, about, unit, better, perQuery(outcome) or whole(outcome) }");
}

function isMeasure(value: unknown): value is Measure {
  if (typeof value !== "object" || value === null) return false;
  const { name, about, unit, better, perQuery, whole } = value as Readonly<Record<string, unknown>>; // its parts are checked here
  const texts = [name, about, unit].every((text) => typeof text === "string");
  const directed = better === "higher" || better === "lower" || better === null;
  return texts && directed && (typeof perQuery === "function" || typeof whole === "function");
}
