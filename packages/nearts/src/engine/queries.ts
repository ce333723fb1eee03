import { channel } from "#platform";
import type { Distance, Filter, Id, Shape, Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import type { FieldTypes } from "../core/fields.js";
import { checkId } from "../core/ids.js";
import type { Kind, Rows } from "../core/rows.js";
import type { Adaptive } from "./adaptive.js";
import type { Batches, BatchJob } from "./batches.js";
import { type QueriesInput, queriesOf } from "./bulk-input.js";
import { explainQuery } from "./explain.js";
import type { Sink } from "./finish.js";
import { fresh } from "./fresh.js";
import type { Guarantee } from "./guarantee.js";
import { checkSignal, requireOptions } from "./guards.js";
import { intakeOne, refuseUndefined, toKind } from "./intake.js";
import type {
  BatchOptions,
  CandidateCount,
  Explanation,
  Neighbour,
  NeighbourColumns,
  NeighbourOptions,
  QueryInput,
  QueryOptions,
  Registry,
} from "./options.js";
import { planQuery, type QueryPlan } from "./plan.js";
import type { Reading } from "./reading.js";
import { ColumnCollector, copyVector, toNeighbours } from "./results.js";
import { runMany } from "./run-many.js";
import { Search } from "./search.js";
import type { Stages } from "./stages.js";
import { turnTaker } from "./turns.js";
import { type CompiledWhere, compileWhere } from "./where.js";

const answered = channel("nearts:query");

/** Plans kept for the next query that asks alike. */
const mostPlans = 16;

/** What queries are answered with. */
export interface QueryParts<Data, K extends Kind> {
  readonly shape: Shape;
  readonly distance: Distance;
  readonly storage: Storage;
  readonly stages: Stages;
  readonly filters: readonly Filter[];
  readonly fields: FieldTypes;
  readonly registry: Registry;
  /** Threads that answer batches, and what does so where they are several. */
  readonly threads: number;
  readonly batches: Batches | undefined;
  /** How queries are read that are promised something; undefined where none is. */
  readonly guarantee: Guarantee | undefined;
  readonly reading: Reading<Data, K>;
  /** Resolves when the storage is open; rejects once the engine is closed. */
  readonly ready: () => Promise<void>;
  /** Reads what is known of the index anew; undefined where no other process can change it. */
  readonly renew: (() => Promise<void>) | undefined;
  readonly adaptive: () => Adaptive;
}

/** A query as one row, and the stored row that it is, which is left out; −1 where it is none. */
interface AskedQuery {
  readonly rows: Rows;
  readonly leaveOut: number;
}

/** Answers queries: checks and plans them, runs them, and hands out what was found. */
export class Queries<Data, K extends Kind> {
  readonly #parts: QueryParts<Data, K>;
  readonly #search: Search;
  /** Fields that the storage can select by. */
  readonly #selectable: FieldTypes;
  /** By `k`. */
  readonly #plans = new Map<number, QueryPlan>();

  constructor(parts: QueryParts<Data, K>) {
    this.#parts = parts;
    this.#search = new Search(parts.storage, parts.stages, parts.renew, parts.guarantee);
    this.#selectable = parts.storage.resident?.select === undefined ? {} : parts.fields;
  }

  /** As the engine's `neighbours`. What is asked with is checked and copied before anything is waited for. */
  async neighbours(query: QueryInput, options: QueryOptions<Data>): Promise<Neighbour<Data, K>[]> {
    requireOptions(options, "neighbours");
    checkSignal(options.signal);
    const plan = this.planOf(options);
    const asked = await this.#asked(query, plan);
    await this.#parts.ready();
    const begun = performance.now();
    let results: Neighbour<Data, K>[] = [];
    let [buckets, entries, proposed] = [0, 0, 0];
    const sink: Sink = (candidates, reader) => {
      results = toNeighbours(candidates, reader, plan.includeVector);
      [buckets, entries, proposed] = [candidates.probed, candidates.raw, candidates.proposed];
    };
    await this.#search.run(asked.rows, plan, sink, asked.leaveOut);
    const millis = performance.now() - begun;
    // The gauge knows the neighbours among all vectors only.
    if (plan.where === null) {
      this.#parts.adaptive().answered(asked.rows, asked.leaveOut, plan, () => results.map(({ distance }) => distance), millis);
    }
    if (answered.hasSubscribers) answered.publish({ queries: 1, results: results.length, millis, buckets, entries, candidates: proposed });
    const breath = this.#parts.adaptive().breathe();
    if (breath !== undefined) await breath;
    return results;
  }

  /** As the engine's `neighboursOfMany`. */
  async neighboursOfMany(
    queries: QueriesInput,
    options: BatchOptions<Data> & { readonly columns?: boolean },
  ): Promise<NeighbourColumns | Neighbour<Data, K>[][]> {
    requireOptions(options, "neighboursOfMany");
    const threads = this.#threads(options.threads);
    checkSignal(options.signal);
    await this.#parts.ready();
    const plan = this.planOf(options);
    const rows = this.#checked(queriesOf(queries, this.#parts.shape), plan);
    const lists = new Array<Neighbour<Data, K>[]>(rows.count);
    const collector = options.columns === true ? new ColumnCollector(rows.count) : null;
    const begun = performance.now();
    const sink: Sink = (candidates, reader, q) => {
      if (collector !== null) collector.add(candidates, reader, q);
      else lists[q] = toNeighbours(candidates, reader, plan.includeVector);
    };
    await this.#runMany({ queries: rows, plan, sink, between: turnTaker(options.signal), threads });
    if (answered.hasSubscribers) answered.publish({ queries: rows.count, millis: performance.now() - begun });
    return collector === null ? lists : collector.columns();
  }

  /** As the engine's `candidateCount`. */
  async candidateCount(query: QueryInput, options: Pick<NeighbourOptions, "probes">): Promise<CandidateCount> {
    await this.#parts.ready();
    const plan = { ...this.planOf({ ...options, distance: false, filters: [this.#parts.registry.unique()] }), includeVector: false };
    const asked = await this.#asked(query, plan);
    let count: CandidateCount = { raw: 0, unique: 0 };
    await this.#search.run(asked.rows, plan, (candidates) => (count = { raw: candidates.raw, unique: candidates.count }), asked.leaveOut);
    return count;
  }

  /** As the engine's `explain`. */
  async explain(query: QueryInput, missed: Id | undefined, options: QueryOptions<Data>): Promise<Explanation> {
    const { ready, stages, storage, distance } = this.#parts;
    await ready();
    const plan = this.planOf(options);
    const asked = await this.#asked(query, plan);
    const parts = { stages: stages.active, storage, distance, search: this.#search };
    const id = missed === undefined ? undefined : checkId(missed);
    return fresh(this.#parts.renew ?? (async () => {}), () => explainQuery({ ...parts, stages: stages.active }, asked, plan, id));
  }

  /** Ends the threads that answer batches. */
  async close(): Promise<void> {
    await this.#parts.batches?.close();
  }

  /** How a query with these options runs. */
  planOf(options: QueryOptions<Data>): QueryPlan {
    const { k } = options;
    if (k === undefined || Object.keys(options).length !== 1) return this.#planAnew(options);
    // The plans of plain queries are the same again and again.
    const known = this.#plans.get(k) ?? this.#planAnew(options);
    if (this.#plans.size < mostPlans) this.#plans.set(k, known);
    return known;
  }

  /** A `where`, split into what the storage can select by and the rest. */
  compiled(where: unknown): CompiledWhere {
    return compileWhere(where, this.#selectable);
  }

  /** On several threads where that is sooner. */
  async #runMany(batch: Omit<BatchJob, "stages" | "search">): Promise<void> {
    const { batches, stages, guarantee } = this.#parts;
    if (guarantee?.serves(batch.plan) !== true && (await batches?.answer({ ...batch, stages, search: this.#search })) === true) return;
    await runMany(this.#search, batch);
  }

  /** E_BAD_OPTION for no number of threads. */
  #threads(threads: unknown): number {
    if (threads === undefined) return this.#parts.threads;
    if (Number.isInteger(threads) && (threads as number) >= 1) return threads as number; // an integer
    throw new NearError("E_BAD_OPTION", `threads is ${show(threads)}; give an integer of at least 1`, { threads });
  }

  #planAnew({ where, ...options }: QueryOptions<Data>): QueryPlan {
    const { distance, filters, shape, registry, storage } = this.#parts;
    // What is promised of all vectors is not of those that pass: all of these are measured.
    const surely = where !== undefined && this.#parts.guarantee !== undefined && options.probes === undefined;
    const asked = surely ? { ...options, exact: true } : options;
    if (asked.exact === true && storage.resident === undefined && storage.shared === undefined) {
      const message = `exact is for storages that can list their rows, and the ${storage.name} storage cannot: leave it out, or use a MemoryStorage`;
      throw new NearError("E_UNSUPPORTED", message, { storage: storage.name });
    }
    return planQuery(asked, { distance, filters, kind: shape.kind }, registry, where === undefined ? null : this.compiled(where));
  }

  /** The query as one row, copied at once; for `{ id }` the stored vector, and its row, which is left out. */
  async #asked(query: QueryInput, plan: QueryPlan): Promise<AskedQuery> {
    const { shape, ready, reading } = this.#parts;
    if (typeof query !== "object" || query === null || !("id" in query)) {
      return { rows: this.#checked(intakeOne(query, shape, "query"), plan), leaveOut: -1 };
    }
    const id = checkId(query.id);
    await ready();
    const found = await reading.one(id, ({ rows: [row] }, reader) => ({ row, vector: copyVector(reader.vector(row)) }));
    if (found === undefined) {
      const message = `there is no vector with id ${show(query.id)}: store it first, or ask with the vector itself`;
      throw new NearError("E_NOT_FOUND", message, { id: query.id });
    }
    return { rows: this.#checked(intakeOne(found.vector, shape, "query"), plan), leaveOut: found.row };
  }

  #checked(rows: Rows, plan: QueryPlan): Rows {
    if (plan.distance !== null) refuseUndefined(rows, plan.distance, rows.count === 1 ? "query" : "queries");
    return toKind(rows, this.#parts.shape.kind);
  }
}
