import { describe, expect, it } from "vitest";
import { Candidates } from "../../src/core/columns.js";
import type { Metric } from "../../src/core/contracts.js";
import type { Supply } from "../../src/core/dump.js";
import { Random } from "../../src/core/random.js";
import { type Rows, slice } from "../../src/core/rows.js";
import { createArena } from "../../src/kernels/arena.js";
import { FixedVectors } from "../../src/storage/vectors/fixed-vectors.js";
import { Page } from "../../src/storage/vectors/page.js";
import { layoutOf } from "../../src/storage/vectors/row-layout.js";

const seed = 79;
const count = 400;
const metrics = ["squaredEuclidean", "cosine", "dot", "manhattan"] satisfies Metric[];

/** Rows of whole numbers from 0 to 255, many of them 0. */
function wholeRows(random: Random, dim: number, rows = count): Rows<"dense"> {
  const values = Float32Array.from({ length: rows * dim }, () => (random.below(3) === 0 ? 0 : random.below(256)));
  return { kind: "dense", dim, count: rows, values };
}

function write(vectors: FixedVectors, rows: Rows, first = 0): FixedVectors {
  vectors.reserve(rows, first + rows.count);
  for (let i = 0; i < rows.count; i++) vectors.write(first + i, rows, i);
  vectors.settle(Uint32Array.from({ length: rows.count }, (_, i) => first + i));
  return vectors;
}

function candidates(rows = count): Candidates {
  const all = new Candidates();
  for (let i = 0; i < rows; i++) all.add((i * 137 + 5) % rows);
  return all;
}

/** Squared distances by the definition, and so on. */
function ranksOf(metric: Metric, { dim, values }: Rows<"dense">, query: Float32Array): Float64Array {
  return Float64Array.from({ length: values.length / dim }, (_, r) => {
    const x = values.subarray(r * dim, (r + 1) * dim);
    const sum = (of: (a: number, b: number) => number) => x.reduce((total, a, i) => total + of(a, query[i]), 0);
    if (metric === "squaredEuclidean") return sum((a, b) => (a - b) ** 2);
    if (metric === "manhattan") return sum((a, b) => Math.abs(a - b));
    const product = -sum((a, b) => a * b);
    return metric === "dot" ? product : product / Math.sqrt(sum((a) => a * a) * sum((_, b) => b * b));
  });
}

function supplyOf(bytes: Uint8Array): Supply {
  let at = 0;
  return {
    get left() {
      return bytes.length - at;
    },
    async fill(target: Uint8Array) {
      await new Promise((resolve) => setImmediate(resolve));
      target.set(bytes.subarray(at, at + target.length));
      at += target.length;
    },
    refuse(why: string): never {
      throw new Error(why);
    },
  } as Supply;
}

function dumped(vectors: FixedVectors, rows: number, free: Uint32Array): Uint8Array {
  const dump = vectors.dump(rows, free);
  const all = new Uint8Array(dump.bytes);
  let at = 0;
  for (const piece of dump.pieces()) {
    all.set(piece, at);
    at += piece.length;
  }
  expect(at).toBe(dump.bytes);
  return all;
}

const shape = (dim: number) => ({ kind: "dense", dim }) as const;
const perRow = (vectors: FixedVectors) => vectors.bytes / count;

describe("Rows of whole numbers from 0 to 255", () => {
  it.each([32, 33, 100, 784])("of %i dimensions take a byte each, and come back and are ranked as they are (seed 79)", (dim) => {
    const random = new Random(seed);
    const rows = wholeRows(random, dim);
    const small = new Page(layoutOf({ ...shape(dim), precision: "u8" }), 0, createArena()).base + 150 * (dim + 3);
    for (const vectors of [new FixedVectors(shape(dim), false), new FixedVectors(shape(dim), false, small)]) {
      write(vectors, rows);
      expect(perRow(vectors)).toBeLessThan(dim + 4 + 8);
      for (const row of [0, 7, count - 1]) {
        expect(vectors.vector(row)).toEqual(rows.values.subarray(row * dim, (row + 1) * dim));
        expect(vectors.borrow(row)).toEqual(vectors.vector(row));
      }
      const whole = wholeRows(random, dim, 1);
      const fractional = { ...whole, values: whole.values.map((x) => x + random.uniform()) };
      for (const query of [whole, fractional]) {
        for (const metric of metrics) {
          const expected = ranksOf(metric, rows, query.values);
          const tolerance = 1e-5 * Math.max(...expected.map(Math.abs));
          const all = candidates();
          vectors.rank(metric, query, all);
          for (let i = 0; i < count; i++) all.distances[i] -= expected[all.rows[i]];
          expect(Math.max(...all.distances.subarray(0, count).map(Math.abs))).toBeLessThanOrEqual(tolerance);
          const best = candidates();
          vectors.nearest(metric, query, best, 12, Number.POSITIVE_INFINITY);
          const order = [...expected.keys()].sort((a, b) => expected[a] - expected[b]);
          for (let i = 0; i < 12; i++) expect(Math.abs(best.distances[i] - expected[order[i]])).toBeLessThanOrEqual(tolerance);
        }
        const exact = candidates();
        vectors.exact("squaredEuclidean", query, exact);
        const squares = ranksOf("squaredEuclidean", rows, query.values);
        for (let i = 0; i < count; i++) expect(exact.distances[i]).toBeCloseTo(squares[exact.rows[i]], query === whole ? 10 : 3);
      }
    }
  });

  it.each([32, 100])("of %i dimensions have the nearest within bounds, and for many queries, that f32 rows have (seed 79)", (dim) => {
    const random = new Random(seed);
    const rows = wholeRows(random, dim);
    const whole = write(new FixedVectors(shape(dim), false), rows);
    const wide = write(new FixedVectors(shape(dim), false), { ...rows, values: rows.values.map((x) => x + 0.5) });
    for (let row = 0; row < count; row++) wide.write(row, rows, row);
    expect(perRow(wide)).toBeGreaterThan(4 * dim);
    const queries = wholeRows(random, dim, 9);
    for (const metric of ["squaredEuclidean", "cosine", "dot"] as const) {
      for (let q = 0; q < queries.count; q++) {
        const query = slice(queries, q, q + 1);
        const ranks = ranksOf(metric, rows, queries.values.subarray(q * dim, (q + 1) * dim));
        const found = [whole, wide].map((vectors) => {
          const some = candidates();
          some.bound();
          for (let i = 0; i < count; i++) some.lower[i] = ranks[some.rows[i]] - Math.abs(ranks[3]) * 0.01 * (1 + (some.rows[i] % 5));
          vectors.nearest(metric, query, some, 15, Number.POSITIVE_INFINITY);
          return Array.from(some.rows.subarray(0, some.count));
        });
        expect(found[0], `${metric}, query ${q}`).toEqual(found[1]);
      }
      const lists = [whole, wide].map((vectors) => {
        const all: number[][] = [];
        vectors.nearestOfMany(metric, queries, candidates(), 15, (_, best) => all.push(Array.from(best.rows.subarray(0, best.count))));
        return all;
      });
      expect(lists[0], metric).toEqual(lists[1]);
    }
  });

  it.each([
    ["a fraction", 0.5],
    ["a number over 255", 256],
    ["a negative number", -1],
    ["-0", -0],
  ])("are kept as f32 from the first row on that has %s: nothing stored before changes, and it is told of in bytes", (_, odd) => {
    const dim = 40;
    const random = new Random(seed);
    const rows = wholeRows(random, dim);
    const vectors = new FixedVectors(shape(dim), false);
    vectors.expect(2 * count);
    write(vectors, rows);
    const before = vectors.bytes;
    const [next, other] = [wholeRows(random, dim, 1), wholeRows(random, dim, 1)];
    expect(vectors.bytesOf(next, 1)).toBeLessThan(dim + 8);
    other.values[17] = odd;
    const announced = vectors.bytesOf(other, 1);
    write(vectors, other, count);
    expect(vectors.bytes - before).toBeGreaterThan(3 * dim * count);
    expect(Math.abs(vectors.bytes - before - announced)).toBeLessThan(before); // lengths grow ahead of need
    for (let row = 0; row < count; row += 7) expect(vectors.vector(row)).toEqual(rows.values.subarray(row * dim, (row + 1) * dim));
    expect(vectors.vector(count)).toEqual(other.values);
    const all = candidates(count + 1);
    vectors.rank("squaredEuclidean", next, all);
    const expected = ranksOf("squaredEuclidean", { ...rows, values: Float32Array.of(...rows.values, ...other.values) }, next.values);
    for (let i = 0; i <= count; i++) expect(all.distances[i]).toBeCloseTo(expected[all.rows[i]], -1);
  });

  it("are kept as f32 where there are few dimensions or another precision was asked for", () => {
    const rows = (dim: number) => wholeRows(new Random(seed), dim);
    expect(perRow(write(new FixedVectors(shape(31), false), rows(31)))).toBeGreaterThan(4 * 31);
    expect(perRow(write(new FixedVectors({ ...shape(64), precision: "f16" }, false), rows(64)))).toBeGreaterThan(2 * 64);
  });

  it.each([
    ["whole", -1],
    ["whole but for one early", 3],
    ["whole but for the last", 1999],
  ])("leave files and come back as f32 rows do, those of a file that are %s", async (_, odd) => {
    const [dim, many] = [300, 2000];
    const rows = wholeRows(new Random(seed), dim, many);
    if (odd >= 0) rows.values[odd * dim] = 1.5;
    const free = Uint32Array.of(2, 900, 901);
    const vectors = write(new FixedVectors(shape(dim), false), rows);
    const bytes = dumped(vectors, many, free);
    expect(bytes.length).toBe(many * dim * 4);
    const floats = new Float32Array(bytes.buffer);
    const expected = rows.values.slice();
    for (const row of free) expected.fill(0, row * dim, (row + 1) * dim);
    expect(floats).toEqual(expected);
    const back = new FixedVectors(shape(dim), false);
    await back.restore(many, free, supplyOf(bytes));
    expect(back.bytes < many * dim * 2).toBe(odd < 0);
    for (let row = 0; row < many; row += 11) {
      if (!free.includes(row)) expect(back.vector(row)).toEqual(vectors.vector(row));
    }
    const [mine, theirs] = [back, vectors].map((one) => {
      const all = candidates(many);
      one.nearest("cosine", slice(rows, 5, 6), all, 20, Number.POSITIVE_INFINITY);
      return Array.from(all.rows.subarray(0, all.count)).filter((row) => !free.includes(row));
    });
    expect(mine.slice(0, 17)).toEqual(theirs.slice(0, 17));
  });

  it("are refused from a file that holds what is no finite number", async () => {
    const [dim, many] = [64, 5000];
    const floats = wholeRows(new Random(seed), dim, many).values.slice();
    floats[4321 * dim + 5] = Number.NaN;
    const back = new FixedVectors(shape(dim), false);
    await expect(back.restore(many, new Uint32Array(0), supplyOf(new Uint8Array(floats.buffer)))).rejects.toThrow("row 4321");
  });
});
