import { Estimate } from "../core/codes.js";
import { Candidates, Probes } from "../core/columns.js";
import type { Awaitable, Estimation, FilterContext, KeyDirectory, RowReader, Sketch, Storage } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { slice } from "../core/rows.js";
import { applyDistanceFilters, confirm, measure, measureExactly, slack } from "./measure.js";
import type { QueryPlan } from "./plan.js";
import { type Effort, type Stage, type Stages, toRankOf } from "./stages.js";

/** What a query works in; taken from a pool and given back, so that none is made per query. */
export interface Scratch {
  readonly probes: Probes;
  readonly candidates: Candidates;
  /** By number of the hash. */
  readonly estimates: (Estimate | null)[];
  readonly own: WeakMap<Sketch, Estimate>;
}

/** Receives the results of one query: `candidates` in order, readable through `reader`, until it returns. */
export type Sink = (candidates: Candidates, reader: RowReader) => void;

/** Queries with equal probes are measured together, at most so many. */
const mostTogether = 256;

/** The one pipeline: probes → scan → filters → fetch → filters → measure → filters. It waits only where the storage does. */
export class Search {
  readonly #storage: Storage;
  readonly #stages: Stages;
  readonly #pool: Scratch[] = [];

  constructor(storage: Storage, stages: Stages) {
    this.#storage = storage;
    this.#stages = stages;
  }

  /** Answers one query (one row). `leaveOut` names a stored row that is not to be found. */
  async run(query: Rows, plan: QueryPlan, sink: Sink, leaveOut = -1): Promise<void> {
    const scratch = this.#take();
    try {
      const probing = this.probe(query, plan, scratch.probes);
      if (probing !== undefined) await probing;
      const answering = this.#answer(query, plan, scratch, sink, leaveOut);
      if (answering !== undefined) await answering;
    } finally {
      this.#pool.push(scratch);
    }
  }

  /** Answers all rows of `queries` in order; those that would read the same buckets in a row share one scan and one pass over the vectors. */
  async runMany(queries: Rows, plan: QueryPlan, sink: Sink, between: () => Awaitable<void>): Promise<void> {
    let [current, ahead] = [this.#take(), this.#take()];
    try {
      for (let next = 0; next < queries.count; ) {
        if (next === 0 || current.probes.count === 0) await this.probe(slice(queries, next, next + 1), plan, current.probes);
        const together = await this.#lookAhead(queries, next, plan, current.probes, ahead.probes);
        const answering = this.#answer(slice(queries, next, next + together), plan, current, sink, -1);
        if (answering !== undefined) await answering;
        next += together;
        [current, ahead] = [ahead, current];
        await between();
      }
    } finally {
      this.#pool.push(current, ahead);
    }
  }

  /** Writes the probes of `query` by all hashes. */
  probe(query: Rows, plan: QueryPlan, probes: Probes): Promise<void> | undefined {
    probes.clear();
    if (plan.exact) return undefined;
    const { active } = this.#stages;
    const { probes: perTable } = this.#effort(plan);
    for (let s = 0; s < active.length; s++) {
      const directory = this.#storage.directory(active[s].number);
      if (directory instanceof Promise) return this.#probeLater(query, perTable, probes, active, s, directory);
      probeBy(active[s], query, perTable, directory, probes);
    }
    return undefined;
  }

  /** Reads the probed buckets into `scratch.candidates`; `trace` as in {@link Estimation}. */
  scan(query: Rows, plan: QueryPlan, scratch: Scratch, leaveOut: number, trace?: Float32Array): Promise<void> | undefined {
    const { candidates, probes } = scratch;
    candidates.clear();
    const { resident } = this.#storage;
    if ((plan.exact || this.#stages.active.length === 0) && resident !== undefined) {
      resident.all(candidates, plan.allowed);
      drop(candidates, leaveOut);
      return undefined;
    }
    const { unique, allowed } = plan;
    const estimation = this.#estimation(query, plan, scratch, leaveOut, trace);
    const scanning = this.#storage.scan(probes, { unique, estimation, allowed }, candidates);
    if (scanning instanceof Promise) return scanning.then(() => drop(candidates, leaveOut));
    drop(candidates, leaveOut);
    return undefined;
  }

  /** How much a query with this plan reads. */
  #effort({ probes, nearest }: QueryPlan): Effort {
    const { effort } = this.#stages;
    if (probes !== undefined) return { ...effort, probes, stop: null };
    // More neighbours than the effort is tuned for lie in more buckets; the stop rule sees to it that no more are read than need be.
    return nearest === undefined || nearest <= 10 ? effort : { ...effort, probes: effort.probes * Math.ceil(nearest / 10) };
  }

  /** Prepares the estimates of `query` by the codes of all hashes that have some for this plan; undefined where there are none. */
  #estimation(query: Rows, plan: QueryPlan, scratch: Scratch, leaveOut: number, trace?: Float32Array): Estimation | undefined {
    const { distance, nearest, within } = plan;
    const metric = distance?.metric;
    if (!plan.byCodes || metric === undefined || distance?.toRank === undefined || !this.#stages.estimates(metric)) return undefined;
    const { stop, deviations } = this.#effort(plan);
    if (deviations === Number.POSITIVE_INFINITY) return undefined;
    const { estimates, probes } = scratch;
    estimates.fill(null);
    for (const { number, sketch } of this.#stages.active) {
      if (sketch?.metric !== metric) continue;
      const known = scratch.own.get(sketch) ?? new Estimate(sketch.groups);
      scratch.own.set(sketch, known);
      while (estimates.length <= number) estimates.push(null);
      known.reserve(probes.count);
      sketch.estimate(query, probes, number, known);
      estimates[number] = known;
    }
    const toRank = toRankOf(metric);
    return {
      estimates,
      nearest: nearest === undefined ? 0 : nearest + (leaveOut < 0 ? 0 : 1),
      within: within === undefined ? Number.POSITIVE_INFINITY : (distance.toRank(within) - toRank.offset) / toRank.scale,
      deviations,
      stop,
      toRank,
      ...(trace === undefined ? {} : { trace }),
    };
  }

  /** Scratch for callers that go step by step; to be given back. */
  #take(): Scratch {
    return this.#pool.pop() ?? newScratch();
  }

  async #probeLater(
    query: Rows,
    perTable: number,
    probes: Probes,
    stages: readonly Stage[],
    from: number,
    first: Promise<KeyDirectory>,
  ): Promise<void> {
    for (let s = from; s < stages.length; s++) {
      probeBy(stages[s], query, perTable, await (s === from ? first : this.#storage.directory(stages[s].number)), probes);
    }
  }

  #finish(query: Rows, plan: QueryPlan, candidates: Candidates, reader: RowReader): void {
    const context = contextOf(reader);
    for (const filter of plan.scanFilters) filter.apply(candidates, context);
    for (const filter of plan.candidateFilters) filter.apply(candidates, context);
    candidates.proposed = candidates.count;
    if (plan.distance === null) return;
    measure(plan.distance, plan, query, reader, candidates);
    applyDistanceFilters(plan, candidates, context);
  }

  /** Whether several queries can share candidates: only where ranks decide, and no filter needs to look at them query by query. */
  #sharable(plan: QueryPlan): boolean {
    if (plan.byCodes && this.#stages.estimates(plan.distance?.metric)) return false;
    return (
      plan.nearest !== undefined && plan.distance?.metric !== undefined && plan.scanFilters.length + plan.candidateFilters.length === 0
    );
  }

  /** How many queries from `from` on read the same buckets; leaves the probes of the one after them in `ahead`, none where it is not known. */
  async #lookAhead(queries: Rows, from: number, plan: QueryPlan, current: Probes, ahead: Probes): Promise<number> {
    ahead.clear();
    if (!this.#sharable(plan)) return 1;
    let count = 1;
    for (; from + count < queries.count; count++) {
      if (count === mostTogether) {
        ahead.clear();
        break;
      }
      const probing = this.probe(slice(queries, from + count, from + count + 1), plan, ahead);
      if (probing !== undefined) await probing;
      if (!ahead.sameAs(current)) break;
    }
    return count;
  }

  /** Answers queries whose probes, the same for all, are in `scratch`. */
  #answer(queries: Rows, plan: QueryPlan, scratch: Scratch, sink: Sink, leaveOut: number): Promise<void> | undefined {
    const scanning = this.scan(queries, plan, scratch, leaveOut);
    if (scanning !== undefined) return scanning.then(() => this.#fetch(queries, plan, scratch, sink));
    return this.#fetch(queries, plan, scratch, sink);
  }

  #fetch(queries: Rows, plan: QueryPlan, { candidates }: Scratch, sink: Sink): Promise<void> | undefined {
    const fetching = this.#storage.fetch(candidates);
    if (fetching instanceof Promise) return fetching.then((reader) => this.#finishAll(queries, plan, candidates, reader, sink));
    this.#finishAll(queries, plan, candidates, fetching, sink);
    return undefined;
  }

  #finishAll(queries: Rows, plan: QueryPlan, candidates: Candidates, reader: RowReader, sink: Sink): void {
    if (queries.count > 1) this.#finishTogether(queries, plan, candidates, reader, sink);
    else {
      this.#finish(queries, plan, candidates, reader);
      sink(candidates, reader);
    }
  }

  #finishTogether(queries: Rows, plan: QueryPlan, candidates: Candidates, reader: RowReader, sink: Sink): void {
    const { distance, nearest } = plan;
    if (distance?.metric === undefined || nearest === undefined) return; // only sharable plans come here
    const { metric } = distance;
    const limit = Math.min(nearest + slack(nearest), candidates.count);
    reader.nearestOfMany(metric, queries, candidates, limit, (q, best) => {
      const query = slice(queries, q, q + 1);
      const bound = limit < candidates.count ? confirm(distance, nearest, query, reader, best) : undefined;
      if (typeof bound === "number") {
        best.copyFrom(candidates);
        reader.nearest(metric, query, best, best.count, bound);
      }
      if (bound !== null) measureExactly(distance, query, reader, best);
      best.raw = candidates.raw;
      applyDistanceFilters(plan, best, contextOf(reader));
      sink(best, reader);
    });
  }
}

/** Scratch for one query. */
export function newScratch(): Scratch {
  return { probes: new Probes(), candidates: new Candidates(), estimates: [], own: new WeakMap() };
}

function probeBy({ hash, number }: Stage, query: Rows, perTable: number, directory: KeyDirectory, probes: Probes): void {
  probes.hash = number;
  hash.probes(query, directory, perTable * hash.tables, probes);
}

/** What filters may ask, answered by a reader. */
export function contextOf(reader: RowReader): FilterContext {
  return {
    id: (row) => reader.id(row),
    data: (row) => {
      const text = reader.data(row);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    vector: (row) => reader.vector(row),
  };
}

function drop(candidates: Candidates, row: number): void {
  if (row < 0) return;
  const { rows, lower, bounded } = candidates;
  let kept = 0;
  for (let i = 0; i < candidates.count; i++) {
    if (rows[i] === row) continue;
    if (bounded) lower[kept] = lower[i];
    rows[kept++] = rows[i];
  }
  candidates.count = kept;
}
