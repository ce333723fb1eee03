/// <reference lib="esnext.disposable" preserve="true" />
import { channel } from "#platform";
import { Candidates } from "../core/columns.js";
import type { Awaitable, Distance, Hash, Id, Precision, Schema, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { FieldTypes } from "../core/fields.js";
import { checkId } from "../core/ids.js";
import type { Kind } from "../core/rows.js";
import { Adaptive, sharedAdaptive } from "./adaptive.js";
import type { QueriesInput } from "./bulk-input.js";
import { compose } from "./compose.js";
import { gateOf } from "./gate.js";
import { checkFlag, checkSignal, closedError, refuseUnknown, requireOptions } from "./guards.js";
import type { VectorInput } from "./intake.js";
import type {
  BatchOptions,
  CandidateCount,
  DeleteOptions,
  EngineOptions,
  EngineStats,
  Explanation,
  Found,
  Neighbour,
  NeighbourColumns,
  NeighbourOptions,
  QueryInput,
  QueryOptions,
  Registry,
  SaveOptions,
  SaveTarget,
  SearchPlan,
  Stored,
  StoreManyOptions,
  StoreOptions,
  TuneOptions,
  VectorsInput,
} from "./options.js";
import type { Cluster } from "./pairs/clusters.js";
import type { PairJoin } from "./pairs/join.js";
import { Joins } from "./pairs/joins.js";
import type { ClusterOptions, PairOptions } from "./pairs/options.js";
import { Queries } from "./queries.js";
import { checkIds, Reading } from "./reading.js";
import { removeIds, removeWhere } from "./removal.js";
import { requireSame, schemaOf } from "./schema.js";
import type { Stage, Stages } from "./stages.js";
import { Writer } from "./store.js";

const events = { store: channel("nearts:store"), delete: channel("nearts:delete") };

/**
 * An index of vectors and the pipeline that searches it: hashes → buckets in a storage → filters → distance → filters.
 * Every method rejects with a {@link NearError}; none throws. A resolved write is seen by every later query.
 */
export class PipelineEngine<Data = unknown, K extends Kind = Kind> {
  readonly dim: number;
  readonly kind: K;
  readonly distance: Distance;
  readonly storage: Storage;
  /** Declared fields of the data; none where not given. */
  readonly fields: FieldTypes;
  readonly #stages: Stages;
  readonly #adaptive: Adaptive;
  readonly #writer: Writer;
  readonly #reading: Reading<Data, K>;
  readonly #queries: Queries<Data, K>;
  readonly #precision: Precision;
  readonly #joins: Joins;
  readonly #save: Registry["save"];
  /** The recall of an engine that learns, and the hashes it was given: what it learns is not part of its schema. */
  readonly #target: number | undefined;
  /** The recall that each query is promised. */
  readonly #promised: number | undefined;
  readonly #given: readonly Stage[];
  #opening: Promise<void> | undefined;
  #open = false;
  /** Of the knowledge that it goes by, where others can change it. */
  #version = 0;
  #renewing: Promise<void> | undefined;
  #closed = false;

  constructor(options: EngineOptions<K>, registry: Registry) {
    const composition = compose(options, registry);
    const { shape, distance, storage, stages, given, filters, fields, recall, learns, precision, threads, batches } = composition;
    this.dim = shape.dim;
    this.kind = shape.kind as K; // checkShape returns the kind it was given, "dense" when none, which is then K's default
    this.distance = distance;
    this.storage = storage;
    this.fields = fields;
    this.#stages = stages;
    const requireOpen = () => this.#requireOpen();
    // A storage of one process has nothing to be read anew.
    const renew = storage.shared === undefined ? undefined : () => this.#renew();
    const replaced = (ids: readonly Id[]) => this.#adaptive.replaced(ids);
    this.#writer = new Writer(storage, stages, { ...shape, precision }, distance, requireOpen, replaced, renew);
    this.#precision = precision;
    this.#joins = new Joins({ storage, stages, shape, distance, registry, recall, ready: () => this.#ready() });
    this.#save = registry.save;
    this.#target = learns ? recall : undefined;
    this.#promised = options.guarantee === undefined ? undefined : recall;
    this.#given = given;
    this.#reading = new Reading(storage, requireOpen);
    this.#queries = new Queries({
      shape,
      distance,
      storage,
      stages,
      filters,
      fields,
      registry,
      threads,
      batches,
      guarantee: composition.guarantee,
      reading: this.#reading,
      ready: () => this.#ready(),
      renew,
      adaptive: () => this.#adaptive,
    });
    const adaptive = () =>
      new Adaptive({
        storage,
        stages,
        shape,
        distance,
        recall,
        exact: composition.exact,
        renew: () => this.#renew(),
        schema: () => this.#schema(),
        memory: () => registry.storage({ outlines: false }),
        learn: learns ? registry.learn : undefined,
        revive: registry.revive,
        gauge: options.gauge ?? true,
        planOf: (k) => this.#queries.planOf({ k, filters: [registry.unique()] }),
      });
    this.#adaptive = sharedAdaptive(stages, adaptive);
    this.#adaptive.join(this, batches);
  }

  /** What queries go by; none while every stored vector is compared. */
  get hashes(): readonly Hash[] {
    return this.#stages.active.map(({ hash }) => hash);
  }

  /** Stores one vector, in place of the one with the same id if there is one; resolves to its id. */
  async storeVector(vector: VectorInput, options: StoreOptions<Data> = {}): Promise<Id> {
    requireOptions(options, "storeVector");
    const taken = this.#writer.take(vector, options.id, options.data, options.ttlSeconds);
    await this.#ready();
    const id = await this.#writer.one(taken);
    await this.#adaptive.stored(1);
    if (events.store.hasSubscribers) events.store.publish({ stored: 1 });
    return id;
  }

  /**
   * Stores many vectors in batches, each all or nothing; resolves to their ids in order. Arrays and columns are checked whole before anything
   * is stored. From an iterable no more is drawn than is being stored; where one of its vectors is bad, `details.stored` says how many were stored before.
   */
  async storeManyVectors(vectors: VectorsInput<Data>, options: StoreManyOptions<Data> = {}): Promise<Id[]> {
    requireOptions(options, "storeManyVectors");
    await this.#ready();
    const ids = await this.#adaptive.storing(() => this.#writer.many(vectors, options));
    if (events.store.hasSubscribers) events.store.publish({ stored: ids.length });
    return ids;
  }

  /** Removes a vector from all buckets; resolves to whether it existed. */
  async deleteVector(id: Id): Promise<boolean> {
    return (await this.deleteMany([id])) === 1;
  }

  /**
   * Removes vectors, by id or by their data; resolves to how many there were. By data each is asked right before it is removed; of those written while the
   * call is under way some may be asked, others not.
   */
  async deleteMany(which: readonly Id[] | DeleteOptions<Data>): Promise<number> {
    const parts = {
      storage: this.storage,
      requireOpen: () => this.#requireOpen(),
      removed: (ids: readonly Id[]) => this.#adaptive.removed(ids),
    };
    const remedy = "give an array of ids, or { where }";
    let removed: number;
    if (typeof which === "object" && which !== null && "where" in which) {
      refuseUnknown(which, ["where"], "deleteMany");
      const where = this.#queries.compiled(which.where);
      await this.#ready();
      removed = await removeWhere(parts, where);
    } else {
      const ids = checkIds(which, remedy);
      await this.#ready();
      removed = await removeIds(parts, ids);
    }
    if (events.delete.hasSubscribers) events.delete.publish({ deleted: removed });
    return removed;
  }

  /** The stored vector with this id, or undefined. */
  async get(id: Id): Promise<Stored<Data, K> | undefined> {
    return (await this.getMany([id]))[0];
  }

  /** The stored vectors with these ids, in order; undefined where there is none. */
  async getMany(ids: readonly Id[]): Promise<(Stored<Data, K> | undefined)[]> {
    const checked = checkIds(ids);
    await this.#ready();
    return this.#reading.many(checked);
  }

  /** Whether there is a vector with this id. */
  async has(id: Id): Promise<boolean> {
    await this.#ready();
    return (await this.storage.find([checkId(id)], new Candidates())) === 1;
  }

  /** How many vectors are stored. */
  async size(): Promise<number> {
    await this.#ready();
    return this.storage.size();
  }

  /** All stored vectors, block by block from the storage; those written or removed meanwhile may or may not come. */
  async *entries(): AsyncIterable<Stored<Data, K>> {
    await this.#ready();
    yield* this.#reading.all();
  }

  /** The nearest stored vectors to a query, nearest first, unless the options say otherwise. */
  neighbours(query: QueryInput, options: QueryOptions<Data> & { readonly distance: false }): Promise<Found<Data, K>[]>;
  neighbours(query: QueryInput, options?: QueryOptions<Data>): Promise<Neighbour<Data, K>[]>;
  async neighbours(query: QueryInput, options: QueryOptions<Data> = {}): Promise<Neighbour<Data, K>[]> {
    return this.#queries.neighbours(query, options);
  }

  /** The neighbours of many queries, in order: lists of objects, or columns where `columns` is true. Queries may come as for `storeManyVectors`, but not as iterables. */
  neighboursOfMany(queries: QueriesInput, options: BatchOptions<Data> & { readonly columns: true }): Promise<NeighbourColumns>;
  neighboursOfMany(queries: QueriesInput, options?: BatchOptions<Data> & { readonly columns?: false }): Promise<Neighbour<Data, K>[][]>;
  async neighboursOfMany(
    queries: QueriesInput,
    options: BatchOptions<Data> & { readonly columns?: boolean } = {},
  ): Promise<NeighbourColumns | Neighbour<Data, K>[][]> {
    return this.#queries.neighboursOfMany(queries, options);
  }

  /** The work of a query before any distance is measured: entries read from its buckets, and stored vectors among them. */
  async candidateCount(query: QueryInput, options: Pick<NeighbourOptions, "probes"> = {}): Promise<CandidateCount> {
    return this.#queries.candidateCount(query, options);
  }

  /** How a query would be answered: keys, buckets and candidates of each hash; and why `missed` is not among its results. */
  async explain(query: QueryInput, missed?: Id, options: QueryOptions<Data> = {}): Promise<Explanation> {
    return this.#queries.explain(query, missed, options);
  }

  /**
   * All pairs of stored vectors that are near each other, each once, measured exactly: with a recall below 1 a share so large of them, at a fraction of the
   * comparisons. They come as they are found, row by row; `cursor` of what is returned says where to go on another time. With `k` the closest k pairs. Vectors
   * written or removed meanwhile may or may not be among them. E_LIMIT after `maxPairs` of them.
   */
  pairsWithin(options: PairOptions): PairJoin {
    return this.#joins.pairsWithin(options);
  }

  /** Groups of stored vectors that chains of near pairs hold together: near-duplicates, say. */
  async clusters(options: ClusterOptions): Promise<Cluster[]> {
    return this.#joins.clusters(options);
  }

  /** Empties the buckets of one hash. The vectors stay, and are found through the other hashes; where the hash was learned, by exact searches until it is learned again. */
  async cleanBuckets(hashName: string): Promise<void> {
    await this.#ready();
    const stage = this.#stages.active.find(({ hash }) => hash.name === hashName);
    if (stage === undefined) {
      const known = this.hashes.map((candidate) => candidate.name).join(", ");
      throw new NearError("E_NOT_FOUND", `there is no hash ${show(hashName)}; this engine has ${known}`, { hash: hashName });
    }
    await this.#quiet(() => (this.#adaptive.learns ? this.#adaptive.unlearn() : this.storage.clear(stage.number)));
  }

  /** Removes all vectors there are when it is called; learning and tuning under way end. */
  async cleanAllBuckets(): Promise<void> {
    await this.#ready();
    await this.#quiet(() => {
      this.#adaptive.forget();
      return this.storage.clear();
    });
  }

  /** Learns how to search what is stored, and tunes it to the recall asked for, now, unless that was done since the last write (`anew`: even then); resolves when queries profit. Happens by itself in the background as the index grows. */
  async train(options: { readonly signal?: AbortSignal; readonly anew?: boolean } = {}): Promise<void> {
    requireOptions(options, "train");
    refuseUnknown(options, ["signal", "anew"], "train");
    checkSignal(options.signal);
    checkFlag("anew", options.anew);
    await this.#ready();
    await this.#adaptive.train(options.signal, options.anew ?? false);
  }

  /**
   * Finds the cheapest way to search that reaches a recall, on queries like yours or on stored vectors, and searches that way from now on. Where nothing
   * within the budget reaches it, the plan has a warning.
   */
  async tune(options: TuneOptions = {}): Promise<SearchPlan> {
    requireOptions(options, "tune");
    refuseUnknown(options, ["recall", "k", "queries", "budget", "signal"], "tune");
    checkSignal(options.signal);
    await this.#ready();
    return this.#adaptive.tune(options);
  }

  /** How queries are answered, what that costs, and the recall expected: as numbers, and as text. */
  async plan(): Promise<SearchPlan> {
    await this.#ready();
    return this.#adaptive.plan();
  }

  /** What is stored, how it is spread over buckets, and what it takes. */
  async stats(): Promise<EngineStats> {
    await this.#ready();
    const { size, bytes, hashes } = await this.storage.stats();
    const total = bytes.vectors + bytes.rows + bytes.buckets + bytes.ids + bytes.data;
    const { dim, kind, distance, storage } = this;
    const recall = this.#adaptive.gauged;
    const own = { size, dim, kind, distance: distance.name, storage: storage.name, bytes: { ...bytes, total }, hashes };
    return { ...own, tasks: this.#adaptive.tasks, ...(recall === undefined ? {} : { recall }) };
  }

  /**
   * Writes all that is stored, with everything needed to go on (`Engine.load`), as it is at one moment: writes that arrive meanwhile wait until the bytes
   * are out, queries go on. A file is replaced only by one that is whole and on the disk; once this resolves, it survives a power cut. Without a target the
   * bytes are returned. E_UNSUPPORTED where the storage is not a memory storage, E_IO, E_FULL.
   */
  save(target: SaveTarget, options?: SaveOptions): Promise<void>;
  save(target?: undefined, options?: SaveOptions): Promise<Uint8Array>;
  async save(target?: SaveTarget, options: SaveOptions = {}): Promise<unknown> {
    requireOptions(options, "save");
    refuseUnknown(options, ["onProgress", "signal"], "save");
    await this.#ready();
    return this.#save(this.storage, target, options, () => this.#requireOpen());
  }

  /** Ends the use of this engine and its storage; again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#adaptive.leave(this);
    await this.#queries.close();
    await this.storage.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Goes by what the storage was told to keep since it was opened: for who fills it. */
  protected async recall(): Promise<void> {
    await this.#ready();
    await this.#adaptive.recall();
  }

  /** Changes the storage while no batch reads it from several threads. */
  async #quiet(change: () => Awaitable<void>): Promise<void> {
    const gate = gateOf(this.storage);
    for (let batch = gate.wait(); batch !== undefined; batch = gate.wait()) await batch;
    await change();
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError();
  }

  async #ready(): Promise<void> {
    this.#requireOpen();
    if (!this.#open) {
      // Where it fails, the next call tries again.
      this.#opening ??= this.#openStorage().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
    await this.#renew();
  }

  /** Learns what other processes have found out about the index. */
  async #renew(): Promise<void> {
    const { storage } = this;
    if (storage.refresh === undefined) return;
    const version = await storage.refresh();
    if (version === this.#version) return;
    // Several calls at once read it once.
    this.#renewing ??= this.#recall(version).finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  /** Goes by what is known now, which is of this version at least. */
  async #recall(version: number): Promise<void> {
    await this.#adaptive.recall();
    this.#version = version;
    if (this.storage.shared !== undefined) this.#stages.version = version;
  }

  #schema(): Schema {
    // Now rather than when the engine was made: hashes may have learned since.
    const schema = schemaOf(this.kind, this.dim, this.distance, this.#given, this.fields, this.#precision, this.#target);
    return this.#promised === undefined ? schema : { ...schema, guarantee: { recall: this.#promised } };
  }

  async #openStorage(): Promise<void> {
    const schema = this.#schema();
    requireSame(await this.storage.open(schema), schema);
    await this.#recall((await this.storage.refresh?.()) ?? 0);
    this.#open = true;
  }
}
