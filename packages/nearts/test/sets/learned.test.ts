import { afterAll, describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, MinHash, membersOf } from "../../src/index.js";

/** Sets in families that share most of their members, as documents and their versions do. */
function families(count: number, seed: string): Uint32Array[] {
  const random = new Random(seed);
  const sets: Uint32Array[] = [];
  while (sets.length < count) {
    const first = Array.from({ length: 40 + random.below(80) }, () => random.below(20_000));
    for (let version = 0; version < 16 && sets.length < count; version++) {
      const members = [...first];
      for (let c = 0; c < random.below(first.length >> 2); c++) members[random.below(members.length)] = random.below(20_000);
      sets.push(membersOf(members, "set"));
    }
  }
  return sets;
}

describe("an engine of sets with a recall", () => {
  const sets = families(4000, "families");
  const engine = new Engine({ kind: "set", distance: "jaccard", recall: 0.95 });
  const stored = engine.storeManyVectors(sets).then(() => engine.tune());
  afterAll(() => engine.close());

  test("learns bands, and finds the nearest with it, reading few", async () => {
    await stored;
    expect((await engine.plan()).text).toMatch(/tables of keys/);
    let found = 0;
    for (let q = 0; q < 200; q++) {
      const query = sets[q * 20];
      const exact = await engine.neighbours(query, { exact: true });
      const limit = exact[9].distance;
      const near = await engine.neighbours(query);
      found += near.filter(({ distance }) => distance <= limit).length / 10;
    }
    expect(found / 200).toBeGreaterThan(0.93);
    expect((await engine.plan()).measured).toBeLessThan(100);
  });

  test("finds what is within a distance with at least that recall", async () => {
    await stored;
    for (const within of [0.15, 0.4]) {
      let [found, all] = [0, 0];
      for (let q = 0; q < 100; q++) {
        const query = sets[q * 40 + 7];
        all += (await engine.neighbours(query, { within, exact: true })).length;
        found += (await engine.neighbours(query, { within })).length;
      }
      expect(found / all, `within ${within}`).toBeGreaterThan(0.94);
    }
  });

  test("knows what it learned after saving and loading", async () => {
    await stored;
    const loaded = await Engine.load<unknown, "set">(await engine.save());
    expect((await loaded.plan()).kind).toBe("learned");
    expect(await loaded.neighbours(sets[17])).toEqual(await engine.neighbours(sets[17]));
  });

  test("goes on comparing with all, where bands would read as much", async () => {
    const random = new Random("strangers");
    const strangers = Array.from({ length: 3000 }, () =>
      membersOf(
        Array.from({ length: 12 }, () => random.below(1e6)),
        "set",
      ),
    );
    const other = new Engine({ kind: "set", recall: 0.99 });
    await other.storeManyVectors(strangers);
    await other.train();
    expect((await other.plan()).kind).toBe("exact");
    expect(await other.neighbours(strangers[5], { k: 1 })).toEqual([{ id: 5, distance: 0 }]);
  });

  test("is refused for a distance that it cannot learn", () => {
    expect(() => new Engine({ kind: "set", distance: "containment", recall: 0.9 })).toThrow(/sets by jaccard, not the containment/);
  });
});

test("bands that were given are read by their prefixes, where each query is promised a recall", async () => {
  const sets = families(2000, "promised");
  const hashes = [new MinHash({ name: "min", rows: 8, tables: 12, seed: 3 })];
  const engine = new Engine({ kind: "set", hashes, recall: 0.9, guarantee: "per-query" });
  await engine.storeManyVectors(sets);
  let [missed, asked] = [0, 0];
  for (let q = 0; q < 100; q++) {
    const exact = await engine.neighbours(sets[q * 20], { exact: true });
    const near = await engine.neighbours(sets[q * 20]);
    missed += 10 - near.filter(({ distance }) => distance <= exact[9].distance).length;
    asked += 10;
  }
  // Three standard errors over the promise, as if no two misses had anything in common.
  expect(missed / asked).toBeLessThan(0.1 + 3 * Math.sqrt(0.09 / asked));
});
