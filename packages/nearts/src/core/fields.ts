import { NearError, show } from "./errors.js";

/** What a field of the data can be declared to hold; "strings" is a list of texts. */
export type FieldType = "boolean" | "number" | "string" | "strings";

/** Fields of the data that a storage keeps as columns, by key: `{ brand: "string", "size.width": "number", tags: "strings" }`. Plain JSON. */
export type FieldTypes = Readonly<Record<string, FieldType>>;

/** Keys of a `where` that are no keys of the data. */
export const logicalKeys: readonly string[] = ["and", "or", "not"];

/** Most fields, and most characters of a key. */
export const fieldLimits = { fields: 64, characters: 256 } as const;

const fieldTypes: readonly string[] = ["boolean", "number", "string", "strings"];

/**
 * The fields, checked and copied (E_BAD_OPTION).
 *
 * A declaration is a promise of speed, not a check: data whose value has another type is kept, found and filtered as without the declaration. Such
 * values are evaluated one by one, so a field whose values mostly have another type gains nothing.
 */
export function checkFields(fields: unknown): FieldTypes {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new NearError("E_BAD_OPTION", `fields is ${show(fields)}; give an object such as { brand: "string", price: "number" }`, {});
  }
  const entries = Object.entries(fields);
  if (entries.length > fieldLimits.fields) {
    const message = `fields declares ${entries.length} fields, the limit is ${fieldLimits.fields}: declare those that are filtered by most`;
    throw new NearError("E_BAD_OPTION", message, { fields: entries.length, limit: fieldLimits.fields });
  }
  // Made from entries, a key such as "__proto__" is a property like any other.
  return Object.fromEntries(entries.map(([key, type]) => [key, checkField(key, type)]));
}

/**
 * Reads the value under `key` from data: its own property of that name or, where that is absent and the key has dots, what the parts between
 * the dots lead to through objects. Undefined where there is nothing, in data that are no objects too; lists are not entered.
 */
export function valueReader(key: string): (data: unknown) => unknown {
  if (!key.includes(".")) return (data) => own(data, key);
  const parts = key.split(".");
  return (data) => own(data, key) ?? parts.reduce(own, data);
}

function own(data: unknown, key: string): unknown {
  if (typeof data !== "object" || data === null || Array.isArray(data) || !Object.hasOwn(data, key)) return undefined;
  return (data as Record<string, unknown>)[key]; // any object may be asked
}

function checkField(key: string, type: unknown): FieldType {
  if (key === "" || key.length > fieldLimits.characters || logicalKeys.includes(key)) {
    const message = `fields declares ${show(key)}; a key has 1 to ${fieldLimits.characters} characters and is none of ${logicalKeys.join(", ")}`;
    throw new NearError("E_BAD_OPTION", message, { key });
  }
  if (typeof type === "string" && fieldTypes.includes(type)) return type as FieldType; // it is one of the list
  throw new NearError("E_BAD_OPTION", `field ${show(key)} is declared ${show(type)}; a field is one of ${fieldTypes.join(", ")}`, {
    key,
    type,
    allowed: fieldTypes,
  });
}
