import type { Candidates, Probes } from "../../core/columns.js";
import { configBytes, configFromBytes } from "../../core/config-bytes.js";
import type {
  Batch,
  Block,
  BucketView,
  HashConfig,
  Id,
  KeyDirectory,
  Knowledge,
  Resident,
  RowReader,
  ScanPlan,
  Schema,
  Storage,
  StorageStats,
  WriteReport,
} from "../../core/contracts.js";
import { NearError, show } from "../../core/errors.js";
import { dataBytes } from "../../core/json.js";
import type { Rows } from "../../core/rows.js";
import { batchBytes } from "./batch-bytes.js";
import type { Environment } from "./environment.js";
import { keptSchema } from "./kept.js";
import { OpenFolder } from "./open-folder.js";
import { sealed, unseal } from "./records.js";
import { readOnly, StoredIndex } from "./stored-index.js";

/** Options of {@link LmdbStorage}. */
export interface LmdbStorageOptions {
  /** Folder of the index; made where there is none when the index is created. On a disk of this machine: locks and memory maps do not work over networks. */
  readonly path: string;
  /** Read what another process writes: any number of processes may do so beside the one that writes. */
  readonly readOnly?: boolean;
  /** Bytes of vectors kept in memory (1 GiB when not given); the others are read from the disk when they are to be measured. */
  readonly cacheBytes?: number;
  /** Refuse writes (E_FULL) that would take the file over so many bytes. */
  readonly maxBytes?: number;
}

const defaultCache = 2 ** 30;
/** A reader that has not been asked anything for so long lets go of what it sees. */
const idleMillis = 1000;

/**
 * An index in a folder of this machine's disk, in an LMDB database: what a call has stored when it resolves survives the end of the process and of the power, and a
 * batch is stored whole or not at all. One process writes, any number read. Needs the package `lmdb`.
 */
export class LmdbStorage implements Storage {
  readonly name = "lmdb";
  readonly resident: Resident;
  readonly path: string;
  readonly readOnly: boolean;
  /** Only where another process can write. */
  readonly refresh?: () => number;
  readonly #maxBytes: number;
  readonly #stored: StoredIndex;
  #attaching: Promise<OpenFolder | null> | null = null;
  #environment: Environment | null = null;
  #schema: Schema | null = null;
  #opening: Promise<Schema> | null = null;
  #asked = 0;
  #idle: NodeJS.Timeout | null = null;

  constructor(options: LmdbStorageOptions) {
    const { path, readOnly = false, cacheBytes = defaultCache, maxBytes = Number.POSITIVE_INFINITY } = options;
    if (typeof path !== "string" || path === "")
      throw new NearError("E_BAD_OPTION", `path is ${show(path)}; give the path of a folder`, {});
    for (const [option, bytes] of Object.entries({ cacheBytes, maxBytes })) {
      if (!(bytes > 0))
        throw new NearError("E_BAD_OPTION", `${option} is ${show(bytes)}; give a number of bytes above 0`, { [option]: bytes });
    }
    this.path = path;
    this.readOnly = readOnly;
    this.#maxBytes = maxBytes;
    this.#stored = new StoredIndex(Math.min(cacheBytes, 2 ** 40));
    this.resident = this.#stored;
    if (readOnly) this.refresh = () => this.#refresh();
  }

  async schema(): Promise<Schema | null> {
    if (this.#schema !== null) return this.#schema;
    const environment = await this.#attach(false);
    return environment === null ? null : keptSchema(environment.tables);
  }

  open(schema: Schema): Promise<Schema> {
    this.#opening ??= this.#open(schema).catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  admit(rows: Rows, _ids: readonly Id[], dataBytes: number): void {
    this.#usable().requireSpace(batchBytes(rows, dataBytes, this.#schema?.hashes ?? []), this.#maxBytes);
  }

  async write(batch: Batch): Promise<WriteReport> {
    this.admit(batch.rows, batch.ids, dataBytes(batch.data ?? []));
    return this.#stored.write(batch);
  }

  nextId(count: number): number {
    this.#usable();
    return this.#stored.index.table.reserveIds(count);
  }

  async remove(ids: readonly Id[]): Promise<boolean[]> {
    this.#usable();
    return this.#stored.remove(ids);
  }

  scan(probes: Probes, plan: ScanPlan, out: Candidates): void {
    this.#index().scan(probes, plan, out);
  }

  fetch(candidates: Candidates): RowReader {
    return this.#index().fetch(candidates);
  }

  find(ids: readonly Id[], out: Candidates): number {
    return this.#index().find(ids, out);
  }

  directory(hash: number): KeyDirectory {
    return this.#index().directory(hash);
  }

  async *buckets(hash: number): AsyncIterable<BucketView> {
    yield* this.#index().buckets(hash);
  }

  async *entries(): AsyncIterable<Block> {
    for await (const block of this.#index().entries()) {
      this.#usable();
      yield block;
    }
  }

  stats(): StorageStats {
    return { ...this.#index().stats(), fileBytes: this.#usable().fileBytes };
  }

  size(): number {
    return this.#index().table.size;
  }

  async clear(hash?: number): Promise<void> {
    this.#usable();
    await this.#stored.clear(hash);
  }

  async loadConfig(name: string): Promise<HashConfig | null> {
    const environment = await this.#attach(false);
    environment?.requireUsable();
    const record = environment?.tables.configs.get(name) ?? null;
    return record === null ? null : (configFromBytes(unseal(record, 0, `the configuration ${show(name)}`)) as HashConfig); // made by storeConfig
  }

  async storeConfig(config: HashConfig): Promise<void> {
    // As it is now, whatever becomes of it while the index is made.
    const record = sealed(configBytes(config), 0);
    const environment = this.#writable(await this.#attach(true));
    environment.requireSpace(record.length, this.#maxBytes);
    environment.tables.configs.put(config.name, record);
    await environment.commit();
  }

  knowledge(): Knowledge | null {
    this.#usable();
    return structuredClone(this.#stored.knowledge);
  }

  async keep(knowledge: Knowledge): Promise<void> {
    this.#usable();
    await this.#stored.keep(knowledge);
  }

  /** Resolves within about two seconds, after a failure too. */
  async close(): Promise<void> {
    const folder = await (this.#attaching ?? Promise.resolve(null)).catch(() => null);
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (folder === null) return;
    try {
      if (folder.environment.usable && !this.readOnly && this.#schema !== null) await this.#stored.rest();
    } finally {
      await folder.close();
    }
  }

  async #open(schema: Schema): Promise<Schema> {
    const { kind, precision } = schema.fields[0];
    if ((kind === "sparse" || kind === "set") && precision !== "f32") {
      const message = `${kind} vectors are kept as "f32", not as ${show(precision)}: leave it out`;
      throw new NearError("E_UNSUPPORTED", message, { kind, precision });
    }
    const there = await this.schema();
    const environment = await this.#attach(true);
    if (environment === null) throw notThere(this.path);
    environment.requireUsable();
    if (there !== null) this.#stored.open(environment, there);
    else {
      environment.requireSpace(0, this.#maxBytes);
      await this.#stored.create(this.#writable(environment), structuredClone(schema));
    }
    this.#environment = environment;
    this.#schema = there ?? structuredClone(schema);
    if (this.readOnly) this.#refresh();
    return this.#schema;
  }

  /** The environment, opened when it is first needed; null where there is none and none is to be made. */
  async #attach(make: boolean): Promise<Environment | null> {
    const before = this.#attaching ?? Promise.resolve(null);
    const next = before.then((folder) => folder ?? OpenFolder.open(this.path, this.readOnly, make && !this.readOnly));
    this.#attaching = next;
    next.catch(() => {
      if (this.#attaching === next) this.#attaching = null;
    });
    return (await next)?.environment ?? null;
  }

  #usable(): Environment {
    if (this.#environment === null) throw new NearError("E_CLOSED", "the storage is not open: open it first", { path: this.path });
    this.#environment.requireUsable();
    return this.#environment;
  }

  #writable(environment: Environment | null): Environment {
    if (environment === null) throw notThere(this.path);
    environment.requireUsable();
    if (!environment.readOnly) return environment;
    throw readOnly(this.path);
  }

  /** What is in memory, as new as what a reader sees. */
  #index(): StoredIndex["index"] {
    const environment = this.#usable();
    if (environment.readOnly && !environment.holds) this.#refresh();
    return this.#stored.index;
  }

  #refresh(): number {
    this.#usable();
    this.#stored.follow();
    this.#asked = performance.now();
    this.#idle ??= this.#watch();
    return this.#stored.generation;
  }

  /** Lets go of what a reader sees once nobody has asked for a while. */
  #watch(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#idle = null;
      if (performance.now() - this.#asked < idleMillis) this.#idle = this.#watch();
      else this.#environment?.release();
    }, idleMillis).unref();
  }
}

function notThere(path: string): NearError {
  return new NearError("E_NOT_FOUND", `there is no index at ${JSON.stringify(path)} to be read: make it without readOnly first`, { path });
}
