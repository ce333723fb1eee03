import { describe, expect, it, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { type Kind, type Rows, rowAt, slice } from "../../src/core/rows.js";
import {
  Engine,
  type Filter,
  MemoryStorage,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  type Storage,
  UniBucket,
  type VectorInput,
} from "../../src/index.js";
import { arbitraryRows, laterStorage, storageSuite } from "../../src/testing/index.js";

/** A storage as one on a network answers: every call with a promise, after a turn of the event loop. */
function slow(): Storage {
  return laterStorage(new MemoryStorage(), () => new Promise((resolve) => setImmediate(resolve)));
}

storageSuite({
  test,
  title: "a storage that answers later",
  kinds: ["dense"],
  rows: 1100,
  histories: 1,
  create: () => laterStorage(new MemoryStorage()),
});

describe("an engine over a storage that answers later", () => {
  for (const kind of ["dense", "sparse", "bits"] as const) {
    it(`gives the same answers as over one that answers at once (${kind})`, async () => {
      const [now, later] = [engineOn(kind, new MemoryStorage()), engineOn(kind, slow())];

      expect(await useAll(later, kind)).toEqual(await useAll(now, kind));
    });
  }

  it("answers many queries at the same time as it answers them one by one", async () => {
    const engine = engineOn("dense", slow());
    await engine.storeManyVectors(sample("dense", 300, 1));
    const queries = sample("dense", 40, 2);
    const oneByOne = [];
    for (let q = 0; q < queries.count; q++) oneByOne.push(await engine.neighbours(vectorAt(queries, q), { probes: 2 }));
    const together = await Promise.all(
      Array.from({ length: queries.count }, (_, q) => engine.neighbours(vectorAt(queries, q), { probes: 2 })),
    );

    expect(together).toEqual(oneByOne);
  });

  it("stores what is written at the same time, each write whole", async () => {
    const engine = engineOn("dense", slow());
    const rows = sample("dense", 200, 3);
    await Promise.all(
      Array.from({ length: 20 }, (_, w) =>
        engine.storeManyVectors(slice(rows, w * 10, w * 10 + 10), { ids: Array.from({ length: 10 }, (_, i) => w * 10 + i) }),
      ),
    );

    const lists = await engine.neighboursOfMany(rows, { k: 200 });
    for (const [i, found] of lists.entries()) expect(found.find(({ id }) => id === i)?.distance).toBe(0);
  });
});

const dim = 20;

function engineOn(kind: Kind, storage: Storage): Engine<unknown, Kind> {
  const projected = [
    new RandomBinaryProjections({ name: "rbp", projections: 5, tables: 2, seed: 1 }),
    new RandomBinaryProjectionTree({ name: "tree", projections: 12, minimumResultSize: 8, seed: 2 }),
  ];
  return new Engine<unknown, Kind>({
    kind,
    dim,
    storage,
    distance: kind === "bits" ? "hamming" : "euclidean",
    hashes: kind === "bits" ? [new UniBucket()] : projected,
  });
}

function sample(kind: Kind, count: number, seed: number) {
  return arbitraryRows(new Random(seed), kind, { count, dim });
}

/** One of the rows as users write it. */
function vectorAt(rows: Rows, i: number): VectorInput {
  return rowAt(rows, i) as VectorInput; // no engine holds sets, and neither does this test
}

/** Everything an engine answers, in the course of writes and deletes. */
async function useAll(engine: Engine<unknown, Kind>, kind: Kind): Promise<unknown[]> {
  const rows = sample(kind, 260, 1);
  const queries = sample(kind, 12, 2);
  const even: Filter = {
    name: "even",
    stage: "candidates",
    apply: (candidates, context) => candidates.keep(...evenOnes(candidates, context)),
  };
  const answers: unknown[] = [
    await engine.storeManyVectors(slice(rows, 0, 200), { data: Array.from({ length: 200 }, (_, i) => ({ i })) }),
    await engine.storeVector(vectorAt(rows, 200), { id: "named", data: ["x"] }),
    await engine.storeManyVectors(slice(rows, 201, 260), { ids: Array.from({ length: 59 }, (_, i) => i * 3) }),
    await engine.deleteMany([1, 2, 3, "named", "unknown"]),
    await engine.getMany([0, 1, 4, "named"]),
    await engine.has(5),
    await engine.size(),
    await engine.stats(),
  ];
  for (let q = 0; q < queries.count; q++) {
    const query = vectorAt(queries, q);
    answers.push(await engine.neighbours(query), await engine.neighbours(query, { k: 3, probes: 4, includeVector: true }));
    answers.push(await engine.neighbours(query, { within: 5 }), await engine.neighbours(query, { filters: [even] }));
    answers.push(await engine.neighbours(query, { distance: false, filters: false }), await engine.neighbours(query, { distance: false }));
    answers.push(await engine.candidateCount(query, { probes: 2 }), await engine.explain(query, 9));
  }
  answers.push(await engine.neighbours({ id: 6 }), await engine.neighboursOfMany(queries, { k: 4 }));
  answers.push(await engine.neighboursOfMany(queries, { columns: true, distance: false, filters: false }));
  for await (const entry of engine.entries()) answers.push(entry);
  await engine.cleanBuckets(engine.hashes[0].name);
  answers.push(await engine.neighboursOfMany(queries), await engine.size());
  await engine.cleanAllBuckets();
  answers.push(await engine.neighboursOfMany(queries), await engine.size());
  return answers;
}

function evenOnes(candidates: Parameters<Filter["apply"]>[0], context: Parameters<Filter["apply"]>[1]): [Uint32Array, number] {
  const positions = Uint32Array.from({ length: candidates.count }, (_, i) => i).filter(
    (i) => Number(context.id(candidates.rows[i])) % 2 === 0,
  );
  return [positions, positions.length];
}
