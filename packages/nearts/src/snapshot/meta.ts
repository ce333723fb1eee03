import { configBytes, configFromBytes } from "../core/config-bytes.js";
import type { Field, HashConfig, Json, Knowledge, Schema, SchemaHash } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { checkFields, type FieldTypes } from "../core/fields.js";
import { checkShape } from "../engine/shape.js";
import { checkRecall } from "../engine/tune-options.js";

/** What a snapshot says of itself before its columns. */
export interface Meta {
  readonly schema: Schema;
  readonly knowledge: Knowledge | null;
  /** Configurations stored by name, the oldest first. */
  readonly configs: readonly HashConfig[];
  /** Rows ever numbered. */
  readonly rows: number;
  /** The integer that the next vector without an id gets. */
  readonly nextId: number;
  /** Whether outlines of the vectors are kept. */
  readonly outlines: boolean;
}

/** Most tables of all hashes together, keys of a row in one table, and groups of 4 bits in a code: more than any hash here has. */
const mostTables = 65_536;
const mostKeys = 64;
const mostGroups = 2 ** 18;

/** Section META: JSON and typed arrays as {@link configBytes} has them. The keys of fields are values there, as they may be anything. */
export function metaBytes({ schema, ...rest }: Meta): Uint8Array {
  const { dataFields = {}, ...parts } = schema;
  return configBytes({ ...rest, schema: { ...parts, dataFields: Object.entries(dataFields) } });
}

/** What {@link metaBytes} was made from. A NearError of any code where it is nothing of the kind; what hashes, codes and notes hold is left to those who know them. */
export function metaFrom(bytes: Uint8Array): Meta {
  const { schema, knowledge, configs, rows, nextId, outlines } = record("the section", configFromBytes(bytes));
  const checked = schemaFrom(record("schema", schema));
  if (typeof outlines !== "boolean") throw wrong("outlines", outlines);
  if (!isCount(rows, 2 ** 32 - 1)) throw wrong("rows", rows);
  if (!isCount(nextId, 2 ** 53)) throw wrong("nextId", nextId);
  return {
    schema: checked,
    knowledge: knowledgeFrom(knowledge, checked),
    configs: list("configs", configs).map(configFrom),
    rows,
    nextId,
    outlines,
  };
}

function schemaFrom(parts: Record<string, unknown>): Schema {
  const { version, distance, recall, guarantee } = parts;
  if (version !== 1) throw wrong("schema's version", version);
  if (typeof distance !== "string") throw wrong("distance", distance);
  const fields = list("fields", parts["fields"]);
  if (fields.length !== 1) throw wrong("fields", fields);
  const hashes = list("hashes", parts["hashes"]).map(hashFrom);
  if (hashes.reduce((sum, { tables }) => sum + tables, 0) > mostTables) throw wrong("number of tables of all hashes", hashes.length);
  const dataFields = fieldTypesFrom(parts["dataFields"]);
  return {
    version,
    fields: [fieldFrom(record("field", fields[0]))],
    distance,
    hashes,
    ...(Object.keys(dataFields).length === 0 ? {} : { dataFields }),
    ...(recall === undefined ? {} : { recall: checkRecall(recall as number) }), // looked at there
    ...(guarantee === undefined ? {} : { guarantee: { recall: checkRecall(record("guarantee", guarantee)["recall"] as number) } }), // likewise
  };
}

function fieldFrom({ name, kind, dim, precision }: Record<string, unknown>): Field {
  if (name !== "vector") throw wrong("field's name", name);
  const shape = checkShape({ dim, kind } as { dim: number; kind: "dense" }); // looked at there
  if (precision !== "f32" && (shape.kind !== "dense" || (precision !== "f16" && precision !== "i8"))) throw wrong("precision", precision);
  return { name, ...shape, precision };
}

function fieldTypesFrom(entries: unknown): FieldTypes {
  const pairs = list("dataFields", entries).map((pair) => list("field of the data", pair));
  // A key such as "__proto__" becomes a property like any other.
  return checkFields(Object.fromEntries(pairs.map(([key, type]) => [String(key), type])));
}

function knowledgeFrom(knowledge: unknown, schema: Schema): Knowledge | null {
  if (knowledge === null) return null;
  const { learned, notes } = record("knowledge", knowledge);
  if (notes === undefined) throw wrong("notes", notes);
  if (learned === null) return { learned, notes: notes as Json }; // it came from JSON
  // What an engine learned takes the place of hashes, behind which its number would be.
  if (schema.hashes.length > 0 || schema.recall === undefined) throw wrong("learned hash", "one beside given hashes");
  return { learned: { number: 0, hash: hashFrom(record("learned hash", learned)["hash"]) }, notes: notes as Json }; // likewise
}

function hashFrom(value: unknown): SchemaHash {
  const { config, tables, keysPerTable, sketch } = record("hash", value);
  if (!isCount(tables, mostTables) || tables === 0) throw wrong("number of tables", tables);
  if (!isCount(keysPerTable, mostKeys) || keysPerTable === 0) throw wrong("number of keys per table", keysPerTable);
  if (sketch === undefined) return { config: configFrom(config), tables, keysPerTable };
  const { config: codes, groups } = record("sketch", sketch);
  if (!isCount(groups, mostGroups) || groups === 0) throw wrong("number of groups", groups);
  return { config: configFrom(config), tables, keysPerTable, sketch: { config: configFrom(codes), groups } };
}

function configFrom(value: unknown): HashConfig {
  const config = record("configuration", value);
  const { type, version, name } = config;
  if (typeof type === "string" && typeof version === "number" && typeof name === "string") return { ...config, type, version, name }; // the rest is for its class to look at
  throw wrong("configuration", value);
}

function record(what: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value))
    return value as Record<string, unknown>; // an object
  throw wrong(what, value);
}

function list(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(what, value);
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
}

function wrong(what: string, value: unknown): NearError {
  return new NearError("E_CONFIG", `its ${what} is ${show(value)}, which cannot be`, {});
}
