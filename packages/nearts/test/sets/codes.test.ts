import { describe, expect, test } from "vitest";
import { Codes, Estimate } from "../../src/core/codes.js";
import { Keys, Probes } from "../../src/core/columns.js";
import { Random } from "../../src/core/random.js";
import { gather, rowAt, type SetRows, slice } from "../../src/core/rows.js";
import { Engine, MinHash, MinHashCodes, NearError } from "../../src/index.js";
import { createArena } from "../../src/kernels/arena.js";
import { Signatures } from "../../src/sketches/signatures.js";
import { arbitraryRows } from "../../src/testing/index.js";
import { band, deviationOf, pairOf } from "./pairs.js";

const dim = 2 ** 32;

/** The distance of the two sets as their codes tell it, and the deviation it is said to have. */
function estimated(sketch: MinHashCodes, pair: SetRows): { readonly distance: number; readonly deviation: number } {
  const [keys, probes] = [new Keys(), new Probes()];
  keys.add(1, 0, 0, 0);
  probes.add(0, 0, 0, 0);
  const [codes, estimate] = [new Codes(sketch.groups), new Estimate(sketch.groups)];
  sketch.encode(pair, keys, codes);
  sketch.estimate(slice(pair, 0, 1), probes, 0, estimate);
  let levels = 0;
  for (let g = 0; g < sketch.groups; g++) levels += estimate.table[g * 16 + ((codes.bytes[g >>> 1] >>> ((g & 1) * 4)) & 15)];
  return { distance: codes.add[0] + codes.scale[0] * levels + estimate.centres[0], deviation: codes.error[0] * estimate.spreads[0] };
}

describe("b-bit codes", () => {
  test.each([
    [1, 300],
    [2, 300],
    [4, 300],
    [2, 12],
  ] as const)("of %i bits estimate the distance of sets of %i members without bias, and within their deviations", (bits, size) => {
    const random = new Random(`codes ${bits} ${size}`);
    const sketches = Array.from({ length: 4 }, (_, seed) => new MinHashCodes({ bits, seed }));
    for (const sketch of sketches) sketch.open({ kind: "set", dim });
    for (let point = 0; point < 7; point++) {
      const common = Math.round((size * point) / 6);
      const own = Math.round((size - common) / 2);
      const distance = (2 * own) / (common + 2 * own);
      const all = Array.from({ length: 120 }, (_, i) => estimated(sketches[i % 4], pairOf(random, common, own)));
      const { mean, deviation } = deviationOf(
        all.map((one) => one.distance),
        distance,
      );
      expect(deviation, `distance ${distance}: ${mean}, seed "codes ${bits} ${size}"`).toBeLessThan(band(7));
      const over = all.filter((one) => one.distance - 1.9 * one.deviation > distance).length / all.length;
      // Φ(−1.9) = 2.9 % at most, give or take three standard errors.
      expect(over).toBeLessThanOrEqual(0.029 + 3 * Math.sqrt((0.029 * 0.971) / all.length));
    }
  });

  test.each([1, 2, 4] as const)("of %i bits give an engine the answers it has without, with fewer sets measured", async (bits) => {
    const random = new Random(3);
    const rows = gather("set", dim, 2000, (i) => rowAt<"set">(pairOf(random, 60 + (i % 7) * 15, 40), i % 2));
    const hashes = () => [new MinHash({ name: "min", rows: 1, tables: 4, seed: 1 })];
    const [plain, coded] = [new Engine({ kind: "set", hashes: hashes() }), new Engine({ kind: "set", hashes: hashes(), codes: { bits } })];
    for (const engine of [plain, coded]) await engine.storeManyVectors(rows);
    for (let q = 0; q < 20; q++) {
      const query = rowAt<"set">(rows, q * 90);
      const expected = await plain.neighbours(query, { within: 0.5 });
      const found = await coded.neighbours(query, { within: 0.5 });
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    }
    const again = await Engine.load<unknown, "set">(await coded.save());
    const query = rowAt<"set">(rows, 77);
    expect(await again.neighbours(query)).toEqual(await coded.neighbours(query));
  });

  test.each<[string, object, RegExp]>([
    ["3 bits", { bits: 3 }, /bits is 3; give 1, 2 or 4/],
    ["values that fill no group", { values: 6 }, /values is 6; give a multiple of 4/],
  ])("refuse %s", (_, options, message) => {
    expect(() => new MinHashCodes(options)).toThrow(
      expect.objectContaining({ code: "E_BAD_OPTION", message: expect.stringMatching(message) }),
    );
  });

  test("are refused for a distance that they do not estimate, by name", () => {
    const make = () =>
      new Engine({ kind: "set", distance: "containment", hashes: [new MinHash({ name: "m", rows: 1 })], codes: new MinHashCodes() });
    expect(make).toThrow(NearError);
    expect(make).toThrow(/jaccard.*containment/);
  });
});

describe("signatures", () => {
  test("are scanned alike by every build", () => {
    const random = new Random(5);
    for (const bytes of [16, 128, 4080]) {
      const [count, at] = [40, { base: bytes, found: bytes * 41 }];
      const arenas = [createArena("simd"), createArena("reference")];
      const given = Uint8Array.from({ length: bytes * 41 }, () => random.below(3));
      const kept = arenas.map((arena) => {
        arena.ensure(at.found + 41 * 8);
        arena.views().u8.set(given);
        const many = arena.kernels.signatures(0, bytes, at.base, count, Math.floor(bytes / 3), at.found);
        return [...arena.views().u32.subarray(at.found >>> 2, (at.found >>> 2) + 2 * many)];
      });
      expect(kept[0]).toEqual(kept[1]);
      expect(kept[0].length).toBeGreaterThan(10);
    }
  });

  test("find the sets that are alike, and say how much", () => {
    const random = new Random(6);
    const signatures = new Signatures({ values: 1024 });
    const [query, near] = [0, 1].map((i) => slice<"set">(pairOf(new Random("pair"), 180, 10), i, i + 1));
    signatures.add(arbitraryRows(random, "set", { count: 200, dim }));
    signatures.add(near);
    const { rows, similarities } = signatures.scan(query, 0.8);
    expect([...rows]).toEqual([200]);
    expect(Math.abs(similarities[0] - 0.9)).toBeLessThan(0.05);
    expect(() => signatures.scan(query, 0)).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    expect(() => new Signatures({ values: 100 })).toThrow(/multiple of 16/);
  });
});
