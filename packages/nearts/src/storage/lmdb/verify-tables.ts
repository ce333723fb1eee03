import { Keys } from "../../core/columns.js";
import type { Id, Schema } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { chunkRows, chunksBelow } from "./chunks.js";
import type { Tables } from "./environment.js";
import { readIds } from "./id-chunks.js";
import { changedBy } from "./journal.js";
import { type KeptHash, keptHashes, keptKnowledge, keptSchema } from "./kept.js";
import { unseal } from "./records.js";
import { type State, stateOf } from "./state.js";
import type { Table } from "./table.js";
import { VectorCodec } from "./vector-codec.js";

/** What a check of an index found. */
export interface Verification {
  /** Rows that hold a vector. */
  readonly rows: number;
  /** A sentence for each problem, at most a thousand; none where the index is sound. */
  readonly problems: readonly string[];
}

const mostProblems = 1000;

/** Reads every record of an index and compares what they say of each other; `quick` leaves out vectors, data and journal, which are read when they are needed. */
export function verifyTables(tables: Tables, quick = false): Verification {
  const verifier = new Verifier(tables);
  verifier.all(quick);
  return { rows: verifier.rows.size, problems: verifier.problems };
}

class Verifier {
  readonly problems: string[] = [];
  /** The rows that hold a vector, and whether they have data. */
  readonly rows = new Map<number, boolean>();
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  all(quick: boolean): void {
    const schema = this.#attempt(() => keptSchema(this.#tables));
    if (schema == null) return; // damaged, which was noted, or an index without any yet
    const state = this.#attempt(() => stateOf(this.#tables.meta.get("state")));
    if (state === undefined) return;
    this.#ids(state);
    const hashes = this.#attempt(() => keptHashes(this.#tables, state, schema, keptKnowledge(this.#tables)));
    for (const hash of hashes ?? []) this.#entries(hash, state);
    if (quick) return;
    this.#vectors(schema);
    this.#data();
    this.#leftOver(this.#tables.vectors, "a vector");
    this.#leftOver(this.#tables.data, "data");
    for (let seq = state.journalFrom; seq <= state.seq; seq++) this.#attempt(() => changedBy(this.#tables.journal, seq));
    for (const name of this.#tables.configs.keys()) {
      this.#attempt(() => unseal(this.#tables.configs.get(name) ?? nothing, 0, `the configuration ${JSON.stringify(name)}`));
    }
  }

  #ids(state: State): void {
    const seen = new Set<Id>();
    for (let chunk = 0; chunk < chunksBelow(state.end); chunk++) {
      this.#attempt(() => readIds(this.#tables.ids, chunk))?.forEach((stored, i) => {
        if (stored === null) return;
        if (seen.has(stored.id)) this.#note(`the id ${JSON.stringify(stored.id)} has two rows`);
        if (typeof stored.id === "number" && stored.id >= state.nextId && stored.id < Number.MAX_SAFE_INTEGER) {
          this.#note(`the id ${stored.id} would be given again: integers are reserved from ${state.nextId} on`);
        }
        seen.add(stored.id);
        this.rows.set(chunk * chunkRows + i, stored.data);
      });
    }
    if (this.rows.size !== state.size) this.#note(`there are ids of ${this.rows.size} rows, and the index says that it has ${state.size}`);
  }

  #entries({ number, schema, stored }: KeptHash, state: State): void {
    const keys = new Keys();
    for (let chunk = 0; chunk < chunksBelow(state.end); chunk++) {
      keys.clear();
      this.#attempt(() => stored.read(chunk, () => true, keys, stored.codec.codes()));
      for (let e = 0; e < keys.count; e++) {
        if (!this.rows.has(keys.rows[e])) this.#note(`hash ${number} has entries of row ${keys.rows[e]}, which holds no vector`);
      }
      if (keys.count > chunkRows * schema.tables * schema.keysPerTable) this.#note(`${stored.what(chunk)} are ${keys.count}, too many`);
    }
  }

  #vectors(schema: Schema): void {
    const codec = new VectorCodec(schema.fields[0]);
    for (const row of this.rows.keys()) {
      const record = this.#tables.vectors.get(row);
      if (record === null) this.#note(`the vector of row ${row} is missing`);
      else this.#attempt(() => codec.decode(unseal(record, row, `the vector of row ${row}`), row));
    }
  }

  #data(): void {
    for (const [row, there] of this.rows) {
      if (!there) continue;
      const record = this.#tables.data.get(row);
      if (record === null) this.#note(`the data of row ${row} are missing`);
      else this.#attempt(() => unseal(record, row, `the data of row ${row}`));
    }
  }

  #leftOver(table: Table<number>, what: string): void {
    for (const row of table.keys()) if (!this.rows.has(row)) this.#note(`row ${row} has ${what}, and no id`);
  }

  /** What `read` gives; undefined where it finds damage, which is noted. */
  #attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NearError)) throw error;
      this.#note(error.message.split("; verifyLmdb")[0]);
      return undefined;
    }
  }

  #note(problem: string): void {
    if (this.problems.length < mostProblems) this.problems.push(problem);
  }
}

const nothing = new Uint8Array(0);
