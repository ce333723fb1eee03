import { Engine, hashFromConfig, MemoryStorage, NearestFilter, Probes, RandomBinaryProjectionTree, UniqueFilter } from "nearts";
import { expect, test } from "vitest";
import { bucketsOf, Dice, gaussian, gaussians, oneRow } from "./vectors.js";

const SEED = 3;
const filters = (count: number) => [new UniqueFilter(), new NearestFilter(count)];

test(`12 — Tree: 12 bits, N=20, 200,000 random 100-d vectors with distinct data, NearestFilter(20): each of 10 queries returns exactly 20 (seed ${SEED})`, async () => {
  const [dim, count] = [100, 200_000];
  const dice = new Dice(SEED);
  const tree = new RandomBinaryProjectionTree({ name: "tree", projections: 12, minimumResultSize: 20 });
  const engine = new Engine<string>({ dim, hashes: [tree], filters: filters(20) });
  const flat = new Float32Array(count * dim);
  for (let i = 0; i < flat.length; i++) flat[i] = dice.normal();
  await engine.storeManyVectors(flat, { data: Array.from({ length: count }, (_, i) => `vector ${i}`) });

  expect(await engine.size()).toBe(count);
  for (let round = 0; round < 10; round++) {
    const neighbours = await engine.neighbours(gaussian(dice, dim));

    expect(neighbours).toHaveLength(20);
    expect(new Set(neighbours.map(({ data }) => data)).size).toBe(20);
    for (const { id, data } of neighbours) expect(data).toBe(`vector ${id}`);
    expect(neighbours.map(({ distance }) => distance)).toEqual(neighbours.map(({ distance }) => distance).sort((a, b) => a - b));
  }
});

test(`13 — Tree: 10 bits, N=20, 2000 vectors: the configuration saved and loaded has the same dimension, name, bits and planes, and 10 queries read the same keys in the same order (seed ${SEED})`, async () => {
  const dim = 100;
  const dice = new Dice(SEED);
  const storage = new MemoryStorage();
  const tree = new RandomBinaryProjectionTree({ name: "tree", projections: 10, minimumResultSize: 20, seed: 11 });
  const engine = new Engine({ dim, hashes: [tree], storage });
  await engine.storeManyVectors(gaussians(dice, 2000, dim));
  storage.storeConfig(tree.config());
  const config = storage.loadConfig("tree");
  if (config === null) throw new Error("the configuration is not there");
  const loaded = hashFromConfig(config);
  loaded.open({ kind: "dense", dim });

  expect(config).toMatchObject({ type: "RandomBinaryProjectionTree", name: "tree", dim, projections: 10, minimumResultSize: 20 });
  expect(loaded.config()).toEqual(tree.config());
  const directory = storage.directory(0);
  for (let round = 0; round < 10; round++) {
    const query = oneRow(gaussian(dice, dim));
    const [mine, other] = [new Probes(), new Probes()];
    tree.probes(query, directory, 1, mine);
    loaded.probes(query, directory, 1, other);

    expect(loaded.bucketKeys(query)).toEqual(tree.bucketKeys(query));
    expect(mine.count).toBeGreaterThan(0);
    expect(other.sameAs(mine)).toBe(true);
  }
  const reopened = await Engine.open({ storage });
  for (let round = 0; round < 10; round++) {
    const query = gaussian(dice, dim);
    expect(await reopened.neighbours(query, { k: 20 })).toEqual(await engine.neighbours(query, { k: 20 }));
  }
});

test("14 — Tree: an empty index gives an empty result", async () => {
  const engine = new Engine({
    dim: 4,
    hashes: [new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 3, tables: 2 })],
  });

  expect(await engine.neighbours([1, 2, 3, 4])).toEqual([]);
  expect(await engine.candidateCount([1, 2, 3, 4])).toEqual({ raw: 0, unique: 0 });
});

test("14 — Tree: fewer than N stored, one among them, are all found", async () => {
  const dice = new Dice(SEED);
  const tree = new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 20 });
  const engine = new Engine({ dim: 10, hashes: [tree], filters: filters(50) });
  for (let stored = 1; stored < 20; stored++) {
    await engine.storeVector(gaussian(dice, 10));

    expect(await engine.neighbours(gaussian(dice, 10))).toHaveLength(stored);
  }
});

test(`14 — Tree: after deletes the result still has at least min(N, live) vectors, and never a deleted one (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  const vectors = gaussians(dice, 300, 10);
  const tree = new RandomBinaryProjectionTree({ name: "tree", projections: 10, minimumResultSize: 5 });
  const engine = new Engine({ dim: 10, hashes: [tree], filters: filters(300) });
  await engine.storeManyVectors(vectors);
  for (let live = 300; live > 0; ) {
    await engine.deleteVector(300 - live--);
    if (live > 20 && live % 29 !== 0) continue;
    const neighbours = await engine.neighbours(gaussian(dice, 10));

    expect(neighbours.length).toBeGreaterThanOrEqual(Math.min(5, live));
    for (const { id } of neighbours) expect(Number(id)).toBeGreaterThanOrEqual(300 - live);
  }
  expect(await engine.neighbours(gaussian(dice, 10))).toEqual([]);
});

test("14 — Tree: deleting a vector lowers the counts that the tree goes by, and neither a query nor a delete raises them", async () => {
  const dice = new Dice(SEED);
  const vectors = gaussians(dice, 100, 10);
  const storage = new MemoryStorage();
  const tree = new RandomBinaryProjectionTree({ name: "tree", projections: 4, minimumResultSize: 5 });
  const engine = new Engine({ dim: 10, hashes: [tree], storage });
  await engine.storeManyVectors(vectors);
  const counted = () => {
    const directory = storage.directory(0);
    return Array.from({ length: directory.size(0) }, (_, i) => directory.countAt(0, i)).reduce((sum, count) => sum + count, 0);
  };

  expect(counted()).toBe(100);
  for (const vector of vectors) await engine.neighbours(vector);
  expect(counted()).toBe(100);
  for (let id = 0; id < 60; id++) await engine.deleteVector(id);
  expect(counted()).toBe(40);
  expect([...(await bucketsOf(engine)).values()].flat()).toHaveLength(40);
});
