import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  classic,
  type Distance,
  Engine,
  type EngineOptions,
  type Id,
  MemoryStorage,
  NearestFilter,
  PCABinaryProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  UniqueFilter,
} from "nearts";
import { describe, expect, test } from "vitest";
import { all, bucketsOf, Dice, gaussian, gaussians, oneRow, refusal, sparse } from "../acceptance/vectors.js";

const SEED = 51;
const dim = 10;
const vectors = gaussians(new Dice(SEED), 400, dim);

describe("stats", () => {
  test("count what is stored and how it is spread, as the buckets show it", async () => {
    const hashes = [
      new RandomBinaryProjections({ name: "a", projections: 5, tables: 3 }),
      new RandomBinaryProjections({ name: "b", projections: 3, seed: 2 }),
    ];
    const engine = new Engine<string>({ dim, hashes });
    await engine.storeManyVectors(vectors, { data: vectors.map((_, i) => `data ${i}`) });
    await engine.deleteMany(Array.from({ length: 100 }, (_, i) => i * 3));
    const stats = await engine.stats();

    expect(stats).toMatchObject({ size: 300, dim, kind: "dense", distance: "cosine", storage: "memory", tasks: [] });
    for (let h = 0; h < 2; h++) {
      const lengths = new Map<string, number[]>();
      for (const [name, ids] of await bucketsOf(engine, h))
        lengths.set(name.split(":")[0], [...(lengths.get(name.split(":")[0]) ?? []), ids.length]);
      const perTable = [...lengths.values()];
      const skews = perTable.map((list) => (list.length * list.reduce((sum, n) => sum + n * n, 0)) / 300 ** 2);

      expect(stats.hashes[h]).toMatchObject({
        name: hashes[h].name,
        tables: hashes[h].tables,
        buckets: perTable.flat().length,
        entries: 300 * hashes[h].tables,
        largestBucket: Math.max(...perTable.flat()),
      });
      expect(stats.hashes[h].skew).toBeCloseTo(skews.reduce((sum, skew) => sum + skew, 0) / skews.length, 10);
    }
    const { total, ...parts } = stats.bytes;
    expect(total).toBe(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0));
    expect(parts.vectors).toBeGreaterThanOrEqual(300 * dim * 4);
    for (const bytes of Object.values(parts)) expect(bytes).toBeGreaterThan(0);
  });

  test("of equal buckets is a skew of 1, and of an empty engine there is nothing", async () => {
    const engine = new Engine({ dim });
    expect((await engine.stats()).hashes[0]).toMatchObject({ buckets: 0, entries: 0, largestBucket: 0 });
    await engine.storeManyVectors(vectors);

    expect((await engine.stats()).hashes).toEqual([{ name: "all", tables: 1, buckets: 1, entries: 400, largestBucket: 400, skew: 1 }]);
  });
});

describe("maxBytes", () => {
  const limits = (["dense", "sparse"] as const).flatMap((kind) => [60_000, 300_000, 2_000_000].map((maxBytes) => ({ kind, maxBytes })));

  test.each(limits)("is kept to, and what it refuses has changed nothing: $kind, $maxBytes", async ({ kind, maxBytes }) => {
    const engine = new Engine<string, typeof kind>({
      dim: 8,
      kind,
      maxBytes,
      hashes: [new RandomBinaryProjections({ name: "rbp", projections: 8, tables: 2 })],
    });
    const dice = new Dice(SEED);
    let refused = false;
    while (!refused) {
      const batch = gaussians(dice, 1 + dice.below(maxBytes / 10_000), 8);
      const data = batch.map((_, i) => (i % 3 === 0 ? `data ${i}` : undefined));
      const ids = batch.map(() => (dice.uniform() < 0.5 ? dice.below(1e9) : `id ${dice.below(1e9)}`));
      const before = { size: await engine.size(), stats: await engine.stats() };
      try {
        await engine.storeManyVectors(batch, { data, ids });
      } catch {
        const error = await refusal(() => engine.storeManyVectors(batch, { data, ids }));
        expect(error.code).toBe("E_MEMORY");
        expect(error.message).toMatch(new RegExp(`bytes.*${maxBytes}.*delete some, or raise maxBytes`));
        expect({ size: await engine.size(), stats: await engine.stats() }).toEqual(before);
        refused = true;
      }
      // Columns grow in steps, so what a write needs is known to a hundredth.
      expect((await engine.stats()).bytes.total).toBeLessThanOrEqual(maxBytes * 1.01);
    }

    expect((await engine.stats()).bytes.total).toBeGreaterThan(maxBytes / 2);
  });

  test("refuses a large input whole, before its first batch", async () => {
    const engine = new Engine({ dim: 1000, distance: "euclidean", maxBytes: 20_000_000 });
    const refused = await refusal(() => engine.storeManyVectors(new Float32Array(8_000_000).fill(0.5)));

    expect(refused.code).toBe("E_MEMORY");
    expect(await engine.size()).toBe(0);
    expect(await engine.storeManyVectors(new Float32Array(1_000_000).fill(0.5))).toHaveLength(1000);
  });

  test("takes four times as many dense vectors of whole numbers from 0 to 255, until one comes that is none", async () => {
    const engine = new Engine({ dim: 1000, distance: "euclidean", maxBytes: 20_000_000 });
    expect(await engine.storeManyVectors(new Float32Array(8_000_000))).toHaveLength(8000);
    const refused = await refusal(() => engine.storeVector(new Float32Array(1000).fill(0.5)));

    expect(refused.code).toBe("E_MEMORY");
    expect(await engine.size()).toBe(8000);
    await engine.storeVector(new Float32Array(1000).fill(255));
    expect(await engine.size()).toBe(8001);
  });

  test("allows again what deletes have made room for", async () => {
    const engine = new Engine({ dim: 100, distance: "euclidean", maxBytes: 200_000 });
    const dice = new Dice(SEED);
    const fill = async () => {
      const ids: Id[] = [];
      for (;;) {
        try {
          ids.push(await engine.storeVector(gaussian(dice, 100)));
        } catch {
          return ids;
        }
      }
    };
    const ids = await fill();
    await engine.deleteMany(ids.slice(0, 100));

    expect(ids.length).toBeGreaterThan(200);
    expect((await fill()).length).toBeGreaterThanOrEqual(100);
  });

  test("counts larger sparse vectors and data that take the place of smaller ones", async () => {
    const engine = new Engine<string, "sparse">({ dim: 100_000, kind: "sparse", distance: "euclidean", maxBytes: 200_000 });
    const dice = new Dice(SEED);
    await engine.storeVector(sparse(dice, 100_000, 10), { id: 1 });
    const wide = await refusal(() => engine.storeVector(sparse(dice, 100_000, 50_000), { id: 1 }));
    expect(wide.code).toBe("E_MEMORY");
    await engine.storeVector(sparse(dice, 100_000, 10), { id: 1, data: "x".repeat(60_000) });

    expect((await engine.get(1))?.vector.indices).toHaveLength(10);
    expect((await engine.stats()).bytes.total).toBeLessThanOrEqual(200_000);
  });

  test("is for the storage that the engine makes itself", async () => {
    const refused = await refusal(() => new Engine({ dim, storage: new MemoryStorage(), maxBytes: 1e6 }));

    expect(refused.code).toBe("E_BAD_OPTION");
    expect((await refusal(() => new MemoryStorage({ maxBytes: -1 }))).code).toBe("E_BAD_OPTION");
  });
});

describe("Closing", () => {
  test("every method rejects with E_CLOSED afterwards, and closing again does nothing", async () => {
    const engine = new Engine({ dim });
    await engine.storeVector(vectors[0]);
    await engine.close();
    await engine.close();
    const calls: (() => unknown)[] = [
      () => engine.storeVector(vectors[0]),
      () => engine.storeManyVectors(vectors),
      () => engine.deleteVector(0),
      () => engine.deleteMany([0]),
      () => engine.get(0),
      () => engine.getMany([0]),
      () => engine.has(0),
      () => engine.size(),
      () => all(engine.entries()),
      () => engine.neighbours(vectors[0]),
      () => engine.neighbours({ id: 0 }),
      () => engine.neighboursOfMany(vectors),
      () => engine.candidateCount(vectors[0]),
      () => engine.explain(vectors[0]),
      () => engine.cleanBuckets("all"),
      () => engine.cleanAllBuckets(),
      () => engine.stats(),
    ];
    for (const call of calls) {
      const refused = await refusal(call);
      expect(refused.code).toBe("E_CLOSED");
      expect(refused.message).toMatch(/make a new one/);
    }
  });

  test("Symbol.asyncDispose closes", async () => {
    const engine = new Engine({ dim });
    await engine[Symbol.asyncDispose]();

    expect((await refusal(() => engine.size())).code).toBe("E_CLOSED");
  });

  test("an engine that was never used can be closed", async () => {
    await expect(new Engine({ dim }).close()).resolves.toBeUndefined();
  });

  test("a memory storage outlives its engine: another opens it again", async () => {
    const storage = new MemoryStorage();
    const engine = new Engine<number>({ dim, storage });
    await engine.storeManyVectors(vectors, { data: vectors.map((_, i) => i) });
    const before = await engine.neighbours(vectors[0]);
    await engine.close();

    expect(await new Engine<number>({ dim, storage }).neighbours(vectors[0])).toEqual(before);
  });
});

describe("Opening", () => {
  const parts = (storage: MemoryStorage, other: Partial<EngineOptions<"dense">> = {}) => ({
    dim,
    distance: "euclidean" as const,
    hashes: [new RandomBinaryProjections({ name: "rbp", projections: 5, seed: 1 })],
    storage,
    ...other,
  });

  test.each<[string, Partial<EngineOptions<"dense">>, RegExp]>([
    ["dimension", { dim: 11 }, /dim is 10 there and 11 here/],
    ["distance", { distance: "cosine" }, /"euclidean" there and "cosine" here/],
    ["hash name", { hashes: [new RandomBinaryProjections({ name: "other", projections: 5, seed: 1 })] }, /"rbp" there and "other" here/],
    ["number of hashes", { hashes: [] }, /"rbp" there and "all" here/],
    ["seed", { hashes: [new RandomBinaryProjections({ name: "rbp", projections: 5, seed: 2 })] }, /"rbp" has another configuration/],
    [
      "number of bits",
      { hashes: [new RandomBinaryProjections({ name: "rbp", projections: 6, seed: 1 })] },
      /"rbp" has another configuration/,
    ],
    [
      "class of hash",
      { hashes: [new RandomBinaryProjectionTree({ name: "rbp", projections: 5, minimumResultSize: 1, seed: 1 })] },
      /"rbp" has another configuration/,
    ],
  ])("a storage that holds an index of another %s is refused, and left as it was", async (_, other, message) => {
    const storage = new MemoryStorage();
    const engine = new Engine(parts(storage));
    await engine.storeManyVectors(vectors);
    const wrong = new Engine(parts(storage, other));
    for (const call of [() => wrong.storeVector(new Float32Array(wrong.dim).fill(1)), () => wrong.size(), () => wrong.cleanAllBuckets()]) {
      const refused = await refusal(call);
      expect(refused.code).toBe("E_SCHEMA_MISMATCH");
      expect(refused.message).toMatch(message);
    }
    expect(await engine.size()).toBe(400);
    expect((await engine.neighbours(vectors[0], { k: 1 }))[0]).toEqual({ id: 0, distance: 0 });
  });

  test("Engine.open makes the same engine from what the storage holds", async () => {
    const storage = new MemoryStorage();
    const engine = new Engine(parts(storage));
    await engine.storeManyVectors(vectors);
    const opened = await Engine.open({ storage, filters: [new UniqueFilter(), new NearestFilter(4)] });

    expect(opened).toMatchObject({ dim, kind: "dense" });
    expect(opened.distance.name).toBe("euclidean");
    expect(await opened.neighbours(vectors[7])).toEqual(await engine.neighbours(vectors[7], { k: 4 }));
    const id = await opened.storeVector(vectors[0]);
    expect(await engine.has(id)).toBe(true);
  });

  test("Engine.open of nothing is E_NOT_FOUND", async () => {
    const refused = await refusal(() => Engine.open({ storage: new MemoryStorage() }));

    expect(refused.code).toBe("E_NOT_FOUND");
    expect(refused.message).toMatch(/no index.*new Engine/);
  });

  test("Engine.open of an index made for a distance of one's own needs that distance, and says so", async () => {
    const storage = new MemoryStorage();
    const own: Distance<"dense"> = { name: "own", kinds: ["dense"], between: (x, y) => Math.abs(x[0] - y[0]) };
    await new Engine({ dim, distance: own, storage }).storeManyVectors(vectors);
    const refused = await refusal(() => Engine.open({ storage }));

    expect(refused.code).toBe("E_UNKNOWN_PLUGIN");
    expect(refused.message).toMatch(/"own".*plugins/);
    expect((await Engine.open({ storage, plugins: [own] })).distance).toBe(own);
  });

  test("Engine.open knows what a hash learned after the engine was made, as long as nothing was stored before", async () => {
    const storage = new MemoryStorage();
    const hash = new PCABinaryProjections({ name: "pca", projections: 3 });
    const engine = new Engine({ dim, hashes: [hash], storage });
    hash.fit(vectors);
    await engine.storeManyVectors(vectors);
    const opened = await Engine.open({ storage });

    expect(await opened.neighbours(vectors[0])).toEqual(await engine.neighbours(vectors[0]));
  });

  test("a hash that has not learned refuses to store with E_NOT_FITTED, and nothing is stored", async () => {
    const engine = new Engine({
      dim,
      hashes: [new RandomBinaryProjections({ name: "rbp", projections: 2 }), new PCABinaryProjections({ name: "pca", projections: 3 })],
    });

    expect((await refusal(() => engine.storeVector(vectors[0]))).code).toBe("E_NOT_FITTED");
    expect((await refusal(() => engine.storeManyVectors(vectors))).code).toBe("E_NOT_FITTED");
    expect(await engine.size()).toBe(0);
  });
});

describe("Cleaning", () => {
  test("one hash leaves its vectors to the others; storing them again fills it", async () => {
    const hashes = [
      new RandomBinaryProjections({ name: "a", projections: 3, seed: 1 }),
      new RandomBinaryProjections({ name: "b", projections: 3, seed: 2 }),
    ];
    const engine = new Engine({ dim, hashes });
    await engine.storeManyVectors(vectors);
    const full = await bucketsOf(engine, 0);
    await engine.cleanBuckets("a");
    await engine.deleteMany([0, 1, 2]);
    expect((await engine.stats()).hashes.map(({ entries }) => entries)).toEqual([0, 397]);
    for (let id = 0; id < 400; id++) await engine.storeVector(vectors[id], { id });

    expect(await bucketsOf(engine, 0)).toEqual(full);
    expect((await engine.stats()).hashes.map(({ entries }) => entries)).toEqual([400, 400]);
  });

  test("all of it gives the memory back, and ids go on above those that were", async () => {
    const engine = new Engine<string>({ dim, hashes: [new RandomBinaryProjections({ name: "a", projections: 3 })] });
    await engine.storeManyVectors(vectors, { data: vectors.map(() => "x".repeat(1000)) });
    const full = (await engine.stats()).bytes.total;
    await engine.cleanAllBuckets();

    expect((await engine.stats()).bytes.total).toBeLessThan(full / 20);
    expect(await engine.storeVector(vectors[0])).toBe(400);
    expect(await engine.neighbours(vectors[0])).toEqual([{ id: 400, distance: 0 }]);
  });
});

describe("Events on node:diagnostics_channel", () => {
  test("nearts:store, nearts:query and nearts:delete tell what was done", async () => {
    const seen: Record<string, unknown>[] = [];
    const listen = (message: unknown, name: string | symbol) => void seen.push({ name, ...(message as object) });
    const names = ["nearts:store", "nearts:query", "nearts:delete"];
    for (const name of names) subscribe(name, listen);
    try {
      const engine = new Engine({ dim });
      await engine.storeVector(vectors[0]);
      await engine.storeManyVectors(vectors.slice(0, 20));
      await engine.neighbours(vectors[0], { k: 3 });
      await engine.neighboursOfMany(vectors.slice(0, 5));
      await engine.deleteVector(0);
      await engine.deleteMany([1, 2, 999]);
      await refusal(() => engine.storeVector([1]));
      await refusal(() => engine.neighbours([1]));
    } finally {
      for (const name of names) unsubscribe(name, listen);
    }
    await new Engine({ dim }).storeVector(vectors[0]);

    expect(seen).toEqual([
      { name: "nearts:store", stored: 1 },
      { name: "nearts:store", stored: 20 },
      { name: "nearts:query", queries: 1, results: 3, millis: expect.any(Number), buckets: 1, entries: 21, candidates: 21 },
      expect.objectContaining({ name: "nearts:query", queries: 5, millis: expect.any(Number) }),
      { name: "nearts:delete", deleted: 1 },
      { name: "nearts:delete", deleted: 2 },
    ]);
  });
});

test("100 engines side by side keep their own, and answer as if each were alone", async () => {
  const engines = Array.from({ length: 100 }, (_, e) => new Engine<number>({ ...classic(), dim: 3 + (e % 8), distance: "euclidean" }));
  const dices = engines.map((_, e) => new Dice(e));
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      engines.map((engine, e) => engine.storeManyVectors(gaussians(dices[e], 20, engine.dim), { data: new Array<number>(20).fill(e) })),
    );
  }
  const asked = engines.map((engine, e) => gaussian(new Dice(1000 + e), engine.dim));
  const together = await Promise.all(engines.map((engine, e) => engine.neighbours(asked[e], { probes: 1024 })));
  for (let e = 0; e < 100; e++) {
    const alone = new Engine<number>({ dim: engines[e].dim, distance: "euclidean" });
    await alone.storeManyVectors(gaussians(new Dice(e), 100, engines[e].dim), { data: new Array<number>(100).fill(e) });

    expect(await engines[e].size()).toBe(100);
    expect(together[e]).toEqual(await alone.neighbours(asked[e]));
  }
  await Promise.all(engines.map((engine) => engine.close()));
});

test("A hash used by two engines serves both", async () => {
  const hash = new RandomBinaryProjections({ name: "rbp", projections: 4 });
  const [dense, thinned] = [new Engine({ dim, hashes: [hash] }), new Engine<unknown, "sparse">({ dim, kind: "sparse", hashes: [hash] })];
  for (const vector of vectors.slice(0, 30)) {
    await dense.storeVector(vector);
    await thinned.storeVector(vector);
  }

  expect(await bucketsOf(thinned)).toEqual(await bucketsOf(dense));
  expect(hash.bucketKeys(oneRow(vectors[0]))).toHaveLength(1);
});
