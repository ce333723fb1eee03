import { Candidates } from "../../core/columns.js";
import type { Metric, RowReader } from "../../core/contracts.js";
import { Random } from "../../core/random.js";
import { type Rows, rowAt, slice, type VectorOf } from "../../core/rows.js";
import { arbitraryRows } from "../arbitraries.js";
import { expectClose, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { assertNearEqual, type Ranked } from "../near-equal.js";
import { exactOf, metricsOf, rankOf } from "./metrics.js";
import { batchOf, found, type Item, itemsOf, opened, randomOf, type StorageSubject } from "./subject.js";

/** What the reader that a fetch gives promises of ranking stored rows. */
export const readerLaws: readonly Law<StorageSubject>[] = [
  { name: "rank writes the rank of each candidate, repeats included", check: (subject) => forEachMetric(subject, ranks) },
  {
    name: "nearest keeps the best up to the limit and within the bound, best first, ties by row",
    check: (subject) => forEachMetric(subject, keepsNearest),
  },
  {
    name: "nearestOfMany gives each query its nearest, in order, and leaves the candidates alone",
    check: (subject) => forEachMetric(subject, keepsNearestOfMany),
  },
  {
    name: "exact writes float64 values, or says that it cannot and writes nothing",
    check: (subject) => forEachMetric(subject, measuresExactly),
  },
  { name: "ranking many rows finds the best of them and changes no stored vector", check: ranksMany },
];

/** Stored rows and queries to rank them by. */
interface Asked {
  readonly reader: RowReader;
  /** All rows, and some of them again. */
  readonly candidates: Candidates;
  readonly queries: Rows;
  /** For each row the lowest row whose vector equals its own. */
  readonly twins: ReadonlyMap<number, number>;
}

async function forEachMetric(subject: StorageSubject, check: (asked: Asked, metric: Metric) => void): Promise<void> {
  const items = withTwins(itemsOf(subject, randomOf(subject, "reads"), 120));
  const storage = await opened(subject);
  await storage.write(batchOf(subject, items));
  const ids = items.map(({ id }) => id);
  const { candidates, reader } = await found(storage, [...ids, ...ids.slice(7, 20)]);
  const queries = arbitraryRows(new Random(subject.seed), subject.kind, { count: 37, dim: subject.dim, zeros: true });
  const asked = { reader, candidates, queries, twins: twinsAmong(reader, candidates) };
  for (const metric of metricsOf(subject.kind)) check(asked, metric);
}

function ranks({ reader, candidates, queries }: Asked, metric: Metric): void {
  for (let q = 0; q < queries.count; q += 4) {
    const rows = rowsOf(candidates);
    reader.rank(metric, slice(queries, q, q + 1), candidates);
    expectSame(rowsOf(candidates), rows, "candidates after they were ranked");
    rows.forEach((row, c) => {
      const { rank, scale } = rankOf(metric, reader.vector(row), rowAt(queries, q));
      expectClose(candidates.distances[c], rank, 1e-5 * scale, `${metric} rank of candidate ${c} against query ${q}`);
    });
  }
}

function keepsNearest(asked: Asked, metric: Metric): void {
  const { reader, candidates, queries } = asked;
  for (let q = 0; q < queries.count; q += 3) {
    const query = slice(queries, q, q + 1);
    const all = ranked(asked, metric, query);
    const middle = gapAfter(all, 20);
    for (const limit of [1, 10, 10 * candidates.count]) {
      for (const within of [Number.POSITIVE_INFINITY, middle, Number.NEGATIVE_INFINITY]) {
        const best = copyOf(candidates);
        reader.nearest(metric, query, best, limit, within);
        expectNearest(asked, metric, query, best, all.filter(({ distance }) => distance <= within).slice(0, limit));
      }
    }
  }
}

function keepsNearestOfMany(asked: Asked, metric: Metric): void {
  const { reader, candidates, queries } = asked;
  const before = rowsOf(candidates);
  for (const limit of [1, 10, candidates.count]) {
    let next = 0;
    reader.nearestOfMany(metric, queries, candidates, limit, (q, best) => {
      expectSame(q, next++, "number of the query whose nearest are given");
      const query = slice(queries, q, q + 1);
      expectNearest(asked, metric, query, best, ranked(asked, metric, query).slice(0, limit));
    });
    expectSame(next, queries.count, "queries answered");
    expectSame(rowsOf(candidates), before, "candidates afterwards");
  }
  const counts: number[] = [];
  reader.nearestOfMany(metric, queries, new Candidates(), 5, (_q, best) => counts.push(best.count));
  expectSame(counts, new Array(queries.count).fill(0), "how many are nearest among none");
}

function measuresExactly({ reader, candidates, queries }: Asked, metric: Metric): void {
  for (let q = 0; q < queries.count; q += 4) {
    const query = slice(queries, q, q + 1);
    const measured = copyOf(candidates);
    measured.distances.fill(-7);
    if (reader.exact?.(metric, query, measured) !== true) {
      expectSame(
        [...measured.distances.subarray(0, measured.count)],
        new Array(measured.count).fill(-7),
        "what is written where it cannot",
      );
      continue;
    }
    for (const [c, row] of rowsOf(candidates).entries()) {
      const expected = exactOf(metric, reader.vector(row), rowAt(queries, q));
      const { scale } = rankOf(metric, reader.vector(row), rowAt(queries, q));
      expectClose(measured.distances[c], expected, 1e-14 * scale, `exact ${metric} value of candidate ${c} against query ${q}`);
    }
    const own = copyOf(candidates);
    const first = reader.vector(own.rows[0]);
    if (metric === "dot" || isZero(first)) continue;
    reader.exact(metric, asRows(first, query), own);
    expectSame(own.distances[0], 0, `exact ${metric} value of identical vectors`);
  }
}

async function ranksMany(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "ranks many");
  const storage = await opened(subject);
  const items: Item[] = [];
  for (let from = 0; from < subject.rows; from += 1000) {
    const ids = Array.from({ length: Math.min(1000, subject.rows - from) }, (_, i) => from + i);
    items.push(...itemsOf(subject, random, ids));
    await storage.write(batchOf(subject, items.slice(from)));
  }
  const { candidates, reader } = await found(
    storage,
    items.map(({ id }) => id),
  );
  const queries = arbitraryRows(random, subject.kind, { count: 5, dim: subject.dim });
  const asked = { reader, candidates, queries, twins: new Map<number, number>() };
  for (const metric of metricsOf(subject.kind)) {
    for (let q = 0; q < queries.count; q++) {
      const query = slice(queries, q, q + 1);
      const all = ranked(asked, metric, query);
      for (const [limit, within] of [
        [10, Number.POSITIVE_INFINITY],
        [300, gapAfter(all, 100)],
        [items.length, Number.POSITIVE_INFINITY],
      ]) {
        const best = copyOf(candidates);
        reader.nearest(metric, query, best, limit, within);
        expectNear(metric, asked, query, best, all.filter(({ distance }) => distance <= within).slice(0, limit));
      }
    }
    reader.nearestOfMany(metric, queries, candidates, 10, (q, best) => {
      const query = slice(queries, q, q + 1);
      expectNear(metric, asked, query, best, ranked(asked, metric, query).slice(0, 10));
    });
  }
  for (const [i, { vector }] of items.entries()) expectSame(reader.vector(candidates.rows[i]), vector, `vector of row ${i} after ranking`);
}

/** All candidates by the storage's own ranks, best first, ties by row. */
function ranked({ reader, candidates }: Asked, metric: Metric, query: Rows): Ranked[] {
  const copy = copyOf(candidates);
  reader.rank(metric, query, copy);
  return listOf(copy).sort((a, b) => a.distance - b.distance || Number(a.id) - Number(b.id));
}

/** As {@link expectNear}; and of equal vectors the lower rows are kept, and come first. */
function expectNearest(asked: Asked, metric: Metric, query: Rows, best: Candidates, expected: readonly Ranked[]): void {
  expectNear(metric, asked, query, best, expected);
  const { candidates, twins } = asked;
  const kept = rowsOf(best);
  const lastOf = new Map<number, number>();
  for (const row of kept) {
    const twin = twins.get(row) ?? row;
    const before = lastOf.get(twin) ?? 0;
    expectThat(row >= before, "row of one of several equal vectors", row, `at least ${before}, that of the one before it`);
    lastOf.set(twin, row);
  }
  const there = new Set(kept);
  const dropped = rowsOf(candidates).filter((row) => !there.has(row) && row < (lastOf.get(twins.get(row) ?? row) ?? -1));
  expectSame(dropped, [], "rows dropped though an equal vector of a higher row was kept");
}

/** The candidates are those expected, up to the rounding of ranks in float32. */
function expectNear(metric: Metric, { reader }: Asked, query: Rows, best: Candidates, expected: readonly Ranked[]): void {
  let absolute = 1e-6;
  // Products of both signs are summed: their rounding goes with the vectors' lengths, not with what is left.
  if (metric === "dot")
    for (const row of rowsOf(best)) absolute = Math.max(absolute, 1e-5 * rankOf(metric, reader.vector(row), rowAt(query, 0)).scale);
  if (metric === "cosine") absolute = 1e-5;
  assertNearEqual(listOf(best), expected, { relative: 1e-5, absolute });
}

/** A rank in the middle of the first clear gap after place `from`. */
function gapAfter(list: readonly Ranked[], from: number): number {
  let i = from + 1;
  while (i < list.length && list[i].distance - list[i - 1].distance < 1e-3 * Math.max(1, Math.abs(list[i].distance))) i++;
  return i < list.length ? (list[i - 1].distance + list[i].distance) / 2 : Number.POSITIVE_INFINITY;
}

/** Rows some of which have equal vectors, at all distances from each other. */
function withTwins(items: readonly Item[]): Item[] {
  return items.map((item, i) => {
    const { given, vector } = items[(i * 7) % 40];
    return i % 4 === 3 ? { ...item, given, vector } : item;
  });
}

function twinsAmong(reader: RowReader, candidates: Candidates): Map<number, number> {
  const firstOf = new Map<string, number>();
  const twins = new Map<number, number>();
  for (const row of rowsOf(candidates).sort((a, b) => a - b)) {
    const text = JSON.stringify(reader.vector(row));
    firstOf.set(text, firstOf.get(text) ?? row);
    twins.set(row, firstOf.get(text) ?? row);
  }
  return twins;
}

/** One vector as the rows of a query, of the kind of another. */
function asRows(vector: VectorOf, like: Rows): Rows {
  if (like.kind === "dense") return { ...like, count: 1, values: vector as Float32Array }; // of the same kind, here and below
  if (like.kind === "set") {
    const { members } = vector as VectorOf<"set">;
    return { ...like, count: 1, offsets: Uint32Array.of(0, members.length), members };
  }
  const { indices, values } = vector as VectorOf<"sparse">;
  return { kind: "sparse", dim: like.dim, count: 1, offsets: Uint32Array.of(0, indices.length), indices, values };
}

function isZero(vector: VectorOf): boolean {
  if ("members" in vector) return false;
  if ("words" in vector) return true;
  return !(vector instanceof Float32Array ? vector : vector.values).some((value) => value !== 0);
}

function copyOf(candidates: Candidates): Candidates {
  const copy = new Candidates();
  copy.copyFrom(candidates);
  return copy;
}

function rowsOf({ rows, count }: Candidates): number[] {
  return [...rows.subarray(0, count)];
}

function listOf({ rows, distances, count }: Candidates): Ranked[] {
  return Array.from({ length: count }, (_, i) => ({ id: rows[i], distance: distances[i] }));
}
