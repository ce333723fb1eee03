import { type Candidates, type Probes, room } from "../../core/columns.js";
import type {
  Batch,
  Block,
  BucketView,
  HashConfig,
  Id,
  KeyDirectory,
  Metric,
  Rounding,
  RowReader,
  ScanPlan,
  Schema,
  Storage,
  StorageStats,
  WriteReport,
} from "../../core/contracts.js";
import { NearError, show } from "../../core/errors.js";
import { dataBytes } from "../../core/json.js";
import { gather, type Rows, type VectorOf } from "../../core/rows.js";
import { Postings } from "../postings/postings.js";
import { FixedVectors } from "./fixed-vectors.js";
import { IdTable } from "./id-table.js";
import { SparseVectors } from "./sparse-vectors.js";
import { Texts } from "./texts.js";
import type { Vectors } from "./vectors.js";

/** Options of {@link MemoryStorage}. */
export interface MemoryStorageOptions {
  /** Refuse writes (E_MEMORY) that would take the index over so many bytes, before anything changes. */
  readonly maxBytes?: number;
  /** Keep an outline of each dense vector of 128 dimensions or more (64 bytes), so that exact distances are measured for fewer of them. On when not given; answers are the same. */
  readonly outlines?: boolean;
}

const blockRows = 1024;

/** Everything in this process's memory: gone with it, and the fastest. */
export class MemoryStorage implements Storage, RowReader {
  readonly name = "memory";
  readonly #maxBytes: number;
  readonly #outlines: boolean;
  readonly #configs = new Map<string, HashConfig>();
  #schema: Schema | null = null;
  // Before open() there is nothing to read or write; the engine opens before it does anything else.
  #vectors!: Vectors;
  #postings: Postings[] = [];
  #ids = new IdTable();
  #texts = new Texts();
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
  }

  open(schema: Schema): Schema {
    if (this.#schema !== null) return this.#schema;
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
    const perRow = this.#postings.reduce((sum, postings) => sum + postings.bytesPerRow, 5);
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
      for (let h = 0; h < batch.keys.length; h++) {
        const keys = batch.keys[h];
        while (next[h] < keys.count && keys.rows[next[h]] === i) this.#postings[h].add(row, keys, next[h]++);
      }
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
      this.#ids.delete(row);
      this.#live[row] = 0;
      return true;
    });
    this.#forget(rows);
    for (const row of rows) this.#free.push(row);
    this.#size -= rows.length;
    this.#tidy();
    return existed;
  }

  scan(probes: Probes, plan: ScanPlan, out: Candidates): void {
    const stamps = plan.unique ? this.#freshStamps() : null;
    for (let p = 0; p < probes.count; p++) this.#postings[probes.hashes[p]].scan(probes, p, out, stamps, this.#stamp);
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
    return this.#postings[hash];
  }

  async *buckets(hash: number): AsyncIterable<BucketView> {
    const postings = this.#postings[hash];
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
        buckets: this.#postings.reduce((sum, postings) => sum + postings.bytes, 0),
        ids: this.#ids.bytes,
        data: this.#texts.bytes,
      },
      hashes: this.#postings.map((postings) => postings.stats()),
    };
  }

  size(): number {
    return this.#size;
  }

  clear(hash?: number): void {
    if (hash === undefined) this.#reset();
    else this.#postings[hash].clear();
  }

  loadConfig(name: string): HashConfig | null {
    return structuredClone(this.#configs.get(name)) ?? null;
  }

  storeConfig(config: HashConfig): void {
    this.#configs.set(config.name, structuredClone(config));
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
    const { fields, hashes } = this.#schema as Schema; // open() set it before
    this.#vectors = fields[0].kind === "sparse" ? new SparseVectors(fields[0]) : new FixedVectors(fields[0], this.#outlines);
    this.#postings = hashes.map((hash) => new Postings(hash.config.name, hash.tables, hash.keysPerTable));
    this.#ids = new IdTable();
    this.#texts = new Texts();
    this.#live = new Uint8Array(0);
    this.#free = [];
    this.#rows = 0;
    this.#size = 0;
    this.#stamps = new Uint32Array(0);
  }

  /** Takes all memory that the batch can need, so that nothing fails half-way. */
  #reserve(batch: Batch): void {
    let fresh = 0;
    for (const id of batch.ids) if (this.#ids.find(id) < 0) fresh++;
    const limit = this.#rows + Math.max(0, fresh - this.#free.length);
    this.#vectors.reserve(batch.rows, limit);
    for (const postings of this.#postings) postings.reserve(limit);
    this.#live = room(this.#live, limit);
  }

  #claim(row: number, id: Id): void {
    if (typeof id === "number" && id >= this.#nextId) this.#nextId = id + 1;
    this.#ids.set(row, id);
    this.#live[row] = 1;
    this.#size++;
    for (const claimed of this.#readings) claimed.add(row);
  }

  #forget(rows: readonly number[]): void {
    for (const postings of this.#postings) postings.removeMany(rows);
    for (const row of rows) this.#vectors.free(row);
  }

  #tidy(): void {
    for (const postings of this.#postings) postings.tidy();
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
    let sum = this.#vectors.bytes + this.#ids.bytes + this.#texts.bytes + this.#live.byteLength;
    for (const postings of this.#postings) sum += postings.bytes;
    return sum;
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
