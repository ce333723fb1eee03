import { describe, expect, it } from "vitest";
import { Codes, Estimate } from "../../src/core/codes.js";
import { Keys, Probes } from "../../src/core/columns.js";
import { Random } from "../../src/core/random.js";
import { type DenseRows, slice } from "../../src/core/rows.js";
import { type CodeBooks, fixedBooks, learnedBooks } from "../../src/numeric/code-books.js";
import { CodeEstimates } from "../../src/numeric/code-estimates.js";
import { GroupedCodes } from "../../src/numeric/grouped-codes.js";
import { Rotation } from "../../src/numeric/rotation.js";

const seed = 12;
const [dim, count] = [200, 120];

function normalRows(random: Random): DenseRows {
  const values = Float32Array.from({ length: count * dim }, () => 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5));
  return { kind: "dense", dim, count, values };
}

/** Sixteen levels from −2.4 to 2.4 for every value. */
function evenBooks(size: number): CodeBooks {
  return learnedBooks(
    1,
    size,
    Float32Array.from({ length: size * 16 }, (_, e) => ((e % 16) - 7.5) * 0.32),
  );
}

describe("estimates of a query", () => {
  it.each([
    ["fixed books of 1 bit", (size: number) => fixedBooks(1, size)],
    ["fixed books of 4 bits", (size: number) => fixedBooks(4, size)],
    ["learned books", evenBooks],
  ])("are off by rounding the table as much as they say, with %s", (_, booksOf) => {
    const random = new Random(seed);
    const [rows, queries] = [normalRows(random), normalRows(random)];
    const map = new Rotation({ dim, seed, unit: false });
    const books = booksOf(map.size);
    const parts = { metric: "dot" as const, map, books, anchors: new Float32Array(books.groups * books.width), noise: 0 };
    const codes = encode(new GroupedCodes(parts), rows, books.groups);
    const estimates = new CodeEstimates(parts, {
      dimensions: 1e30,
      scale: mean(codes.scale.subarray(0, count)),
      radii: new Float32Array(0),
    });
    const probes = new Probes();
    probes.add(0, 0, 0, 0);
    const estimate = new Estimate(books.groups);
    let [off, stated] = [0, 0];
    for (let q = 0; q < count; q++) {
      estimates.fill(slice<"dense">(queries, q, q + 1), probes, 0, false, estimate);
      const mapped = map.map(queries, q, q + 1);
      for (let e = 0; e < count; e++) {
        off += (codes.scale[e] * roundedSum(codes, estimate, e) + codes.scale[e] * product(codes, books, e, mapped)) ** 2;
        // With dimensions without end the spread is what rounding alone adds.
        stated += (codes.error[e] * estimate.spreads[0]) ** 2 + estimate.rounding ** 2;
      }
    }

    expect(Math.sqrt(off / stated)).toBeGreaterThan(0.7);
    expect(Math.sqrt(off / stated)).toBeLessThan(1.3);
  });

  it.each([
    { metric: "cosine" as const, unit: true, scale: 1 },
    { metric: "squaredEuclidean" as const, unit: false, scale: 0.25 },
  ])("put probes without anchors in the order of their scores, in the unit of the ranks: $metric", ({ metric, unit, scale }) => {
    const query = slice<"dense">(normalRows(new Random(seed)), 0, 1);
    const map = new Rotation({ dim, seed, unit, scale });
    const books = fixedBooks(1, map.size);
    const parts = { metric, map, books, anchors: new Float32Array(books.groups * books.width), noise: 0 };
    const estimates = new CodeEstimates(parts, { dimensions: map.size - 1, scale: 1, radii: new Float32Array(0) });
    const probes = new Probes();
    probes.add(0, 0, 0, 0);
    probes.add(0, 0, 1, 3);
    const estimate = new Estimate(books.groups);
    estimates.fill(query, probes, 0, false, estimate);
    const square = query.values.reduce((sum, value) => sum + value * value, 0);
    expect(estimate.orders[0]).toBe(0);
    expect(estimate.orders[1]).toBeCloseTo(unit ? 3 / square : 3 * scale ** 2, 6);
    expect(estimate.centres[1]).toBe(estimate.centres[0]);
  });
});

describe("codes of rows", () => {
  it.each([
    ["fixed books of 1 bit", (size: number) => fixedBooks(1, size)],
    ["fixed books of 2 bits", (size: number) => fixedBooks(2, size)],
    ["learned books", evenBooks],
  ])("are the same bytes from the kernel and its plain twin, with %s", (_, booksOf) => {
    const rows = normalRows(new Random(seed));
    for (const metric of ["squaredEuclidean", "dot"] as const) {
      const map = new Rotation({ dim, seed, unit: false });
      const books = booksOf(map.size);
      const parts = { metric, map, books, anchors: map.map(rows, 5, 6).slice(), noise: 0.5 };
      const [simd, plain] = (["simd", "reference"] as const).map((build) => encode(new GroupedCodes(parts, build), rows, books.groups));

      expect(simd).toEqual(plain);
      // Row 5 is the anchor itself: there is nothing to estimate, and nothing to miss.
      expect([simd.add[5], simd.scale[5], simd.error[5]]).toEqual([0, 0, 0]);
    }
  });

  it("come as often as their row comes, and differ by the anchor", () => {
    const rows = normalRows(new Random(seed));
    const map = new Rotation({ dim, seed, unit: false });
    const books = fixedBooks(1, map.size);
    const anchors = Float32Array.from([...map.map(rows, 5, 6), ...new Float32Array(map.size)]);
    const grouped = new GroupedCodes({ metric: "squaredEuclidean", map, books, anchors, noise: 0 });
    const keys = new Keys();
    for (let r = 0; r < count; r++) for (const anchor of [0, 1, 1]) keys.add(r, 0, 0, anchor);
    const codes = new Codes(books.groups);
    grouped.encode((from, to) => slice<"dense">(rows, from, to), count, keys, true, codes);

    expect(codes.count).toBe(3 * count);
    expect(codes.add[15]).toBe(0);
    for (let e = 1; e < codes.count; e += 3) {
      expect(codes.add[e + 1]).toBe(codes.add[e]);
      expect(codes.add[e]).not.toBe(codes.add[e - 1]);
      const code = (of: number) => codes.bytes.subarray(of * codes.bytesPerCode, (of + 1) * codes.bytesPerCode);
      expect(code(e + 1)).toEqual(code(e));
    }
  });
});

function encode(grouped: GroupedCodes, rows: DenseRows, groups: number): Codes {
  const keys = new Keys();
  for (let r = 0; r < rows.count; r++) keys.add(r, 0, 0, 0);
  const codes = new Codes(groups);
  grouped.encode((from, to) => slice<"dense">(rows, from, to), rows.count, keys, false, codes);
  return codes;
}

function nibble(codes: Codes, e: number, g: number): number {
  return (codes.bytes[e * codes.bytesPerCode + (g >>> 1)] >>> ((g & 1) * 4)) & 15;
}

function roundedSum(codes: Codes, estimate: Estimate, e: number): number {
  let levels = 0;
  for (let g = 0; g < codes.groups; g++) levels += estimate.table[g * 16 + nibble(codes, e, g)];
  return estimate.step * levels + estimate.bias;
}

/** ⟨ō, Pq⟩. */
function product(codes: Codes, { width, places, entries }: CodeBooks, e: number, mapped: Float32Array): number {
  return places.reduce((sum, k, i) => sum + mapped[i] * entries[k * 16 + nibble(codes, e, Math.floor(k / width))], 0);
}

function mean(values: Float32Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
