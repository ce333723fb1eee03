import { describe, expect, test } from "vitest";
import { Keys } from "../../src/core/columns.js";
import { Random } from "../../src/core/random.js";
import { gather, rowAt, type SparseRows, type SparseVector } from "../../src/core/rows.js";
import { Engine, NearError, WeightedJaccardDistance, WeightedMinHash } from "../../src/index.js";
import { band, deviationOf } from "./pairs.js";

const dim = 2 ** 31;

/** Two vectors of weights over three decades, the second with so large a share of new ones. */
function weighted(random: Random, entries: number, changed: number): SparseRows {
  const weight = () => Math.fround(10 ** (3 * random.uniform() - 1));
  const places = [...new Set(Array.from({ length: 2 * entries }, () => random.below(dim)))];
  const vectorOf = (kept: readonly [number, number][]): SparseVector => {
    const sorted = kept.toSorted(([a], [b]) => a - b);
    return { dim, indices: Uint32Array.from(sorted, ([place]) => place), values: Float32Array.from(sorted, ([, value]) => value) };
  };
  const first = places.slice(0, entries).map((place): [number, number] => [place, weight()]);
  const second = first.map(([place, value], i): [number, number] => {
    if (random.uniform() >= changed) return [place, value];
    return random.below(2) === 0 ? [places[entries + (i % (places.length - entries))], weight()] : [place, weight()];
  });
  return gather("sparse", dim, 2, (i) => vectorOf([...new Map(i === 0 ? first : second)]));
}

describe("WeightedMinHash", () => {
  test.each([1, 3])("meets as often as its collision curve says over all distances, %i values a key", (rows) => {
    const random = new Random(`weighted ${rows}`);
    const distance = new WeightedJaccardDistance();
    const hashes = Array.from({ length: 4 }, (_, seed) => new WeightedMinHash({ name: "min", rows, tables: 12, seed }));
    for (const hash of hashes) hash.open({ kind: "sparse", dim });
    for (let point = 0; point < 7; point++) {
      const off = Array.from({ length: 90 }, (_, i) => {
        const pair = weighted(random, 25, (point / 6) ** 2);
        const hash = hashes[i % 4];
        const keys = new Keys();
        hash.keys(pair, keys);
        let met = 0;
        for (let t = 0; t < 12; t++) if (keys.hi[t] === keys.hi[t + 12] && keys.lo[t] === keys.lo[t + 12]) met++;
        return met / 12 - hash.collision.probability(distance.between(rowAt<"sparse">(pair, 0), rowAt<"sparse">(pair, 1)));
      });
      expect(deviationOf(off, 0).deviation, `point ${point}, seed "weighted ${rows}"`).toBeLessThan(band(7));
    }
  });

  test("has the same values on every runtime", () => {
    const hash = new WeightedMinHash({ name: "min", rows: 2, tables: 2, seed: 1 });
    hash.open({ kind: "sparse", dim: 10 });
    const rows = {
      kind: "sparse",
      dim: 10,
      count: 1,
      offsets: Uint32Array.of(0, 3),
      indices: Uint32Array.of(1, 5, 9),
      values: Float32Array.of(0.5, 2, 1e-3),
    } as const;
    expect(hash.bucketKeys(rows)).toEqual(["17114a8b-54c15c1f", "4c52668e-c6ff3311"]);
  });

  test("finds multisets that are near, exactly measured", async () => {
    const random = new Random("multisets");
    const engine = new Engine({
      dim,
      kind: "sparse",
      distance: "weighted-jaccard",
      hashes: [new WeightedMinHash({ name: "min", rows: 2, tables: 8, seed: 2 })],
    });
    const pairs = Array.from({ length: 60 }, () => weighted(random, 30, 0.1));
    for (const [id, pair] of pairs.entries()) await engine.storeVector(rowAt<"sparse">(pair, 1), { id });
    const distance = new WeightedJaccardDistance();
    let found = 0;
    for (const [id, pair] of pairs.entries()) {
      const query = rowAt<"sparse">(pair, 0);
      const [nearest] = await engine.neighbours(query, { k: 1 });
      if (nearest?.id !== id) continue;
      expect(nearest.distance).toBe(distance.between(query, rowAt<"sparse">(pair, 1)));
      found++;
    }
    expect(found).toBeGreaterThan(54);
  });
});

describe("the weighted Jaccard distance", () => {
  const engine = new Engine({ dim: 4, distance: "weighted-jaccard" });

  test("is that of multisets", () => {
    const distance = new WeightedJaccardDistance();
    expect(distance.between(Float32Array.of(2, 1, 0, 0), Float32Array.of(1, 1, 2, 0))).toBe(3 / 5);
    expect(distance.between(new Float32Array(4), new Float32Array(4))).toBe(0);
    expect(distance.between(new Float32Array(4), Float32Array.of(0, 0, 1, 0))).toBe(1);
  });

  test.each<[string, number, RegExp]>([
    ["a negative weight", -0.5, /-0\.5.*weights, which are not negative/],
    ["no number", Number.NaN, /NaN/],
  ])("refuses %s, stored or asked with", async (_, value, message) => {
    for (const work of [() => engine.storeVector([1, value, 0, 0]), () => engine.neighbours({ indices: [2], values: [value] })]) {
      const refusal = await work().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(NearError);
      expect(refusal).toMatchObject({ code: "E_BAD_VECTOR", message: expect.stringMatching(message) });
    }
  });

  test("is not served by hashes of other distances, which say what serves it", () => {
    expect(() => new Engine({ dim: 4, distance: "cosine", hashes: [new WeightedMinHash({ name: "min", rows: 1 })] })).toThrow(
      /weighted-jaccard/,
    );
  });
});
