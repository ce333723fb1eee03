import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { Centroids } from "../../src/numeric/centroids.js";
import { squaredDifference } from "../../src/numeric/sums.js";

const seed = 20_261_124;
const [count, dim] = [120, 64];

describe("centroids", () => {
  // By falling variance: the first 16 values hold 98 % of what centroids differ in, so that only these are compared.
  it("are ranked by their leading values hardly otherwise than by all: none comes before one that is nearer by more than what is left out", () => {
    const values = valuesOf(count, seed);
    const [narrow, whole] = [new Centroids(values, dim, true), new Centroids(values, dim, false)];
    const queries = valuesOf(30, seed + 1);
    for (let q = 0; q < 30; q++) {
      const query = queries.slice(q * dim, (q + 1) * dim);
      const gap = (c: number) => squaredDifference(query, values.slice(c * dim, (c + 1) * dim));
      expect(whole.rank(query, 10)).toBe(10);
      const exact = Array.from({ length: count }, (_, c) => c).sort((a, b) => gap(a) - gap(b));
      expect([...whole.ranked.subarray(0, 10)], `query ${q}, seed ${seed}`).toEqual(exact.slice(0, 10));

      expect(narrow.rank(query, 10)).toBe(10);
      const [farthest, tenth] = [Math.max(...Array.from(narrow.ranked.subarray(0, 10), gap)), gap(exact[9])];
      expect(farthest - tenth, `query ${q}, seed ${seed}`).toBeLessThan(0.1 * tenth);
      for (let i = 1; i < 10; i++) expect(narrow.gaps[i]).toBeGreaterThanOrEqual(narrow.gaps[i - 1]);
      expect(narrow.gaps[0]).toBe(0);
    }
  });
});

/** Rows whose values fall off behind the sixteenth. */
function valuesOf(rows: number, from: number): Float32Array {
  const random = new Random(from);
  return Float32Array.from({ length: rows * dim }, (_, i) => (random.uniform() - 0.5) * (i % dim < 16 ? 10 : 0.4));
}
