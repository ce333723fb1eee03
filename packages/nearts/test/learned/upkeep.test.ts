import { describe, expect, it } from "vitest";
import { Engine, MemoryStorage } from "../../src/index.js";
import { clouds, rowOf } from "./vectors.js";

const seed = 20_261_122;
const dim = 12;

function engineOn(storage = new MemoryStorage()): Engine {
  return new Engine({ dim, distance: "euclidean", recall: 0.9, storage, gauge: false });
}

/** Waits until nothing is learned in the background. */
async function atRest(engine: Engine): Promise<void> {
  while ((await engine.stats()).tasks.length > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** How many vectors the index was last learned from. */
async function learnedFrom(engine: Engine): Promise<number> {
  return Number(/of (\d+) vectors/.exec((await engine.plan()).text)?.[1] ?? 0);
}

describe("removing everything while the index is learned", () => {
  // It waited for the learning to end, and then removed what had been stored since the call.
  it.each([0, 1, 5, 30, 120])("takes effect at once, after %i turns of it, and what is stored after the call stays", async (turns) => {
    const engine = engineOn();
    await engine.storeManyVectors(clouds(3000, dim, seed));
    const training = engine.train();
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    const cleaning = engine.cleanAllBuckets();
    const storing = engine.storeVector(new Float32Array(dim).fill(1), { id: "after" });
    await Promise.all([cleaning, storing, training]);
    expect(await engine.size()).toBe(1);
    expect(await engine.neighbours(new Float32Array(dim), { k: 3 })).toMatchObject([{ id: "after" }]);
    expect((await engine.plan()).kind).toBe("exact");
    await engine.storeManyVectors(clouds(3000, dim, seed + 1));
    await atRest(engine);
    expect((await engine.plan()).kind).toBe("learned");
    expect((await engine.neighbours(new Float32Array(dim).fill(1), { k: 1 }))[0]).toMatchObject({ id: "after", distance: 0 });
    expect((await engine.stats()).hashes).toHaveLength(1);
  });

  it("does not make training, tuning or queries on threads fail", { timeout: 30_000 }, async () => {
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, threads: 2 });
    const values = clouds(2500, dim, seed);
    for (let round = 0; round < 6; round++) {
      await engine.storeManyVectors(values);
      await engine.train();
      const work = [
        engine.train({ anew: true }),
        engine.tune(),
        engine.neighboursOfMany(values.subarray(0, 300 * dim), { columns: true }),
        new Promise((resolve) => setTimeout(resolve, round * 15)).then(() => engine.cleanAllBuckets()),
      ];
      const ends = await Promise.allSettled(work);
      expect(ends.filter(({ status }) => status === "rejected")).toEqual([]);
      await engine.cleanAllBuckets();
    }
    expect(await engine.size()).toBe(0);
    await engine.close();
  });
});

describe("two engines that learn over one storage", () => {
  // Each had a hash of its own in the storage, which the other did not write.
  it("see each other's writes, and what either has learned", async () => {
    const storage = new MemoryStorage();
    const [first, second] = [engineOn(storage), engineOn(storage)];
    const values = clouds(3000, dim, seed);
    await first.storeManyVectors(values);
    await first.train();
    expect((await second.plan()).kind).toBe("learned");
    const late = await Engine.open({ storage });
    for (const [i, writer] of [second, first, late].entries()) {
      const vector = rowOf(values, dim, i).map((x) => x + 0.01);
      await writer.storeVector(vector, { id: `by ${i}` });
      for (const reader of [first, second, late]) {
        expect((await reader.neighbours(vector, { k: 1 }))[0]).toMatchObject({ id: `by ${i}`, distance: 0 });
      }
    }
    await second.train({ anew: true });
    expect(storage.stats().hashes).toHaveLength(1);
    await first.close();
    await second.storeVector(new Float32Array(dim), { id: "alone" });
    await second.train();
    expect((await late.neighbours(new Float32Array(dim), { k: 1 }))[0]).toMatchObject({ id: "alone", distance: 0 });
  });
});

describe("an index whose contents change", () => {
  it("is learned anew when most of what it was learned from was replaced", async () => {
    const engine = engineOn();
    await engine.storeManyVectors(clouds(2500, dim, seed));
    await atRest(engine);
    const ids = Array.from({ length: 1500 }, (_, i) => i);
    await engine.storeManyVectors(clouds(1500, dim, seed + 3), { ids });
    // The same ones again are no other vectors gone.
    for (let again = 0; again < 6; again++) await engine.storeManyVectors(clouds(300, dim, seed + 3), { ids: ids.slice(0, 300) });
    expect((await engine.stats()).tasks, `seed ${seed}`).toEqual([]);
    await engine.storeManyVectors(clouds(1000, dim, seed + 4), { ids: ids.map((id) => id + 1500).slice(0, 1000) });
    expect((await engine.stats()).tasks).toEqual(["learning"]);
    await atRest(engine);
    const { seconds } = await engine.plan();
    await engine.storeVector(new Float32Array(dim));
    expect((await engine.plan()).seconds, "it is not learned again and again").toBe(seconds);
  });

  it("is learned anew when what is added lies elsewhere than what it was learned from", async () => {
    for (const [name, move] of [
      ["far outside", (x: number) => x + 1000],
      ["in one place", (x: number) => 0.01 * x],
    ] as const) {
      const engine = engineOn();
      await engine.storeManyVectors(clouds(2100, dim, seed));
      await atRest(engine);
      expect(await learnedFrom(engine)).toBe(2100);
      const others = clouds(2000, dim, seed + 5).map(move);
      await engine.storeManyVectors(others);
      await atRest(engine);
      expect(await learnedFrom(engine), name).toBe(4100);
    }
  });

  it("is not learned anew when it grows a little of the same", async () => {
    const engine = engineOn();
    const values = clouds(9000, dim, seed);
    await engine.storeManyVectors(values.subarray(0, 4000 * dim));
    await atRest(engine);
    for (let from = 4000; from < 9000; from += 500) {
      await engine.storeManyVectors(values.subarray(from * dim, (from + 500) * dim));
      expect((await engine.stats()).tasks).toEqual([]);
    }
    expect(await learnedFrom(engine)).toBe(4000);
  });

  it("is searched exactly again when few vectors are left", async () => {
    const engine = engineOn();
    const values = clouds(3000, dim, seed);
    await engine.storeManyVectors(values);
    await atRest(engine);
    await engine.deleteMany(Array.from({ length: 2000 }, (_, i) => i));
    expect((await engine.plan()).kind).toBe("exact");
    expect((await engine.stats()).hashes).toEqual([]);
    expect((await engine.neighbours(rowOf(values, dim, 2500), { k: 1 }))[0]).toMatchObject({ id: 2500, distance: 0 });
    await engine.storeManyVectors(values.subarray(0, 2000 * dim));
    await atRest(engine);
    expect((await engine.plan()).kind).toBe("learned");
  });
});

describe("emptying the buckets of what was learned", () => {
  // The engine found nothing any more.
  it("leaves exact searches until it is learned again", async () => {
    const engine = engineOn();
    const values = clouds(3000, dim, seed);
    await engine.storeManyVectors(values);
    await engine.train();
    await engine.cleanBuckets("learned");
    expect((await engine.plan()).kind).toBe("exact");
    expect((await engine.neighbours(rowOf(values, dim, 7), { k: 1 }))[0]).toMatchObject({ id: 7, distance: 0 });
    await engine.train();
    expect((await engine.plan()).kind).toBe("learned");
    await expect(engine.cleanBuckets("other")).rejects.toMatchObject({ code: "E_NOT_FOUND" });
  });
});
