import type { Distance, Hash, HashClass, HashConfig, Precision, Schema, SchemaHash, Sketch } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { FieldTypes } from "../core/fields.js";
import type { Kind } from "../core/rows.js";

/** The schema of an engine made of these parts; the hashes and sketches are open. */
export function schemaOf(
  kind: Kind,
  dim: number,
  distance: Distance,
  stages: readonly { readonly hash: Hash; readonly sketch: Sketch | null }[],
  dataFields: FieldTypes = {},
  precision: Precision = "f32",
  recall?: number,
): Schema {
  const schema: Schema = {
    version: 1,
    fields: [{ name: "vector", kind, dim, precision }],
    distance: distance.name,
    hashes: stages.map(({ hash, sketch }) => schemaHashOf(hash, sketch)),
  };
  const learned = recall === undefined ? schema : { ...schema, recall };
  return Object.keys(dataFields).length === 0 ? learned : { ...learned, dataFields };
}

/** A hash and the codes in its buckets, as a schema has them. */
export function schemaHashOf(hash: Hash, sketch: Sketch | null): SchemaHash {
  const own = { config: hash.config(), tables: hash.tables, keysPerTable: hash.keysPerTable ?? 1 };
  return sketch === null ? own : { ...own, sketch: { config: sketch.config(), groups: sketch.groups } };
}

/** Refuses (E_SCHEMA_MISMATCH) to go on with an index made of other parts, saying which differ. */
export function requireSame(there: Schema, wanted: Schema): void {
  const differences = differencesOf(there, wanted);
  if (differences.length === 0) return;
  const message = `the storage holds an index made otherwise: ${differences.join("; ")}. Open it with Engine.open, or use an empty storage`;
  throw new NearError("E_SCHEMA_MISMATCH", message, { there, wanted });
}

/** In which parts two schemas differ, for people; whether they ask for another recall is not looked at. */
export function differencesOf(there: Schema, wanted: Schema): string[] {
  const differences = [...differing("version", there.version, wanted.version), ...differing("distance", there.distance, wanted.distance)];
  for (const part of ["kind", "dim", "precision"] as const)
    differences.push(...differing(part, there.fields[0]?.[part], wanted.fields[0]?.[part]));
  differences.push(...differing("hash names", names(there), names(wanted)));
  differences.push(...differingFields(there.dataFields ?? {}, wanted.dataFields ?? {}));
  if (differences.length === 0) {
    there.hashes.forEach((hash, h) => {
      if (!same(hash, wanted.hashes[h]))
        differences.push(`hash ${show(hash.config.name)} has another configuration (seed, parameters or trained values)`);
    });
  }
  return differences;
}

/** The hash of a configuration, by its class; nested configurations too. E_UNKNOWN_PLUGIN names a class that is not there, E_CONFIG what is no configuration. */
export function reviveHash(config: HashConfig, classes: readonly HashClass[]): Hash {
  if (typeof config?.type !== "string")
    throw new NearError("E_CONFIG", `${show(config)} is no configuration of a hash: give what config() or loadConfig() returned`, {});
  const found = classes.find((candidate) => candidate.type === config.type);
  if (found !== undefined) return found.fromConfig(config, (nested) => reviveHash(nested, classes));
  const known = classes.map((candidate) => candidate.type).join(", ");
  throw new NearError(
    "E_UNKNOWN_PLUGIN",
    `hash ${show(config.name)} is of the class ${show(config.type)}, which is not known: pass it in plugins (known: ${known})`,
    {
      type: config.type,
    },
  );
}

function names(schema: Schema): string {
  return schema.hashes.map((hash) => hash.config.name).join(", ");
}

function differing(what: string, there: unknown, wanted: unknown): string[] {
  return there === wanted ? [] : [`${what} is ${show(there)} there and ${show(wanted)} here`];
}

function differingFields(there: FieldTypes, wanted: FieldTypes): string[] {
  const typeOf = (fields: FieldTypes, key: string) => (Object.hasOwn(fields, key) ? fields[key] : "not declared");
  return [...new Set([...Object.keys(there), ...Object.keys(wanted)])].flatMap((key) =>
    differing(`field ${show(key)} of the data`, typeOf(there, key), typeOf(wanted, key)),
  );
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  // Both have the same keys, so reading them by name is what a record allows.
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
