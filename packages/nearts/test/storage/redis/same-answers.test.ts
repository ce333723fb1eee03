import {
  Engine,
  type EngineOptions,
  HashPermutations,
  KMeansHash,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
} from "nearts";
import { RedisStorage } from "nearts/redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertNearEqual } from "../../../src/testing/index.js";
import { clouds, rowOf } from "../../learned/vectors.js";
import { IN_MEMORY, RedisServer } from "../../servers/redis-server.js";

const dim = 32;
const count = 1500;
const vectors = clouds(count + 25, dim, 3, 25);
const stored = vectors.subarray(0, count * dim);
const queries = Array.from({ length: 25 }, (_, i) => rowOf(vectors, dim, count + i));

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start(IN_MEMORY);
});
afterAll(async () => {
  await server.stop();
});

const bits = (seed: number) => new RandomBinaryProjections({ name: `bits ${seed}`, projections: 6, tables: 3, seed });
const lists = () =>
  new KMeansHash({
    name: "lists",
    lists: 24,
    seed: 1,
    training: { kind: "dense", dim, count: 500, values: vectors.subarray(0, 500 * dim) },
  });

const cases: Readonly<Record<string, () => Partial<EngineOptions<"dense">>>> = {
  "bits in three tables": () => ({ hashes: [bits(1)] }),
  "bits in three tables, with codes": () => ({ hashes: [bits(1)], codes: true }),
  "two hashes with codes": () => ({ hashes: [bits(1), bits(2)], codes: { bits: 4 } }),
  "lists with codes": () => ({ hashes: [lists()], codes: { bits: 2 } }),
  "lists with codes, cosine": () => ({ hashes: [lists()], codes: { bits: 2 }, distance: "cosine" }),
  "lists with codes, products": () => ({ hashes: [lists()], codes: { bits: 4 }, distance: "inner-product" }),
  "a tree, which counts rows": () => ({
    hashes: [new RandomBinaryProjectionTree({ name: "tree", projections: 12, minimumResultSize: 30, seed: 1 })],
  }),
  "permutations, which know all keys": () => ({
    hashes: [new HashPermutations({ name: "permuted", children: [bits(3)], permutations: 8, neighbours: 20, seed: 1 })],
  }),
  "bins, half precision": () => ({
    hashes: [new RandomDiscretizedProjections({ name: "bins", projections: 2, binWidth: 3, tables: 2, seed: 1 })],
    vectors: "f16",
  }),
  "lists with codes, bytes": () => ({ hashes: [lists()], codes: { bits: 2 }, vectors: "i8" }),
};

async function engineOf(options: Partial<EngineOptions<"dense">>): Promise<Engine> {
  const engine = new Engine({ dim, distance: "euclidean", ...options });
  const ids = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? i : `id ${i}`));
  const data = ids.map((_, i) => ({ part: i % 10 }));
  await engine.storeManyVectors(stored, { ids, data });
  await engine.deleteMany(ids.filter((_, i) => i % 9 === 0));
  await engine.storeManyVectors(stored.subarray(0, 300 * dim), { ids: ids.slice(200, 500), data: data.slice(200, 500) });
  return engine;
}

test.each(Object.keys(cases))("%s: answers are those of the memory engine", async (title) => {
  const name = title.replaceAll(/\W/g, "-");
  const memory = await engineOf(cases[title]());
  const redis = await engineOf({ ...cases[title](), storage: new RedisStorage({ name, url: server.url, shards: 3 }) });
  const opened = await Engine.open({ storage: new RedisStorage({ name, url: server.url }) });
  for (const engine of [redis, opened]) {
    for (const query of queries) {
      for (const options of [{ k: 10 }, { k: 5, probes: 3 }]) {
        assertNearEqual(await engine.neighbours(query, options), await memory.neighbours(query, options), {
          relative: 1e-6,
          absolute: 1e-6,
        });
      }
      expect(await engine.candidateCount(query)).toEqual(await memory.candidateCount(query));
    }
    const radius = (await memory.neighbours(queries[0], { k: 10 }))[9].distance;
    assertNearEqual(await engine.neighbours(queries[0], { within: radius }), await memory.neighbours(queries[0], { within: radius }), {
      relative: 1e-6,
      absolute: 1e-6,
    });
    const where = { part: 3 };
    assertNearEqual(await engine.neighbours(queries[1], { k: 5, where }), await memory.neighbours(queries[1], { k: 5, where }), {
      relative: 1e-6,
      absolute: 1e-6,
    });
    // Asked together they are under way at once, and come back in order.
    const single = await Promise.all(queries.map((query) => engine.neighbours(query, { k: 4 })));
    expect(await engine.neighboursOfMany(queries, { k: 4 })).toEqual(single);
    expect(await engine.neighbours({ id: 2 }, { k: 3 })).toHaveLength(3);
    await engine.close();
  }
});

test("an exact search brings its vectors block by block, and answers as one in memory: by a distance, within it, many at once", async () => {
  const few = 4;
  const many = clouds(4500, few, 8, 40);
  many.copyWithin(4300 * few, 10 * few, 40 * few); // equal distances, blocks apart
  const hashes = () => [new RandomBinaryProjections({ name: "bits", projections: 8, seed: 1 })];
  const storage = new RedisStorage({ name: "blocks", url: server.url, shards: 2 });
  const engine = new Engine({ dim: few, distance: "euclidean", hashes: hashes(), storage });
  const memory = new Engine({ dim: few, distance: "euclidean", hashes: hashes() });
  for (const one of [engine, memory]) await one.storeManyVectors(many);
  const brought: number[] = [];
  const fetch = storage.fetch.bind(storage);
  storage.fetch = (candidates) => {
    brought.push(candidates.count);
    return fetch(candidates);
  };

  for (const q of [17, 4302]) {
    for (const options of [{ k: 10 }, { k: 700 }, { k: 30, within: 0.5 }, { k: 5, distance: "manhattan" as const }]) {
      const query = rowOf(many, few, q);
      const found = await engine.neighbours(query, { ...options, exact: true });
      assertNearEqual(found, await memory.neighbours(query, { ...options, exact: true }));
    }
  }
  const asked = many.subarray(0, 3 * few);
  expect(await engine.neighboursOfMany(asked, { k: 4, exact: true })).toHaveLength(3);
  expect(brought.filter((count) => count === 4096).length).toBe(8 + 3);
  expect(Math.max(...brought)).toBe(4096);
  await engine.close();
});
