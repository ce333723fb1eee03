import { Random } from "nearts";
import { describe, expect, it } from "vitest";
import { combinedNearest, type FieldList } from "../../src/mixed/threshold.js";

const seed = 9;

/** A field whose distances are given, NaN for items that lack it; `asked` collects how many it was asked for. */
function fieldOf(distances: readonly number[], weight: number, missing: number, asked: number[] = []): FieldList {
  const sorted = distances.map((distance, id) => ({ id, distance })).filter(({ distance }) => !Number.isNaN(distance));
  sorted.sort((a, b) => a.distance - b.distance);
  return {
    weight,
    missing,
    nearest: async (count) => {
      asked.push(count);
      return sorted.slice(0, count);
    },
    within: async (most) => sorted.filter(({ distance }) => distance < most),
    distances: async (ids) => ids.map((id) => (Number.isNaN(distances[Number(id)]) ? undefined : distances[Number(id)])),
  };
}

describe("the threshold algorithm", () => {
  it("finds what a comparison of all sums finds, whatever is missing and however few items a list may give", async () => {
    const random = new Random(seed);
    for (let trial = 0; trial < 200; trial++) {
      const count = 1 + random.below(300);
      const columns = [0, 1].map(() => Array.from({ length: count }, () => (random.below(5) === 0 ? Number.NaN : random.uniform())));
      const weights = [0.1 + random.below(3) / 2, 0.1 + random.uniform()];
      const missing = [random.below(2) === 0 ? 1 : Number.POSITIVE_INFINITY, random.uniform()];
      const k = 1 + random.below(20);
      const fields = columns.map((column, f) => fieldOf(column, weights[f], missing[f]));
      const sums = columns[0]
        .flatMap((first, i) => {
          const pair = [first, columns[1][i]];
          if (pair.every(Number.isNaN)) return [];
          return pair.reduce((sum, d, f) => sum + weights[f] * (Number.isNaN(d) ? missing[f] : d), 0);
        })
        .filter((sum) => sum < Number.POSITIVE_INFINITY)
        .sort((a, b) => a - b);

      const found = await combinedNearest(fields, k, Number.POSITIVE_INFINITY, random.below(2) === 0 ? 40 : 10_000);

      expect(
        found.map(({ distance }) => distance),
        `trial ${trial}, seed ${seed}`,
      ).toEqual(sums.slice(0, k));
    }
  });

  it("ends as soon as nothing unseen can be nearer", async () => {
    const asked: number[] = [];
    const random = new Random(seed);
    const near = Array.from({ length: 5000 }, (_, i) => (i < 5 ? 0.01 : 0.5 + random.uniform() / 2));

    const found = await combinedNearest([fieldOf(near, 1, 1, asked), fieldOf(near, 1, 1, asked)], 5, Number.POSITIVE_INFINITY);

    expect(found.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
    expect(asked).toEqual([32, 32]);
  });
});
