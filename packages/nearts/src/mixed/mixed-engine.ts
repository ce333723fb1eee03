import { Engine } from "../bound-engine.js";
import type { Distance, Id } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { checkId } from "../core/ids.js";
import { type Kind, rowAt, type VectorOf } from "../core/rows.js";
import { intakeOne, toKind, type VectorInput } from "../engine/intake.js";
import type { EngineOptions } from "../engine/options.js";
import {
  checkFieldNames,
  checkItems,
  checkQuery,
  checkWeight,
  givenFields,
  type MixedItem,
  type MixedNeighbour,
  type MixedOptions,
  type MixedQueryOptions,
  type MixedStored,
  type MixedVectors,
} from "./options.js";
import { combinedNearest, type FieldList } from "./threshold.js";

/** One field with the engine that indexes it. */
interface Part<Data> {
  readonly name: string;
  readonly engine: Engine<Data, Kind>;
  readonly weight: number;
  readonly missing: number;
}

/** What is written for one item. */
interface Write<Data> {
  readonly id: Id;
  readonly vectors: Readonly<Record<string, unknown>>;
  readonly data: Data | undefined;
}

/**
 * An index of things that have several vectors: an embedding and the words of a title, say. Each field has an engine of its own, with its kind, distance,
 * hashes and storage; queries combine their distances by weight into one list of results. Fields may be missing, of items and of queries.
 */
export class MixedEngine<Data = unknown, Name extends string = string> {
  readonly #parts: readonly Part<Data>[];
  readonly #names: readonly string[];
  /** For each item the fields it has, a bit each; null until the storages were looked at. */
  #held: Map<Id, number> | null = null;
  #looking: Promise<Map<Id, number>> | undefined;
  #next = 0;
  /** Writes, one after the other. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: MixedOptions<Name>) {
    this.#names = checkFieldNames(options);
    if (this.#names.length > mostFields)
      throw new NearError("E_LIMIT", `there are ${this.#names.length} fields, the limit is ${mostFields}`, { fields: this.#names.length });
    this.#parts = this.#names.map((name) => {
      const { weight = 1, missing, ...own } = options.fields[name as Name]; // names are its keys
      const engine = new Engine<Data, Kind>(own as EngineOptions); // what is left is for it, and checked by it
      return { name, engine, weight: checkWeight(name, weight), missing: missingOf(name, missing, engine.distance) };
    });
  }

  /** The engine of a field, for what is particular to it: `train`, `tune`, `plan`, `stats`. Writes go through the mixed engine. */
  field(name: Name): Engine<Data, Kind> {
    const part = this.#parts.find((candidate) => candidate.name === name);
    if (part !== undefined) return part.engine;
    throw new NearError("E_NOT_FOUND", `there is no field ${name}; this engine has ${this.#names.join(", ")}`, { field: name });
  }

  /** Stores one item, in place of the one with the same id if there is one; resolves to its id. */
  async store(vectors: MixedVectors<Name>, options: { readonly id?: Id; readonly data?: Data } = {}): Promise<Id> {
    return (await this.storeMany([{ vectors, ...options }]))[0];
  }

  /** Stores many items; resolves to their ids in order. Where a field refuses a vector, all items are as they were before. */
  async storeMany(items: readonly MixedItem<Data, Name>[]): Promise<Id[]> {
    const checked = checkItems(items).map(({ vectors, id, data }, i) => {
      givenFields(vectors, this.#names, `item ${i}`);
      return { vectors, id: id === undefined ? undefined : checkId(id), data };
    });
    return this.#alone(async () => {
      const held = await this.#items();
      const writes = checked.map(({ vectors, id, data }) => ({ vectors, id: id ?? this.#next++, data }));
      // The last of equal ids wins, as everywhere.
      const last = [...new Map(writes.map((write) => [write.id, write])).values()];
      await this.#writeAll(last, held);
      return writes.map(({ id }) => id);
    });
  }

  /** Removes an item; resolves to whether it existed. */
  async delete(id: Id): Promise<boolean> {
    return (await this.deleteMany([id])) === 1;
  }

  /** Removes items; resolves to how many of them existed. */
  async deleteMany(ids: readonly Id[]): Promise<number> {
    const checked = ids.map(checkId);
    return this.#alone(async () => {
      const held = await this.#items();
      const there = [...new Set(checked)].filter((id) => held.has(id));
      for (const { engine } of this.#parts) await engine.deleteMany(there);
      for (const id of there) held.delete(id);
      return there.length;
    });
  }

  /** The stored item with this id, or undefined. */
  async get(id: Id): Promise<MixedStored<Data, Name> | undefined> {
    const checked = checkId(id);
    if (!(await this.#items()).has(checked)) return undefined;
    const vectors: Record<string, VectorOf<Kind>> = {};
    let data: { readonly data?: Data } = {};
    for (const { name, engine } of this.#parts) {
      const found = await engine.get(checked);
      if (found === undefined) continue;
      vectors[name] = found.vector;
      if (found.data !== undefined) data = { data: found.data };
    }
    return { id: checked, vectors: vectors as MixedStored<Data, Name>["vectors"], ...data }; // names are the fields'
  }

  /** Whether there is an item with this id. */
  async has(id: Id): Promise<boolean> {
    return (await this.#items()).has(checkId(id));
  }

  /** How many items are stored. */
  async size(): Promise<number> {
    return (await this.#items()).size;
  }

  /**
   * The nearest items by Σ weight · distance over the fields that the query has and that have weight, nearest first; every distance is exact. Items have at least one of these
   * fields. None is missed but what the fields' own engines miss: with a recall of .95 in each, at least that share is found.
   */
  async neighbours(query: MixedVectors<Name>, options: MixedQueryOptions<Name> = {}): Promise<MixedNeighbour<Data, Name>[]> {
    const { k, within } = checkQuery(options, this.#names);
    const given = givenFields(query, this.#names, "query");
    const weightOf = ({ name, weight }: Part<Data>) => options.weights?.[name as Name] ?? weight;
    const parts = this.#parts.filter((part) => given.includes(part.name) && weightOf(part) > 0);
    if (parts.length === 0) throw new NearError("E_BAD_OPTION", "the fields of the query have weight 0: give one of them more", { given });
    await this.#items();
    const lists = parts.map((part) => this.#list(part, query[part.name as Name] as VectorInput, weightOf(part))); // given, as was just seen
    const found = await combinedNearest(lists, k, within);
    return Promise.all(
      found.map(async ({ id, distance, distances }) => {
        const own = Object.fromEntries(parts.map(({ name }, f) => [name, distances[f]])) as MixedNeighbour<Data, Name>["distances"]; // names are the fields'
        const data = await this.#dataOf(id);
        return data === undefined ? { id, distance, distances: own } : { id, distance, distances: own, data };
      }),
    );
  }

  /** Removes all items. */
  async clear(): Promise<void> {
    return this.#alone(async () => {
      for (const { engine } of this.#parts) await engine.cleanAllBuckets();
      this.#held = new Map();
      this.#looking = undefined;
    });
  }

  /** Ends the use of this engine and of its fields' storages. */
  async close(): Promise<void> {
    await this.#writing.catch(() => {});
    await Promise.all(this.#parts.map(({ engine }) => engine.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #list({ engine, missing }: Part<Data>, query: VectorInput, weight: number): FieldList {
    return {
      weight,
      missing,
      nearest: (count) => engine.neighbours(query, { k: count }),
      within: (distance) => engine.neighbours(query, { within: distance }),
      distances: (ids) => distancesOf(engine, query, ids),
    };
  }

  /** The data of an item: they lie with the first field it has. */
  async #dataOf(id: Id): Promise<Data | undefined> {
    const held = (await this.#items()).get(id) ?? 0;
    const first = this.#parts.find((_, f) => (held & (1 << f)) !== 0);
    return (await first?.engine.get(id))?.data;
  }

  /** Writes items field by field; puts everything back where one of them fails. */
  async #writeAll(writes: readonly Write<Data>[], held: Map<Id, number>): Promise<void> {
    const before = await Promise.all(writes.filter(({ id }) => held.has(id)).map(({ id }) => this.get(id)));
    try {
      for (const part of this.#parts) await this.#writeField(part, writes);
    } catch (error) {
      const old = new Map(before.flatMap((item) => (item === undefined ? [] : [[item.id, { ...item, data: item.data }]])));
      const undo = writes.map(({ id }) => old.get(id) ?? { id, vectors: {}, data: undefined });
      for (const part of this.#parts) await this.#writeField(part, undo);
      throw error;
    }
    for (const write of writes) held.set(write.id, this.#fieldsOf(write));
    for (const { id } of writes) if (typeof id === "number" && id >= this.#next) this.#next = id + 1;
  }

  async #writeField({ name, engine }: Part<Data>, writes: readonly Write<Data>[]): Promise<void> {
    const having = writes.filter(({ vectors }) => vectors[name] !== undefined);
    const lacking = writes.filter(({ vectors }) => vectors[name] === undefined).map(({ id }) => id);
    if (having.length > 0) {
      const items = having.map(({ id, vectors, data }) => {
        const first = this.#names.find((candidate) => vectors[candidate] !== undefined);
        const vector = vectors[name] as VectorInput; // the engine checks it
        return first === name && data !== undefined ? { id, vector, data } : { id, vector };
      });
      await engine.storeManyVectors(items);
    }
    if (lacking.length > 0) await engine.deleteMany(lacking);
  }

  /** The fields of an item, a bit each. */
  #fieldsOf({ vectors }: Pick<Write<Data>, "vectors">): number {
    return this.#names.reduce((bits, name, f) => (vectors[name] === undefined ? bits : bits | (1 << f)), 0);
  }

  /** Which fields each item has: from the storages at first, which may hold some from before. */
  #items(): Promise<Map<Id, number>> {
    if (this.#held !== null) return Promise.resolve(this.#held);
    this.#looking ??= this.#look().catch((error: unknown) => {
      this.#looking = undefined;
      throw error;
    });
    return this.#looking;
  }

  async #look(): Promise<Map<Id, number>> {
    const held = new Map<Id, number>();
    for (const [f, { engine }] of this.#parts.entries()) {
      for await (const { id } of engine.entries()) {
        held.set(id, (held.get(id) ?? 0) | (1 << f));
        if (typeof id === "number" && id >= this.#next) this.#next = id + 1;
      }
    }
    this.#held = held;
    return held;
  }

  /** Runs what changes items when nothing else does. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#writing.catch(() => {}).then(work);
    this.#writing = next;
    return next;
  }
}

/** Fields of an engine, at most: a bit each. */
const mostFields = 31;

/** What an item without a field is taken to be apart. */
function missingOf(name: string, missing: unknown, distance: Distance): number {
  if (missing === undefined) return distance.similarity === true ? 1 : Number.POSITIVE_INFINITY;
  if (typeof missing === "number" && missing >= 0) return missing;
  const message = `missing of ${show(name)} is ${show(missing)}; give the distance of an item without this field, at least 0`;
  throw new NearError("E_BAD_OPTION", message, { field: name, missing });
}

/** The distances of stored vectors from a query, in order; undefined where there is none. */
async function distancesOf<Data>(engine: Engine<Data, Kind>, query: VectorInput, ids: readonly Id[]): Promise<(number | undefined)[]> {
  const { kind, dim, distance } = engine;
  const asked = rowAt(toKind(intakeOne(query, { kind, dim }, "query"), kind), 0);
  return (await engine.getMany(ids)).map((stored) => (stored === undefined ? undefined : distance.between(asked, stored.vector)));
}
