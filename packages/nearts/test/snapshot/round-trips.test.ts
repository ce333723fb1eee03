import { Engine, type EngineOptions, type Item, type Kind, KMeansHash, RandomBinaryProjections, RandomBinaryProjectionTree } from "nearts";
import { describe, expect, it } from "vitest";
import { all, bucketsOf, Dice, gaussian, sparse } from "../acceptance/vectors.js";

interface Case {
  readonly name: string;
  readonly make: () => Promise<Engine<Data, Kind>>;
  readonly vector: (dice: Dice) => Parameters<Engine<Data, Kind>["storeVector"]>[0];
}

interface Data {
  readonly word?: string;
  readonly size?: number;
  readonly tags?: readonly string[];
  readonly deep?: unknown;
}

const dim = 24;
const seed = 5;

const dense = (dice: Dice) => gaussian(dice, dim);
const clustered = (dice: Dice) => gaussian(dice, dim).map((x, i) => x + 6 * Math.sin(i * Math.floor(dice.uniform() * 12)));
const engineOf =
  <K extends Kind>(options: EngineOptions<K>) =>
  async () =>
    new Engine<Data, K>(options) as unknown as Engine<Data, Kind>;
const rbp = () => new RandomBinaryProjections({ name: "rbp", projections: 6, tables: 3, seed: 1 });

const cases: readonly Case[] = [
  { name: "an exact search", make: engineOf({ dim, distance: "euclidean" }), vector: dense },
  { name: "half precision", make: engineOf({ dim, distance: "euclidean", vectors: "f16" }), vector: dense },
  { name: "bytes", make: engineOf({ dim, distance: "cosine", vectors: "i8" }), vector: dense },
  { name: "a dimension that is no multiple of four", make: engineOf({ dim: 7, vectors: "f16" }), vector: (dice) => gaussian(dice, 7) },
  {
    name: "given hashes",
    make: engineOf({
      dim,
      hashes: [rbp(), new RandomBinaryProjectionTree({ name: "tree", projections: 12, minimumResultSize: 20, seed: 2 })],
    }),
    vector: dense,
  },
  { name: "given hashes with codes", make: engineOf({ dim, hashes: [rbp()], codes: { bits: 2 } }), vector: dense },
  {
    name: "two assignments of k-means",
    make: async () => {
      const hash = new KMeansHash({ name: "means", lists: 8, distance: "euclidean", assignments: 2, seed: 3 });
      const dice = new Dice(9);
      hash.fit(Array.from({ length: 100 }, () => gaussian(dice, dim)));
      return new Engine<Data>({ dim, distance: "euclidean", hashes: [hash], codes: true });
    },
    vector: dense,
  },
  { name: "a learned index", make: engineOf({ dim, distance: "euclidean", recall: 0.9 }), vector: clustered },
  {
    name: "a learned index of products",
    make: engineOf({ dim, distance: "inner-product", recall: 0.9, vectors: "i8" }),
    vector: clustered,
  },
  { name: "sparse vectors", make: engineOf({ dim: 5000, kind: "sparse" }), vector: (dice) => sparse(dice, 5000, 1 + dice.below(20)) },
  {
    name: "sparse vectors with codes",
    make: engineOf({ dim: 300, kind: "sparse", hashes: [rbp()], codes: true }),
    vector: (dice) => sparse(dice, 300, 9),
  },
  { name: "bits", make: engineOf({ dim: 70, kind: "bits" }), vector: (dice) => Array.from({ length: 70 }, () => dice.below(2)) },
  {
    name: "declared fields",
    make: engineOf({ dim, fields: { word: "string", size: "number", tags: "strings", $odd: "number" } }),
    vector: dense,
  },
  {
    name: "outlines",
    make: engineOf({ dim: 128, distance: "euclidean" }),
    vector: (dice) => gaussian(dice, 128).map((x, i) => x / (1 + i)),
  },
];

/** Stores, replaces and removes vectors with ids and data of every sort. */
async function filled({ name, make, vector }: Case): Promise<Engine<Data, Kind>> {
  const engine = await make();
  const dice = new Dice(seed);
  const count = name.includes("learned") ? 3000 : name === "outlines" ? 4200 : 400;
  const items: Item<Data>[] = Array.from({ length: count }, (_, i) => ({
    vector: vector(dice),
    ...(i % 3 === 0 ? { id: `id ${i} ${"ü".repeat(i % 5)}` } : i % 3 === 1 ? { id: i * 1000 } : {}),
    ...(i % 2 === 0 ? { data: { word: `w${i % 7}`, size: i, tags: ["a", `t${i % 3}`], deep: [{ "": 'ä"\n' }, null, -1.5e-7] } } : {}),
  }));
  await engine.storeManyVectors(items);
  if (name.includes("learned")) await engine.train();
  await engine.deleteMany(items.filter((_, i) => i % 11 === 0).flatMap((item) => (item.id === undefined ? [] : [item.id])));
  await engine.storeManyVectors(items.slice(0, 9));
  return engine;
}

/** All entries as one text: quicker to compare than thousands of arrays. */
async function contentOf(engine: Engine<Data, Kind>): Promise<string> {
  const entries = await all(engine.entries());
  return entries.map(({ id, data, vector }) => `${typeof id} ${id} ${JSON.stringify(data)} ${JSON.stringify(vector)}`).join("\n");
}

async function answers(engine: Engine<Data, Kind>, { vector }: Case): Promise<unknown> {
  const dice = new Dice(77);
  const queries = Array.from({ length: 12 }, () => vector(dice));
  const found = [];
  for (const query of queries) {
    found.push(await engine.neighbours(query, { k: 7, includeVector: true }), await engine.candidateCount(query));
    found.push(await engine.neighbours(query, { k: 3, where: { word: "w2" } as never }));
  }
  return found;
}

describe("an index loaded from its snapshot", () => {
  it.each(cases)("$name: gives the same answers, and goes on as the one that was saved", async (one) => {
    const engine = await filled(one);
    await engine.storage.storeConfig({ type: "Mine", version: 7, name: "mine", values: Float32Array.of(1, 2) });

    const bytes = await engine.save();
    const loaded = await Engine.load<Data>(bytes);

    expect(await loaded.size()).toBe(await engine.size());
    expect(await answers(loaded, one)).toEqual(await answers(engine, one));
    expect(await contentOf(loaded)).toBe(await contentOf(engine));
    expect(await loaded.plan()).toEqual(await engine.plan());
    expect(await bucketsOf(loaded)).toEqual(await bucketsOf(engine));
    expect(await loaded.storage.loadConfig("mine")).toEqual(await engine.storage.loadConfig("mine"));
    expect(Buffer.compare(await loaded.save(), bytes)).toBe(0);

    const dice = new Dice(3);
    const more = Array.from({ length: 50 }, () => one.vector(dice));
    expect(await loaded.storeManyVectors(more)).toEqual(await engine.storeManyVectors(more));
    await loaded.deleteMany([1000, "id 3 üüü"]);
    await engine.deleteMany([1000, "id 3 üüü"]);
    expect(await answers(loaded, one)).toEqual(await answers(engine, one));
    expect((await loaded.stats()).hashes).toEqual((await engine.stats()).hashes);
  });
});
