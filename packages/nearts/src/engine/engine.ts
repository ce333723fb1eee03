/// <reference lib="esnext.disposable" preserve="true" />
import { channel } from "#platform";
import { Candidates } from "../core/columns.js";
import type { Distance, Filter, Hash, Id, RowReader, Shape, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { checkId } from "../core/ids.js";
import { type Kind, type Rows, rowAt, type VectorOf } from "../core/rows.js";
import { Adaptive, checkRecall } from "./adaptive.js";
import { explainQuery } from "./explain.js";
import { refuseUnknown, requireOptions, requireStorage } from "./guards.js";
import { intakeOne, refuseZeros, toKind, type VectorInput } from "./intake.js";
import type {
  CandidateCount,
  EngineOptions,
  EngineStats,
  Explanation,
  Found,
  Neighbour,
  NeighbourColumns,
  NeighbourOptions,
  QueryInput,
  Registry,
  SearchPlan,
  Stored,
  StoreManyOptions,
  StoreOptions,
  TuneOptions,
  VectorsInput,
} from "./options.js";
import { isLater } from "./options.js";
import { Stages, type Stage } from "./stages.js";
import { checkFilters, planQuery, type QueryPlan, resolveDistance } from "./plan.js";
import { ColumnCollector, copyVector, toNeighbours } from "./results.js";
import { requireSame, schemaOf } from "./schema.js";
import { Search } from "./search.js";
import { checkShape, openHashes, requireLearnable } from "./shape.js";
import { type QueriesInput, queriesOf, Writer } from "./store.js";
import { turnTaker } from "./turns.js";

const events = { store: channel("nearts:store"), query: channel("nearts:query"), delete: channel("nearts:delete") };

const optionNames = [
  "dim",
  "kind",
  "distance",
  "recall",
  "hashes",
  "codes",
  "vectors",
  "gauge",
  "filters",
  "storage",
  "maxBytes",
];

/** Plans kept for the next query that asks alike. */
const mostPlans = 16;

/** Vectors removed before other events have their turn. */
const removedAtOnce = 16_384;

/**
 * An index of vectors and the pipeline that searches it: hashes → buckets in a storage → filters → distance → filters.
 * Every method rejects with a {@link NearError}; none throws. A resolved write is seen by every later query.
 */
export class PipelineEngine<Data = unknown, K extends Kind = Kind> {
  readonly dim: number;
  readonly kind: K;
  readonly distance: Distance;
  readonly storage: Storage;
  readonly #stages: Stages;
  readonly #adaptive: Adaptive;
  readonly #filters: readonly Filter[];
  readonly #registry: Registry;
  readonly #search: Search;
  readonly #writer: Writer;
  /** By `k`. */
  readonly #plans = new Map<number, QueryPlan>();
  #opening: Promise<void> | undefined;
  #open = false;
  #closed = false;

  constructor(options: EngineOptions<K>, registry: Registry) {
    requireOptions(options, "an engine");
    this.#registry = registry;
    refuseUnknown(options, optionNames, "an engine");
    const shape = checkShape(options);
    this.dim = shape.dim;
    this.kind = shape.kind as K; // checkShape returns the kind it was given, "dense" when none, which is then K's default
    this.distance = resolveDistance(options.distance ?? (shape.kind === "bits" ? "hamming" : "cosine"), shape.kind, registry);
    if (options.hashes !== undefined && !Array.isArray(options.hashes)) {
      throw new NearError("E_BAD_OPTION", `hashes is ${show(options.hashes)}; give an array of hashes`, {});
    }
    const recall = options.recall === undefined ? undefined : checkRecall(options.recall);
    const given = options.hashes ?? [];
    const learns = recall !== undefined && given.length === 0;
    if (learns) requireLearnable(shape, this.distance);
    const hashes = given.length > 0 || learns ? given : [registry.exact()];
    openHashes(hashes, shape);
    this.#filters = options.filters ?? [registry.unique(), registry.nearest(10)];
    checkFilters(this.#filters);
    if (options.storage !== undefined && options.maxBytes !== undefined) {
      throw new NearError(
        "E_BAD_OPTION",
        "maxBytes is for the memory storage that an engine makes itself: give it to the storage you brought",
        {},
      );
    }
    if (options.storage !== undefined) requireStorage(options.storage);
    const coded = options.codes !== undefined && options.codes !== false;
    this.storage = options.storage ?? registry.storage({ ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }), ...(coded ? { outlines: false } : {}) });
    // A storage that does not let its hashes be changed is searched exactly.
    const own = learns && this.storage.resident === undefined ? [registry.exact()] : hashes;
    this.#stages = new Stages(own.map((hash, number) => this.#stageOf(hash, number, options.codes)));
    this.#search = new Search(this.storage, this.#stages);
    this.#writer = new Writer(this.storage, this.#stages, shape, this.distance, () => this.#requireOpen());
    this.#adaptive = new Adaptive({
      storage: this.storage,
      stages: this.#stages,
      shape,
      distance: this.distance,
      recall,
      learn: learns ? registry.learn : undefined,
      gauge: options.gauge ?? true,
      planOf: (k) => this.#plan({ k, filters: [registry.unique()] }),
      requireOpen: () => this.#requireOpen(),
    });
  }

  /** What queries go by; none while every stored vector is compared. */
  get hashes(): readonly Hash[] {
    return this.#stages.active.map(({ hash }) => hash);
  }

  /** Stores one vector, in place of the one with the same id if there is one; resolves to its id. */
  async storeVector(vector: VectorInput, options: StoreOptions<Data> = {}): Promise<Id> {
    requireOptions(options, "storeVector");
    const taken = this.#writer.take(vector, options.id, options.data);
    await this.#ready();
    const id = await this.#writer.one(taken);
    await this.#adaptive.stored();
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

  /** Removes vectors; resolves to how many of them existed. */
  async deleteMany(ids: readonly Id[]): Promise<number> {
    if (!Array.isArray(ids)) throw new NearError("E_BAD_ID", `ids is ${show(ids)}; give an array of ids`, {});
    const checked = ids.map(checkId);
    await this.#ready();
    const turn = turnTaker(undefined);
    let removed = 0;
    for (let from = 0; from < checked.length; from += removedAtOnce) {
      this.#requireOpen();
      removed += (await this.storage.remove(checked.slice(from, from + removedAtOnce))).filter(Boolean).length;
      await turn();
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
    if (!Array.isArray(ids)) throw new NearError("E_BAD_ID", `ids is ${show(ids)}; give an array of ids`, {});
    await this.#ready();
    const found: (Stored<Data, K> | undefined)[] = [];
    for (const id of ids.map(checkId)) {
      const [first] = (await this.#read(id, (candidates, reader) => toNeighbours<Data, K>(candidates, reader, true))) ?? [];
      found.push(first as Stored<Data, K> | undefined); // toNeighbours was asked for the vector
    }
    return found;
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
    for await (const block of this.storage.entries()) {
      this.#requireOpen();
      for (let i = 0; i < block.ids.length; i++) {
        const text = block.data[i];
        const vector = copyVector(rowAt(block.rows, i)) as VectorOf<K>; // a storage of kind K holds nothing else
        yield text === undefined ? { id: block.ids[i], vector } : { id: block.ids[i], vector, data: JSON.parse(text) as Data }; // stored under Data
      }
    }
  }

  /** The nearest stored vectors to a query, nearest first, unless the options say otherwise. */
  neighbours(query: QueryInput, options: NeighbourOptions & { readonly distance: false }): Promise<Found<Data, K>[]>;
  neighbours(query: QueryInput, options?: NeighbourOptions): Promise<Neighbour<Data, K>[]>;
  async neighbours(query: QueryInput, options: NeighbourOptions = {}): Promise<Neighbour<Data, K>[]> {
    requireOptions(options, "neighbours");
    options.signal?.throwIfAborted();
    const plan = this.#plan(options);
    const asked = await this.#query(query, plan);
    await this.#ready();
    const begun = performance.now();
    let results: Neighbour<Data, K>[] = [];
    await this.#search.run(
      asked.rows,
      plan,
      (candidates, reader) => (results = toNeighbours(candidates, reader, plan.includeVector)),
      asked.leaveOut,
    );
    const millis = performance.now() - begun;
    this.#adaptive.answered(asked.rows, asked.leaveOut, plan, () => results.map(({ distance }) => distance), millis);
    if (events.query.hasSubscribers) events.query.publish({ queries: 1, results: results.length, millis });
    return results;
  }

  /** The neighbours of many queries, in order: lists of objects, or columns where `columns` is true. Queries may come as for `storeManyVectors`, but not as iterables. */
  neighboursOfMany(queries: QueriesInput, options: NeighbourOptions & { readonly columns: true }): Promise<NeighbourColumns>;
  neighboursOfMany(queries: QueriesInput, options?: NeighbourOptions & { readonly columns?: false }): Promise<Neighbour<Data, K>[][]>;
  async neighboursOfMany(
    queries: QueriesInput,
    options: NeighbourOptions & { readonly columns?: boolean } = {},
  ): Promise<NeighbourColumns | Neighbour<Data, K>[][]> {
    requireOptions(options, "neighboursOfMany");
    options.signal?.throwIfAborted();
    await this.#ready();
    const plan = this.#plan(options);
    const rows = this.#checkQuery(queriesOf(queries, this.#shape()), plan);
    const lists: Neighbour<Data, K>[][] = [];
    const collector = options.columns === true ? new ColumnCollector() : null;
    const begun = performance.now();
    await this.#search.runMany(
      rows,
      plan,
      (candidates, reader) => {
        if (collector !== null) collector.add(candidates, reader);
        else lists.push(toNeighbours(candidates, reader, plan.includeVector));
      },
      turnTaker(options.signal),
    );
    if (events.query.hasSubscribers) events.query.publish({ queries: rows.count, millis: performance.now() - begun });
    return collector === null ? lists : collector.columns();
  }

  /** The work of a query before any distance is measured: entries read from its buckets, and stored vectors among them. */
  async candidateCount(query: QueryInput, options: Pick<NeighbourOptions, "probes"> = {}): Promise<CandidateCount> {
    await this.#ready();
    const plan = { ...this.#plan({ ...options, distance: false, filters: [this.#registry.unique()] }), includeVector: false };
    const asked = await this.#query(query, plan);
    let count: CandidateCount = { raw: 0, unique: 0 };
    await this.#search.run(asked.rows, plan, (candidates) => (count = { raw: candidates.raw, unique: candidates.count }), asked.leaveOut);
    return count;
  }

  /** How a query would be answered: keys, buckets and candidates of each hash; and why `missed` is not among its results. */
  async explain(query: QueryInput, missed?: Id, options: NeighbourOptions = {}): Promise<Explanation> {
    await this.#ready();
    const plan = this.#plan(options);
    const asked = await this.#query(query, plan);
    return explainQuery(
      { stages: this.#stages.active, storage: this.storage, distance: this.distance, search: this.#search },
      asked,
      plan,
      missed === undefined ? undefined : checkId(missed),
    );
  }

  /** Empties the buckets of one hash. The vectors stay, and are found through the other hashes. */
  async cleanBuckets(hashName: string): Promise<void> {
    await this.#ready();
    const stage = this.#stages.active.find(({ hash }) => hash.name === hashName);
    if (stage === undefined) {
      const known = this.hashes.map((candidate) => candidate.name).join(", ");
      throw new NearError("E_NOT_FOUND", `there is no hash ${show(hashName)}; this engine has ${known}`, { hash: hashName });
    }
    await this.storage.clear(stage.number);
  }

  /** Removes all vectors. */
  async cleanAllBuckets(): Promise<void> {
    await this.#ready();
    await this.#adaptive.rest();
    if (this.#adaptive.learns) this.#stages.reset();
    await this.storage.clear();
    this.#adaptive.forget();
  }

  /** Learns how to search what is stored, and tunes it to the recall asked for, now, unless that was done since the last write (`anew`: even then); resolves when queries profit. Happens by itself in the background as the index grows. */
  async train(options: { readonly signal?: AbortSignal; readonly anew?: boolean } = {}): Promise<void> {
    requireOptions(options, "train");
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

  /** Ends the use of this engine and its storage; again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.storage.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #stageOf(hash: Hash, number: number, codes: EngineOptions["codes"]): Stage {
    if (codes === undefined || codes === false) return { number, hash, sketch: null };
    const bits = codes === true ? 1 : codes.bits;
    if (this.distance.metric === undefined) {
      throw new NearError("E_UNSUPPORTED", `codes cannot estimate the ${this.distance.name} distance: leave them out, or choose another distance`, {});
    }
    const anchors = hash.anchors?.();
    const sketch = this.#registry.codes({ metric: this.distance.metric, bits, ...(anchors === undefined ? {} : { anchors }) });
    sketch.open({ kind: this.kind, dim: this.dim });
    return { number, hash, sketch };
  }

  #shape(): Shape {
    return { kind: this.kind, dim: this.dim };
  }

  #requireOpen(): void {
    if (this.#closed) throw new NearError("E_CLOSED", "this engine is closed: make a new one, or open its storage again", {});
  }

  async #ready(): Promise<void> {
    this.#requireOpen();
    if (this.#open) return;
    // Where it fails, the next call tries again.
    this.#opening ??= this.#openStorage().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  async #openStorage(): Promise<void> {
    // Now rather than when the engine was made: hashes may have learned since.
    const schema = schemaOf(this.kind, this.dim, this.distance, this.#stages.written);
    requireSame(await this.storage.open(schema), schema);
    this.#open = true;
  }

  #plan(options: NeighbourOptions): QueryPlan {
    const { k } = options;
    if (k === undefined || Object.keys(options).length !== 1) return this.#planAnew(options);
    // The plans of plain queries are the same again and again.
    const known = this.#plans.get(k) ?? this.#planAnew(options);
    if (this.#plans.size < mostPlans) this.#plans.set(k, known);
    return known;
  }

  #planAnew(options: NeighbourOptions): QueryPlan {
    return planQuery(options, { distance: this.distance, filters: this.#filters, kind: this.kind }, this.#registry);
  }

  /** The query as one row, copied at once; for `{ id }` the stored vector, and its row, which is left out. */
  async #query(query: QueryInput, plan: QueryPlan): Promise<{ rows: Rows; leaveOut: number }> {
    if (typeof query !== "object" || query === null || !("id" in query)) {
      return { rows: this.#checkQuery(intakeOne(query, this.#shape(), "query"), plan), leaveOut: -1 };
    }
    const id = checkId(query.id);
    await this.#ready();
    const found = await this.#read(id, ({ rows: [row] }, reader) => ({ row, vector: copyVector(reader.vector(row)) }));
    if (found === undefined) {
      throw new NearError("E_NOT_FOUND", `there is no vector with id ${show(query.id)}: store it first, or ask with the vector itself`, {
        id: query.id,
      });
    }
    return { rows: this.#checkQuery(intakeOne(found.vector, this.#shape(), "query"), plan), leaveOut: found.row };
  }

  /** What `read` makes of the one candidate that has this id; undefined where none has. */
  async #read<T>(id: Id, read: (candidates: Candidates, reader: RowReader) => T): Promise<T | undefined> {
    const candidates = new Candidates();
    // No wait where the storage needs none: between finding a row and reading it, a delete and a store could give it to another id.
    const finding = this.storage.find([id], candidates);
    if ((isLater(finding) ? await finding : finding) === 0) return undefined;
    const fetching = this.storage.fetch(candidates);
    const reader = isLater(fetching) ? await fetching : fetching;
    return candidates.count === 1 && reader.id(candidates.rows[0]) === id ? read(candidates, reader) : undefined;
  }

  #checkQuery(rows: Rows, plan: QueryPlan): Rows {
    if (plan.distance?.refusesZero === true) refuseZeros(rows, plan.distance.name, rows.count === 1 ? "query" : "queries");
    return toKind(rows, this.kind);
  }
}
