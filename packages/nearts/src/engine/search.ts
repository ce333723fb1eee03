import { Candidates, Probes } from "../core/columns.js";
import type { Awaitable, FilterContext, Hash, KeyDirectory, RowReader, Storage } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { slice } from "../core/rows.js";
import { applyDistanceFilters, confirm, measure, measureExactly, slack } from "./measure.js";
import type { QueryPlan } from "./plan.js";

/** What a query works in; taken from a pool and given back, so that none is made per query. */
export interface Scratch {
  readonly probes: Probes;
  readonly candidates: Candidates;
}

/** Receives the results of one query: `candidates` in order, readable through `reader`, until it returns. */
export type Sink = (candidates: Candidates, reader: RowReader) => void;

/** Queries with equal probes are measured together, at most so many. */
const mostTogether = 256;

/** The one pipeline: probes → scan → filters → fetch → filters → measure → filters. It waits only where the storage does. */
export class Search {
  readonly #storage: Storage;
  readonly #hashes: readonly Hash[];
  readonly #pool: Scratch[] = [];

  constructor(storage: Storage, hashes: readonly Hash[]) {
    this.#storage = storage;
    this.#hashes = hashes;
  }

  /** Answers one query (one row). `leaveOut` names a stored row that is not to be found. */
  async run(query: Rows, plan: QueryPlan, sink: Sink, leaveOut = -1): Promise<void> {
    const scratch = this.#take();
    try {
      const probing = this.probe(query, plan.probes, scratch.probes);
      if (probing !== undefined) await probing;
      await this.#answer(query, plan, scratch, sink, leaveOut);
    } finally {
      this.#pool.push(scratch);
    }
  }

  /** Answers all rows of `queries` in order; those that would read the same buckets in a row share one scan and one pass over the vectors. */
  async runMany(queries: Rows, plan: QueryPlan, sink: Sink, between: () => Awaitable<void>): Promise<void> {
    let [current, ahead] = [this.#take(), this.#take()];
    try {
      for (let next = 0; next < queries.count; ) {
        if (next === 0 || current.probes.count === 0) await this.probe(slice(queries, next, next + 1), plan.probes, current.probes);
        const together = await this.#lookAhead(queries, next, plan, current.probes, ahead.probes);
        await this.#answer(slice(queries, next, next + together), plan, current, sink, -1);
        next += together;
        [current, ahead] = [ahead, current];
        await between();
      }
    } finally {
      this.#pool.push(current, ahead);
    }
  }

  /** Writes the probes of `query` by all hashes. */
  probe(query: Rows, perTable: number, probes: Probes): Promise<void> | undefined {
    probes.clear();
    for (let h = 0; h < this.#hashes.length; h++) {
      const directory = this.#storage.directory(h);
      if (directory instanceof Promise) return this.#probeLater(query, perTable, probes, h, directory);
      this.#probeBy(h, query, perTable, directory, probes);
    }
    return undefined;
  }

  /** Reads the probed buckets into `scratch.candidates` and applies the filters on rows. */
  scan(plan: QueryPlan, scratch: Scratch, leaveOut: number): Promise<void> | undefined {
    scratch.candidates.clear();
    const scanning = this.#storage.scan(scratch.probes, plan, scratch.candidates);
    if (scanning instanceof Promise) return scanning.then(() => drop(scratch.candidates, leaveOut));
    drop(scratch.candidates, leaveOut);
    return undefined;
  }

  /** Scratch for callers that go step by step; to be given back. */
  #take(): Scratch {
    return this.#pool.pop() ?? { probes: new Probes(), candidates: new Candidates() };
  }

  async #probeLater(query: Rows, perTable: number, probes: Probes, from: number, first: Promise<KeyDirectory>): Promise<void> {
    for (let h = from; h < this.#hashes.length; h++) {
      this.#probeBy(h, query, perTable, await (h === from ? first : this.#storage.directory(h)), probes);
    }
  }

  #probeBy(h: number, query: Rows, perTable: number, directory: KeyDirectory, probes: Probes): void {
    const hash = this.#hashes[h];
    probes.hash = h;
    hash.probes(query, directory, perTable * hash.tables, probes);
  }

  #finish(query: Rows, plan: QueryPlan, candidates: Candidates, reader: RowReader): void {
    const context = contextOf(reader);
    for (const filter of plan.scanFilters) filter.apply(candidates, context);
    for (const filter of plan.candidateFilters) filter.apply(candidates, context);
    if (plan.distance === null) return;
    measure(plan.distance, plan, query, reader, candidates);
    applyDistanceFilters(plan, candidates, context);
  }

  /** Whether several queries can share candidates: only where ranks decide, and no filter needs to look at them query by query. */
  #sharable(plan: QueryPlan): boolean {
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
      const probing = this.probe(slice(queries, from + count, from + count + 1), plan.probes, ahead);
      if (probing !== undefined) await probing;
      if (!ahead.sameAs(current)) break;
    }
    return count;
  }

  /** Answers queries whose probes, the same for all, are in `scratch`. */
  async #answer(queries: Rows, plan: QueryPlan, scratch: Scratch, sink: Sink, leaveOut: number): Promise<void> {
    const scanning = this.scan(plan, scratch, leaveOut);
    if (scanning !== undefined) await scanning;
    const { candidates } = scratch;
    const fetching = this.#storage.fetch(candidates);
    const reader = fetching instanceof Promise ? await fetching : fetching;
    if (queries.count === 1) {
      this.#finish(queries, plan, candidates, reader);
      sink(candidates, reader);
    } else this.#finishTogether(queries, plan, candidates, reader, sink);
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
  let kept = 0;
  for (let i = 0; i < candidates.count; i++) if (candidates.rows[i] !== row) candidates.rows[kept++] = candidates.rows[i];
  candidates.count = kept;
}
