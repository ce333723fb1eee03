import { Candidates, type Probes } from "../core/columns.js";
import type { Awaitable, RowReader } from "../core/contracts.js";
import { type Rows, slice } from "../core/rows.js";
import type { HandBack, Sink } from "./finish.js";
import type { QueryPlan } from "./plan.js";
import { tell } from "./probing.js";
import type { Search } from "./search.js";

/** Queries with equal probes are measured together, at most so many. */
const mostTogether = 256;

/** Queries that are asked of servers at once, at most; and such as all vectors are brought for. */
const underWay = 16;
const exactUnderWay = 2;

/** Queries whose probes are known before the first of them is answered, at most; fewer once there are so many probes. */
const inView = 4096;
const mostProbes = 65_536;

/** Queries to be answered by one plan. */
export interface ManyQueries {
  readonly queries: Rows;
  readonly plan: QueryPlan;
  /** Receives the results of each query, whose number it is told, in any order. */
  readonly sink: Sink;
  /** Called between pieces of work; a rejection ends it. */
  readonly between: () => Awaitable<void>;
  /** Where given, asked before a query is answered by codes: false where somebody else does it. */
  readonly take?: (q: number) => boolean;
  /** Called instead of `sink`, where given, for a query that has to read more than can be read here. */
  readonly handBack?: HandBack;
}

/** Answers all queries, together what can be: those that read the same buckets share one scan, those that read codes are mapped and probed before, and go list by list. */
export async function runMany(search: Search, many: ManyQueries): Promise<void> {
  const { queries, plan: asked } = many;
  // What was learned may change between two queries: each goes by what is known then.
  if (search.storage.shared !== undefined) return runTogether(search, many);
  if (search.guarantee?.serves(asked) === true) return runEach(search, many);
  // Where all rows that pass are measured, they are the same for all queries.
  const plan = asked.where === null ? asked : (await search.rounds(queries, asked, false)).plan;
  const shares = sharable(search, plan);
  if (plan.where !== null && !shares) return runEach(search, many);
  if (shares) return runShared(search, { ...many, plan });
  for (let from = 0; from < queries.count; ) from = await runInView(search, { ...many, plan }, from);
}

/**
 * Answers queries from number `from` on, as many as can be in view, by the order of the first buckets they read, which are then still in the cache for the next. Returns the number of the
 * first that is not answered.
 */
async function runInView(search: Search, { queries, plan, sink, between, take, handBack }: ManyQueries, from: number): Promise<number> {
  const { active } = search.stages;
  const scratch = search.take();
  // In few columns for all queries: those of one are in the cache no longer when its turn comes.
  const { probes, inView: known } = scratch;
  known.clear();
  const last = Math.min(queries.count, from + inView);
  const query = (i: number) => slice(queries, from + i, from + i + 1);
  const ends: number[] = [];
  try {
    tell(active, slice(queries, from, last));
    for (let i = 0; from + i < last && known.count < mostProbes; i++) {
      const probing = search.appendProbes(query(i), plan, known);
      if (probing !== undefined) await probing;
      ends.push(known.count);
      const pausing = between();
      if (pausing !== undefined) await pausing;
    }
    for (const i of byFirstBucket(known, ends)) {
      const q = from + i;
      if (take?.(q) === false) continue;
      probes.clear();
      probes.append(known, i === 0 ? 0 : ends[i - 1], ends[i]);
      if (search.stages.active !== active) await search.probe(query(i), plan, probes); // learned anew meanwhile
      const answering = search.answer(query(i), plan, scratch, withNumber(sink, q), -1, handBack && (() => handBack(q)));
      if (answering !== undefined) await answering;
      const pausing = between();
      if (pausing !== undefined) await pausing;
    }
    return from + ends.length;
  } finally {
    tell(active, null);
    search.give(scratch);
  }
}

/** Numbers of queries, whose probes end at `ends`, by table and key of their first probes, about. */
function byFirstBucket(probes: Probes, ends: readonly number[]): Float64Array {
  // The number of a query in the lowest bits, so that numbers alone are sorted; what a table's number has beyond 2⁹ falls out at the top.
  const keys = Float64Array.from(ends, (end, q) => {
    const first = q === 0 ? 0 : ends[q - 1];
    const bucket = first === end ? 0 : (probes.tables[first] % 2 ** 9) * 2 ** 32 + probes.lo[first];
    return bucket * inView + q;
  });
  return keys.sort().map((key) => key % inView);
}

function withNumber(sink: Sink, q: number): Sink {
  return (found, reader) => sink(found, reader, q);
}

/** Those that would read the same buckets in a row share one scan and one pass over the vectors. */
async function runShared(search: Search, { queries, plan, sink, between, handBack }: ManyQueries): Promise<void> {
  let [current, ahead] = [search.take(), search.take()];
  try {
    for (let next = 0; next < queries.count; ) {
      if (next === 0 || current.probes.count === 0) await search.probe(slice(queries, next, next + 1), plan, current.probes);
      const together = await lookAhead(search, queries, next, plan, current.probes, ahead.probes);
      const first = next;
      const own: Sink = (found, reader, q) => sink(found, reader, first + q);
      const group = slice(queries, next, next + together);
      const answering = search.answer(group, plan, current, own, -1, handBack && ((q) => handBack(first + q)));
      if (answering !== undefined) await answering;
      next += together;
      [current, ahead] = [ahead, current];
      await between();
    }
  } finally {
    search.give(current);
    search.give(ahead);
  }
}

/** How many queries from `from` on read the same buckets; leaves the probes of the one after them in `ahead`, none where it is not known. */
async function lookAhead(search: Search, queries: Rows, from: number, plan: QueryPlan, current: Probes, ahead: Probes): Promise<number> {
  ahead.clear();
  let count = 1;
  for (; from + count < queries.count; count++) {
    if (count === mostTogether) {
      ahead.clear();
      break;
    }
    const probing = search.probe(slice(queries, from + count, from + count + 1), plan, ahead);
    if (probing !== undefined) await probing;
    if (!ahead.sameAs(current)) break;
  }
  return count;
}

/** Several queries at once, where most of their time is waiting for servers: what these gave does not change when somebody writes, and is handed out in order. */
async function runTogether(search: Search, { queries, plan, sink, between }: ManyQueries): Promise<void> {
  const atOnce = plan.exact ? exactUnderWay : underWay;
  for (let from = 0; from < queries.count; from += atOnce) {
    const answers = Array.from({ length: Math.min(atOnce, queries.count - from) }, async (_, i) => {
      const found = new Candidates();
      let rows: RowReader | undefined;
      await search.run(slice(queries, from + i, from + i + 1), plan, (candidates, reader) => {
        found.copyFrom(candidates);
        rows = reader;
      });
      return { found, rows };
    });
    const all = await Promise.all(answers);
    all.forEach(({ found, rows }, i) => {
      if (rows !== undefined) sink(found, rows, from + i);
    });
    await between();
  }
}

async function runEach(search: Search, { queries, plan, sink, between }: ManyQueries): Promise<void> {
  for (let q = 0; q < queries.count; q++) {
    await search.run(slice(queries, q, q + 1), plan, withNumber(sink, q));
    await between();
  }
}

/** Whether several queries can share candidates: only where ranks decide, and no filter needs to look at them query by query. */
function sharable({ stages }: Search, plan: QueryPlan): boolean {
  if (plan.byCodes && stages.estimates(plan.distance?.metric)) return false;
  // What is asked of data is asked for each query, and a round may be followed by another.
  if (plan.where !== null && (plan.where.rest !== null || !plan.exact)) return false;
  return plan.nearest !== undefined && plan.distance?.metric !== undefined && plan.scanFilters.length + plan.candidateFilters.length === 0;
}
