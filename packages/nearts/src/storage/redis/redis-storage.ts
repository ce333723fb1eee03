import type { Candidates, Probes } from "../../core/columns.js";
import type {
  Batch,
  Block,
  BucketView,
  Field,
  HashConfig,
  Id,
  KeyDirectory,
  Knowledge,
  RowReader,
  ScanPlan,
  Schema,
  Shared,
  Storage,
  StorageStats,
  WriteReport,
} from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import { Calls } from "./calls.js";
import { IndexStore } from "./index-store.js";
import { checkName } from "./keys.js";
import { SharedIndex } from "./learning.js";
import { reach } from "./preflight.js";
import { admitFetch, fetchRows, findRows, type ReadOptions } from "./reading.js";
import { checkOptions, dialerOf, type RedisStorageOptions, shardsFor } from "./redis-options.js";
import { mendedText, type RepairReport, repairShards } from "./repair.js";
import { Scanner } from "./scanning.js";
import { countItems, makeShard } from "./scripts/upkeep.js";
import { Servers } from "./servers.js";
import { Shards, words } from "./shards.js";
import { noHash, stateBytes } from "./state.js";
import { clearHashIn, compactShards, dropIndex } from "./upkeep.js";
import { listBuckets, listEntries, statsOf } from "./walks.js";
import { removeIds, writeBatch } from "./writing.js";

/** An index on Redis or Valkey, on one server or a cluster, that many processes read and write at once. */
export class RedisStorage implements Storage {
  readonly name = "redis";
  readonly expires = true;
  readonly shared: Shared;
  /** Shards that the last query left out, where `partial` was asked for. */
  missing: readonly number[] = [];
  readonly #options: RedisStorageOptions & { readonly timeoutMs: number };
  readonly #servers: Servers;
  readonly #calls: Calls;
  readonly #index: IndexStore;
  readonly #reading: ReadOptions;
  #field!: Field; // open() comes first
  #shards!: Shards;
  #scanner!: Scanner;
  #connected: Promise<void> | null = null;
  /** Integers below are known to be taken as ids, or reserved. */
  #nextId = 0;
  #closed = false;

  constructor(options: RedisStorageOptions) {
    checkOptions(options);
    const name = checkName(options.name);
    this.#options = { ...options, timeoutMs: options.timeoutMs ?? 10_000 };
    this.#servers = new Servers(dialerOf(this.#options));
    const replicas = options.ack === "replica" ? (options.replicas ?? 1) : 0;
    this.#calls = new Calls(this.#servers, { timeoutMs: this.#options.timeoutMs, replicas });
    this.#index = new IndexStore(name, this.#calls);
    this.#reading = { partial: options.partial ?? false, missing: (shards) => this.#leftOut(shards) };
    const parts = () => ({ shards: this.#shards, field: this.#field, index: this.#index, reading: this.#reading });
    this.shared = new SharedIndex(parts, () => this.#learnFacts());
  }

  async open(schema: Schema): Promise<Schema> {
    await this.#connect();
    const shards = this.#options.shards ?? (this.#servers.cluster ? shardsFor(this.#servers.primaryCount) : 1);
    await this.#index.create(schema, shards);
    const facts = await this.#index.read();
    if (facts === null) throw new NearError("E_CORRUPT", "the index vanished while it was being opened: open it again", {});
    this.#field = facts.schema.fields[0];
    this.#shards = new Shards(this.#options.name, facts.shards, this.#calls, (which) => this.#mend(which));
    this.#scanner = new Scanner(this.#shards);
    facts.schema.hashes.forEach((hash, number) => {
      this.#shards.use(number, hash);
    });
    if (!facts.ready) await this.#makeShards();
    await this.#learnFacts();
    // What somebody began and did not bring to all shards.
    await this.#shared.raise(this.#shards.version);
    return facts.schema;
  }

  async schema(): Promise<Schema | null> {
    await this.#connect();
    return (await this.#index.read())?.schema ?? null;
  }

  async write(batch: Batch): Promise<WriteReport> {
    await this.#takeIds(batch.ids).catch((error: NearError) => {
      throw new NearError(error.code, error.message, { ...error.details, failedIds: [...batch.ids] }, { cause: error.cause });
    });
    return writeBatch(this.#shards, this.#field, batch);
  }

  async nextId(count: number): Promise<number> {
    const first = await this.#index.nextId(count);
    if (first + count - 1 > Number.MAX_SAFE_INTEGER) {
      const message = `there are no ${count} integers left above the largest id: give the vectors ids of your own`;
      throw new NearError("E_LIMIT", message, { count });
    }
    this.#nextId = Math.max(this.#nextId, first + count);
    return first;
  }

  remove(ids: readonly Id[]): Promise<boolean[]> {
    return this.#again(() => removeIds(this.#shards, ids));
  }

  scan(probes: Probes, plan: ScanPlan, out: Candidates): Promise<void> {
    this.missing = [];
    return this.#scanner.scan(probes, plan, out, this.#reading);
  }

  async fetch(candidates: Candidates): Promise<RowReader> {
    admitFetch(candidates.count, this.#field);
    return fetchRows(this.#shards, this.#field, candidates, this.#reading);
  }

  async find(ids: readonly Id[], out: Candidates): Promise<number> {
    const rows = (await findRows(this.#shards, ids, this.#reading)).filter((row) => row >= 0);
    for (const row of rows) out.add(row);
    return rows.length;
  }

  directory(hash: number): Promise<KeyDirectory> {
    return this.#shards.directory(hash);
  }

  buckets(hash: number): AsyncIterable<BucketView> {
    return listBuckets(this.#shards, this.#field, hash, this.#reading);
  }

  async *entries(): AsyncIterable<Block> {
    for await (const { rows, ids, data } of listEntries(this.#shards, this.#field, this.#reading)) yield { rows, ids, data };
  }

  async stats(): Promise<StorageStats> {
    const facts = await this.#index.read();
    return statsOf(this.#shards, this.#field, facts, await this.size());
  }

  async size(): Promise<number> {
    const answers = await this.#shards.runAll({ text: countItems });
    return answers.reduce((sum, { payload }) => sum + payload.readUInt32LE(0), 0);
  }

  async clear(hash?: number): Promise<void> {
    if (hash !== undefined) return clearHashIn(this.#shards, hash);
    await this.#index.keep(null, null);
    await this.#learnFacts();
    const all = this.#shards.keys.map(({ shard }) => shard);
    await this.#shards.clear(all, true, this.#shards.version);
    await this.#index.forgetIds();
    this.#nextId = 0;
  }

  async loadConfig(name: string): Promise<HashConfig | null> {
    await this.#connect();
    return this.#index.loadConfig(name);
  }

  async storeConfig(config: HashConfig): Promise<void> {
    await this.#connect();
    await this.#index.storeConfig(config);
  }

  async knowledge(): Promise<Knowledge | null> {
    return this.#learnFacts();
  }

  async keep(knowledge: Knowledge): Promise<void> {
    const version = await this.#index.keep(knowledge, this.#shards.version);
    if (version === 0) {
      const message = "another process learned or tuned the index meanwhile: what it found is in use";
      throw new NearError("E_STALE", message, { retryable: true, outcome: "none" });
    }
    await this.#learnFacts();
    await this.#shared.raise(version);
  }

  /** The newest version of the knowledge heard of: every answer of a shard tells, so that asking costs no trip. */
  refresh(): number {
    return this.#shards.seen;
  }

  /** Removes what has ended, and the room that shrinking buckets left. Bytes given back, about. */
  compact(): Promise<number> {
    return compactShards(this.#shards);
  }

  /** Looks at every item and record of the index and mends what does not agree, both ways. */
  repair(): Promise<RepairReport> {
    return this.#again(() =>
      repairShards(
        this.#shards,
        this.#shards.keys.map(({ shard }) => shard),
      ),
    );
  }

  /** Removes the index with all that belongs to it: every key that begins with its name, on every server, and no other. How many there were. */
  async destroy(): Promise<number> {
    await this.#connect();
    return dropIndex(this.#servers, this.#options.name, this.#options.timeoutMs);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#shared.end();
    await this.#servers.close();
  }

  get #shared(): SharedIndex {
    return this.shared as SharedIndex; // the constructor made it one
  }

  async #mend(which: readonly number[]): Promise<void> {
    const report = await repairShards(this.#shards, which); // not among the arguments of a call that nobody may want
    this.#options.onWarning?.(mendedText(which, report));
  }

  #leftOut(shards: readonly number[]): void {
    if (shards.length > 0) this.missing = [...new Set([...this.missing, ...shards])].sort((a, b) => a - b);
  }

  #connect(): Promise<void> {
    this.#connected ??= reach(this.#servers, this.#options).catch((error: unknown) => {
      this.#connected = null;
      throw error;
    });
    return this.#connected;
  }

  async #makeShards(): Promise<void> {
    const state = words(1, noHash, 0, 0, 0, 0, 0, 0, 0, 0, 0).subarray(0, stateBytes);
    const code = { text: makeShard };
    const calls = this.#shards.keys.map(({ shard, slot, state: key }) => ({
      shard,
      slot,
      script: { code, keys: 1 },
      args: [key, state],
      writes: true,
    }));
    await this.#calls.all(calls);
    await this.#index.ready();
  }

  /** Reads what is known of the index now, and takes notice of it. */
  async #learnFacts(): Promise<Knowledge | null> {
    const facts = await this.#index.read();
    if (facts === null)
      throw new NearError("E_CORRUPT", "the index is gone: its server was emptied, or somebody deleted it", { retryable: false });
    const { knowledge, filling, version, hashes } = facts;
    const shards = this.#shards;
    if (knowledge?.learned) shards.use(knowledge.learned.number, knowledge.learned.hash);
    if (filling !== null) shards.use(filling.number, filling.hash);
    shards.hashes = hashes;
    shards.version = version;
    shards.filling = filling?.number ?? noHash;
    shards.seen = Math.max(shards.seen, version);
    const kept = [...facts.schema.hashes.keys(), knowledge?.learned?.number, filling?.number];
    shards.forget([...shards.layouts.keys()].filter((number) => !kept.includes(number)));
    if (knowledge === null) return filling === null ? null : { learned: null, notes: null, filling };
    return filling === null ? knowledge : { ...knowledge, filling };
  }

  /** Integers given as ids must not be given again. A little beyond them, so that ids given in order cost a call now and then only. */
  async #takeIds(ids: readonly Id[]): Promise<void> {
    let largest = -1;
    for (const id of ids) if (typeof id === "number" && id > largest) largest = id;
    if (largest < this.#nextId) return;
    const next = Math.min(Number.MAX_SAFE_INTEGER + 1, largest + 1 + spareIds);
    await this.#index.raiseNextId(next);
    this.#nextId = next;
  }

  /** What needs no knowledge of the engine's: with the newest, once more. */
  async #again<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof NearError && error.code === "E_STALE") || attempt === mostAttempts) throw error;
        await this.#learnFacts();
      }
    }
  }
}

const spareIds = 4096;
const mostAttempts = 8;
