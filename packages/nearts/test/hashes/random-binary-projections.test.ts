import { describe, expect, it } from "vitest";
import { derive, seedFrom } from "../../src/core/random.js";
import { RandomBinaryProjections } from "../../src/hashes/random-binary-projections.js";
import { normalPlanes } from "../../src/numeric/plane-source.js";
import { Planes } from "../../src/numeric/planes.js";
import { entriesOf, keysOf, nameOf, probesOf } from "./directory.js";
import { normalRows, rowsOf, sparsed } from "./vectors.js";

const seed = 20_120_304;

function opened(dim: number, options: Partial<ConstructorParameters<typeof RandomBinaryProjections>[0]> = {}): RandomBinaryProjections {
  const hash = new RandomBinaryProjections({ name: "rbp", projections: 10, ...options });
  hash.open({ kind: "dense", dim });
  return hash;
}

describe("RandomBinaryProjections", () => {
  it("scenario 4: gives one key of 10 characters 0 or 1, the same 101 times, for dense and sparse", () => {
    const hash = opened(100);
    const row = normalRows(1, 100, seed, 0.3);
    const [key, ...more] = hash.bucketKeys(row);

    expect(more).toEqual([]);
    expect(key).toMatch(/^[01]{10}$/);
    for (let i = 0; i < 100; i++) expect(hash.bucketKeys(i % 2 === 0 ? row : sparsed(row))).toEqual([key]);
  });

  it("scenario 8: has the same planes for the same seed and dimension, others for another seed", () => {
    const rows = normalRows(50, 30, seed);
    const keys = entriesOf(keysOf(opened(30, { seed: 5 }), rows));

    expect(entriesOf(keysOf(opened(30, { seed: 5, name: "other" }), rows))).toEqual(keys);
    expect(entriesOf(keysOf(opened(30, { seed: 6 }), rows))).not.toEqual(keys);
    expect(entriesOf(keysOf(opened(30, { seed: "5" }), rows))).not.toEqual(keys);
  });

  it("keeps the keys of its first tables when it is given more", () => {
    const rows = normalRows(20, 30, seed);
    const [two, five] = [keysOf(opened(30, { tables: 2 }), rows), keysOf(opened(30, { tables: 5 }), rows)];
    const first = entriesOf(five).filter((_, e) => five.tables[e] < 2);

    expect(first).toEqual(entriesOf(two));
    expect(new Set(five.hi.subarray(0, 5)).size, "tables differ").toBe(5);
  });

  it("has a 1 where the projection is above 0, in every build of the kernels, for any dimension", () => {
    for (let dim = 1; dim <= 300; dim += dim < 20 ? 1 : 23) {
      const rows = normalRows(9, dim, seed + dim);
      const hash = opened(dim, { projections: 37, tables: 2, seed: dim });
      const source = normalPlanes(derive(seedFrom(dim), "planes"), 74);
      const plain = new Planes({ source, shape: { kind: "dense", dim }, build: "reference" });
      const projections = new Float32Array(9 * 74);
      plain.project(rows, 0, 9, projections);
      const keys = keysOf(hash, rows);
      for (let e = 0; e < keys.count; e++) {
        const bits = projections.subarray(e * 37, (e + 1) * 37).reduce((text, x) => text + (x > 0 ? "1" : "0"), "");
        expect(nameOf(keys.hi[e], keys.lo[e])).toBe(
          BigInt(`0b${bits.padEnd(64, "0")}`)
            .toString(16)
            .padStart(16, "0"),
        );
      }
    }
  });

  it("puts the zero vector, whose projections are all 0, in the bucket of zeros", () => {
    expect(opened(4, { projections: 64 }).bucketKeys(rowsOf([0, -0, 0, 0]))).toEqual(["0".repeat(64)]);
  });

  it("always makes the same keys: these never change", () => {
    const rows = rowsOf(Array.from({ length: 101 }, (_, i) => (((i * 37) % 64) - 31.5) / 8));
    const hash = opened(101, { projections: 64, tables: 2, seed: 7 });
    const keys = keysOf(hash, rows);

    expect([nameOf(keys.hi[0], keys.lo[0]), nameOf(keys.hi[1], keys.lo[1])]).toEqual(["f6492eb00a2d460f", "4bd494ee60e4ff76"]);
    expect(opened(101, { seed: "seed", projections: 12 }).bucketKeys(rows)).toEqual(["101011000111"]);
  });

  it("probes the own bucket of each table, then pools the tables' buckets by the squared margins of the flipped bits", () => {
    const hash = opened(8, { projections: 4, tables: 3, seed: 9 });
    const query = normalRows(1, 8, seed);
    const planes = new Planes({ source: normalPlanes(derive(seedFrom(9), "planes"), 12), shape: { kind: "dense", dim: 8 } });
    const margins = new Float32Array(12);
    planes.project(query, 0, 1, margins);
    const all = Array.from({ length: 3 * 16 }, (_, n) => {
      const flipped = Array.from({ length: 4 }, (_, j) => j).filter((j) => ((n % 16) >> j) & 1);
      const table = Math.floor(n / 16);
      const key = [0, 1, 2, 3].map((j) => (margins[table * 4 + j] > 0 !== flipped.includes(j) ? "1" : "0")).join("");
      return { table, key, score: flipped.reduce((sum, j) => sum + margins[table * 4 + j] ** 2, 0) };
    }).sort((a, b) => a.score - b.score || a.table - b.table);

    const probes = probesOf(hash, query, undefined, 48);

    expect(probes.count).toBe(48);
    for (let p = 0; p < 48; p++) {
      expect(probes.tables[p]).toBe(all[p].table);
      expect((probes.hi[p] >>> 28).toString(2).padStart(4, "0")).toBe(all[p].key);
      expect(probes.scores[p]).toBeCloseTo(all[p].score, 5);
      expect([probes.lo[p], probes.prefixBits[p]]).toEqual([0, 64]);
    }
    expect(probesOf(hash, query, undefined, 1000).count, "there are no more").toBe(48);
    expect(probesOf(hash, query, undefined, 7).sameAs(first(probes, 7))).toBe(true);
    expect(probesOf(hash, query, undefined, 1).count, "each table's own bucket at least").toBe(3);
  });

  it("flips bits whose projection overflowed last of all", () => {
    const hash = opened(40, { projections: 6, seed: 2 });
    const probes = probesOf(hash, rowsOf(new Array(40).fill(3e38)), undefined, 64);
    const scores = [...probes.scores.subarray(0, 64)];

    expect(probes.count).toBe(64);
    expect(scores).toEqual(scores.toSorted((x, y) => x - y));
    expect(scores.at(-1)).toBe(Number.POSITIVE_INFINITY);
  });

  it("refuses more projections than a key has bits, with both numbers", () => {
    expect(() => opened(5, { projections: 65 })).toThrow(
      expect.objectContaining({ code: "E_LIMIT", details: expect.objectContaining({ got: 65, limit: 64 }) }),
    );
  });

  it("hashes 1,000,000 sparse dimensions without a stored matrix", () => {
    const hash = new RandomBinaryProjections({ name: "wide", projections: 10, tables: 10 });
    hash.open({ kind: "sparse", dim: 1_000_000 });
    const indices = Uint32Array.from({ length: 100 }, (_, e) => e * 9973 + 11);
    const rows = {
      kind: "sparse",
      dim: 1_000_000,
      count: 1,
      offsets: Uint32Array.of(0, 100),
      indices,
      values: new Float32Array(100).fill(1.5),
    } as const;

    const before = process.memoryUsage().arrayBuffers;
    const keys = hash.bucketKeys(rows);

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
    expect(keys).toHaveLength(10);
    expect(new Set(keys).size).toBeGreaterThan(5);
  });
});

function first(probes: ReturnType<typeof probesOf>, count: number): ReturnType<typeof probesOf> {
  probes.count = count;
  return probes;
}
