import {
  type Chunk,
  type DenseRows,
  Engine,
  type Id,
  type Item,
  MemoryStorage,
  type Progress,
  RandomBinaryProjections,
  type VectorInput,
  type VectorsInput,
} from "nearts";
import { describe, expect, test, vi } from "vitest";
import { all, bucketsOf, Dice, gaussian, gaussians, refusal, sparse, spread, thin } from "../acceptance/vectors.js";

const dim = 8;
const SEED = 21;
const vectors = gaussians(new Dice(SEED), 2500, dim);
const flat = Float32Array.from(vectors.flatMap((vector) => Array.from(vector)));
const rows: DenseRows = { kind: "dense", dim, count: vectors.length, values: flat };

function hashed(): Engine<number> {
  return new Engine<number>({ dim, hashes: [new RandomBinaryProjections({ name: "rbp", projections: 6, tables: 3 })] });
}

async function contents<Data>(engine: Engine<Data>) {
  // As text, which is compared at once.
  const entries = (await all(engine.entries())).map(
    ({ id, vector, data }) => `${typeof id} ${id}: ${vector.join()} ${JSON.stringify(data)}`,
  );
  const buckets = Array.from(await bucketsOf(engine), ([name, ids]) => `${name}: ${ids.join()}`);
  return { entries, buckets, size: await engine.size() };
}

describe("storeManyVectors takes the same vectors in every form", () => {
  async function* slowly<T>(values: Iterable<T>): AsyncIterable<T> {
    for (const value of values) {
      await Promise.resolve();
      yield value;
    }
  }
  function* items(): Iterable<Item<number>> {
    for (const vector of vectors) yield { vector };
  }
  function* chunks(): Iterable<Chunk<number>> {
    for (let from = 0; from < vectors.length; from += 700) {
      const count = Math.min(700, vectors.length - from);
      yield { rows: { ...rows, count, values: flat.subarray(from * dim, (from + count) * dim) } };
    }
  }
  const sparseRows = () => {
    const thinned = vectors.map(thin);
    const offsets = new Uint32Array(vectors.length + 1);
    thinned.forEach((vector, i) => {
      offsets[i + 1] = offsets[i] + vector.indices.length;
    });
    const indices = Uint32Array.from(thinned.flatMap((vector) => Array.from(vector.indices)));
    const values = Float32Array.from(thinned.flatMap((vector) => Array.from(vector.values)));
    return { kind: "sparse", dim, count: vectors.length, offsets, indices, values } as const;
  };
  const forms: [string, () => VectorsInput<number>][] = [
    ["an array of typed arrays", () => vectors],
    ["an array of plain arrays", () => vectors.map((vector) => Array.from(vector))],
    ["an array of array-likes", () => vectors.map((vector): VectorInput => Object.assign({ length: dim }, Array.from(vector)))],
    ["an array of sparse vectors", () => vectors.map(thin)],
    ["an array of several kinds", () => vectors.map((vector, i) => [Array.from(vector), vector, thin(vector), { vector }][i % 4])],
    ["one flat Float32Array", () => flat],
    ["one flat Float64Array", () => Float64Array.from(flat)],
    ["dense rows", () => rows],
    ["sparse rows", sparseRows],
    ["items", () => Array.from(items())],
    ["an iterable of vectors", () => new Set(vectors)],
    ["an iterable of items", items],
    ["an iterable of chunks", chunks],
    ["an async iterable of vectors", () => slowly(vectors)],
    ["an async iterable of items", () => slowly(items())],
    ["an async iterable of chunks and vectors", () => slowly([...Array.from(chunks()).slice(0, 3), ...vectors.slice(2100)])],
  ];

  let oneByOne: Awaited<ReturnType<typeof storedOneByOne>> | undefined;
  async function storedOneByOne() {
    const engine = hashed();
    for (const vector of vectors) await engine.storeVector(vector);
    return contents(engine);
  }

  test.each(forms)("%s", async (_, form) => {
    const many = hashed();
    const input = form();
    const ids = await many.storeManyVectors(typeof input === "function" ? (input as () => VectorsInput<number>)() : input);

    expect(ids).toEqual(vectors.map((_, i) => i));
    oneByOne ??= await storedOneByOne();
    expect(await contents(many)).toEqual(oneByOne);
  });

  test("ids and data beside arrays, in items and in chunks arrive with their vectors", async () => {
    const three = vectors.slice(0, 3);
    const ids: Id[] = ["a", 7, "7"];
    const data = [10, undefined, 30];
    const columns = { ...rows, count: 3, values: flat.subarray(0, 3 * dim) };
    const expected = three.map((vector, i) => (data[i] === undefined ? { id: ids[i], vector } : { id: ids[i], vector, data: data[i] }));
    const inputs: [VectorsInput<number>, object][] = [
      [three, { ids, data }],
      [columns, { ids, data }],
      [columns.values, { ids, data, dim }],
      [three.map((vector, i) => ({ vector, id: ids[i], ...(data[i] !== undefined && { data: data[i] }) })), {}],
      [new Set([{ rows: columns, ids, data }]), {}],
    ];
    for (const [input, options] of inputs) {
      const engine = hashed();

      expect(await engine.storeManyVectors(input, options)).toEqual(ids);
      expect(await all(engine.entries())).toEqual(expected);
    }
  });

  test("nothing to store stores nothing", async () => {
    const engine = hashed();

    expect(await engine.storeManyVectors([])).toEqual([]);
    expect(await engine.storeManyVectors(new Set<Float32Array>())).toEqual([]);
    expect(await engine.storeManyVectors({ ...rows, count: 0 })).toEqual([]);
    expect(await engine.size()).toBe(0);
  });
});

describe("Ids that nearts gives", () => {
  test("are the next free integers, above every integer that was stored", async () => {
    const engine = hashed();

    expect(await engine.storeVector(vectors[0])).toBe(0);
    expect(await engine.storeVector(vectors[1], { id: 41 })).toBe(41);
    expect(await engine.storeManyVectors(vectors.slice(2, 4))).toEqual([42, 43]);
    await engine.deleteMany([42, 43]);
    expect(await engine.storeVector(vectors[4])).toBe(44);
    expect(await engine.size()).toBe(3);
  });

  test("never take the place of an id given in the same call", async () => {
    const engine = hashed();
    const ids = await engine.storeManyVectors([
      { vector: vectors[0], id: 1 },
      { vector: vectors[1] },
      { vector: vectors[2] },
      { vector: vectors[3], id: 0 },
      { vector: vectors[4] },
    ]);

    expect(new Set(ids).size).toBe(5);
    expect([ids[0], ids[3]]).toEqual([1, 0]);
    expect(await engine.size()).toBe(5);
    for (let i = 0; i < 5; i++) expect((await engine.get(ids[i]))?.vector).toEqual(vectors[i]);
  });

  test("end before unsafe integers, with E_LIMIT and nothing stored", async () => {
    const engine = hashed();
    await engine.storeVector(vectors[0], { id: Number.MAX_SAFE_INTEGER - 1 });
    expect(await engine.storeVector(vectors[1])).toBe(Number.MAX_SAFE_INTEGER);

    expect((await refusal(() => engine.storeVector(vectors[2]))).code).toBe("E_LIMIT");
    expect(await engine.size()).toBe(2);
    expect(await engine.storeVector(vectors[2], { id: 3 })).toBe(3);
  });

  test('7 and "7" are two ids, and so are 0 and "0" but not 0 and −0', async () => {
    const engine = hashed();
    await engine.storeVector(vectors[0], { id: 7, data: 1 });
    await engine.storeVector(vectors[1], { id: "7", data: 2 });
    await engine.storeVector(vectors[2], { id: "0", data: 3 });
    await engine.storeVector(vectors[3], { id: 0, data: 4 });
    expect(await engine.storeVector(vectors[4], { id: -0, data: 5 })).toBe(0);

    expect(await engine.size()).toBe(4);
    expect((await engine.get(7))?.data).toBe(1);
    expect((await engine.get("7"))?.data).toBe(2);
    expect(await engine.deleteVector("7")).toBe(true);
    expect(await engine.has(7)).toBe(true);
    expect((await engine.get(-0))?.data).toBe(5);
    expect(Object.is((await engine.get(0))?.id, 0)).toBe(true);
  });
});

describe("Replacing", () => {
  test("the last of equal ids in one batch wins, in every form", async () => {
    const ids = ["a", "b", "a", "a"];
    const data = [1, 2, 3, 4];
    const four = vectors.slice(0, 4);
    const forms: [VectorsInput<number>, object][] = [
      [four, { ids, data }],
      [flat.subarray(0, 4 * dim), { ids, data }],
      [four.map((vector, i) => ({ vector, id: ids[i], data: data[i] })), {}],
      [new Set(four.map((vector, i) => ({ vector, id: ids[i], data: data[i] }))), {}],
    ];
    for (const [input, options] of forms) {
      const engine = hashed();
      await engine.storeManyVectors(input, options);

      expect(await engine.size()).toBe(2);
      expect(await engine.get("a")).toEqual({ id: "a", data: 4, vector: four[3] });
      expect((await engine.stats()).hashes[0].entries).toBe(6);
      expect(await engine.neighbours(four[0], { filters: [] })).not.toContainEqual(expect.objectContaining({ distance: 0 }));
    }
  });

  test("replaces the data too: without new data there is none", async () => {
    const engine = hashed();
    await engine.storeVector(vectors[0], { id: 1, data: 5 });
    await engine.storeVector(vectors[1], { id: 1 });

    expect(await engine.get(1)).toEqual({ id: 1, vector: vectors[1] });
  });

  test("thousands of times leaves nothing behind", async () => {
    for (const kind of ["dense", "sparse"] as const) {
      const engine = new Engine<number, typeof kind>({
        dim,
        kind,
        hashes: [new RandomBinaryProjections({ name: "rbp", projections: 8, tables: 2 })],
      });
      await engine.storeManyVectors(vectors.slice(0, 20), { ids: Array.from({ length: 20 }, (_, i) => i) });
      const before = await engine.stats();
      for (let i = 0; i < 2500; i++) await engine.storeVector(vectors[i], { id: i % 20, data: i });
      const after = await engine.stats();

      expect(after.size).toBe(20);
      expect(after.hashes[0].entries).toBe(40);
      expect(after.bytes.vectors).toBeLessThanOrEqual(before.bytes.vectors + 200_000);
      expect(after.bytes.buckets).toBeLessThan(20_000);
    }
  });
});

describe("The caller's arrays stay the caller's", () => {
  test("changing them after a store resolved changes nothing", async () => {
    const engine = new Engine<{ tags: string[] }>({ dim: 3, distance: "euclidean" });
    const vector = Float32Array.of(1, 2, 3);
    const list = [4, 5, 6];
    const many = Float32Array.of(7, 8, 9, 10, 11, 12);
    const data = { tags: ["a"] };
    await engine.storeVector(vector, { data });
    await engine.storeVector(list);
    await engine.storeManyVectors(many);
    vector.fill(0);
    list.fill(0);
    many.fill(0);
    data.tags.push("b");

    expect(await all(engine.entries())).toEqual([
      { id: 0, vector: Float32Array.of(1, 2, 3), data: { tags: ["a"] } },
      { id: 1, vector: Float32Array.of(4, 5, 6) },
      { id: 2, vector: Float32Array.of(7, 8, 9) },
      { id: 3, vector: Float32Array.of(10, 11, 12) },
    ]);
  });

  test("changing what get, entries and neighbours gave changes nothing that is stored", async () => {
    const engine = new Engine<{ tags: string[] }, "dense">({ dim: 3, distance: "euclidean" });
    const thinned = new Engine<unknown, "sparse">({ dim: 3, kind: "sparse", distance: "euclidean" });
    await engine.storeVector([1, 2, 3], { data: { tags: ["a"] } });
    await thinned.storeVector([1, 0, 3]);
    const given = [await engine.get(0), ...(await all(engine.entries())), ...(await engine.neighbours([1, 2, 3], { includeVector: true }))];
    for (const one of given) {
      one?.vector?.fill(9);
      one?.data?.tags.push("b");
    }
    const sparseGiven = [
      await thinned.get(0),
      ...(await all(thinned.entries())),
      ...(await thinned.neighbours([1, 0, 3], { includeVector: true })),
    ];
    for (const one of sparseGiven) {
      one?.vector?.values.fill(9);
      one?.vector?.indices.fill(2);
    }

    expect(given).toHaveLength(3);
    expect(await engine.neighbours([1, 2, 3], { includeVector: true })).toEqual([
      { id: 0, distance: 0, vector: Float32Array.of(1, 2, 3), data: { tags: ["a"] } },
    ]);
    expect(await thinned.neighbours([1, 0, 3], { includeVector: true })).toEqual([
      { id: 0, distance: 0, vector: { dim: 3, indices: Uint32Array.of(0, 2), values: Float32Array.of(1, 3) } },
    ]);
  });
});

describe("Storing from iterables", () => {
  test("draws no more than is being stored: what is drawn is never more than one batch ahead", async () => {
    const storage = new MemoryStorage();
    const engine = new Engine({ dim, storage, distance: "euclidean" });
    let drawn = 0;
    let mostAhead = 0;
    const original = storage.write.bind(storage);
    const slow = vi.spyOn(storage, "write").mockImplementation((batch) => {
      const report = original(batch);
      // A storage that answers later: nothing may be drawn meanwhile.
      const before = drawn;
      return new Promise((resolve) => {
        setTimeout(() => {
          expect(drawn).toBe(before);
          resolve(report);
        }, 2);
      }) as never;
    });
    async function* source() {
      for (let i = 0; i < 10_000; i++) {
        mostAhead = Math.max(mostAhead, drawn - storage.size());
        drawn++;
        yield vectors[i % vectors.length];
      }
    }
    await engine.storeManyVectors(source());

    expect(await engine.size()).toBe(10_000);
    expect(mostAhead).toBeLessThanOrEqual(1024);
    expect(slow.mock.calls.length).toBeLessThan(20);
  });

  test("takes single vectors in batches, not in one write each", async () => {
    const storage = new MemoryStorage();
    const write = vi.spyOn(storage, "write");
    const engine = new Engine({ dim, storage, distance: "euclidean" });
    await engine.storeManyVectors(new Set(vectors));

    expect(write.mock.calls.length).toBeLessThanOrEqual(3);
  });

  test("says in details.stored how many were stored before a bad one, and leaves the iterator closed", async () => {
    const engine = hashed();
    let closed = false;
    function* source() {
      try {
        for (let i = 0; i < 5000; i++) yield i === 2200 ? [1, 2] : vectors[i % vectors.length];
      } finally {
        closed = true;
      }
    }
    const refused = await refusal(() => engine.storeManyVectors(source()));

    expect(refused.code).toBe("E_DIM_MISMATCH");
    expect(refused.message).toMatch(/2200 .*2 dimensions.*8/);
    expect(refused.details["stored"]).toBe(await engine.size());
    expect(await engine.size()).toBeLessThanOrEqual(2200);
    expect(await engine.size()).toBeGreaterThan(0);
    expect(closed).toBe(true);
  });

  test("passes an error of the source on as it is", async () => {
    const engine = hashed();
    const mine = new Error("disk gone");
    async function* source() {
      yield vectors[0];
      await Promise.resolve();
      throw mine;
    }

    await expect(engine.storeManyVectors(source())).rejects.toBe(mine);
  });
});

describe("Progress and stopping", () => {
  const wide = gaussians(new Dice(1), 300, 16_000); // 300 rows of 64 KB: several batches

  test("onProgress is told how many are stored, and of how many where that is known", async () => {
    const engine = new Engine({ dim: 16_000, distance: "euclidean" });
    const seen: Progress[] = [];
    await engine.storeManyVectors(wide, { onProgress: (progress) => seen.push(progress) });
    const streamed: Progress[] = [];
    await hashed().storeManyVectors(new Set(vectors), { onProgress: (progress) => streamed.push(progress) });

    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toEqual({ stored: 300, total: 300 });
    expect(seen.map(({ stored }) => stored)).toEqual(seen.map(({ stored }) => stored).sort((a, b) => a - b));
    expect(streamed.at(-1)).toEqual({ stored: 2500 });
    expect(streamed.length).toBeGreaterThan(1);
  });

  test("an aborted signal stores nothing and asks nothing", async () => {
    const engine = hashed();
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);

    await expect(engine.storeManyVectors(vectors, { signal })).rejects.toBe(reason);
    await expect(engine.storeManyVectors(new Set(vectors), { signal })).rejects.toBe(reason);
    await expect(engine.neighbours(vectors[0], { signal })).rejects.toBe(reason);
    await expect(engine.neighboursOfMany(vectors, { signal })).rejects.toBe(reason);
    expect(await engine.size()).toBe(0);
  });

  test("a signal aborted on the way stops between batches; whole batches stay and can be read", async () => {
    const engine = new Engine({ dim: 16_000, distance: "euclidean" });
    const stop = new AbortController();
    const storing = engine.storeManyVectors(wide, { signal: stop.signal, onProgress: () => stop.abort() });

    await expect(storing).rejects.toThrow(/abort/i);
    const size = await engine.size();
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThan(300);
    expect((await all(engine.entries())).map(({ id }) => id)).toEqual(Array.from({ length: size }, (_, i) => i));

    const streaming = new AbortController();
    const second = hashed();
    function* source() {
      for (let i = 0; i < 10_000; i++) {
        if (i === 3000) streaming.abort();
        yield vectors[i % vectors.length];
      }
    }
    await expect(second.storeManyVectors(source(), { signal: streaming.signal })).rejects.toThrow(/abort/i);
    expect(await second.size()).toBeLessThanOrEqual(3000);
  });

  test("many queries stop when the signal is aborted, and other events have their turn meanwhile", async () => {
    const engine = new Engine({ dim, distance: "manhattan", filters: [] });
    await engine.storeManyVectors(vectors);
    const stop = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 3) stop.abort();
    }, 1);
    await expect(engine.neighboursOfMany(vectors, { signal: stop.signal })).rejects.toThrow(/abort/i);
    clearInterval(timer);

    expect(turns).toBe(3);
    expect(await engine.neighbours(vectors[5], { k: 1 })).toEqual([{ id: 5, distance: 0 }]);
  });
});

describe("Reading back", () => {
  const empty = new Engine<number>({ dim });

  test("get, getMany, has, size and entries agree, before and after deletes", async () => {
    const engine = hashed();
    await engine.storeManyVectors(vectors, { data: vectors.map((_, i) => i) });
    const gone = Array.from({ length: 1250 }, (_, i) => 2 * i);
    expect(await engine.deleteMany([...gone, 0, 99_999, "0"])).toBe(1250);

    expect(await engine.size()).toBe(1250);
    expect(await engine.has(1)).toBe(true);
    expect(await engine.has(2)).toBe(false);
    expect(await engine.get(2)).toBeUndefined();
    expect(await engine.getMany([3, 2, "3", 3])).toEqual([
      { id: 3, vector: vectors[3], data: 3 },
      undefined,
      undefined,
      { id: 3, vector: vectors[3], data: 3 },
    ]);
    const entries = await all(engine.entries());
    expect(new Set(entries.map(({ id }) => id)).size).toBe(1250);
    expect(entries.filter(({ id, vector, data }) => data !== id || vector.join() !== vectors[Number(id)].join())).toEqual([]);
  });

  test("an empty engine is empty in every way", async () => {
    expect(await empty.size()).toBe(0);
    expect(await empty.has(1)).toBe(false);
    expect(await empty.get(1)).toBeUndefined();
    expect(await empty.getMany([])).toEqual([]);
    expect(await empty.deleteVector(1)).toBe(false);
    expect(await empty.deleteMany([])).toBe(0);
    expect(await all(empty.entries())).toEqual([]);
    expect(await empty.neighbours(vectors[0])).toEqual([]);
    expect(await empty.neighboursOfMany([])).toEqual([]);
    expect(await empty.neighboursOfMany([], { columns: true })).toEqual({
      ids: [],
      distances: new Float64Array(0),
      offsets: Uint32Array.of(0),
    });
    expect(await empty.candidateCount(vectors[0])).toEqual({ raw: 0, unique: 0 });
  });

  test("entries read while others write give each id at most once, and never a wrong vector", async () => {
    const engine = hashed();
    await engine.storeManyVectors(vectors, { data: vectors.map((_, i) => i) });
    const seen = new Set<Id>();
    let step = 0;
    for await (const { id, vector, data } of engine.entries()) {
      expect(seen.has(id)).toBe(false);
      seen.add(id);
      expect(vector.join()).toBe(vectors[Number(data)].join());
      if (step++ % 3 === 0) {
        await engine.deleteVector(step);
        await engine.storeVector(vectors[step % 2500], { id: 2500 + step, data: step % 2500 });
      }
    }
    expect(seen.size).toBeGreaterThan(1500);
  });

  test("reading an id while it is deleted and its place taken gives the vector of that id, or none", async () => {
    const engine = new Engine<number>({ dim, distance: "euclidean" });
    await engine.storeManyVectors(vectors.slice(0, 50), { data: vectors.slice(0, 50).map((_, i) => i) });
    for (let i = 0; i < 50; i++) {
      const [one, many, near] = await Promise.all([
        engine.get(i),
        engine.getMany([i, i]),
        engine.neighbours({ id: i }, { k: 1 }).catch(() => []),
        engine.deleteVector(i),
        engine.storeVector(vectors[100 + i], { id: 100 + i, data: 100 + i }),
      ]);
      for (const found of [one, ...many]) expect([undefined, i]).toContainEqual(found?.id);
      for (const found of [one, ...many]) if (found !== undefined) expect(found.vector).toEqual(vectors[i]);
      for (const { id, data } of near) expect(data).toBe(id);
    }
    for (let i = 0; i < 50; i++) {
      const [found] = await Promise.all([
        engine.get(100 + i),
        engine.storeVector(gaussian(new Dice(i), dim), { id: 500 + i }),
        engine.deleteMany([100 + i]),
      ]);
      expect([undefined, 100 + i]).toContainEqual(found?.id);
    }
  });
});

test("Sparse vectors come back entry by entry as they were given, zeros among the values too", async () => {
  const engine = new Engine<unknown, "sparse">({ dim: 100, kind: "sparse", distance: "euclidean" });
  const dice = new Dice(3);
  for (let i = 0; i < 50; i++) {
    const vector = sparse(dice, 100, 1 + dice.below(40));
    await engine.storeVector(vector);
    expect((await engine.get(i))?.vector).toEqual(vector);
    expect((await engine.neighbours(spread(vector), { k: 1 }))[0]).toEqual({ id: i, distance: 0 });
  }
});
