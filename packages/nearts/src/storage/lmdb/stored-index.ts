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
import { type KeptHash, keptHashes, keptKnowledge } from "./kept.js";
import { type Loading, loadAll, loadHash, reloadRows } from "./load-rows.js";
import { corrupt, sealed } from "./records.js";
import { firstState, type State, seqOf, stateOf, stateRecord } from "./state.js";
import { StoredHashes } from "./stored-hashes.js";
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
  readonly #hashes = new StoredHashes();

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
    this.#hashes.reset(environment.tables.entries, schema);
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
      this.#hashes.write(written.rows, batch);
      this.#putIds(written.rows);
      return written;
    });
    return this.#commit([...new Set(rows)]).then(() => ({ inserted, replaced }));
  }

  /** As `Storage.remove`. */
  async remove(ids: readonly Id[]): Promise<boolean[]> {
    this.#requireSole();
    this.#environment.requireSomeSpace();
    const { existed, rows } = this.#change(() => {
      const removed = this.index.remove(ids);
      for (const row of removed.rows) this.#environment.tables.vectors.put(row, null);
      this.#hashes.remove(removed.rows);
      this.#putIds(removed.rows);
      return removed;
    });
    if (rows.length > 0) await this.#commit(rows);
    return existed;
  }

  /** As `Storage.clear`. */
  clear(hash?: number): Promise<void> {
    this.#requireSole();
    this.#environment.requireSomeSpace();
    if (hash === undefined) {
      const { vectors, data, ids, entries, meta } = this.#environment.tables;
      for (const table of [vectors, data, ids, entries]) table.clear();
      meta.put("knowledge", null);
      this.#knowledge = null;
      this.index.clear();
      this.#hashes.reset(entries, this.#schema);
      return this.#commit("everything", 1);
    }
    this.index.hashes.known(hash).clear();
    this.#hashes.renew(this.#environment.tables.entries, hash, this.index.table.end);
    return this.#commit("everything");
  }

  /** As `Storage.keep`: the hash that was learned is in use, and the one before is not, from one commit to the next. */
  keep(knowledge: Knowledge): Promise<void> {
    this.#requireSole();
    const record = sealed(configBytes(knowledge), 0);
    this.#environment.requireSpace(record.length);
    this.#environment.tables.meta.put("knowledge", record);
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
    const hashes = new Map(this.#hashes.all());
    for (const { number } of fresh) hashes.delete(number);
    reloadRows({ ...this.#loading, hashes }, changed);
    for (const { number, stored } of fresh) loadHash(this.index, number, stored, state.end);
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

  gather(rows: Uint32Array, into?: Float32Array): { readonly rows: Uint32Array; readonly vectors: Rows } {
    this.#environment.requireUsable();
    return this.index.gather(rows, into);
  }

  addHash(hash: SchemaHash): number {
    this.#requireSole();
    const number = this.index.addHash(hash);
    this.#hashes.add(this.#environment.tables.entries, number, structuredClone(hash)).begin();
    return number;
  }

  prepare(hash: number, lo: Uint32Array, counts: Uint32Array): void {
    this.index.prepare(hash, lo, counts);
  }

  enter(hash: number, keys: Keys, codes: Codes | null): void {
    const stored = this.#hashes.get(hash);
    this.index.enter(hash, keys, codes, (e) => stored?.enter(keys.rows[e], keys, codes, e));
  }

  async settle(hash: number): Promise<void> {
    this.index.settle(hash);
    const stored = this.#hashes.get(hash);
    await stored?.settle(this.index.table.end, (bytes) => {
      this.#environment.requireSpace(bytes);
      return this.#environment.commit();
    });
  }

  dropHash(hash: number): void {
    this.index.dropHash(hash);
    const stored = this.#hashes.get(hash);
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
      hashes: this.#hashes.all(),
      fields: this.#schema.dataFields !== undefined && Object.keys(this.#schema.dataFields).length > 0,
    };
  }

  /** Refuses what cannot be written, or would be over what another process wrote. */
  #requireSole(): void {
    const environment = this.#environment;
    environment.requireUsable();
    if (environment.readOnly) throw readOnly(environment.path);
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
    return { ...state, nextId, end, size, nextTag: this.#hashes.nextTag, hashes: this.#hashes.inUse(this.#schema, this.#knowledge) };
  }

  #putIds(rows: Iterable<number>): void {
    writeIds(this.#environment.tables.ids, rows, (row): StoredRow | null => {
      return this.index.table.holds(row) ? { id: this.index.id(row), data: this.#texts.has(row) } : null;
    });
  }

  #loadAnew(state: State): void {
    this.#knowledge = keptKnowledge(this.#environment.tables);
    this.index.open(this.#schema);
    for (const number of this.#schema.hashes.keys()) this.index.dropHash(number);
    this.#hashes.adopt([]);
    this.#adoptHashes(state);
    this.#hashes.nextTag = state.nextTag;
    loadAll(this.#loading, state.end);
    this.index.table.nextId = state.nextId;
    this.#state = state;
    if (this.index.table.size === state.size) return;
    throw corrupt(`the index has ${this.index.table.size} rows, and says that it has ${state.size}`, { size: this.index.table.size });
  }

  /** Has the hashes that a state names, and no others; gives those whose entries are to be loaded. */
  #adoptHashes(state: State): readonly KeptHash[] {
    const { gone, fresh } = this.#hashes.adopt(keptHashes(this.#environment.tables, state, this.#schema, this.#knowledge));
    for (const number of gone) this.index.dropHash(number);
    for (const { number, schema } of fresh) this.index.hashes.put(number, schema, state.end);
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

/** E_READONLY, with where writing is possible. */
export function readOnly(path: string): NearError {
  const message = `the index at ${JSON.stringify(path)} is open for reading only: write to it in the process that opened it without readOnly`;
  return new NearError("E_READONLY", message, { path });
}
