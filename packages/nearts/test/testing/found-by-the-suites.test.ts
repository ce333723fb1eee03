import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { rowAt, slice } from "../../src/core/rows.js";
import { Engine, MemoryStorage, RandomBinaryProjections, RandomBinaryProjectionTree, type Storage, UniBucket } from "../../src/index.js";
import { arbitraryRows } from "../../src/testing/index.js";
import { wrapStorage } from "../../src/testing/wrapped-storage.js";

// Each test opens with the story of a bug that a conformance suite found, at the size or under the circumstances in which users would have met it.
describe("what the suites found", () => {
  it("a search within a distance changes no stored vector, however many it ranks", async () => {
    // A page has room for the heaps of 32,768 results; a search within a distance asked for as many as there are candidates, and wrote over the rows behind.
    const rows = arbitraryRows(new Random(1), "dense", { count: 40_000, dim: 4 });
    const engine = new Engine({ dim: 4, distance: "euclidean", hashes: [new UniBucket()] });
    await engine.storeManyVectors(rows);

    expect((await engine.neighbours([0, 0, 0, 0], { within: 1e6 })).length).toBe(40_000);

    let changed = 0;
    for await (const { id, vector } of engine.entries()) {
      if (!rowAt<"dense">(rows, Number(id)).every((value, i) => value === vector[i])) changed++;
    }
    expect(changed).toBe(0);
  });

  it("many queries at once are answered as one by one, whether they share buckets or not", async () => {
    // The probes looked ahead for one query were taken for known although they were not: all queries but the first, or those after 256 in one bucket, found nothing.
    const rows = arbitraryRows(new Random(2), "dense", { count: 300, dim: 8 });
    for (const hash of [new UniBucket(), new RandomBinaryProjections({ name: "rbp", projections: 3 })]) {
      const engine = new Engine({ dim: 8, distance: "euclidean", hashes: [hash] });
      await engine.storeManyVectors(slice(rows, 0, 40));
      for (const options of [{ k: 3 }, { filters: false }] as const) {
        const together = await engine.neighboursOfMany(rows, options);
        const alone = await Promise.all(together.map((_, i) => engine.neighbours(rowAt<"dense">(rows, i), options)));

        expect(together).toEqual(alone);
      }
    }
  });

  it("a directory that fails late is asked for once, and its failure is the query's", async () => {
    // The first promise of a key directory was dropped and asked for again: twice the round trips, and an unhandled rejection where it failed.
    let asked = 0;
    const failing: Storage = {
      ...wrapStorage(new MemoryStorage(), (_call, run) => run()),
      directory: async () => {
        asked++;
        return Promise.reject(new Error("gone"));
      },
    };
    const hashes = [new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 5, seed: 1 })];
    const engine = new Engine({ dim: 2, hashes, storage: failing });

    await expect(engine.neighbours([1, 2])).rejects.toThrow("gone");
    expect(asked).toBe(1);
  });

  it("a small limit of memory leaves room for data", async () => {
    // Data was kept in chunks of 1 MiB from the first byte on, so that one text took a smaller limit up and every later write was refused.
    const engine = new Engine({ dim: 2, maxBytes: 300_000 });
    for (let i = 0; i < 20; i++) await engine.storeVector([1, i], { data: { text: "x".repeat(100) } });

    expect(await engine.size()).toBe(20);
    expect((await engine.stats()).bytes.total).toBeLessThan(300_000);
  });

  it("a vector found by id and deleted before it is read is not there", async () => {
    // Rows removed between find and fetch were read as if they were there, without an id.
    for (let turns = 0; turns < 10; turns++) {
      const engine = new Engine({ dim: 2, distance: "euclidean" });
      await engine.storeManyVectors(
        [
          [1, 2],
          [3, 4],
        ],
        { ids: ["a", "b"] },
      );
      const deleted = (async () => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        await engine.deleteVector("a");
      })();
      const [stored] = await Promise.all([engine.get("a"), deleted]);

      expect([undefined, { id: "a", vector: Float32Array.of(1, 2) }]).toContainEqual(stored);
    }
  });
});
