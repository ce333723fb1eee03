import { Candidates } from "../../core/columns.js";
import type { Distance, RowReader } from "../../core/contracts.js";
import { type Kind, type Rows, rowAt, slice } from "../../core/rows.js";
import { Engine, MemoryStorage } from "../../index.js";
import { expectClose, expectRefusal, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { assertNearEqual, type Ranked } from "../near-equal.js";
import { type DistanceSubject, sample, vectorsOf } from "./subject.js";

/** What holds once stored vectors are ranked by it, by an engine over a memory storage. */
export const rankLaws: readonly Law<DistanceSubject>[] = [
  { name: "ranks of larger distances are never smaller", applies: hasMetric, check: monotone },
  { name: "the rank of a stored vector is that of its distance", applies: hasMetric, check: ranksAlike },
  { name: "a search finds the nearest, in order", check: findsNearest },
  { name: "a search finds a stored vector at 0 exactly from itself", check: findsItself },
  { name: "a search within a distance finds all that are nearer", check: findsWithin },
  { name: "zero vectors are refused with E_ZERO_VECTOR", applies: ({ create }) => create().refusesZero === true, check: refusesZeros },
];

function hasMetric({ create }: DistanceSubject): boolean {
  return create().metric !== undefined;
}

function monotone(subject: DistanceSubject): void {
  const distance = subject.create();
  const distances = [Number.NEGATIVE_INFINITY, -1, -1e-3, 0, ...distancesWithin(subject, distance), Number.POSITIVE_INFINITY].sort(
    (a, b) => a - b,
  );
  for (let i = 1; i < distances.length; i++) {
    const [below, above] = [distance.toRank?.(distances[i - 1]) ?? Number.NaN, distance.toRank?.(distances[i]) ?? Number.NaN];
    expectThat(below <= above, `rank of the distance ${distances[i]}`, above, `at least ${below}, that of ${distances[i - 1]}`);
  }
}

async function ranksAlike(subject: DistanceSubject): Promise<void> {
  const distance = subject.create();
  const { metric } = distance;
  if (metric === undefined || distance.toRank === undefined) return; // the first law says that both must be there
  const rows = sample(subject);
  const { reader, candidates } = await stored(subject, distance, rows);
  for (const [q, query] of vectorsOf(rows).entries()) {
    reader.rank(metric, slice(rows, q, q + 1), candidates);
    for (let c = 0; c < candidates.count; c++) {
      const expected = distance.toRank(distance.between(query, reader.vector(candidates.rows[c])));
      const scale = Math.max(Math.abs(expected), largestTerm(query) * largestTerm(reader.vector(candidates.rows[c])), 1);
      expectClose(candidates.distances[c], expected, 1e-5 * scale, `rank of stored vector ${c} for vector ${q}`);
    }
  }
}

async function findsNearest(subject: DistanceSubject): Promise<void> {
  const rows = sample(subject, 200);
  const { engine, distance } = await stored(subject, subject.create(), rows);
  const queries = sample(subject, 30, 2);
  const lists = await engine.neighboursOfMany(queries, { k: 15 });
  for (let q = 0; q < queries.count; q++) {
    const expected = byDistance(distance, rows, queries, q);
    assertNearEqual(lists[q], expected.slice(0, 15));
    const [alone] = await engine.neighboursOfMany(slice(queries, q, q + 1), { k: 15 });
    assertNearEqual(alone, expected.slice(0, 15));
  }
}

async function findsWithin(subject: DistanceSubject): Promise<void> {
  const rows = sample(subject, 200);
  const { engine, distance } = await stored(subject, subject.create(), rows);
  const queries = sample(subject, 10, 2);
  for (let q = 0; q < queries.count; q++) {
    const all = byDistance(distance, rows, queries, q);
    // Thresholds between distances, as the engine's differ from the distance's own in the last digit.
    for (const within of [all[0].distance - 1e-3, gapAfter(all, 0), gapAfter(all, 40), all[199].distance + 1e-3, -1]) {
      const [found] = await engine.neighboursOfMany(slice(queries, q, q + 1), { within });
      assertNearEqual(
        found,
        all.filter((neighbour) => neighbour.distance < within),
      );
    }
  }
}

async function refusesZeros(subject: DistanceSubject): Promise<void> {
  const rows = sample(subject, 3);
  const { engine } = await stored(subject, subject.create(), rows);
  const zero = { indices: [], values: [] };
  await expectRefusal("E_ZERO_VECTOR", () => engine.storeVector(zero), "storing a zero vector");
  await expectRefusal("E_ZERO_VECTOR", () => engine.neighbours(zero), "asking with a zero vector");
  expectSame(await engine.size(), 3, "stored vectors after the refusals");
}

async function findsItself(subject: DistanceSubject): Promise<void> {
  const rows = sample(subject);
  const { engine } = await stored(subject, subject.create(), rows);
  const lists = await engine.neighboursOfMany(rows, { k: rows.count });
  for (const [i, found] of lists.entries()) {
    expectSame(found.find(({ id }) => id === i)?.distance, 0, `distance of stored vector ${i} to itself`);
  }
}

interface StoredRows {
  readonly engine: Engine<unknown, Kind>;
  readonly distance: Distance;
  readonly reader: RowReader;
  /** All stored rows. */
  readonly candidates: Candidates;
}

/** An exact engine that measures by the distance and holds the rows, their numbers as ids. */
async function stored({ kind, dim }: DistanceSubject, distance: Distance, rows: Rows): Promise<StoredRows> {
  const storage = new MemoryStorage();
  const engine = new Engine<unknown, Kind>({ kind, dim, distance, storage });
  const ids = await engine.storeManyVectors(rows);
  const candidates = new Candidates();
  storage.find(ids, candidates);
  return { engine, distance, reader: storage.fetch(candidates), candidates };
}

/** All rows as results for query `q`, nearest first, by the distance alone. */
function byDistance(distance: Distance, rows: Rows, queries: Rows, q: number): Ranked[] {
  const query = rowAt(queries, q);
  const all = Array.from({ length: rows.count }, (_, id) => ({ id, distance: distance.between(query, rowAt(rows, id)) }));
  return all.sort((a, b) => a.distance - b.distance || a.id - b.id);
}

/** A distance in the middle of the first clear gap after place `from`. */
function gapAfter(list: readonly Ranked[], from: number): number {
  let i = from + 1;
  while (i < list.length && list[i].distance - list[i - 1].distance < 1e-6) i++;
  return i < list.length ? (list[i - 1].distance + list[i].distance) / 2 : list[i - 1].distance + 1;
}

function distancesWithin(subject: DistanceSubject, distance: Distance): number[] {
  const vectors = vectorsOf(sample(subject, 30));
  return vectors.flatMap((x) => vectors.map((y) => distance.between(x, y)));
}

/** Ranks are sums in float32: their rounding goes with the size of what is summed. */
function largestTerm(vector: ReturnType<RowReader["vector"]>): number {
  if ("words" in vector || "members" in vector) return 1;
  const values = vector instanceof Float32Array ? vector : vector.values;
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
