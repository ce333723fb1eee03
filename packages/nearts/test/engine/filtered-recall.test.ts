import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, type EngineOptions, type Neighbour, RandomBinaryProjections, type Where } from "../../src/index.js";
import { clouds, rowOf } from "../learned/vectors.js";

const seed = 20_261_123;
const dim = 16;
const size = 10_000;
const k = 10;

interface Item {
  readonly rank: number;
  readonly name: string;
}

const values = clouds(size + 20, dim, seed);
const random = new Random(seed);
const data: readonly Item[] = Array.from({ length: size }, () => ({ rank: random.uniform() * 10_000, name: `n${random.below(50)}` }));
const queries = Array.from({ length: 20 }, (_, q) => rowOf(values, dim, size + q));

/** Shares of the vectors that fit, as conditions on a field that is declared in some engines: more and less than are measured one by one. */
const selectivities = [0.5, 0.25, 0.05, 0.005, 0.0002];
const fields = { rank: "number" } as const;

const hashes = () => [new RandomBinaryProjections({ name: "rbp", projections: 8, tables: 6, seed: 1 })];

const makes: readonly { readonly name: string; readonly options: Partial<EngineOptions<"dense">>; readonly learned?: boolean }[] = [
  { name: "a learned engine with fields", options: { recall: 0.9, fields }, learned: true },
  { name: "a learned engine without fields", options: { recall: 0.9 }, learned: true },
  { name: "a learned engine of inner products with fields", options: { recall: 0.9, fields, distance: "inner-product" }, learned: true },
  { name: "an exact engine with fields", options: { fields } },
  { name: "an exact engine without fields", options: {} },
  { name: "classic hashes with fields", options: { hashes: hashes(), fields } },
  { name: "classic hashes without fields", options: { hashes: hashes() } },
  { name: "classic hashes with codes and fields", options: { hashes: hashes(), codes: true, fields } },
  { name: "classic hashes with codes without fields", options: { hashes: hashes(), codes: true } },
];

async function filled(options: Partial<EngineOptions<"dense">>): Promise<Engine<Item>> {
  const engine = new Engine<Item>({ dim, distance: "euclidean", ...options });
  await engine.storeManyVectors(values.subarray(0, size * dim), { data });
  return engine;
}

describe.each(makes)("A filtered search by $name", ({ options, learned }) => {
  const making = filled(options).then(async (engine) => {
    if (learned === true) await engine.train();
    return engine;
  });

  it.each(selectivities)("finds only what fits, never too few, and as many of the true ones as it should, where %d fit", async (share) => {
    const engine = await making;
    if (learned === true) expect((await engine.plan()).kind).toBe("learned");
    const limit = share * 10_000;
    const fitting = data.filter(({ rank }) => rank < limit).length;
    const where: Where<Item> = { rank: { lt: limit } };
    let [hits, wanted] = [0, 0];
    for (const query of queries) {
      const found = await engine.neighbours(query, { k, where });
      for (const { data: item } of found) expect(item?.rank).toBeLessThan(limit);
      expect(found, `seed ${seed}`).toHaveLength(Math.min(k, fitting));
      expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
      const truth = await engine.neighbours(query, { k, where, exact: true });
      if (fitting < 2000 && "fields" in options) expect(found).toEqual(truth);
      hits += common(found, truth);
      wanted += truth.length;
    }
    const exact = options.recall === undefined && options.hashes === undefined;
    if (exact) expect(hits).toBe(wanted);
    if (learned === true) expect(hits / Math.max(1, wanted)).toBeGreaterThanOrEqual(0.9 - 0.07);
  });

  it("finds the same by a function as by the conditions that say the same", async () => {
    const engine = await making;
    for (const query of queries.slice(0, 5)) {
      const byFunction = await engine.neighbours(query, { k, exact: true, where: (item, id) => (item?.rank ?? 0) < 400 && id !== 3 });
      const byConditions = (await engine.neighbours(query, { k: k + 1, exact: true, where: { rank: { lt: 400 } } })).filter(
        ({ id }) => id !== 3,
      );
      expect(byFunction).toEqual(byConditions.slice(0, k));
      const found = await engine.neighbours(query, { k, where: (item) => (item?.rank ?? 0) < 400 });
      expect(found).toHaveLength(k);
      for (const { data: item } of found) expect(item?.rank).toBeLessThan(400);
    }
  });

  it("answers many queries as it answers one", async () => {
    const engine = await making;
    const flat = Float32Array.from(queries.slice(0, 6).flatMap((query) => [...query]));
    for (const limit of [60, 5000]) {
      const where: Where<Item> = { rank: { lt: limit }, name: { ne: "n7" } };
      const many = await engine.neighboursOfMany(flat, { k, where });
      const each = await Promise.all(queries.slice(0, 6).map((query) => engine.neighbours(query, { k, where })));
      expect(many).toEqual(each);
    }
  });

  it("leaves the query itself out where it is a stored vector, and keeps within a distance", async () => {
    const engine = await making;
    const own = data.findIndex(({ rank }) => rank < 2500);
    const where: Where<Item> = { rank: { lt: 2500 } };
    const around = await engine.neighbours({ id: own }, { k, where });
    expect(around).toHaveLength(k);
    expect(around.map(({ id }) => id)).not.toContain(own);
    const all = await engine.neighbours({ id: own }, { k: 40, where, exact: true });
    const within = (all[19].distance + all[20].distance) / 2;
    const near = await engine.neighbours({ id: own }, { within, where, exact: true });
    expect(near).toEqual(all.slice(0, 20));
    for (const { distance, data: item } of await engine.neighbours({ id: own }, { k, within, where })) {
      expect(distance).toBeLessThan(within);
      expect(item?.rank).toBeLessThan(2500);
    }
  });

  it("finds as many as are asked for where enough fit within a distance", async () => {
    const engine = await making;
    for (const query of queries.slice(0, 8)) {
      const where: Where<Item> = { rank: { lt: 500 } };
      const all = await engine.neighbours(query, { k: 200, where, exact: true });
      const within = (all.at(-1)?.distance ?? 0) + 0.001;
      expect(await engine.neighbours(query, { k, within, where })).toHaveLength(k);
      expect((await engine.neighbours(query, { k, within: all[3].distance, where })).length).toBeLessThanOrEqual(3);
    }
  });

  it("finds nothing where nothing fits", async () => {
    const engine = await making;
    expect(await engine.neighbours(queries[0], { k, where: { rank: { lt: 0 } } })).toEqual([]);
    expect(await engine.neighbours(queries[0], { k, where: () => false })).toEqual([]);
  });
});

/** How many of `found` are as near as those of `truth`. */
function common(found: readonly Neighbour<Item>[], truth: readonly Neighbour<Item>[]): number {
  const farthest = truth.at(-1)?.distance ?? Number.NEGATIVE_INFINITY;
  return found.filter(({ distance }) => distance <= farthest + Math.abs(farthest) * 1e-6).length;
}
