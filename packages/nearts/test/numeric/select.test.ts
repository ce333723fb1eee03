import { describe, expect, it } from "vitest";
import { Candidates } from "../../src/core/columns.js";
import { Random } from "../../src/core/random.js";
import { keepNearest, kthSmallest } from "../../src/numeric/select.js";

const seed = 20_261_123;

describe("the nearest of candidates", () => {
  // Up to 32 are sorted in place, more go through a heap.
  it.each([0, 1, 2, 10, 31, 32, 33, 34, 100, 300])(
    "are those that sorting all %i leaves, ties by row, without NaN and whatever is too far",
    (count) => {
      const random = new Random(seed + count);
      for (const limit of [1, 2, 10, 32, 33, count + 1]) {
        for (const within of [Number.POSITIVE_INFINITY, 5, 0, -1]) {
          const rows = Array.from({ length: count }, (_, i) => ({
            row: (i * 7919) % 1000,
            distance: random.below(9) === 0 ? Number.NaN : random.below(8),
          }));
          const candidates = new Candidates();
          for (const { row, distance } of rows) candidates.add(row, distance);
          keepNearest(candidates, limit, within);

          const expected = rows.filter(({ distance }) => distance <= within).sort((a, b) => a.distance - b.distance || a.row - b.row);
          const kept = Array.from({ length: candidates.count }, (_, i) => ({ row: candidates.rows[i], distance: candidates.distances[i] }));
          expect(kept, `limit ${limit}, within ${within}, seed ${seed}`).toEqual(expected.slice(0, limit));
        }
      }
    },
  );

  it("have as their k-th smallest value what sorting finds", () => {
    const random = new Random(seed);
    for (const count of [1, 2, 40, 500]) {
      const values = Float32Array.from({ length: count + 5 }, () => random.below(50));
      const sorted = values.slice(0, count).sort();
      for (const k of [1, 2, 10, count, count + 3])
        expect(kthSmallest(values, count, k), `${k} of ${count}`).toBe(sorted[Math.min(k, count) - 1]);
    }
    expect(kthSmallest(new Float32Array(3), 0, 2)).toBe(Number.NEGATIVE_INFINITY);
  });
});
