import type { Id, Storage } from "../../core/contracts.js";
import { atPrecision } from "../../core/precision.js";
import { type Kind, type Rows, rowAt, slice, type VectorOf } from "../../core/rows.js";
import { type Distance, Engine, EuclideanDistance, HammingDistance, JaccardDistance, UniBucket } from "../../index.js";
import { arbitraryRows } from "../arbitraries.js";
import { expectSame } from "../assert.js";
import type { Law } from "../laws.js";
import { assertNearEqual, type Ranked } from "../near-equal.js";
import { randomOf, type StorageSubject } from "./subject.js";

/** What an engine over the storage must answer. */
export const searchedLaws: readonly Law<StorageSubject>[] = [
  { name: "a search over it finds what brute force finds, after upserts and deletes too", check: searches },
  { name: "an index opened by its storage alone answers the same", check: opensByItself },
];

async function searches(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "searches");
  const engine = engineOn(subject, await subject.create());
  const rows = arbitraryRows(random, subject.kind, { count: 300, dim: subject.dim });
  const kept = atPrecision(rows, subject.precision);
  const held = new Map<Id, VectorOf>();
  const store = async (from: number, to: number, firstId: number) => {
    const ids = Array.from({ length: to - from }, (_, i) => firstId + i);
    await engine.storeManyVectors(slice(rows, from, to), { ids, data: ids.map((id) => ({ id })) });
    for (const [i, id] of ids.entries()) held.set(id, rowAt(kept, from + i));
  };
  await store(0, 200, 0);
  await store(200, 260, 100); // in place of some of the first
  await engine.deleteMany(Array.from({ length: 80 }, (_, i) => 2 * i));
  for (let i = 0; i < 80; i++) held.delete(2 * i);
  await store(260, 300, 1000);
  const queries = arbitraryRows(random, subject.kind, { count: 20, dim: subject.dim });
  const lists = await engine.neighboursOfMany(queries, { k: 12 });
  for (let q = 0; q < queries.count; q++) {
    assertNearEqual(lists[q], bruteForce(subject, held, queries, q).slice(0, 12));
    for (const { id, data } of lists[q]) expectSame(data, { id }, `data of the result ${id}`);
  }
  expectSame(await engine.size(), held.size, "size");
}

async function opensByItself(subject: StorageSubject): Promise<void> {
  const random = randomOf(subject, "opens by itself");
  const storage = await subject.create();
  const engine = engineOn(subject, storage);
  await engine.storeManyVectors(arbitraryRows(random, subject.kind, { count: 50, dim: subject.dim }));
  const queries = arbitraryRows(random, subject.kind, { count: 10, dim: subject.dim });
  const again = await Engine.open<unknown, Kind>({ storage });
  expectSame(
    await again.neighboursOfMany(queries, { k: 5 }),
    await engine.neighboursOfMany(queries, { k: 5 }),
    "results of the index, opened again",
  );
}

function engineOn({ kind, dim, precision }: StorageSubject, storage: Storage): Engine<unknown, Kind> {
  const distance = distanceOf(kind);
  return new Engine<unknown, Kind>({ kind, dim, distance, storage, vectors: precision, hashes: [new UniBucket({ name: "one" })] });
}

function distanceOf(kind: Kind): Distance {
  if (kind === "bits") return new HammingDistance();
  return kind === "set" ? new JaccardDistance() : new EuclideanDistance();
}

function bruteForce({ kind }: StorageSubject, held: ReadonlyMap<Id, VectorOf>, queries: Rows, q: number): Ranked[] {
  const distance = distanceOf(kind);
  const all = Array.from(held, ([id, vector]) => ({ id, distance: distance.between(rowAt(queries, q), vector) }));
  return all.sort((a, b) => a.distance - b.distance);
}
