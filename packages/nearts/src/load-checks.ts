import type { Schema } from "./core/contracts.js";
import { NearError, show } from "./core/errors.js";
import type { Kind } from "./core/rows.js";
import { threadsOf } from "./engine/compose.js";
import { refuseUnknown, requireOptions } from "./engine/guards.js";
import type { Expectation, LoadOptions } from "./engine/options.js";
import { checkFilters } from "./engine/plan.js";
import { differencesOf, schemaHashOf } from "./engine/schema.js";
import { checkRecall } from "./engine/tune-options.js";
import { requireShared } from "./kernels/arena.js";
import { corrupt } from "./snapshot/format.js";

const loadNames = ["plugins", "filters", "recall", "guarantee", "expected", "threads", "maxBytes", "onProgress", "signal"];
const expectedNames = ["dim", "kind", "distance", "recall", "hashes", "vectors", "fields"];

/** What a file can be blamed for no more than its reader: told as it is. */
const passedOn: ReadonlySet<string> = new Set(["E_CONFIG", "E_MEMORY", "E_SCHEMA_MISMATCH", "E_UNKNOWN_PLUGIN", "E_UNSUPPORTED"]);

/** Refuses options that cannot be, before anything is read; says how many threads they mean. */
export function checkLoadOptions<K extends Kind>(options: LoadOptions<K>): number {
  requireOptions(options, "load");
  refuseUnknown(options, loadNames, "load");
  const { plugins = [], filters = [], expected = {}, maxBytes } = options;
  if (
    !Array.isArray(plugins) ||
    !plugins.every((plugin) => (typeof plugin === "object" || typeof plugin === "function") && plugin !== null)
  ) {
    throw new NearError("E_BAD_OPTION", `plugins is ${show(plugins)}; give an array of classes of hashes and of distances`, {});
  }
  checkFilters(filters);
  requireOptions(expected, "expected");
  refuseUnknown(expected, expectedNames, "expected");
  if (options.recall !== undefined) checkRecall(options.recall);
  const threads = threadsOf(options.threads);
  if (threads > 1) requireShared();
  if (maxBytes !== undefined && !(maxBytes > 0)) {
    throw new NearError("E_BAD_OPTION", `maxBytes is ${show(maxBytes)}; give a number of bytes above 0`, { maxBytes });
  }
  return threads;
}

/** Refuses (E_SCHEMA_MISMATCH) an index that is not as expected, saying what differs. */
export function requireExpected<K extends Kind>(there: Schema, expected: Expectation<K> = {}): void {
  const { dim, kind, distance, recall, hashes, vectors, fields } = expected;
  const [field] = there.fields;
  const shape = { kind: kind ?? field.kind, dim: dim ?? field.dim };
  const wanted: Schema = {
    ...there,
    fields: [{ ...field, ...shape, precision: vectors ?? field.precision }],
    distance: typeof distance === "object" ? distance.name : (distance ?? there.distance),
    hashes: hashes === undefined ? there.hashes : hashes.map((hash, h) => withSketchOf(there.hashes[h], hash, shape)),
    ...(fields === undefined ? {} : { dataFields: fields }),
  };
  const differences = differencesOf(there, wanted);
  if (recall !== undefined && recall !== there.recall) differences.push(`recall is ${show(there.recall)} there and ${recall} here`);
  if (differences.length === 0) return;
  const message = `the snapshot is of an index made otherwise: ${differences.join("; ")}. Expect what is there, or load another`;
  throw new NearError("E_SCHEMA_MISMATCH", message, { there, expected });
}

/** Refuses a snapshot whose hashes, made again, are not those it speaks of: a class that has changed, or a file that lies. */
export function requireKept(made: Schema, there: Schema): void {
  const differences = differencesOf(there, made);
  if (differences.length === 0) return;
  const message = `the snapshot cannot be searched by what its hashes make of it today: ${differences.join("; ")}. Load it with the nearts and the plug-ins that saved it`;
  throw new NearError("E_SCHEMA_MISMATCH", message, { there, made });
}

/** What `make` makes of a snapshot's own words; where these cannot be, E_CORRUPT. */
export async function understood<T>(make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof NearError) || passedOn.has(error.code)) throw error;
    throw corrupt("META", 0, error.message, error);
  }
}

type ExpectedHash = NonNullable<Expectation["hashes"]>[number];

/** An expected hash as a schema has it; codes are not part of the expectation. */
function withSketchOf(
  there: Schema["hashes"][number] | undefined,
  hash: ExpectedHash,
  shape: Parameters<ExpectedHash["open"]>[0],
): Schema["hashes"][number] {
  hash.open(shape);
  const own = schemaHashOf(hash, null);
  return there?.sketch === undefined ? own : { ...own, sketch: there.sketch };
}
