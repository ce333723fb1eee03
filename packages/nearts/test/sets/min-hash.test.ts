import { describe, expect, test } from "vitest";
import { Keys } from "../../src/core/columns.js";
import { Random } from "../../src/core/random.js";
import { rowAt, type SetRows } from "../../src/core/rows.js";
import { Engine, type Hash, LSHForest, MinHash, NearError } from "../../src/index.js";
import { MinValues, noValue, type Permutations } from "../../src/numeric/min-values.js";
import { arbitraryRows } from "../../src/testing/index.js";
import { band, deviationOf, pairOf } from "./pairs.js";

const forms: readonly Permutations[] = ["one", "classic"];

/** In what share of the tables of a hash the two sets meet. */
function meetings(hash: Hash, pair: SetRows): number {
  const keys = new Keys();
  hash.keys(pair, keys);
  let met = 0;
  for (let t = 0; t < hash.tables; t++) if (keys.hi[t] === keys.hi[t + hash.tables] && keys.lo[t] === keys.lo[t + hash.tables]) met++;
  return met / hash.tables;
}

describe.each(forms)("MinHash, %s permutation", (permutations) => {
  test.each([
    ["large sets, 1 value a key", 200, 1, 64],
    ["small sets, whose empty bins are filled, 1 value a key", 8, 1, 64],
    ["large sets, 4 values a key", 400, 4, 16],
    ["large sets, 20 values a key, of which 3 bits each are kept", 600, 20, 6],
  ])("meets as often as its collision curve says over all distances: %s", (_, size, rows, tables) => {
    const random = new Random(`curve ${size} ${rows}`);
    const hashes = Array.from({ length: 6 }, (_, seed) => new MinHash({ name: "min", rows, tables, permutations, seed }));
    for (const hash of hashes) hash.open({ kind: "set", dim: 2 ** 32 });
    const points = 11;
    for (let point = 0; point < points; point++) {
      const common = Math.round((size * point) / (points - 1));
      const own = Math.round((size - common) / 2);
      const distance = (2 * own) / (common + 2 * own);
      const expected = hashes[0].collision.probability(distance);
      const shares = Array.from({ length: 150 }, (_, i) => meetings(hashes[i % hashes.length], pairOf(random, common, own)));
      const { mean, deviation } = deviationOf(shares, expected);
      // Values of one order are drawn without replacement: of few members a product is a little less than that of independent ones.
      const slack = (rows * (rows - 1)) / 2 / size;
      const off = Math.max(0, Math.abs(mean - expected) - slack * expected) / Math.max(Math.abs(mean - expected), 1e-9);
      expect(off * deviation, `distance ${distance}: ${mean} of ${expected}, seed "curve ${size} ${rows}"`).toBeLessThan(band(points));
    }
  });

  test("gives the same values in every build, a set at a time or many, whatever their sizes", () => {
    const random = new Random(7);
    const rows = arbitraryRows(random, "set", { count: 50, dim: 2 ** 32, zeros: true });
    const [simd, plain] = (["simd", "reference"] as const).map((build) => new MinValues(200, permutations, "seed", build));
    const values = simd.of(rows, 0, 50).slice();
    expect(plain.of(rows, 0, 50)).toEqual(values);
    for (let r = 0; r < 50; r++) {
      const own = values.subarray(r * simd.stride, (r + 1) * simd.stride);
      expect(simd.of(rows, r, r + 1).slice()).toEqual(own);
      expect(simd.twoOf({ ...rows, count: 1, offsets: rows.offsets.subarray(r, r + 2) }).first).toEqual(own);
      expect(own.includes(noValue)).toBe(rows.offsets[r] === rows.offsets[r + 1]);
    }
  });

  test("has the values of fewer tables among those of more", () => {
    const rows = arbitraryRows(new Random(8), "set", { count: 9, dim: 1000 });
    const [few, many] = [3, 100].map((tables) => new MinHash({ name: "min", rows: 4, tables, permutations, seed: 5 }));
    for (const hash of [few, many]) hash.open({ kind: "set", dim: 1000 });
    for (let r = 0; r < 9; r++) {
      const row = { ...rows, count: 1, offsets: rows.offsets.subarray(r, r + 2) };
      expect(many.values(row).subarray(0, 12)).toEqual(few.values(row));
    }
  });

  test("finds more of the near sets with more probes, as sets lack the least member of the query", async () => {
    const random = new Random(9);
    const engine = new Engine({ kind: "set", hashes: [new MinHash({ name: "min", rows: 4, tables: 4, permutations, seed: 1 })] });
    const queries: number[][] = [];
    for (let i = 0; i < 300; i++) {
      const { members, offsets } = pairOf(random, 140, 30); // similarity 0.7
      queries.push([...members.subarray(0, offsets[1])]);
      await engine.storeVector(members.subarray(offsets[1]), { id: i });
    }
    const found = async (probes: number) => {
      let hits = 0;
      for (const [i, query] of queries.entries()) hits += (await engine.neighbours(query, { probes, k: 1 }))[0]?.id === i ? 1 : 0;
      return hits / queries.length;
    };
    const [one, five] = [await found(1), await found(5)];
    // 1 − (1 − 0.7⁴)⁴ = 0.67; each of four more probes finds about 0.7⁴ · 0.3.
    expect(one).toBeGreaterThan(0.57);
    expect(one).toBeLessThan(0.77);
    // Of one order many bins hold one member of the query only, and so no second.
    expect(five).toBeGreaterThan(permutations === "one" ? 0.72 : 0.85);
  });
});

describe("MinHash", () => {
  test.each<[string, object, string, RegExp]>([
    ["no rows", { rows: 0 }, "E_BAD_OPTION", /rows is 0/],
    ["rows that do not fit a key", { rows: 65 }, "E_LIMIT", /64 bits/],
    ["more values than can be", { rows: 64, tables: 1000 }, "E_LIMIT", /rows · tables is 64000.*16384/],
    ["permutations that there are not", { rows: 2, permutations: "two" }, "E_BAD_OPTION", /"two"; give "one" or "classic"/],
  ])("refuses %s", (_, options, code, message) => {
    const refusal = (() => {
      try {
        return new MinHash({ name: "min", ...(options as { rows: number }) });
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(NearError);
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("says which vectors it hashes, where it is asked for others", () => {
    expect(() => new Engine({ dim: 3, hashes: [new MinHash({ name: "min", rows: 2 })] })).toThrow(/"min" takes set vectors.*dense/);
  });

  test("is read as a forest of prefixes, for as many sets as are wanted", async () => {
    const random = new Random(11);
    const children = [new MinHash({ name: "trees", rows: 16, tables: 6, seed: 1 })];
    const engine = new Engine({ kind: "set", hashes: [new LSHForest({ name: "forest", children, minimumResultSize: 60 })] });
    const rows = arbitraryRows(random, "set", { count: 800, dim: 64 });
    await engine.storeManyVectors(rows);
    let found = 0;
    for (let q = 0; q < 40; q++) {
      const query = rowAt<"set">(rows, q * 20);
      const exact = await engine.neighbours(query, { k: 5, exact: true });
      const near = await engine.neighbours(query, { k: 5 });
      found += near.filter(({ distance }) => distance <= exact[4].distance).length / 200;
      expect((await engine.candidateCount(query)).raw).toBeGreaterThanOrEqual(60);
    }
    expect(found).toBeGreaterThan(0.6);
  });

  test("shows its keys to people", () => {
    const hash = new MinHash({ name: "min", rows: 4, tables: 2, seed: 1 });
    hash.open({ kind: "set", dim: 100 });
    const rows = { kind: "set", dim: 100, count: 1, offsets: Uint32Array.of(0, 3), members: Uint32Array.of(1, 50, 99) } as const;
    expect(hash.bucketKeys(rows)).toEqual([expect.stringMatching(/^([0-9a-f]{4}-){3}[0-9a-f]{4}$/), expect.anything()]);
    expect(hash.bucketKeys({ ...rows, offsets: Uint32Array.of(0, 0) })).toEqual(["∅", "∅"]);
  });
});
