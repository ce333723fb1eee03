import { Estimate } from "../core/codes.js";
import type { Probes } from "../core/columns.js";
import type { Estimation, KeyDirectory, RowReader, RowSet, Storage } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { narrow, rowsAtOnce } from "./blocks.js";
import { valuesOf } from "./cost.js";
import { finish, finishTogether, type HandBack, type Sink } from "./finish.js";
import { fresh } from "./fresh.js";
import type { Guarantee } from "./guarantee.js";
import type { QueryPlan } from "./plan.js";
import { drop, everything, noDirectory, probeAll, probeBy } from "./probing.js";
import { type Reachable, type Read, readEnough, readOn, short, surely } from "./read-on.js";
import { Rounds } from "./rounds.js";
import { newScratch, type Scratch } from "./scratch.js";
import { type Effort, type Stage, type Stages, toRankOf } from "./stages.js";

export { newScratch, type Scratch };

/** What a search reads. */
export type Searched = Pick<Storage, "resident" | "shared" | "directory" | "scan" | "fetch" | "size"> & {
  /** Most probes a table that it can be read by, where it is a part of what there is: who needs more hands the query back. */
  readonly mostProbes?: number;
};

/** The one pipeline: probes → scan → filters → fetch → filters → measure → filters. It waits only where the storage does. */
export class Search {
  readonly storage: Searched;
  readonly stages: Stages;
  readonly guarantee: Guarantee | undefined;
  readonly #pool: Scratch[] = [];
  readonly #renew: (() => Promise<void>) | undefined;

  /** `renew` reads what is known of the index anew, where other processes can change it; `guarantee` says how queries are read that are promised something. */
  constructor(storage: Searched, stages: Stages, renew?: () => Promise<void>, guarantee?: Guarantee) {
    this.guarantee = guarantee;
    this.storage = storage;
    this.stages = stages;
    this.#renew = renew;
  }

  /** Answers one query (one row). `leaveOut` names a stored row that is not to be found. */
  run(query: Rows, plan: QueryPlan, sink: Sink, leaveOut = -1): Promise<void> {
    if (this.#renew === undefined) return this.#runOnce(query, plan, sink, leaveOut);
    return fresh(this.#renew, () => this.#runOnce(query, plan, sink, leaveOut));
  }

  async #runOnce(query: Rows, plan: QueryPlan, sink: Sink, leaveOut: number): Promise<void> {
    const scratch = this.take();
    try {
      if (this.guarantee?.serves(plan) === true) return await this.#runSurely(this.guarantee, query, plan, scratch, sink, leaveOut);
      if (plan.where !== null) return await this.#runRounds(query, plan, scratch, sink, leaveOut);
      const probing = this.probe(query, plan, scratch.probes);
      if (probing !== undefined) await probing;
      const answering = this.answer(query, plan, scratch, sink, leaveOut);
      if (answering !== undefined) await answering;
    } finally {
      this.give(scratch);
    }
  }

  /** Writes the probes of `query` by all hashes. */
  probe(query: Rows, plan: QueryPlan, probes: Probes): Promise<void> | undefined {
    probes.clear();
    return this.appendProbes(query, plan, probes);
  }

  /** As {@link Search.probe}, behind those that are there. */
  appendProbes(query: Rows, plan: QueryPlan, probes: Probes): Promise<void> | undefined {
    probes.version = this.stages.version;
    const { active } = this.stages;
    if (plan.exact) {
      if (this.storage.resident === undefined && this.storage.shared === undefined) probeAll(active, probes);
      return undefined;
    }
    const perTable = this.#sighted(plan);
    for (let s = 0; s < active.length; s++) {
      const directory = active[s].hash.asksDirectory === false ? noDirectory : this.storage.directory(active[s].number);
      if (directory instanceof Promise) return this.#probeLater(query, perTable, probes, active, s, directory);
      probeBy(active[s], query, perTable, directory, probes);
    }
    return undefined;
  }

  /** Reads the probed buckets into `scratch.candidates`; `trace` as in {@link Estimation}. */
  scan(query: Rows, plan: QueryPlan, scratch: Scratch, leaveOut: number, trace?: Float32Array): Promise<void> | undefined {
    const { candidates, probes } = scratch;
    candidates.clear();
    const { resident, shared } = this.storage;
    const allowed = this.#allowed(plan);
    if (allowed?.count === 0) return undefined;
    if ((plan.exact || this.stages.active.length === 0) && resident !== undefined) {
      resident.all(candidates, allowed);
      drop(candidates, leaveOut);
      return undefined;
    }
    if ((plan.exact || this.stages.active.length === 0) && shared !== undefined) {
      return Promise.resolve(shared.all(candidates)).then(() => drop(candidates, leaveOut));
    }
    const { unique } = plan;
    const estimation = this.#estimation(query, plan, scratch, leaveOut, trace);
    const scanning = this.storage.scan(probes, { unique, estimation, allowed }, candidates);
    if (scanning instanceof Promise) return scanning.then(() => drop(candidates, leaveOut));
    drop(candidates, leaveOut);
    return undefined;
  }

  /** How a query with a `where` is searched, and others of its dimension. */
  async rounds(query: Rows, plan: QueryPlan, leavesOut: boolean): Promise<Rounds> {
    const { active, effort } = this.stages;
    const facts = await this.#reachable(query);
    const matching = this.#allowed(plan)?.count;
    const coded = this.coded(plan);
    const partitioned = coded && active.length === 1 && active[0].hash.tables === 1 && effort.neighbours !== undefined;
    return new Rounds(plan, { ...facts, matching, hashed: active.length > 0, coded, partitioned, effort, leavesOut });
  }

  /** Reads more of the buckets for a query whose candidates are in `scratch`, or all vectors, until that is enough; returns the plan by which it did, null where that is more than can be read here. */
  async readOn(query: Rows, plan: QueryPlan, scratch: Scratch, leaveOut: number): Promise<QueryPlan | null> {
    if (this.#enough(plan, scratch, leaveOut)) return plan;
    const reachable = await this.#reachable(query);
    const { mostProbes } = this.storage;
    for (let current = plan; ; ) {
      const read = this.#read(current, scratch, leaveOut, reachable.size);
      if (read === null || readEnough(read)) return current;
      const effort = readOn(read, reachable);
      if (mostProbes !== undefined && (effort === undefined || effort.probes > mostProbes)) return null;
      if (effort !== undefined) current = { ...current, effort };
      else if (this.storage.resident !== undefined && (short(read) || read.effort.probes < reachable.buckets)) {
        current = { ...current, exact: true, byCodes: false };
      } else return current;
      const probing = this.probe(query, current, scratch.probes);
      if (probing !== undefined) await probing;
      const scanning = this.scan(query, current, scratch, leaveOut);
      if (scanning !== undefined) await scanning;
    }
  }

  /** The only rows that may be found, as of now; undefined: all. */
  #allowed({ where, allowed }: QueryPlan): RowSet | undefined {
    return where === null || where.indexed === null ? allowed : this.storage.resident?.select?.(where.indexed);
  }

  /** How much a query with this plan reads. */
  effort({ probes, nearest, effort: own }: QueryPlan): Effort {
    if (own !== undefined) return own;
    const { effort } = this.stages;
    if (probes !== undefined) return { probes, stop: null, deviations: effort.deviations };
    const tuned = effort.neighbours;
    if (tuned === undefined) return effort;
    // Without a number of neighbours nothing tells when there are enough: all lists are read, by their codes.
    if (nearest === undefined) return { ...effort, probes: everything, stop: null, deviations: Math.max(effort.deviations, surely) };
    // More neighbours than the effort is tuned for lie in more buckets; the stop rule sees to it that no more are read than need be.
    return nearest <= tuned ? effort : { ...effort, probes: effort.probes * Math.ceil(nearest / tuned) };
  }

  /** Probes to be asked for: a few more than are read, where it is by their order that a query is known to be unlike the others. */
  #sighted(plan: QueryPlan): number {
    const { probes, stop, careful } = this.effort(plan);
    return careful !== undefined && stop === null && this.coded(plan) ? Math.max(probes, careful.probe) : probes;
  }

  /** Whether codes choose the candidates of this plan. */
  coded(plan: QueryPlan): boolean {
    const { distance } = plan;
    if (!plan.byCodes || distance?.toRank === undefined || !this.stages.estimates(distance.metric)) return false;
    return this.effort(plan).deviations !== Number.POSITIVE_INFINITY;
  }

  /** Prepares the estimates of `query` by the codes of all hashes that have some for this plan; undefined where there are none. */
  #estimation(query: Rows, plan: QueryPlan, scratch: Scratch, leaveOut: number, trace?: Float32Array): Estimation | undefined {
    const { distance, within } = plan;
    const metric = distance?.metric;
    if (metric === undefined || distance?.toRank === undefined || !this.coded(plan)) return undefined;
    const { stop, deviations, neighbours = 0, careful, probes: perTable } = this.effort(plan);
    const wanted = plan.sought ?? plan.nearest;
    // Fewer are looked for as if they were as many as the effort is tuned for: the nearest of them is as likely to be found as the last.
    const nearest = wanted === undefined ? undefined : Math.max(wanted, plan.probes === undefined ? neighbours : 0);
    const { estimates, probes } = scratch;
    estimates.fill(null);
    for (const { number, sketch, hash } of this.stages.active) {
      if (sketch?.metric !== metric) continue;
      const known = scratch.own.get(sketch) ?? new Estimate(sketch.groups);
      scratch.own.set(sketch, known);
      while (estimates.length <= number) estimates.push(null);
      known.reserve(Math.max(probes.count, careful?.probe ?? 0));
      sketch.estimate(query, probes, number, known);
      // The hash and its codes agree on the order of probes but about: one that stands out must not stop a scan, nor let it go on.
      if ((stop !== null || trace !== undefined) && this.stages.active.length === 1) ascend(known.orders, probes.count);
      if (careful !== undefined) {
        known.orders.fill(Number.POSITIVE_INFINITY, probes.count, careful.probe); // there are no more
        // What is read of a query that looks like the others, is read of any.
        if (stop === careful.stop) known.orders.fill(Number.NEGATIVE_INFINITY, 0, Math.min(careful.read * hash.tables, probes.count));
        else if (stop === null) probes.count = Math.min(probes.count, perTable * hash.tables);
      }
      estimates[number] = known;
    }
    const toRank = toRankOf(this.stages.active.find(({ sketch }) => sketch?.metric === metric)?.sketch ?? { metric });
    const estimation: Estimation = {
      estimates,
      nearest: nearest === undefined ? 0 : nearest + (leaveOut < 0 ? 0 : 1),
      within: within === undefined ? Number.POSITIVE_INFINITY : (distance.toRank(within) - toRank.offset) / toRank.scale,
      deviations,
      stop,
      toRank,
    };
    return trace === undefined ? estimation : { ...estimation, trace };
  }

  /** Scratch for callers that go step by step; to be given back. */
  take(): Scratch {
    return this.#pool.pop() ?? newScratch();
  }

  give(scratch: Scratch): void {
    this.#pool.push(scratch);
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
      const asks = stages[s].hash.asksDirectory !== false;
      const directory = s === from ? first : asks ? this.storage.directory(stages[s].number) : noDirectory;
      probeBy(stages[s], query, perTable, await directory, probes);
    }
  }

  async #runRounds(query: Rows, plan: QueryPlan, scratch: Scratch, sink: Sink, leaveOut: number): Promise<void> {
    const rounds = await this.rounds(query, plan, leaveOut >= 0);
    for (let enough = false; !enough; ) {
      const probing = this.probe(query, rounds.plan, scratch.probes);
      if (probing !== undefined) await probing;
      const look: Sink = (candidates, reader) => {
        enough = rounds.enough(scratch.outcome);
        if (enough) sink(candidates, reader, 0);
      };
      const answering = this.answer(query, rounds.plan, scratch, look, leaveOut);
      if (answering !== undefined) await answering;
      if (!enough) rounds.widen(scratch.outcome);
    }
  }

  /** Answers a query that is promised something, by as many rounds as that takes. */
  async #runSurely(guarantee: Guarantee, query: Rows, plan: QueryPlan, scratch: Scratch, sink: Sink, leaveOut: number): Promise<void> {
    let last: RowReader | undefined;
    const note: Sink = (_, reader) => {
      last = reader;
    };
    await guarantee.run(query, plan, scratch, (round) => this.answer(query, round, scratch, note, leaveOut));
    if (last !== undefined) sink(scratch.candidates, last, 0);
  }

  /** Answers queries whose probes, the same for all, are in `scratch`; `handBack` as for {@link runMany}. */
  answer(queries: Rows, plan: QueryPlan, scratch: Scratch, sink: Sink, leaveOut: number, handBack?: HandBack): Promise<void> | undefined {
    const scanning = this.scan(queries, plan, scratch, leaveOut);
    if (scanning !== undefined) return scanning.then(() => this.#answerScanned(queries, plan, scratch, sink, leaveOut, handBack));
    return this.#answerScanned(queries, plan, scratch, sink, leaveOut, handBack);
  }

  #answerScanned(
    queries: Rows,
    plan: QueryPlan,
    scratch: Scratch,
    sink: Sink,
    leaveOut: number,
    handBack?: HandBack,
  ): Promise<void> | undefined {
    if (queries.count > 1 || this.#enough(plan, scratch, leaveOut)) return this.#fetch(queries, plan, scratch, sink);
    return this.readOn(queries, plan, scratch, leaveOut).then((last) => {
      if (last !== null) return this.#fetch(queries, last, scratch, sink);
      handBack?.(0);
      return undefined;
    });
  }

  /** Whether a query has read enough; also where only `size` tells that it has not. */
  #enough(plan: QueryPlan, scratch: Scratch, leaveOut: number): boolean {
    const read = this.#read(plan, scratch, leaveOut, Number.POSITIVE_INFINITY);
    return read === null || readEnough(read);
  }

  /** What a query has read; null where that is as much as it should, whatever it found: somebody has said how much, or nothing is known of what is enough. */
  #read(plan: QueryPlan, { probes, candidates, estimates }: Scratch, leaveOut: number, size: number): Read | null {
    if (plan.exact || plan.where !== null || plan.probes !== undefined || plan.nearest === undefined) return null;
    const { active } = this.stages;
    const effort = this.effort(plan);
    if (effort.neighbours === undefined || active.length === 0) return null;
    const { bounded } = candidates;
    const within = bounded && plan.within !== undefined;
    const left = leaveOut < 0 ? 0 : 1;
    const wanted = Math.min(plan.nearest, plan.allowed?.count ?? Number.POSITIVE_INFINITY, size - left) + (within ? left : 0);
    const orders = bounded ? estimates[active[0].number]?.orders : undefined;
    const listed = active[0].hash.anchors !== undefined;
    return { effort, probes, candidates, orders, listed, nearest: plan.nearest, wanted, within };
  }

  async #reachable(query: Rows): Promise<Reachable> {
    const groups = this.stages.active[0]?.sketch?.groups ?? 0;
    return { size: await this.storage.size(), dim: valuesOf(query), groups, buckets: await this.#buckets() };
  }

  /** Most buckets of a table. */
  async #buckets(): Promise<number> {
    let most = 1;
    for (const { hash, number } of this.stages.active) {
      const directory = await this.storage.directory(number);
      for (let table = 0; table < hash.tables; table++) most = Math.max(most, directory.size(table));
    }
    return most;
  }

  #fetch(queries: Rows, plan: QueryPlan, scratch: Scratch, sink: Sink): Promise<void> | undefined {
    const atOnce = queries.count > 1 ? Number.POSITIVE_INFINITY : rowsAtOnce(this.storage, queries, plan);
    if (scratch.candidates.count > atOnce) return this.#fetchInBlocks(queries, plan, scratch, sink, atOnce);
    const fetching = this.storage.fetch(scratch.candidates);
    if (fetching instanceof Promise) return fetching.then((reader) => this.#finishAll(queries, plan, scratch, reader, sink));
    this.#finishAll(queries, plan, scratch, fetching, sink);
    return undefined;
  }

  async #fetchInBlocks(query: Rows, plan: QueryPlan, scratch: Scratch, sink: Sink, atOnce: number): Promise<void> {
    const { candidates, outcome } = scratch;
    const { count } = candidates;
    await narrow(this.storage, query, plan, candidates, atOnce);
    const reader = await this.storage.fetch(candidates);
    finish(query, plan, scratch, reader);
    outcome.scanned = count;
    outcome.matched = count;
    candidates.proposed = count;
    sink(candidates, reader, 0);
  }

  #finishAll(queries: Rows, plan: QueryPlan, scratch: Scratch, reader: RowReader, sink: Sink): void {
    if (queries.count > 1) finishTogether(queries, plan, scratch.candidates, reader, sink);
    else {
      finish(queries, plan, scratch, reader);
      sink(scratch.candidates, reader, 0);
    }
  }
}

/** Sorts the first `count` values, which are nearly sorted already. */
function ascend(values: Float32Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const value = values[i];
    let at = i;
    for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
}
