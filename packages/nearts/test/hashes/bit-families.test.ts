import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import type { BitRows } from "../../src/core/rows.js";
import { BitSampling } from "../../src/hashes/bit-sampling.js";
import { MultiIndexHashing } from "../../src/hashes/multi-index-hashing.js";
import { Engine } from "../../src/index.js";
import { popcount32 } from "../../src/numeric/bits.js";
import { keysOf, nameOf, probesOf } from "./directory.js";

const seed = 20_120_616;

/** Random codes, `near` of them a few bits from an earlier one. */
function codes(count: number, dim: number, near: number, purpose = 0): BitRows {
  const random = new Random(seed + purpose);
  const width = Math.ceil(dim / 32);
  const words = new Uint32Array(count * width);
  for (let r = 0; r < count; r++) {
    if (r > 0 && random.uniform() < near) {
      const from = random.below(r);
      words.copyWithin(r * width, from * width, (from + 1) * width);
      for (const i of random.choose(dim, random.below(Math.min(dim, 24)))) words[r * width + (i >>> 5)] ^= 1 << (i & 31);
    } else for (let i = 0; i < dim; i++) if (random.uniform() < 0.5) words[r * width + (i >>> 5)] |= 1 << (i & 31);
  }
  return { kind: "bits", dim, count, words };
}

function rowAt(rows: BitRows, r: number): BitRows {
  const width = Math.ceil(rows.dim / 32);
  return { ...rows, count: 1, words: rows.words.subarray(r * width, (r + 1) * width) };
}

function distance(x: BitRows, y: BitRows): number {
  return x.words.reduce((sum, word, i) => sum + popcount32(word ^ y.words[i]), 0);
}

describe("MultiIndexHashing", () => {
  it.each([
    [256, 16, 20],
    [256, 11, 20],
    [100, 7, 20],
    [70, 2, 3],
    [64, 1, 2],
    [33, 33, 40],
    [40, 5, 0],
  ])("finds every code of %i bits in %i chunks within a radius of %i, as a linear scan does", async (dim, chunks, radius) => {
    const rows = codes(600, dim, 0.7);
    const engine = new Engine({ dim, kind: "bits", hashes: [new MultiIndexHashing({ name: "mih", chunks, radius })] });
    await engine.storeManyVectors(rows);
    let [found, expected] = [0, 0];
    for (let q = 0; q < rows.count; q += 15) {
      const query = rowAt(rows, q);
      const all = await engine.neighbours({ dim, words: query.words }, { within: radius + 0.5 });
      const truth = Array.from({ length: rows.count }, (_, r) => distance(query, rowAt(rows, r))).filter((d) => d <= radius);

      expect(all.map((one) => one.distance)).toEqual(truth.sort((a, b) => a - b));
      found += all.length;
      expected += truth.length;
    }
    expect(found).toBe(expected);
  });

  it("reads no more keys than the pigeonhole asks for", () => {
    // 20 = 16·1 + 4: the first five chunks of 16 bits with one bit turned too, and the bucket of each of the others.
    const hash = new MultiIndexHashing({ name: "mih", chunks: 16, radius: 20 });
    hash.open({ kind: "bits", dim: 256 });
    expect(probesOf(hash, codes(1, 256, 0)).count).toBe(16 + 5 * 16);
  });

  it("with more probes finds the nearest codes, from near to far", async () => {
    const rows = codes(2000, 128, 0.8);
    const engine = new Engine({ dim: 128, kind: "bits", hashes: [new MultiIndexHashing({ name: "mih", chunks: 12 })] });
    const exact = new Engine({ dim: 128, kind: "bits" });
    await engine.storeManyVectors(rows);
    await exact.storeManyVectors(rows);
    let hits = 0;
    for (let q = 0; q < 40; q++) {
      const query = { dim: 128, words: rowAt(rows, q * 17).words };
      const [kth] = (await exact.neighbours(query, { k: 5 })).slice(-1);
      hits += (await engine.neighbours(query, { k: 5, probes: 60 })).filter((one) => one.distance <= kth.distance).length;
    }
    expect(hits / 200).toBeGreaterThan(0.85);
  });

  it("refuses what cannot be cut, and a radius of too many probes, saying what would do", () => {
    const open = (chunks: number, radius: number, dim: number) =>
      new MultiIndexHashing({ name: "mih", chunks, radius }).open({ kind: "bits", dim });
    expect(() => open(2, 0, 256)).toThrow(
      expect.objectContaining({ code: "E_CONFIG", message: expect.stringMatching(/from 4 to 256 chunks/) }),
    );
    expect(() => open(20, 0, 16)).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
    expect(() => open(4, 40, 256)).toThrow(expect.objectContaining({ code: "E_LIMIT", message: expect.stringMatching(/use more chunks/) }));
    expect(() => open(4, -1, 256)).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => new Engine({ dim: 8, hashes: [new MultiIndexHashing({ name: "mih", chunks: 2 })] })).toThrow(
      expect.objectContaining({
        code: "E_UNSUPPORTED",
        message: expect.stringMatching(/takes bits vectors, the engine stores dense ones/),
      }),
    );
  });
});

describe("BitSampling", () => {
  it("has keys of places of its own in each table, none of them twice", () => {
    const hash = new BitSampling({ name: "bits", projections: 9, tables: 4, seed });
    hash.open({ kind: "bits", dim: 40 });
    // A code of one bit turns that place of a key, so all such codes together tell the places.
    const one: BitRows = { kind: "bits", dim: 40, count: 40, words: new Uint32Array(80) };
    for (let i = 0; i < 40; i++) one.words[2 * i + (i >>> 5)] = (1 << (i & 31)) >>> 0;
    const keys = keysOf(hash, one);
    const sampled = [0, 1, 2, 3].map((t) => {
      const set = new Set<string>();
      for (let e = 0; e < keys.count; e++)
        if (keys.tables[e] === t && keys.hi[e] !== 0) set.add(`${keys.rows[e]} ${nameOf(keys.hi[e], 0)}`);
      return [...set].sort().join();
    });
    for (const places of sampled) expect(places.split(",")).toHaveLength(9);
    expect(new Set(sampled).size).toBe(4);
  });

  it("probes keys by the number of turned bits, each once", () => {
    const hash = new BitSampling({ name: "bits", projections: 5, tables: 2, seed });
    hash.open({ kind: "bits", dim: 40 });
    const probes = probesOf(hash, codes(1, 40, 0), undefined, 1000);
    const names = Array.from({ length: probes.count }, (_, p) => `${probes.tables[p]} ${nameOf(probes.hi[p], probes.lo[p])}`);

    expect(new Set(names).size).toBe(64);
    expect(Array.from(probes.scores.subarray(0, 64))).toEqual(
      [1, 5, 10, 10, 5, 1].flatMap((n, s) => Array.from({ length: 2 * n }, () => s)),
    );
  });

  it("refuses more places than there are, and rows that are no bits", () => {
    const hash = new BitSampling({ name: "bits", projections: 20 });
    expect(() => hash.open({ kind: "bits", dim: 19 })).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
    expect(() => hash.open({ kind: "dense", dim: 30 })).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });
});
