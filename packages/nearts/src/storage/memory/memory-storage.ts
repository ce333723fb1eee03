import type { Codes } from "../../core/codes.js";
import { type Candidates, type Keys, type Probes, room } from "../../core/columns.js";
import type {
  Batch,
  Block,
  BucketView,
  Field,
  HashConfig,
  Id,
  KeyDirectory,
  Knowledge,
  Metric,
  Resident,
  Rounding,
  RowReader,
  RowSet,
  ScanPlan,
  Schema,
  SchemaHash,
  Storage,
  StorageStats,
  WriteReport,
} from "../../core/contracts.js";
import { NearError, show } from "../../core/errors.js";
import { dataBytes } from "../../core/json.js";
import type { FieldPredicate } from "../../core/predicates.js";
import { gather, type Rows, type VectorOf } from "../../core/rows.js";
import { createArena, requireShared } from "../../kernels/arena.js";
import { CodedPostings } from "../postings/coded-postings.js";
import { Postings } from "../postings/postings.js";
import { FieldColumns } from "./fields/field-columns.js";
import { FixedVectors } from "./fixed-vectors.js";
import { IdTable } from "./id-table.js";
import { IndexReader, type SharedIndex } from "./index-reader.js";
import { SparseVectors } from "./sparse-vectors.js";
import { Texts } from "./texts.js";
import type { Vectors } from "./vectors.js";

/** Options of {@link MemoryStorage}. */
export interface MemoryStorageOptions {
  /** Refuse writes (E_MEMORY) that would take the index over so many bytes, before anything changes. */
  readonly maxBytes?: number;
  /** Keep an outline of each dense vector of 128 dimensions or more (64 bytes), so that exact distances are measured for fewer of them. On when not given; answers are the same. */
  readonly outlines?: boolean;
  /**
   * Threads that may read at once, 1 to 64: with more than one, vectors and codes lie in shared memory, which an engine of so many threads needs. 1 when
   * not given. E_UNSUPPORTED where the runtime has no shared memory.
   */
  readonly threads?: number;
}

/** What {@link MemoryStorage.share} gives: for this thread and for others. */
export interface SharedHash {
  readonly own: IndexReader;
  readonly index: SharedIndex;
}

const blockRows = 1024;
const mostThreads = 64;

/** Everything in this process's memory: gone with it, and the fastest. */
export class MemoryStorage implements Storage, RowReader, Resident {
  readonly name = "memory";
  readonly resident: Resident = this;
  /** How many threads may read at once. */
  readonly threads: number;
  readonly #maxBytes: number;
  readonly #outlines: boolean;
  readonly #configs = new Map<string, HashConfig>();
  #schema: Schema | null = null;
  #knowledge: Knowledge | null = null;
  // Before open() there is nothing to read or write; the engine opens before it does anything else.
  #vectors!: Vectors;
  /** By number of the hash; null where one was dropped. */
  #postings: (Postings | CodedPostings | null)[] = [];
  /** For each hash that is being added the rows written or removed since. */
  readonly #adding = new Map<number, Set<number>>();
  #ids = new IdTable();
  #texts = new Texts();
  /** The declared fields of the data; null where there are none. */
  #columns: FieldColumns | null = null;
  #live: Uint8Array = new Uint8Array(0);
  #free: number[] = [];
  /** Rows ever numbered, and those that hold a vector. */
  #rows = 0;
  #size = 0;
  #nextId = 0;
  #stamps: Uint32Array = new Uint32Array(0);
  #stamp = 0;
  /** For each reading of all entries under way the rows claimed since: their ids may have been given already, under other rows. */
  readonly #readings = new Set<Set<number>>();

  constructor(options: MemoryStorageOptions = {}) {
    const { maxBytes = Number.POSITIVE_INFINITY } = options;
    if (!(maxBytes > 0)) throw new NearError("E_BAD_OPTION", `maxBytes is ${show(maxBytes)}; give a number of bytes above 0`, { maxBytes });
    this.#maxBytes = maxBytes;
    this.#outlines = options.outlines ?? true;
    this.threads = checkThreads(options.threads ?? 1);
  }

  open(schema: Schema): Schema {
    if (this.#schema !== null) return this.#schema;
    const { kind, precision } = schema.fields[0];
    if (kind === "sparse" && precision !== "f32")
      throw new NearError("E_UNSUPPORTED", `sparse vectors are kept as "f32", not as ${show(precision)}: leave it out`, {
        kind,
        precision,
      });
    this.#schema = structuredClone(schema);
    this.#reset();
    return this.#schema;
  }

  schema(): Schema | null {
    return this.#schema;
  }

  admit(rows: Rows, ids: readonly Id[], dataBytes: number): void {
    if (this.#maxBytes === Number.POSITIVE_INFINITY) return;
    let fresh = 0;
    let idBytes = 0;
    for (const id of ids) {
      if (this.#ids.find(id) >= 0) continue;
      fresh++;
      idBytes += IdTable.bytesOf(id);
    }
    const perRow = this.#postings.reduce((sum, postings) => sum + (postings?.bytesPerRow ?? 0), 5 + (this.#columns?.bytesPerRow ?? 0));
    const grown = Math.max(0, fresh - this.#free.length);
    const more =
      this.#vectors.bytesOf(rows, grown) + grown * perRow + idBytes + this.#texts.growth(dataBytes) + (dataBytes > 0 ? grown * 12 : 0);
    const bytes = this.#bytes();
    if (bytes + more <= this.#maxBytes) return;
    const message = `the index has ${bytes} bytes and these ${rows.count} rows need about ${more} more, over maxBytes ${this.#maxBytes}: delete some, or raise maxBytes`;
    throw new NearError("E_MEMORY", message, { bytes, more, maxBytes: this.#maxBytes });
  }

  write(batch: Batch): WriteReport {
    const { rows, ids, data } = batch;
    this.admit(rows, ids, dataBytes(data ?? []));
    this.#reserve(batch);
    const next = new Uint32Array(batch.keys.length);
    const written = new Uint32Array(rows.count);
    const forgotten = new Set(ids.map((id) => this.#ids.find(id)).filter((row) => row >= 0));
    this.#forget([...forgotten]);
    let replaced = 0;
    for (let i = 0; i < rows.count; i++) {
      const known = this.#ids.find(ids[i]);
      const row = known >= 0 ? known : (this.#free.pop() ?? this.#rows++);
      if (known < 0) this.#claim(row, ids[i]);
      else {
        replaced++;
        // An id that comes twice replaces what the batch itself has just stored.
        if (!forgotten.delete(row)) this.#forget([row]);
      }
      this.#vectors.write(row, rows, i);
      written[i] = row;
      this.#texts.set(row, data?.[i]);
      this.#setFields(row, data?.[i]);
      this.#enterRow(row, i, batch, next);
    }
    this.#vectors.settle(written);
    if (replaced > 0) this.#tidy();
    return { inserted: rows.count - replaced, replaced };
  }

  nextId(count: number): number {
    const first = this.#nextId;
    if (count > Number.MAX_SAFE_INTEGER - first + 1) {
      const message = `there are no ${count} integers left above the largest id, ${first - 1}: give the vectors ids of your own`;
      throw new NearError("E_LIMIT", message, { count, largest: first - 1 });
    }
    this.#nextId += count;
    return first;
  }

  remove(ids: readonly Id[]): boolean[] {
    const rows: number[] = [];
    const existed = ids.map((id) => {
      const row = this.#ids.find(id);
      if (row < 0) return false;
      rows.push(row);
      this.#texts.delete(row);
      this.#columns?.delete(row);
      this.#ids.delete(row);
      this.#live[row] = 0;
      return true;
    });
    this.#forget(rows);
    for (const row of rows) this.#free.push(row);
    for (const touched of this.#adding.values()) for (const row of rows) touched.add(row);
    this.#size -= rows.length;
    this.#tidy();
    return existed;
  }

  scan(probes: Probes, plan: ScanPlan, out: Candidates): void {
    const { estimation, allowed } = plan;
    const stamps = plan.unique ? this.#freshStamps() : null;
    for (let h = 0; estimation !== undefined && h < this.#postings.length; h++) {
      const postings = this.#postings[h];
      const estimate = estimation.estimates[h];
      if (postings instanceof CodedPostings && estimate)
        postings.scanByCodes(probes, h, estimate, { unique: plan.unique, estimation, allowed }, out);
    }
    const chosen = out.count;
    for (let p = 0; p < probes.count; p++) {
      const h = probes.hashes[p];
      if (!estimation?.estimates[h]) this.#postings[h]?.scan(probes, p, out, stamps, this.#stamp);
    }
    if (out.bounded) {
      out.bound();
      out.lower.fill(Number.NEGATIVE_INFINITY, chosen, out.count);
    }
    if (allowed !== undefined) keepAllowed(out, chosen, allowed);
    // Each hash sees to its own repeats.
    if (estimation !== undefined && plan.unique && this.#postings.length > 1) this.#keepFirst(out);
  }

  fetch(candidates: Candidates): RowReader {
    const { rows, distances } = candidates;
    let kept = 0;
    // Without free rows there is nothing to drop.
    for (let i = 0; i < candidates.count && this.#free.length > 0; i++) {
      if (this.#live[rows[i]] === 0) continue;
      rows[kept] = rows[i];
      distances[kept++] = distances[i];
    }
    if (this.#free.length > 0) candidates.count = kept;
    return this;
  }

  find(ids: readonly Id[], out: Candidates): number {
    let found = 0;
    for (const id of ids) {
      const row = this.#ids.find(id);
      if (row < 0) continue;
      out.add(row);
      found++;
    }
    return found;
  }

  directory(hash: number): KeyDirectory {
    return this.#known(hash);
  }

  rows(): Uint32Array {
    const rows = new Uint32Array(this.#size);
    let count = 0;
    for (let row = 0; row < this.#rows; row++) if (this.#live[row] === 1) rows[count++] = row;
    return rows;
  }

  gather(rows: Uint32Array): { rows: Uint32Array; vectors: Rows } {
    const { kind, dim } = (this.#schema as Schema).fields[0]; // open() set it before
    const living = rows.filter((row) => this.#live[row] === 1);
    return { rows: living, vectors: gather(kind, dim, living.length, (i) => this.vector(living[i])) };
  }

  addHash(hash: SchemaHash): number {
    const gap = this.#postings.indexOf(null);
    const number = gap < 0 ? this.#postings.length : gap;
    const postings = postingsOf(hash, this.threads);
    postings.reserve(this.#rows);
    this.#postings[number] = postings;
    this.#adding.set(number, new Set());
    return number;
  }

  prepare(hash: number, lo: Uint32Array, counts: Uint32Array): void {
    const postings = this.#known(hash);
    if (postings instanceof CodedPostings) postings.prepare(lo, counts);
  }

  enter(hash: number, keys: Keys, codes: Codes | null): void {
    const postings = this.#known(hash);
    const touched = this.#adding.get(hash);
    for (let e = 0; e < keys.count; e++) {
      const row = keys.rows[e];
      if (this.#live[row] === 1 && touched?.has(row) !== true) add(postings, row, keys, e, codes);
    }
  }

  /**
   * The buckets of a hash, and the vectors, as threads read them until the next write, each of which may look for `nearest` neighbours by `probes` probes of
   * one bucket each. Null where the hash has no codes, or nothing is shared. E_MEMORY where there is no room for what each thread needs beside.
   */
  share(hash: number, probes: number, nearest: number): SharedHash | null {
    const postings = this.#known(hash);
    if (!(postings instanceof CodedPostings) || !(this.#vectors instanceof FixedVectors) || this.threads === 1) return null;
    const codes = postings.share(this.threads - 1, probes, nearest);
    const vectors = this.#vectors.share();
    if (codes === null || vectors === null) return null;
    return { own: new IndexReader(hash, postings, this.#vectors), index: { hash, codes, vectors } };
  }

  settle(hash: number): void {
    this.#adding.delete(hash);
    const postings = this.#known(hash);
    if (postings instanceof CodedPostings) postings.settle();
  }

  dropHash(hash: number): void {
    this.#postings[hash] = null;
    this.#adding.delete(hash);
  }

  all(out: Candidates, allowed?: RowSet): void {
    out.reserve(allowed === undefined ? this.#size : Math.min(this.#size, allowed.count));
    for (let row = 0; row < this.#rows; row++) {
      if (this.#live[row] === 1 && (allowed === undefined || has(allowed, row))) out.add(row);
    }
    out.raw += out.count;
  }

  select(predicate: FieldPredicate): RowSet {
    if (this.#columns !== null) return this.#columns.select(predicate);
    throw new NearError("E_BAD_OPTION", "this index has no declared fields to select by: give fields to the engine that makes it", {});
  }

  async *buckets(hash: number): AsyncIterable<BucketView> {
    const postings = this.#known(hash);
    for (let table = 0; table < (this.#schema?.hashes[hash].tables ?? 0); table++) {
      // By key, as numbers may be given anew while the caller looks at a bucket.
      const keys = Array.from(postings.sorted(table), (i) => [postings.keyHi(table, i), postings.keyLo(table, i)]);
      for (const [hi, lo] of keys) {
        const i = postings.find(table, hi, lo);
        if (i < 0 || postings.countAt(table, i) === 0) continue;
        yield { table, key: hex(hi) + hex(lo), ids: Array.from(postings.rowsAt(table, i), (row) => this.#ids.at(row)) };
      }
    }
  }

  async *entries(): AsyncIterable<Block> {
    const field = this.#schema?.fields[0];
    const claimed = new Set<number>();
    this.#readings.add(claimed);
    try {
      for (let from = 0; field !== undefined && from < this.#rows; from += blockRows) {
        const living: number[] = [];
        const to = Math.min(from + blockRows, this.#rows);
        for (let row = from; row < to; row++) if (this.#live[row] === 1 && !claimed.has(row)) living.push(row);
        if (living.length === 0) continue;
        yield {
          rows: gather(field.kind, field.dim, living.length, (i) => this.vector(living[i])),
          ids: living.map((row) => this.id(row)),
          data: living.map((row) => this.data(row)),
        };
      }
    } finally {
      this.#readings.delete(claimed);
    }
  }

  stats(): StorageStats {
    return {
      size: this.#size,
      bytes: {
        vectors: this.#vectors.bytes,
        rows: this.#live.byteLength + this.#stamps.byteLength + this.#free.length * 8,
        buckets: this.#postings.reduce((sum, postings) => sum + (postings?.bytes ?? 0), 0),
        ids: this.#ids.bytes,
        data: this.#texts.bytes + (this.#columns?.bytes ?? 0),
      },
      hashes: this.#postings.filter((postings) => postings !== null).map((postings) => postings.stats()),
    };
  }

  size(): number {
    return this.#size;
  }

  clear(hash?: number): void {
    if (hash === undefined) this.#reset();
    else this.#known(hash).clear();
  }

  loadConfig(name: string): HashConfig | null {
    return structuredClone(this.#configs.get(name)) ?? null;
  }

  storeConfig(config: HashConfig): void {
    this.#configs.set(config.name, structuredClone(config));
  }

  knowledge(): Knowledge | null {
    return structuredClone(this.#knowledge);
  }

  keep(knowledge: Knowledge): void {
    this.#knowledge = structuredClone(knowledge);
  }

  close(): void {}

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    this.#vectors.rank(metric, query, candidates);
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    this.#vectors.nearest(metric, query, candidates, limit, within);
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    this.#vectors.nearestOfMany(metric, queries, candidates, limit, each);
  }

  rounding(metric: Metric, query: Rows): Rounding {
    return this.#vectors.rounding(metric, query);
  }

  exact(metric: Metric, query: Rows, candidates: Candidates): boolean {
    return this.#vectors.exact(metric, query, candidates);
  }

  vector(row: number): VectorOf {
    return this.#vectors.vector(row);
  }

  id(row: number): Id {
    return this.#ids.at(row);
  }

  data(row: number): string | undefined {
    return this.#texts.get(row);
  }

  #reset(): void {
    const { fields, hashes, dataFields = {} } = this.#schema as Schema; // open() set it before
    this.#vectors = fields[0].kind === "sparse" ? new SparseVectors(fields[0]) : this.#fixed(fields[0]);
    this.#knowledge = null;
    this.#postings = hashes.map((hash) => postingsOf(hash, this.threads));
    this.#adding.clear();
    this.#ids = new IdTable();
    this.#texts = new Texts();
    this.#columns = Object.keys(dataFields).length === 0 ? null : new FieldColumns(dataFields);
    this.#live = new Uint8Array(0);
    this.#free = [];
    this.#rows = 0;
    this.#size = 0;
    this.#stamps = new Uint32Array(0);
  }

  #fixed(field: Field): FixedVectors {
    return new FixedVectors(field, this.#outlines, undefined, { thread: 0, threads: this.threads });
  }

  /** Takes all memory that the batch can need, so that nothing fails half-way. */
  #reserve(batch: Batch): void {
    let fresh = 0;
    for (const id of batch.ids) if (this.#ids.find(id) < 0) fresh++;
    const limit = this.#rows + Math.max(0, fresh - this.#free.length);
    this.#vectors.reserve(batch.rows, limit);
    for (const postings of this.#postings) postings?.reserve(limit);
    this.#columns?.reserve(limit);
    this.#live = room(this.#live, limit);
  }

  #setFields(row: number, text: string | undefined): void {
    // A row without data too: what is asked of absent values holds for it.
    this.#columns?.set(row, text === undefined ? undefined : (JSON.parse(text) as unknown));
  }

  #enterRow(row: number, i: number, { keys, codes }: Batch, next: Uint32Array): void {
    for (let h = 0; h < keys.length; h++) {
      const own = keys[h];
      const postings = this.#postings[h];
      while (next[h] < own.count && own.rows[next[h]] === i) {
        if (postings !== null) add(postings, row, own, next[h], codes?.[h] ?? null);
        next[h]++;
      }
    }
    for (const touched of this.#adding.values()) touched.add(row);
  }

  #known(hash: number): Postings | CodedPostings {
    const postings = this.#postings[hash];
    if (postings) return postings;
    throw new NearError("E_NOT_FOUND", `the memory storage has no hash number ${hash}; it has ${this.#postings.length}`, { hash });
  }

  #claim(row: number, id: Id): void {
    if (typeof id === "number" && id >= this.#nextId) this.#nextId = id + 1;
    this.#ids.set(row, id);
    this.#live[row] = 1;
    this.#size++;
    for (const claimed of this.#readings) claimed.add(row);
  }

  #forget(rows: readonly number[]): void {
    for (const postings of this.#postings) postings?.removeMany(rows);
    for (const row of rows) this.#vectors.free(row);
  }

  #tidy(): void {
    for (const postings of this.#postings) postings?.tidy();
  }

  #keepFirst(candidates: Candidates): void {
    const stamps = this.#freshStamps();
    const { rows, lower, bounded } = candidates;
    let kept = 0;
    for (let i = 0; i < candidates.count; i++) {
      if (stamps[rows[i]] === this.#stamp) continue;
      stamps[rows[i]] = this.#stamp;
      if (bounded) lower[kept] = lower[i];
      rows[kept++] = rows[i];
    }
    candidates.count = kept;
  }

  #freshStamps(): Uint32Array {
    if (this.#stamps.length < this.#rows) this.#stamps = room(this.#stamps, this.#rows);
    if (this.#stamp === 0xffffffff) {
      this.#stamps.fill(0);
      this.#stamp = 0;
    }
    this.#stamp++;
    return this.#stamps;
  }

  #bytes(): number {
    let sum = this.#vectors.bytes + this.#ids.bytes + this.#texts.bytes + (this.#columns?.bytes ?? 0) + this.#live.byteLength;
    for (const postings of this.#postings) sum += postings?.bytes ?? 0;
    return sum;
  }
}

function postingsOf({ config, tables, keysPerTable, sketch }: SchemaHash, threads: number): Postings | CodedPostings {
  if (sketch === undefined) return new Postings(config.name, tables, keysPerTable);
  const makeArena = (limit: number) => createArena(undefined, limit, { shared: threads > 1 });
  return new CodedPostings(config.name, tables, keysPerTable, sketch.groups, { makeArena });
}

/** E_BAD_OPTION for no number of threads, E_UNSUPPORTED for several where there is no shared memory. */
function checkThreads(threads: number): number {
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    throw new NearError("E_BAD_OPTION", `threads is ${show(threads)}; give an integer from 1 to ${mostThreads}`, { threads });
  }
  if (threads > 1) requireShared();
  return threads;
}

function add(postings: Postings | CodedPostings, row: number, keys: Keys, e: number, codes: Codes | null): void {
  if (postings instanceof CodedPostings) {
    // The engine encodes for every hash whose schema has a sketch.
    if (codes !== null) postings.add(row, keys, e, codes);
  } else postings.add(row, keys, e);
}

function has({ words }: RowSet, row: number): boolean {
  return row >>> 5 < words.length && ((words[row >>> 5] >>> (row & 31)) & 1) === 1;
}

/** Drops the candidates from `from` on that are not allowed. */
function keepAllowed(candidates: Candidates, from: number, allowed: RowSet): void {
  let kept = from;
  for (let i = from; i < candidates.count; i++) if (has(allowed, candidates.rows[i])) candidates.rows[kept++] = candidates.rows[i];
  candidates.count = kept;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
