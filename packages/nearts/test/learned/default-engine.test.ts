import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, type Id, NearError } from "../../src/index.js";
import { clouds, rowOf } from "./vectors.js";

const seed = 20_261_122;

/** Mean share of the true neighbours of `queries` that the engine finds, by distance. */
async function recallOf(engine: Engine, queries: Float32Array, k: number, options: { where?: never } = {}): Promise<number> {
  const { dim } = engine;
  let [hits, wanted] = [0, 0];
  for (let q = 0; q < queries.length / dim; q++) {
    const query = rowOf(queries, dim, q);
    const truth = await engine.neighbours(query, { k, exact: true, ...options });
    const farthest = truth.at(-1)?.distance ?? 0;
    const limit = farthest + Math.abs(farthest) * 1e-6 + 1e-9;
    const found = await engine.neighbours(query, { k, ...options });
    hits += found.filter(({ distance }) => distance <= limit).length;
    wanted += truth.length;
  }
  return hits / wanted;
}

describe("an engine of a given recall", () => {
  it.each(["euclidean", "cosine", "inner-product"] as const)(
    "searches exactly while small, learns by itself, and keeps its recall (%s)",
    async (distance) => {
      const dim = 24;
      const values = clouds(9000, dim, seed);
      const queries = clouds(9060, dim, seed).subarray(9000 * dim);
      const engine = new Engine({ dim, distance, recall: 0.9 });
      await engine.storeManyVectors(values.subarray(0, 1000 * dim));
      expect((await engine.plan()).kind).toBe("exact");
      expect(await recallOf(engine, queries, 10)).toBe(1);
      await engine.storeManyVectors(values.subarray(1000 * dim));
      await engine.train();
      const plan = await engine.plan();
      expect(plan.kind).toBe("learned");
      expect(plan.text).toMatch(/lists from a sample of/);
      expect(await recallOf(engine, queries, 10)).toBeGreaterThan(0.8);
      expect(plan.scanned).toBeLessThan(6000);
    },
  );

  it("learns in the background without being told, and answers while it does", async () => {
    const dim = 16;
    const values = clouds(6000, dim, seed);
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(values);
    expect((await engine.stats()).tasks).toEqual(["learning"]);
    const query = rowOf(values, dim, 77);
    while ((await engine.stats()).tasks.length > 0) {
      expect((await engine.neighbours(query, { k: 1 }))[0]).toMatchObject({ id: 77, distance: 0 });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await engine.plan()).kind).toBe("learned");
    expect((await engine.neighbours(query, { k: 1 }))[0]).toMatchObject({ id: 77, distance: 0 });
  });

  it("finds everything when it reads everything", async () => {
    const dim = 20;
    const values = clouds(3000, dim, seed);
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(values);
    await engine.train();
    await engine.tune({ recall: 1 });
    expect(await recallOf(engine, clouds(40, dim, seed + 2), 10)).toBe(1);
  });

  it("says what a query costs, and warns where a budget does not allow the recall", async () => {
    const dim = 32;
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.95 });
    await engine.storeManyVectors(clouds(5000, dim, seed, 1));
    await engine.train();
    const tight = await engine.tune({ recall: 0.99, budget: { probes: 1 } });
    expect(tight.warning).toMatch(/recall 0.99 was asked for, but 1 probe reaches 0\.\d+/);
    expect(tight.text).toMatch(/Warning: /);
    const free = await engine.tune({ recall: 0.9 });
    expect(free.warning).toBeUndefined();
    expect(free.recall).toBeGreaterThanOrEqual(0.9);
    expect(free.scanned).toBeGreaterThan(0);
  });

  it.each([
    { name: "all-equal vectors", make: () => new Float32Array(3000 * 8).fill(3), distance: "euclidean" },
    { name: "all-zero vectors", make: () => new Float32Array(3000 * 8), distance: "euclidean" },
    {
      name: "one huge cluster and a few far away",
      make: () => clouds(3000, 8, 5, 1).map((x, i) => (i < 80 ? x + 1000 : x / 100)),
      distance: "euclidean",
    },
    {
      name: "lengths over three decades",
      make: () => clouds(3000, 8, 6).map((x, i) => x * [0.03, 1, 30][Math.floor(i / 8) % 3]),
      distance: "inner-product",
    },
  ] as const)("keeps its recall on $name", async ({ make, distance }) => {
    const values = make();
    const engine = new Engine({ dim: 8, distance, recall: 0.9 });
    await engine.storeManyVectors(values);
    await engine.train();
    expect((await engine.plan()).kind).toBe("learned");
    const queries = new Float32Array(100 * 8);
    for (let q = 0; q < 100; q++) queries.set(rowOf(values, 8, q * 29), q * 8);
    expect(await recallOf(engine, queries, 5)).toBeGreaterThan(0.85);
  });

  it.each([1, 2, 3, 7, 65, 300, 1030, 4096])("works in %i dimensions", async (dim) => {
    const count = dim > 1000 ? 300 : 1200;
    const values = clouds(count, dim, seed + dim);
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(values);
    await engine.train();
    expect((await engine.plan()).kind).toBe("learned");
    expect(await recallOf(engine, values.subarray(0, 60 * dim), 5)).toBeGreaterThan(0.82);
  });

  it("forgets what it learned when everything is removed, and learns again", async () => {
    const dim = 8;
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(clouds(2500, dim, seed));
    await engine.train();
    await engine.cleanAllBuckets();
    expect(await engine.neighbours(new Float32Array(dim))).toEqual([]);
    expect((await engine.plan()).kind).toBe("exact");
    await engine.storeManyVectors(clouds(2500, dim, seed + 1));
    await engine.train();
    expect((await engine.plan()).kind).toBe("learned");
    expect(await recallOf(engine, clouds(2600, dim, seed + 1).subarray(2500 * dim), 10)).toBeGreaterThan(0.82);
  });

  it("ends learning when the engine is closed or the signal aborted, and leaves nothing behind", async () => {
    const dim = 32;
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(clouds(2000, dim, seed));
    const controller = new AbortController();
    const training = engine.train({ signal: controller.signal });
    controller.abort();
    await expect(training).rejects.toThrow(/abort/);
    expect((await engine.plan()).kind).toBe("exact");
    const again = engine.train();
    await engine.close();
    await expect(again).rejects.toMatchObject({ code: "E_CLOSED" });
  });

  it.each([0, -1, 1.01, Number.NaN, "0.9"])("refuses a recall of %s", (recall) => {
    expect(() => new Engine({ dim: 3, recall: recall as number })).toThrow(NearError); // a bad value is the point
  });
});

describe("an engine that learns, against a Map", () => {
  it("holds what was stored and nothing else through 10,000 mixed operations", { timeout: 60_000 }, async () => {
    const random = new Random(seed);
    const dim = 6;
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    const model = new Map<Id, Float32Array>();
    const cloud = clouds(4000, dim, seed);
    const some = () => rowOf(cloud, dim, random.below(4000)).map((x) => x + random.uniform() / 8);
    await engine.storeManyVectors(cloud.subarray(0, 2100 * dim));
    for (let id = 0; id < 2100; id++) model.set(id, rowOf(cloud, dim, id).slice());
    const background: Promise<unknown>[] = [];
    for (let step = 0; step < 10_000; step++) {
      const id = random.below(3000);
      const act = random.below(1000);
      if (act < 350) {
        const vector = some();
        await engine.storeVector(vector, { id });
        model.set(id, vector);
      } else if (act < 600) expect(await engine.deleteVector(id), `seed ${seed}, step ${step}`).toBe(model.delete(id));
      else if (act < 601) background.push(engine.train());
      else if (act < 602) background.push(engine.tune({ recall: 0.8 + random.uniform() * 0.19 }));
      else {
        const query = some();
        const found = await engine.neighbours(query, { k: 3 });
        for (const { id: name, distance } of found) {
          const vector = model.get(name);
          expect(vector, `seed ${seed}, step ${step}: ${name} was removed`).toBeDefined();
          expect(distance).toBeCloseTo(Math.hypot(...(vector ?? []).map((x, i) => x - query[i])), 5);
        }
        expect(found).toHaveLength(Math.min(3, model.size));
      }
      if (step % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(background);
    expect(await engine.size()).toBe(model.size);
    for (const [id, vector] of model) {
      const [nearest] = await engine.neighbours(vector, { k: 1, exact: true });
      expect(nearest.distance).toBe(0);
      expect(await engine.has(id)).toBe(true);
    }
    expect(await recallOf(engine, cloud.subarray(0, 100 * dim), 3)).toBeGreaterThan(0.75);
  });

  it("loses no write and finds no removed vector while it learns anew", { timeout: 60_000 }, async () => {
    const dim = 16;
    const values = clouds(12_000, dim, seed);
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.95 });
    await engine.storeManyVectors(values.subarray(0, 6000 * dim));
    await engine.train();
    const training = engine.train();
    let done = false;
    const finished = training.then(() => {
      done = true;
    });
    const removed = new Set<number>();
    for (let i = 0; !done; i++) {
      const fresh = 6000 + (i % 6000);
      await engine.storeVector(rowOf(values, dim, fresh), { id: fresh });
      removed.delete(fresh);
      expect((await engine.neighbours(rowOf(values, dim, fresh), { k: 1 }))[0]).toMatchObject({ id: fresh, distance: 0 });
      const victim = (i * 7) % 6000;
      await engine.deleteVector(victim);
      removed.add(victim);
      for (const { id } of await engine.neighbours(rowOf(values, dim, victim), { k: 5 })) expect(removed.has(Number(id))).toBe(false);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await finished;
    for (let id = 0; id < 12_000; id++) {
      if (!(await engine.has(id))) continue;
      const [nearest] = await engine.neighbours(rowOf(values, dim, id), { k: 1 });
      expect(nearest, `seed ${seed}: ${id} is lost`).toMatchObject({ distance: 0 });
    }
  });
});

describe("an engine tuned for 10 neighbours", () => {
  it("finds one neighbour, and all within a distance, as well", async () => {
    const dim = 24;
    const values = clouds(8100, dim, seed);
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(values.subarray(0, 8000 * dim));
    await engine.train();
    const queries = values.subarray(8000 * dim);
    expect(await recallOf(engine, queries, 1)).toBeGreaterThan(0.85);
    for (let q = 0; q < 10; q++) {
      const query = rowOf(queries, dim, q);
      const within = (await engine.neighbours(query, { k: 300, exact: true }))[299].distance;
      expect((await engine.neighbours(query, { within })).length, `seed ${seed}, query ${q}`).toBeGreaterThan(285);
    }
  });

  it("learns of one vector far out of float32's reach that its codes are of no use, and says what they reach", async () => {
    const dim = 32;
    const values = clouds(4000, dim, seed);
    values.set(Float32Array.from({ length: dim }, (_, i) => (i % 2 === 0 ? 1e12 : -7e11)));
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await engine.storeManyVectors(values);
    await engine.train();
    const { recall = 0 } = await engine.plan();
    expect(Math.abs(recall - (await recallOf(engine, values.subarray(100 * dim, 200 * dim), 10)))).toBeLessThan(0.12);
  });

  it.each([{ probes: 0 }, { probes: 1.5 }, { micros: -1 }, { foo: 1 }])("refuses the budget %j", async (budget) => {
    const engine = new Engine({ dim: 2, recall: 0.9 });
    await expect(engine.tune({ budget })).rejects.toMatchObject({ code: "E_BAD_OPTION" });
  });
});
