import type { Codes } from "../../core/codes.js";
import type { Candidates, Keys } from "../../core/columns.js";
import { configBytes } from "../../core/config-bytes.js";
import type { Batch, Id, Knowledge, Resident, RowSet, Schema, SchemaHash, WriteReport } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import type { FieldPredicate } from "../../core/predicates.js";
import type { Rows } from "../../core/rows.js";
import { ResidentIndex } from "../resident/resident-index.js";
import { CachedVectors } from "./cached-vectors.js";
import type { Environment } from "./environment.js";
import { type StoredRow, writeIds } from "./id-chunks.js";
import { type Changed, changedSince, note } from "./journal.js";
import { keptHashes, keptKnowledge } from "./kept.js";
import { type Loading, loadAll, loadHash, reloadRows } from "./load-rows.js";
import { corrupt, sealed } from "./records.js";
import { firstState, type State, seqOf, stateOf, stateRecord } from "./state.js";
import { StoredHash } from "./stored-hash.js";
import { StoredTexts } from "./stored-texts.js";

/**
 * An index whose truth is in a database: rows, ids, buckets and declared fields are in memory as well, vectors and data are read when they are needed. Whatever
 * changes is changed in memory and handed to the database in the same turn, so that both go the same way in the same order; what cannot be written fails the
 * environment, and with it all reading.
 */
export class StoredIndex implements Resident {
  readonly index: ResidentIndex;
  // open() sets these three; nothing is asked of an index before.
  #environment!: Environment;
  #schema!: Schema;
  #texts!: StoredTexts;
  #state: State = firstState;
  #knowledge: Knowledge | null = null;
  /** By number of the hash: its entries, and how it was added. */
  readonly #hashes = new Map<number, { readonly stored: StoredHash; readonly schema: SchemaHash }>();

  /** Keeps at most `cacheBytes` of vectors in memory. */
  constructor(cacheBytes: number) {
    this.index = new ResidentIndex({
      vectors: (field) => new CachedVectors(field, this.#environment.tables.vectors, cacheBytes),
      texts: () => {
        this.#texts = new StoredTexts(this.#environment.tables.data);
        return this.#texts;
      },
    });
  }

  /** Changes whenever the knowledge does. */
  get generation(): number {
    return this.#state.generation;
  }

  get knowledge(): Knowledge | null {
    return this.#knowledge;
  }

  /** Makes the index in an environment that has none. */
  create(environment: Environment, schema: Schema): Promise<void> {
    this.#environment = environment;
    this.#schema = schema;
    this.index.open(schema);
    this.#resetHashes();
    environment.tables.meta.put("schema", sealed(configBytes(schema), 0));
    return this.#commit([]);
  }

  /** Loads the index that an environment has. E_CORRUPT where that cannot be. */
  open(environment: Environment, schema: Schema): void {
    this.#environment = environment;
    this.#schema = schema;
    this.#loadAnew(stateOf(environment.tables.meta.get("state")));
    if (!environment.readOnly) this.#sweep();
  }

  /** As `Storage.write`. */
  write(batch: Batch): Promise<WriteReport> {
    this.#requireSole();
    const { inserted, replaced, rows } = this.#change(() => {
      const written = this.index.write(batch);
      for (const [number, { stored }] of this.#hashes) stored.write(written.rows, batch.keys[number], batch.codes?.[number] ?? null);
      this.#putIds(written.rows);
      return written;
    });
    return this.#commit([...new Set(rows)]).then(() => ({ inserted, replaced }));
  }

  /** As `Storage.remove`. */
  async remove(ids: readonly Id[]): Promise<boolean[]> {
    this.#requireSole();
    const { existed, rows } = this.#change(() => {
      const removed = this.index.remove(ids);
      for (const row of removed.rows) this.#environment.tables.vectors.put(row, null);
      for (const { stored } of this.#hashes.values()) stored.update(new Map(removed.rows.map((row) => [row, nothing])));
      this.#putIds(removed.rows);
      return removed;
    });
    if (rows.length > 0) await this.#commit(rows);
    return existed;
  }

  /** As `Storage.clear`. */
  clear(hash?: number): Promise<void> {
    this.#requireSole();
    if (hash === undefined) {
      const { vectors, data, ids, entries, meta } = this.#environment.tables;
      for (const table of [vectors, data, ids, entries]) table.clear();
      meta.put("knowledge", null);
      this.#knowledge = null;
      this.index.clear();
      this.#hashes.clear();
      this.#resetHashes();
      return this.#commit("everything", 1);
    }
    this.index.hashes.known(hash).clear();
    const known = this.#hashes.get(hash);
    known?.stored.remove(this.index.table.end);
    if (known !== undefined) this.#tag(hash, known.schema);
    return this.#commit("everything");
  }

  /** As `Storage.keep`: the hash that was learned is in use, and the one before is not, from one commit to the next. */
  keep(knowledge: Knowledge): Promise<void> {
    this.#requireSole();
    this.#environment.tables.meta.put("knowledge", sealed(configBytes(knowledge), 0));
    this.#knowledge = structuredClone(knowledge);
    return this.#commit([], 1);
  }

  /** Takes notice of what was committed since; for readers. */
  follow(): void {
    this.#environment.renew();
    const { tables } = this.#environment;
    const record = tables.meta.get("state");
    if (record !== null && seqOf(record) === this.#state.seq) return;
    const state = stateOf(record);
    const changed = changedSince(tables.journal, this.#state.seq, state);
    if (changed === "everything") return this.#loadAnew(state);
    this.#knowledge = keptKnowledge(this.#environment.tables);
    const fresh = this.#adoptHashes(state);
    const known = new Map([...this.#loading.hashes].filter(([number]) => !fresh.has(number)));
    reloadRows({ ...this.#loading, hashes: known }, changed);
    for (const [number, stored] of fresh) loadHash(this.index, number, stored, state.end);
    this.#state = state;
  }

  /** Keeps what no commit has noted yet: which integers were reserved as ids. */
  async rest(): Promise<void> {
    await this.#environment.settled();
    if (this.index.table.nextId === this.#state.nextId) return;
    this.#state = this.#stateNow(this.#state);
    this.#environment.tables.meta.put("state", stateRecord(this.#state));
    await this.#environment.commit();
  }

  rows(): Uint32Array {
    return this.index.rows();
  }

  gather(rows: Uint32Array): { readonly rows: Uint32Array; readonly vectors: Rows } {
    this.#environment.requireUsable();
    return this.index.gather(rows);
  }

  addHash(hash: SchemaHash): number {
    this.#requireSole();
    const number = this.index.addHash(hash);
    this.#tag(number, structuredClone(hash)).begin();
    return number;
  }

  prepare(hash: number, lo: Uint32Array, counts: Uint32Array): void {
    this.index.prepare(hash, lo, counts);
  }

  enter(hash: number, keys: Keys, codes: Codes | null): void {
    const stored = this.#hashes.get(hash)?.stored;
    this.index.enter(hash, keys, codes, (e) => stored?.enter(keys.rows[e], keys, codes, e));
  }

  async settle(hash: number): Promise<void> {
    this.index.settle(hash);
    const stored = this.#hashes.get(hash)?.stored;
    await stored?.settle(this.index.table.end, (bytes) => {
      this.#environment.requireSpace(bytes, Number.POSITIVE_INFINITY);
      return this.#environment.commit();
    });
  }

  dropHash(hash: number): void {
    this.index.dropHash(hash);
    const stored = this.#hashes.get(hash)?.stored;
    this.#hashes.delete(hash);
    // What is left in a database that takes nothing any more is swept when it is opened again.
    if (stored === undefined || !this.#environment.usable) return;
    stored.remove(this.index.table.end);
    void this.#environment.commit().catch(() => {});
  }

  all(out: Candidates, allowed?: RowSet): void {
    this.index.all(out, allowed);
  }

  select(predicate: FieldPredicate): RowSet {
    return this.index.select(predicate);
  }

  get #loading(): Loading {
    return {
      index: this.index,
      texts: this.#texts,
      ids: this.#environment.tables.ids,
      hashes: new Map(Array.from(this.#hashes, ([number, { stored }]) => [number, stored])),
      fields: this.#schema.dataFields !== undefined && Object.keys(this.#schema.dataFields).length > 0,
    };
  }

  /** Refuses what cannot be written, or would be over what another process wrote. */
  #requireSole(): void {
    const environment = this.#environment;
    environment.requireUsable();
    if (environment.readOnly) {
      const message = `the index at ${JSON.stringify(environment.path)} is open for reading only: write to it in the process that opened it without readOnly`;
      throw new NearError("E_READONLY", message, { path: environment.path });
    }
    const record = environment.tables.meta.committedValue("state");
    if (record !== null && seqOf(record) > this.#state.seq) environment.fail(new Error("another process writes to it as well"));
  }

  /** Changes memory and tables together. What is refused has changed nothing; whatever else goes wrong is a failure for good. */
  #change<T>(work: () => T): T {
    const { size, end } = this.index.table;
    try {
      return work();
    } catch (error) {
      const untouched = !this.#environment.changed && this.index.table.size === size && this.index.table.end === end;
      if (untouched && error instanceof NearError && error.code !== "E_CORRUPT") throw error;
      return this.#environment.fail(error);
    }
  }

  #commit(changed: Changed, learned: 0 | 1 = 0): Promise<void> {
    const { journal, meta } = this.#environment.tables;
    const noted = note(journal, this.#state, changed);
    this.#state = this.#stateNow({ ...noted, generation: noted.generation + learned });
    meta.put("state", stateRecord(this.#state));
    return this.#environment.commit();
  }

  #stateNow(state: State): State {
    const { nextId, end, size } = this.index.table;
    const learned = this.#knowledge?.learned?.number;
    const inUse = [...this.#hashes].filter(([number, { schema }]) => number === learned || this.#schema.hashes[number] === schema);
    return { ...state, nextId, end, size, nextTag: this.#state.nextTag, hashes: inUse.map(([number, { stored }]) => ({ number, tag: stored.tag })) };
  }

  #putIds(rows: Iterable<number>): void {
    writeIds(this.#environment.tables.ids, rows, (row): StoredRow | null => {
      return this.index.table.holds(row) ? { id: this.index.id(row), data: this.#texts.has(row) } : null;
    });
  }

  #resetHashes(): void {
    this.#schema.hashes.forEach((hash, number) => this.#tag(number, hash));
  }

  /** Gives a hash a tag of its own, under which there are no entries. */
  #tag(number: number, schema: SchemaHash): StoredHash {
    const { nextTag } = this.#state;
    this.#state = { ...this.#state, nextTag: nextTag + 1 };
    const stored = new StoredHash(this.#environment.tables.entries, nextTag, schema);
    this.#hashes.set(number, { stored, schema });
    return stored;
  }

  #loadAnew(state: State): void {
    this.#knowledge = keptKnowledge(this.#environment.tables);
    this.#hashes.clear();
    this.index.open(this.#schema);
    this.#schema.hashes.forEach((_, number) => this.index.dropHash(number));
    this.#adoptHashes(state);
    loadAll(this.#loading, state.end);
    this.index.table.nextId = state.nextId;
    this.#state = state;
    if (this.index.table.size === state.size) return;
    throw corrupt(`the index has ${this.index.table.size} rows, and says that it has ${state.size}`, { size: this.index.table.size });
  }

  /** Has the hashes that a state names, and no others; gives those whose entries are to be loaded. */
  #adoptHashes(state: State): Map<number, StoredHash> {
    const fresh = new Map<number, StoredHash>();
    for (const [number, { stored }] of this.#hashes) {
      if (state.hashes.some((hash) => hash.number === number && hash.tag === stored.tag)) continue;
      this.#hashes.delete(number);
      this.index.dropHash(number);
    }
    for (const { number, schema, stored } of keptHashes(this.#environment.tables, state, this.#schema, this.#knowledge)) {
      if (this.#hashes.has(number)) continue;
      this.#hashes.set(number, { stored, schema });
      this.index.hashes.put(number, schema, state.end);
      fresh.set(number, stored);
    }
    return fresh;
  }

  /** Removes the entries of hashes that are not in use: of those whose learning was cut off. */
  #sweep(): void {
    const { entries } = this.#environment.tables;
    const tags = new Set(this.#state.hashes.map(({ tag }) => tag));
    const left = [...entries.keys()].filter((key) => !tags.has(Math.floor(key / 2 ** 32)));
    if (left.length === 0) return;
    for (const key of left) entries.put(key, null);
    void this.#environment.commit().catch(() => {});
  }
}

const nothing = new Uint8Array(0);
