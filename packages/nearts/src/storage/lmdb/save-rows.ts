import type { Codes } from "../../core/codes.js";
import { Keys } from "../../core/columns.js";
import { configFromBytes } from "../../core/config-bytes.js";
import type { Batch, HashConfig, Schema } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { gather, rowAt, type VectorOf } from "../../core/rows.js";
import { chunkRows } from "./chunks.js";
import type { Environment, Tables } from "./environment.js";
import { readIds, type StoredRow } from "./id-chunks.js";
import { type KeptHash, keptHashes, keptKnowledge, keptSchema } from "./kept.js";
import type { LmdbStorage } from "./lmdb-storage.js";
import { corrupt, unseal } from "./records.js";
import { stateOf } from "./state.js";
import { VectorCodec } from "./vector-codec.js";

/** What a repair saved. */
export interface Repair {
  /** Rows in the new index. */
  readonly saved: number;
  /** A sentence for everything that could not be read, at most a thousand. */
  readonly lost: readonly string[];
}

const mostLost = 1000;

/** Writes all that can be read of an index into an empty storage, chunk by chunk. */
export async function saveRows({ tables }: Environment, to: LmdbStorage): Promise<Repair> {
  const schema = keptSchema(tables);
  if (schema === null) throw corrupt("the index has no schema", {});
  const saver = new Saver(tables, schema);
  await to.open(schema);
  for (const config of saver.configs()) await to.storeConfig(config);
  for (const chunk of tables.ids.keys()) {
    const batch = saver.batch(chunk);
    if (batch !== null) await to.write(batch);
  }
  return { saved: to.size(), lost: saver.lost };
}

class Saver {
  readonly lost: string[] = [];
  readonly #tables: Tables;
  readonly #schema: Schema;
  readonly #codec: VectorCodec;
  /** The hashes of the schema; those learned are left out. */
  readonly #hashes: readonly KeptHash[];

  constructor(tables: Tables, schema: Schema) {
    this.#tables = tables;
    this.#schema = schema;
    this.#codec = new VectorCodec(schema.fields[0]);
    const ofSchema = () => {
      const state = stateOf(tables.meta.get("state"));
      const learned = keptKnowledge(tables)?.learned?.number;
      const hashes = state.hashes.filter(({ number }) => number < schema.hashes.length && number !== learned);
      return keptHashes(tables, { ...state, hashes }, schema, null);
    };
    this.#hashes = this.#attempt(ofSchema) ?? [];
  }

  *configs(): Iterable<HashConfig> {
    for (const name of this.#tables.configs.keys()) {
      const record = this.#tables.configs.get(name) ?? nothing;
      const config = this.#attempt(() => configFromBytes(unseal(record, 0, `the configuration ${JSON.stringify(name)}`)));
      if (config !== undefined) yield config as HashConfig; // made by storeConfig
    }
  }

  /** The rows of a chunk that have a vector; null where there are none. */
  batch(chunk: number): Batch | null {
    const rows: { readonly stored: StoredRow; readonly row: number; readonly vector: VectorOf }[] = [];
    this.#attempt(() => readIds(this.#tables.ids, chunk))?.forEach((stored, i) => {
      const row = chunk * chunkRows + i;
      const vector = stored === null ? undefined : this.#vector(row, stored);
      if (stored !== null && vector !== undefined) rows.push({ stored, row, vector });
    });
    if (rows.length === 0) return null;
    const { kind, dim } = this.#schema.fields[0];
    const keys: Keys[] = this.#schema.hashes.map(() => new Keys());
    const codes: (Codes | null)[] = this.#schema.hashes.map(() => null);
    for (const { number, stored } of this.#hashes) {
      codes[number] = stored.codec.codes();
      const places = new Map(rows.map(({ row }, place) => [row, place]));
      this.#attempt(() => stored.read(chunk, (row) => places.has(row), keys[number], codes[number]));
      for (let e = 0; e < keys[number].count; e++) keys[number].rows[e] = places.get(keys[number].rows[e]) ?? 0;
    }
    return {
      rows: gather(kind, dim, rows.length, (i) => rows[i].vector),
      ids: rows.map(({ stored }) => stored.id),
      data: rows.map(({ row, stored }) => (stored.data ? this.#text(row) : undefined)),
      keys,
      codes,
    };
  }

  #vector(row: number, { id }: StoredRow): VectorOf | undefined {
    return this.#attempt(() => {
      const what = `the vector of id ${JSON.stringify(id)}`;
      const body = unseal(this.#tables.vectors.get(row) ?? nothing, row, what).slice();
      return rowAt(this.#codec.decode(body, row), 0);
    });
  }

  #text(row: number): string | undefined {
    return this.#attempt(() => new TextDecoder().decode(unseal(this.#tables.data.get(row) ?? nothing, row, `the data of row ${row}`)));
  }

  #attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NearError)) throw error;
      if (this.lost.length < mostLost) this.lost.push(error.message.split("; verifyLmdb")[0]);
      return undefined;
    }
  }
}

const nothing = new Uint8Array(0);
