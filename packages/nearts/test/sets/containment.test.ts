import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, MinHashEnsemble, membersOf, partitionSizes } from "../../src/index.js";

describe("containment search over sets of very different sizes", () => {
  test("finds the sets that hold most of a query with the recall asked for, measuring few", async () => {
    const random = new Random("domains");
    const sets = Array.from({ length: 1200 }, () => {
      const size = Math.round(10 * 10 ** (2.3 * random.uniform()));
      return membersOf(
        Array.from({ length: size }, () => random.below(1e6)),
        "set",
      );
    });
    // Queries are parts of stored sets, with a tenth of strangers.
    const queries = Array.from({ length: 80 }, () => {
      const whole = sets[random.below(sets.length)];
      const size = Math.min(whole.length, 10 + random.below(60));
      return [...random.choose(whole.length, size)].map((place, i) => (i % 10 === 9 ? 2e6 + random.below(1e6) : whole[place]));
    });
    const sizes = partitionSizes(
      sets.map(({ length }) => length),
      12,
    );
    const hash = new MinHashEnsemble({ name: "ensemble", sizes, threshold: 0.8, recall: 0.95, seed: 3 });
    const engine = new Engine({ kind: "set", distance: "containment", hashes: [hash] });
    await engine.storeManyVectors(sets);
    let [found, all, measured] = [0, 0, 0];
    for (const query of queries) {
      const expected = await engine.neighbours(query, { within: 0.2 + 1e-9, exact: true });
      const near = await engine.neighbours(query, { within: 0.2 + 1e-9 });
      for (const one of near) expect(expected).toContainEqual(one);
      found += near.length;
      all += expected.length;
      measured += (await engine.candidateCount(query)).unique;
    }
    expect(all).toBeGreaterThanOrEqual(80);
    expect(found / all).toBeGreaterThan(0.93);
    expect(measured / queries.length).toBeLessThan(600);
  });

  test("cuts sizes into partitions of about as many sets", () => {
    expect(partitionSizes([1, 2, 3, 4, 5, 6, 7, 1000], 4)).toEqual([2, 4, 6, 1000]);
    expect(partitionSizes([5, 5, 5], 2)).toEqual([5]);
    expect(() => partitionSizes([], 2)).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
  });

  test.each<[string, object, RegExp]>([
    ["no sizes", { sizes: [] }, /ascending integers/],
    ["sizes out of order", { sizes: [5, 3] }, /ascending integers/],
    ["a threshold of 0", { threshold: 0 }, /threshold is 0; give a number over 0, up to 1/],
    ["a threshold over 1", { threshold: 1.1 }, /threshold is 1\.1/],
    ["a recall of 1", { recall: 1 }, /recall is 1; give a number over 0, below 1/],
  ])("is refused with %s", (_, options, message) => {
    expect(() => new MinHashEnsemble({ name: "e", sizes: [3], ...options })).toThrow(
      expect.objectContaining({ code: "E_BAD_OPTION", message: expect.stringMatching(message) }),
    );
  });

  test("is not served by hashes of the Jaccard distance, which say what serves it", () => {
    expect(() => new Engine({ kind: "set", hashes: [new MinHashEnsemble({ name: "e", sizes: [3] })] })).toThrow(
      /containment.*jaccard.*MinHash/,
    );
  });
});
