import type { Id } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { Kind } from "../core/rows.js";
import { refuseUnknown, requireOptions } from "../engine/guards.js";
import type { VectorInput } from "../engine/intake.js";
import type { EngineOptions } from "../engine/options.js";

/** One field of a mixed engine: the options of its engine, and what its distance counts for. */
export type MixedField = EngineOptions & {
  /** What the field's distance is multiplied by; 1 when not given. */
  readonly weight?: number;
  /** The distance of an item that has no such field: 1 when not given, the most that a similarity allows; +∞ for other distances, which leaves it out. */
  readonly missing?: number;
};

/** What a mixed engine is made of. */
export interface MixedOptions<Name extends string = string> {
  readonly fields: Readonly<Record<Name, MixedField>>;
}

/** Vectors by field; fields may be left out. */
export type MixedVectors<Name extends string = string> = Readonly<Partial<Record<Name, VectorInput>>>;

/** One thing to store: the vectors of its fields, at least of one, and what belongs to it. */
export interface MixedItem<Data, Name extends string = string> {
  readonly vectors: MixedVectors<Name>;
  /** The user's name for it; an existing one is replaced. The next free integer when not given. */
  readonly id?: Id;
  readonly data?: Data;
}

/** How to ask. */
export interface MixedQueryOptions<Name extends string = string> {
  /** At most so many, nearest first: 1 to 10,000; 10 when not given. */
  readonly k?: number;
  /** Only results whose combined distance is less than this. */
  readonly within?: number;
  /** Other weights this time. */
  readonly weights?: Readonly<Partial<Record<Name, number>>>;
}

/** One result. */
export interface MixedNeighbour<Data, Name extends string = string> {
  readonly id: Id;
  /** Σ weight · distance over the fields asked with. */
  readonly distance: number;
  /** The distance in each of these fields; in those that it lacks what `missing` says. */
  readonly distances: Readonly<Partial<Record<Name, number>>>;
  readonly data?: Data;
}

/** A stored thing. */
export interface MixedStored<Data, Name extends string = string> {
  readonly id: Id;
  readonly vectors: Readonly<Partial<Record<Name, import("../core/rows.js").VectorOf<Kind>>>>;
  readonly data?: Data;
}

/** Most results of a query. */
const mostResults = 10_000;

/** E_BAD_OPTION for a weight that is none. */
export function checkWeight(name: string, weight: unknown): number {
  if (typeof weight === "number" && weight >= 0 && weight < Number.POSITIVE_INFINITY) return weight;
  throw new NearError("E_BAD_OPTION", `the weight of ${show(name)} is ${show(weight)}; give a number of at least 0`, {
    field: name,
    weight,
  });
}

/** E_BAD_OPTION for fields that are none, or none at all. */
export function checkFieldNames(options: MixedOptions): readonly string[] {
  requireOptions(options, "a mixed engine");
  refuseUnknown(options, ["fields"], "a mixed engine");
  requireOptions(options.fields, "fields");
  const names = Object.keys(options.fields);
  for (const [name, field] of Object.entries(options.fields)) requireOptions(field, `the field ${show(name)}`);
  if (names.length > 0) return names;
  throw new NearError("E_BAD_OPTION", 'a mixed engine has 0 fields; give at least 1, such as { text: { kind: "set" } }', { fields: 0 });
}

/** E_BAD_VECTOR for what is no list of items, E_BAD_OPTION for an item with a property that none has. */
export function checkItems<Item>(items: readonly Item[]): readonly Item[] {
  const given: unknown = items;
  if (!Array.isArray(given)) throw new NearError("E_BAD_VECTOR", `items are ${show(items)}; give an array of { vectors, id, data }`, {});
  for (const [i, item] of items.entries()) {
    requireOptions(item, `item ${i}`);
    refuseUnknown(item as object, ["vectors", "id", "data"], `item ${i}`); // requireOptions has seen that it is one
  }
  return items;
}

/** The names of the fields that vectors are given for; E_BAD_VECTOR where there are none, or one is unknown. */
export function givenFields(vectors: unknown, known: readonly string[], where: string): string[] {
  if (typeof vectors === "object" && vectors !== null && !Array.isArray(vectors) && !ArrayBuffer.isView(vectors)) {
    const given = Object.entries(vectors).flatMap(([name, vector]) => (vector === undefined ? [] : [name]));
    const unknown = given.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new NearError("E_BAD_VECTOR", `${where} has a field ${show(unknown)}; this engine has ${known.join(", ")}`, { field: unknown });
    }
    if (given.length > 0) return given;
  }
  throw new NearError(
    "E_BAD_VECTOR",
    `${where} is ${show(vectors)}; give an object with a vector for at least one of ${known.join(", ")}`,
    {},
  );
}

/** Options of a query, checked. */
export function checkQuery(options: MixedQueryOptions, known: readonly string[]): { readonly k: number; readonly within: number } {
  requireOptions(options, "neighbours");
  refuseUnknown(options, ["k", "within", "weights"], "neighbours");
  const { k = 10, within = Number.POSITIVE_INFINITY, weights = {} } = options;
  if (!Number.isInteger(k) || k < 1 || k > mostResults)
    throw new NearError("E_BAD_OPTION", `k is ${show(k)}; give a whole number from 1 to ${mostResults}`, { k });
  if (typeof within !== "number" || Number.isNaN(within))
    throw new NearError("E_BAD_OPTION", `within is ${show(within)}; give a distance`, { within });
  requireOptions(weights, "weights");
  refuseUnknown(weights, known, "weights");
  for (const [name, weight] of Object.entries(weights)) checkWeight(name, weight);
  return { k, within };
}
