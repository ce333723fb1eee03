import { describe, expect, it } from "vitest";
import type { Hash } from "../../src/core/contracts.js";
import type { DenseRows } from "../../src/core/rows.js";
import {
  CrossPolytope,
  Engine,
  ITQBinaryProjections,
  LSHForest,
  PStableProjections,
  RandomBinaryProjections,
  SuperBit,
} from "../../src/index.js";
import { sharedPrefix } from "../../src/numeric/bits.js";
import { keysOf, MapDirectory, nameOf, probesOf } from "./directory.js";
import { normalRows } from "./vectors.js";

const seed = 20_070_923;
const dim = 32;

function rowAt(rows: DenseRows, r: number): DenseRows {
  return { ...rows, count: 1, values: rows.values.subarray(r * rows.dim, (r + 1) * rows.dim) };
}

describe("PStableProjections", () => {
  it.each(["euclidean", "manhattan"] as const)(
    "probes the bins beside the query's, one step in some slots, cheapest first: %s",
    (distance) => {
      const binWidth = distance === "euclidean" ? 3 : 60;
      const hash = new PStableProjections({ name: "e2", distance, projections: 3, binWidth, tables: 2, seed });
      hash.open({ kind: "dense", dim });
      const query = normalRows(1, dim, seed);
      const probes = probesOf(hash, query, undefined, 1000);

      expect(probes.count).toBe(2 * 27); // each of three slots one down, as it is, or one up
      const names = Array.from({ length: probes.count }, (_, p) => `${probes.tables[p]} ${nameOf(probes.hi[p], probes.lo[p])}`);
      expect(new Set(names).size).toBe(54);
      for (let p = 1; p < probes.count; p++) expect(probes.scores[p]).toBeGreaterThanOrEqual(probes.scores[p - 1]);
    },
  );

  it("finds what is near by Manhattan distance sooner than by chance", async () => {
    const rows = normalRows(2000, dim, seed);
    const hash = new PStableProjections({ name: "l1", distance: "manhattan", projections: 4, binWidth: 40, tables: 6, seed });
    const engine = new Engine({ dim, distance: "manhattan", hashes: [hash] });
    await engine.storeManyVectors(rows);
    let [found, read] = [0, 0];
    for (let q = 0; q < 50; q++) {
      const query = Float32Array.from(rowAt(rows, q * 31).values, (value, i) => value + (i % 2 === 0 ? 0.25 : -0.25));
      found += (await engine.neighbours(query, { k: 1, probes: 3 })).filter(({ id }) => id === q * 31).length;
      read += (await engine.candidateCount(query, { probes: 3 })).unique / 2000;
    }
    expect(found / 50).toBeGreaterThan(0.9);
    expect(found / 50).toBeGreaterThan((2 * read) / 50);
  });

  it("is refused for another distance than its own", () => {
    const engine = (distance: "cosine" | "manhattan") =>
      new Engine({ dim, distance, hashes: [new PStableProjections({ name: "e2", projections: 3, binWidth: 1 })] });
    const refusal = (message: RegExp): unknown =>
      expect.objectContaining({ code: "E_UNSUPPORTED", message: expect.stringMatching(message) });
    expect(() => engine("cosine")).toThrow(
      refusal(/serves the distance euclidean, not cosine: .*CrossPolytope, ITQBinaryProjections, SuperBit/),
    );
    expect(() => engine("manhattan")).toThrow(refusal(/or a hash that serves it: PStableProjections/));
    const own = { name: "own", kinds: ["dense"] as const, between: () => 1 };
    expect(
      () => new Engine({ dim, distance: own, hashes: [new PStableProjections({ name: "e2", projections: 3, binWidth: 1 })] }),
    ).not.toThrow();
  });
});

describe("SuperBit", () => {
  it("has planes at right angles within a batch, by what it says of vectors along them", () => {
    // Of 8 planes at right angles in 8 dimensions every combination of sides has the same share of all directions, 1 in 256; of any 8 planes it has not.
    const rows = normalRows(8000, 8, seed);
    const shares = (hash: Hash) => {
      hash.open({ kind: "dense", dim: 8 });
      const counts = new Float64Array(256);
      const keys = keysOf(hash, rows);
      for (let e = 0; e < keys.count; e++) counts[keys.hi[e] >>> 24]++;
      return counts.reduce((sum, count) => sum + (count - 31.25) ** 2 / 31.25, 0);
    };
    expect(shares(new SuperBit({ name: "sb", projections: 8, seed }))).toBeLessThan(340); // χ² of 255 degrees, 1 in 3,000
    expect(shares(new RandomBinaryProjections({ name: "rbp", projections: 8, seed }))).toBeGreaterThan(1000);
  });

  it("estimates angles by differing bits with less variance than independent planes", () => {
    const [x, y] = [rowAt(normalRows(2, dim, seed), 0), rowAt(normalRows(2, dim, seed), 1)];
    const spread = (make: (s: number) => Hash) => {
      const differing = Array.from({ length: 150 }, (_, s) => {
        const hash = make(s);
        hash.open({ kind: "dense", dim });
        const [a, b] = [hash.bucketKeys(x)[0], hash.bucketKeys(y)[0]];
        return Array.from(a).filter((bit, i) => bit !== b[i]).length;
      });
      const mean = differing.reduce((sum, n) => sum + n, 0) / differing.length;
      return differing.reduce((sum, n) => sum + (n - mean) ** 2, 0) / differing.length;
    };
    const own = spread((s) => new SuperBit({ name: "sb", projections: 32, seed: s }));
    expect(own).toBeLessThan(0.75 * spread((s) => new RandomBinaryProjections({ name: "rbp", projections: 32, seed: s })));
  });
});

describe("ITQBinaryProjections", () => {
  /** Vectors that vary much along few directions. */
  const training = {
    ...normalRows(600, dim, seed),
    values: normalRows(600, dim, seed).values.map((value, i) => value / (1 + (i % dim) ** 2) + 3),
  };

  it("learns the same from the same sample, bit for bit, and another rotation for each table", () => {
    const make = () => new ITQBinaryProjections({ name: "itq", projections: 6, tables: 2, training, seed });
    const config = make().config();
    const components = config["components"] as Float32Array;

    expect(make().config()).toEqual(config);
    expect(components.slice(0, 6 * dim)).not.toEqual(components.slice(6 * dim));
    for (let plane = 0; plane < 12; plane++) {
      expect(Math.hypot(...components.subarray(plane * dim, (plane + 1) * dim))).toBeCloseTo(1, 5);
    }
  });

  it("brings projections nearer to the corners of a cube, round by round", () => {
    const hashes = [1, 40].map((rounds) => new ITQBinaryProjections({ name: "itq", projections: 8, training, rounds, seed }));
    const losses = hashes.map((hash) => {
      const { components, offsets } = hash.config() as unknown as Record<"components" | "offsets", Float32Array>;
      let loss = 0;
      for (let r = 0; r < training.count; r++) {
        const along = Array.from({ length: 8 }, (_, j) => {
          let sum = -offsets[j];
          for (let i = 0; i < dim; i++) sum += components[j * dim + i] * training.values[r * dim + i];
          return sum;
        });
        // Σ (1 − |z|)² up to what all rotations have in common.
        loss -= along.reduce((sum, z) => sum + Math.abs(z), 0);
      }
      return loss;
    });
    expect(losses[1]).toBeLessThan(losses[0]);
  });
});

describe("LSHForest", () => {
  it("reads the longest common prefix that holds enough rows in all trees together, as counting all of them says", () => {
    const rows = normalRows(500, dim, seed);
    const child = new RandomBinaryProjections({ name: "rbp", projections: 24, tables: 5, seed });
    const forest = new LSHForest({ name: "forest", children: [child], minimumResultSize: 30 });
    forest.open({ kind: "dense", dim });
    const directory = new MapDirectory();
    directory.store(forest, rows);
    const stored = keysOf(child, rows);
    const queries = normalRows(20, dim, seed + 1);
    for (let q = 0; q < queries.count; q++) {
      const own = keysOf(child, rowAt(queries, q));
      const shared = Array.from({ length: stored.count }, (_, e) =>
        sharedPrefix(stored.hi[e], stored.lo[e], own.hi[stored.tables[e]], own.lo[stored.tables[e]]),
      );
      let depth = 64;
      while (shared.filter((bits) => bits >= depth).length < 30) depth--;
      expect(directory.read(probesOf(forest, rowAt(queries, q), directory)).flat()).toHaveLength(
        shared.filter((bits) => bits >= depth).length,
      );
      // Everything, each row once in each tree, and never what shares more bits after what shares fewer.
      const all = probesOf(forest, rowAt(queries, q), directory, 1000);
      expect(directory.read(all).flat()).toHaveLength(shared.length);
      for (let p = 1; p < all.count; p++) expect(all.scores[p]).toBeGreaterThanOrEqual(all.scores[p - 1]);
    }
  });

  it("finds most of the nearest, the more probes the more, with and without codes", async () => {
    const rows = normalRows(1500, dim, seed);
    const exact = new Engine({ dim });
    await exact.storeManyVectors(rows);
    const recalls = [];
    for (const codes of [false, true]) {
      const child = new RandomBinaryProjections({ name: "rbp", projections: 40, tables: 8, seed });
      const forest = new LSHForest({ name: "forest", children: [child], minimumResultSize: 300 });
      const engine = new Engine({ dim, hashes: [forest], codes });
      await engine.storeManyVectors(rows);
      for (const probes of [1, 4]) recalls.push(await recallOf(engine, exact, normalRows(40, dim, seed + 2), { probes }));
    }
    expect(recalls[1]).toBeGreaterThan(recalls[0]);
    expect(recalls[0]).toBeGreaterThan(0.35);
    expect(recalls[2]).toBeGreaterThan(recalls[0] - 0.06);
  });
});

/** One of each family whose buckets hold what is near by direction. */
const families: Readonly<Record<string, () => Hash>> = {
  CrossPolytope: () => new CrossPolytope({ name: "h", bits: 6, tables: 6, seed }),
  ITQBinaryProjections: () => new ITQBinaryProjections({ name: "h", projections: 7, tables: 6, training: directions(600), seed }),
  LSHForest: () =>
    new LSHForest({ name: "h", children: [new SuperBit({ name: "c", projections: 24, tables: 8, seed })], minimumResultSize: 300 }),
  RandomBinaryProjections: () => new RandomBinaryProjections({ name: "h", projections: 7, tables: 6, seed }),
  SuperBit: () => new SuperBit({ name: "h", projections: 7, tables: 6, seed }),
};

function directions(count: number): DenseRows {
  return normalRows(count, dim, seed + 9);
}

describe("The largest inner products, of vectors whose lengths range over three decades", () => {
  const rows = directions(1500);
  const lengths = Float64Array.from({ length: rows.count }, (_, r) => 10 ** (((r * 7919) % 1500) / 500 - 1.5));
  const values = rows.values.map((value, i) => value * lengths[Math.floor(i / dim)]);

  it.each(Object.entries(families))("are found by %s with codes, which change nothing but what is measured", async (_name, make) => {
    const stored: DenseRows = { ...rows, values };
    const [plain, coded] = [false, true].map((codes) => new Engine({ dim, distance: "inner-product", hashes: [make()], codes }));
    const exact = new Engine({ dim, distance: "inner-product" });
    for (const engine of [plain, coded, exact]) await engine.storeManyVectors(stored);
    const queries = normalRows(30, dim, seed + 5);
    const [without, within] = [
      await recallOf(plain, exact, queries, { probes: 40 }),
      await recallOf(coded, exact, queries, { probes: 40 }),
    ];

    expect(without).toBeGreaterThan(0.8);
    expect(within).toBeGreaterThan(without - 0.06);
  });
});

/** Share of the ten nearest that an engine finds. */
async function recallOf(engine: Engine, exact: Engine, queries: DenseRows, options: { readonly probes: number }): Promise<number> {
  let found = 0;
  for (let q = 0; q < queries.count; q++) {
    const query = rowAt(queries, q).values;
    const truth = new Set((await exact.neighbours(query)).map(({ id }) => id));
    found += (await engine.neighbours(query, options)).filter(({ id }) => truth.has(id)).length;
  }
  return found / (10 * queries.count);
}
