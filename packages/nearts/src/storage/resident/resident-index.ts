import type { Codes } from "../../core/codes.js";
import type { Candidates, Keys, Probes } from "../../core/columns.js";
import type {
  Batch,
  Block,
  BucketView,
  Id,
  KeyDirectory,
  Metric,
  Resident,
  Rounding,
  RowReader,
  RowSet,
  ScanPlan,
  Schema,
  SchemaHash,
  StorageStats,
} from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import type { FieldPredicate } from "../../core/predicates.js";
import { gather, type Rows, type VectorOf } from "../../core/rows.js";
import { FixedVectors } from "../vectors/fixed-vectors.js";
import type { Vectors } from "../vectors/vectors.js";
import { FieldColumns } from "./fields/field-columns.js";
import { HashTables } from "./hash-tables.js";
import type { IndexPlaces, Written } from "./index-places.js";
import { type SharedHash, shareHash } from "./index-reader.js";
import { listBuckets, listEntries } from "./listing.js";
import { RowTable } from "./row-table.js";
import type { RowTexts } from "./texts.js";

/**
 * What storages have in memory whose buckets are there: which rows there are, their ids, the buckets of all hashes and the declared fields of the data.
 * Where vectors and texts are it leaves to its {@link IndexPlaces}.
 */
export class ResidentIndex implements RowReader, Resident {
  /** Rows and their ids. */
  readonly table: RowTable = new RowTable();
  readonly hashes: HashTables;
  readonly #places: IndexPlaces;
  #schema: Schema | null = null;
  // Before open() there is nothing to read or write; the engine opens before it does anything else.
  #vectors!: Vectors;
  #texts!: RowTexts;
  /** The declared fields of the data; null where there are none. */
  #columns: FieldColumns | null = null;

  constructor(places: IndexPlaces) {
    this.#places = places;
    this.hashes = new HashTables(places.threads ?? 1);
  }

  /** Begins with nothing. */
  open(schema: Schema): void {
    this.#schema = schema;
    this.clear();
  }

  /** Removes everything, hashes that were added too. Integers reserved as ids stay so. */
  clear(): void {
    const { fields, hashes, dataFields = {} } = this.#schema as Schema; // open() set it before
    this.#vectors = this.#places.vectors(fields[0]);
    this.#texts = this.#places.texts();
    this.hashes.reset(hashes);
    this.#columns = Object.keys(dataFields).length === 0 ? null : new FieldColumns(dataFields);
    this.table.clear();
  }

  /** Bytes in memory. */
  get bytes(): number {
    const { table } = this;
    return this.#vectors.bytes + table.idBytes + this.#texts.bytes + (this.#columns?.bytes ?? 0) + table.liveBytes + this.hashes.bytes;
  }

  /** Bytes that a write would add, about. */
  growth(rows: Rows, ids: readonly Id[], dataBytes: number): number {
    const fresh = this.table.fresh(ids);
    const perRow = RowTable.bytesPerRow + (this.#columns?.bytesPerRow ?? 0) + this.hashes.bytesPerRow;
    const grown = Math.max(0, fresh.count - this.table.free);
    const texts = this.#texts.growth(dataBytes) + (dataBytes > 0 ? grown * 12 : 0);
    return this.#vectors.bytesOf(rows, grown) + grown * perRow + fresh.bytes + texts;
  }

  /** Takes memory for vectors of these ids, which are about to come in several batches; E_MEMORY where there is none. */
  expect(ids: readonly Id[]): void {
    this.#vectors.expect(this.#limitWith(ids));
  }

  /** As `Storage.write`. What it cannot do it refuses before anything changes. */
  write(batch: Batch): Written {
    const { rows, ids, data } = batch;
    this.#reserve(batch);
    const next = new Uint32Array(batch.keys.length);
    const written = new Uint32Array(rows.count);
    const forgotten = new Set(ids.map((id) => this.table.find(id)).filter((row) => row >= 0));
    this.#forget([...forgotten]);
    let replaced = 0;
    for (let i = 0; i < rows.count; i++) {
      const known = this.table.find(ids[i]);
      const row = known >= 0 ? known : this.table.claim(ids[i]);
      if (known >= 0) {
        replaced++;
        // An id that comes twice replaces what the batch itself has just stored.
        if (!forgotten.delete(row)) this.#forget([row]);
      }
      this.#vectors.write(row, rows, i);
      written[i] = row;
      this.#texts.set(row, data?.[i]);
      this.setFields(row, data?.[i]);
      this.hashes.enterRow(row, i, batch, next);
    }
    this.#vectors.settle(written);
    if (replaced > 0) this.hashes.tidy();
    return { inserted: rows.count - replaced, replaced, rows: written };
  }

  /** Removes by id; says for each whether it existed, and the rows of those that did. */
  remove(ids: readonly Id[]): { readonly existed: boolean[]; readonly rows: readonly number[] } {
    const rows: number[] = [];
    const existed = ids.map((id) => {
      const row = this.table.find(id);
      if (row < 0) return false;
      rows.push(row);
      this.#texts.delete(row);
      this.#columns?.delete(row);
      this.table.unname(row);
      return true;
    });
    this.#forget(rows);
    this.table.release(rows);
    this.hashes.tidy();
    return { existed, rows };
  }

  /** Forgets rows that hold a vector, but not what its places keep of them: for those who follow what another process wrote. */
  evict(rows: readonly number[]): void {
    this.#forget(rows);
    for (const row of rows) {
      this.#columns?.delete(row);
      this.table.unname(row);
    }
  }

  /** Gives the declared fields of a row the values that this text has. */
  setFields(row: number, text: string | undefined): void {
    // A row without data too: what is asked of absent values holds for it.
    this.#columns?.set(row, text === undefined ? undefined : (JSON.parse(text) as unknown));
  }

  scan(probes: Probes, plan: ScanPlan, out: Candidates): void {
    this.hashes.scan(probes, plan, out, this.table.end);
  }

  fetch(candidates: Candidates): RowReader {
    this.table.keepHeld(candidates);
    return this;
  }

  find(ids: readonly Id[], out: Candidates): number {
    let found = 0;
    for (const id of ids) {
      const row = this.table.find(id);
      if (row < 0) continue;
      out.add(row);
      found++;
    }
    return found;
  }

  directory(hash: number): KeyDirectory {
    return this.hashes.known(hash);
  }

  rows(): Uint32Array {
    return this.table.held();
  }

  gather(rows: Uint32Array, into?: Float32Array): { rows: Uint32Array; vectors: Rows } {
    const { kind, dim } = (this.#schema as Schema).fields[0]; // open() set it before
    const living = rows.filter((row) => this.table.holds(row));
    return { rows: living, vectors: gather(kind, dim, living.length, (i) => this.#vectors.borrow(living[i]), into) };
  }

  addHash(hash: SchemaHash): number {
    return this.hashes.add(hash, this.table.end);
  }

  prepare(hash: number, lo: Uint32Array, counts: Uint32Array): void {
    this.hashes.prepare(hash, lo, counts);
  }

  enter(hash: number, keys: Keys, codes: Codes | null, entered?: (e: number) => void): void {
    this.hashes.enter(hash, keys, codes, (row) => this.table.holds(row), entered);
  }

  settle(hash: number): void {
    this.hashes.settle(hash);
  }

  dropHash(hash: number): void {
    this.hashes.drop(hash);
  }

  all(out: Candidates, allowed?: RowSet): void {
    this.table.all(out, allowed);
  }

  select(predicate: FieldPredicate): RowSet {
    if (this.#columns !== null) return this.#columns.select(predicate);
    throw new NearError("E_BAD_OPTION", "this index has no declared fields to select by: give fields to the engine that makes it", {});
  }

  /**
   * The buckets of a hash, and the vectors, as threads read them until the next write, each of which may look for `nearest` neighbours by `probes` probes of
   * one bucket each. Null where the hash has no codes, or nothing is shared. E_MEMORY where there is no room for what each thread needs beside.
   */
  share(hash: number, probes: number, nearest: number): SharedHash | null {
    const { threads = 1 } = this.#places;
    if (!(this.#vectors instanceof FixedVectors) || threads === 1) return null;
    return shareHash({ hash, size: this.table.size }, this.hashes.known(hash), this.#vectors, { threads, probes, nearest });
  }

  /** Takes back what threads needed beside, once none of them reads: for those who needed more of it than batches will. */
  unshare(hash: number): void {
    this.hashes.unshare(hash);
  }

  buckets(hash: number): AsyncIterable<BucketView> {
    return listBuckets(this.hashes.known(hash), (row) => this.id(row));
  }

  entries(): AsyncIterable<Block> {
    return listEntries(this.table, this, this.#schema?.fields[0]);
  }

  stats(): StorageStats {
    const { table } = this;
    return {
      size: table.size,
      bytes: {
        vectors: this.#vectors.bytes,
        rows: table.liveBytes + this.hashes.stampBytes + table.free * 8,
        buckets: this.hashes.bytes,
        ids: table.idBytes,
        data: this.#texts.bytes + (this.#columns?.bytes ?? 0),
      },
      hashes: this.hashes.stats(),
    };
  }

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
    return this.table.id(row);
  }

  data(row: number): string | undefined {
    return this.#texts.get(row);
  }

  /** Takes all memory that the batch can need, so that nothing fails half-way. */
  #reserve({ rows, ids }: Batch): void {
    const { table } = this;
    const limit = this.#limitWith(ids);
    this.#vectors.reserve(rows, limit);
    this.hashes.reserve(limit);
    this.#columns?.reserve(limit);
    table.reserve(limit);
  }

  /** What row numbers are below once these ids have rows. */
  #limitWith(ids: readonly Id[]): number {
    return this.table.end + Math.max(0, this.table.fresh(ids).count - this.table.free);
  }

  #forget(rows: readonly number[]): void {
    this.hashes.remove(rows);
    for (const row of rows) this.#vectors.free(row);
  }
}
