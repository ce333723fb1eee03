import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NearError } from "../../src/core/errors.js";
import { seedFrom } from "../../src/core/random.js";
import type { DenseRows, Rows, SparseRows } from "../../src/core/rows.js";
import type { KernelBuild } from "../../src/kernels/contract.js";
import { simdSupported } from "../../src/kernels/wasm.js";
import { normalAt } from "../../src/numeric/normal.js";
import { explicitPlanes, normalPlanes, type PlaneSource } from "../../src/numeric/plane-source.js";
import { Planes } from "../../src/numeric/planes.js";
import { normalRows, sparsed } from "../hashes/vectors.js";

const seed = 20_220_511;
const { fround } = Math;

function project(source: PlaneSource, kind: "dense" | "sparse", rows: Rows<"dense" | "sparse">, build?: KernelBuild): Float32Array {
  const shape = { kind, dim: rows.dim };
  const planes = new Planes(build === undefined ? { source, shape } : { source, shape, build });
  const out = new Float32Array(rows.count * source.planes);
  planes.project(rows, 0, rows.count, out);
  return out;
}

/** The bits of float32 values, so that NaN is equal to NaN and +0 is not −0. */
function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** The definition: four lanes by column mod 4, each in ascending order, closed in pairs. */
function definition(source: PlaneSource, rows: DenseRows): Float32Array {
  const m = source.planes;
  const column = new Float32Array(m);
  const lanes = new Float32Array(rows.count * m * 4);
  for (let i = 0; i < rows.dim; i++) {
    source.column(i, column, 0);
    for (let r = 0; r < rows.count; r++) {
      for (let p = 0; p < m; p++) lanes[(r * m + p) * 4 + (i % 4)] += fround(rows.values[r * rows.dim + i] * column[p]);
    }
  }
  return Float32Array.from({ length: rows.count * m }, (_, n) => {
    const [a, b, c, d] = lanes.subarray(n * 4, n * 4 + 4);
    return fround(a + b) + fround(c + d);
  });
}

/** Values of every size, zeros of both signs, numbers that underflow or overflow when multiplied. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0) },
  { weight: 1, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
);

const someRows = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 60, max: 70 })))
  .chain(([dim, count]) => {
    return fc.array(value, { minLength: 1, maxLength: 200 }).map(
      (some): DenseRows => ({
        kind: "dense",
        dim,
        count,
        values: Float32Array.from({ length: dim * count }, (_, i) => some[i % some.length]),
      }),
    );
  });

const someSource = (dim: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: 40 }).map((planes) => normalPlanes(seedFrom(planes), planes)),
    fc.tuple(fc.integer({ min: 1, max: 12 }), fc.array(value, { minLength: 1, maxLength: 50 })).map(([planes, some]) =>
      explicitPlanes(
        Float32Array.from({ length: planes * dim }, (_, i) => some[(i * 7) % some.length]),
        dim,
      ),
    ),
  );

const rowsAndSource = someRows.chain((rows) => fc.tuple(fc.constant(rows), someSource(rows.dim)));

describe("projections of dense rows", () => {
  it("are the defined sums bit for bit in the plain build, for random and for given planes", () => {
    fc.assert(
      fc.property(rowsAndSource, ([rows, source]) => {
        expect(bitsOf(project(source, "dense", rows, "reference"))).toEqual(bitsOf(definition(source, rows)));
      }),
      { seed, numRuns: 40 },
    );
  });

  it.skipIf(!simdSupported())("are the same bits in the SIMD build", () => {
    fc.assert(
      fc.property(rowsAndSource, ([rows, source]) => {
        // What a NaN's bits are is nobody's promise.
        const plain = project(source, "dense", rows, "reference").map((x) => (Number.isNaN(x) ? Number.NaN : x));
        const simd = project(source, "dense", rows, "simd").map((x) => (Number.isNaN(x) ? Number.NaN : x));
        expect(bitsOf(simd)).toEqual(bitsOf(plain));
      }),
      { seed, numRuns: 100 },
    );
  });

  it("do not depend on how the rows are divided into calls", () => {
    const rows = normalRows(150, 37, seed);
    const source = normalPlanes(seedFrom(seed), 11);
    const planes = new Planes({ source, shape: { kind: "dense", dim: 37 } });
    const whole = project(source, "dense", rows);
    const out = new Float32Array(11);
    for (let r = 0; r < rows.count; r++) {
      planes.project(rows, r, r + 1, out);
      expect(bitsOf(out)).toEqual(bitsOf(whole.subarray(r * 11, (r + 1) * 11)));
    }
  });

  it("refuse a matrix over 1 GiB with both values, before making it", () => {
    const make = () => new Planes({ source: normalPlanes(seedFrom(1), 1025), shape: { kind: "dense", dim: 262_144 } });
    expect(make).toThrow(NearError);
    expect(make).toThrow(
      expect.objectContaining({ code: "E_LIMIT", details: expect.objectContaining({ bytes: 1_074_790_400, limit: 2 ** 30 }) }),
    );
  });
});

describe("projections of sparse rows", () => {
  it("are those of the same dense rows bit for bit, whichever the planes were made for, with zeros of both signs given or not", () => {
    fc.assert(
      fc.property(rowsAndSource, fc.boolean(), ([rows, source], explicitZeros) => {
        const sparse = explicitZeros ? withZeros(rows) : sparsed(rows);
        const expected = bitsOf(project(source, "dense", rows, "reference").map((x) => (Number.isNaN(x) ? Number.NaN : x)));
        for (const kind of ["dense", "sparse"] as const) {
          for (const form of [rows, sparse]) {
            const found = project(source, kind, form, "reference").map((x) => (Number.isNaN(x) ? Number.NaN : x));
            expect(bitsOf(found), `planes for ${kind} rows, ${form.kind} rows`).toEqual(expected);
          }
        }
      }),
      { seed, numRuns: 60 },
    );
  });

  it("need no stored matrix at 1,000,000 dimensions, and far columns that share a place in the cache do not mix", () => {
    const before = process.memoryUsage().arrayBuffers;
    const planes = new Planes({ source: normalPlanes(seedFrom(seed), 100), shape: { kind: "sparse", dim: 1_000_000 } });
    const rows = scattered(20, 100, 1_000_000);
    const out = new Float32Array(20 * 100);
    planes.project(rows, 0, 20, out);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);

    for (let r = 0; r < 20; r += 7) expect(out[r * 100 + 42]).toBe(one(rows, r, 42));
    const again = new Float32Array(20 * 100);
    planes.project(rows, 0, 20, again);
    expect(again).toEqual(out);
  });

  it("reach the last index there is", () => {
    const dim = 2 ** 32 - 1;
    const rows: SparseRows = {
      kind: "sparse",
      dim,
      count: 1,
      offsets: Uint32Array.of(0, 3),
      indices: Uint32Array.of(0, 2 ** 31, dim - 1),
      values: Float32Array.of(1, -2, 0.5),
    };
    const out = project(normalPlanes(seedFrom(seed), 3), "sparse", rows);
    expect([...out]).toEqual([one(rows, 0, 0), one(rows, 0, 1), one(rows, 0, 2)]);
  });
});

describe("random planes", () => {
  it("begin with the same planes when there are more of them", () => {
    const rows = normalRows(3, 20, seed);
    const few = project(normalPlanes(seedFrom(5), 4), "dense", rows);
    const many = project(normalPlanes(seedFrom(5), 9), "dense", rows);
    for (let r = 0; r < 3; r++) expect(many.subarray(r * 9, r * 9 + 4)).toEqual(few.subarray(r * 4, r * 4 + 4));
  });
});

function withZeros({ dim, count, values }: DenseRows): SparseRows {
  const offsets = Uint32Array.from({ length: count + 1 }, (_, r) => r * dim);
  return { kind: "sparse", dim, count, offsets, indices: Uint32Array.from(values, (_, i) => i % dim), values };
}

/** Rows whose few values lie anywhere; some indices are a multiple of the cache's 41,943 places of 100 planes apart. */
function scattered(count: number, perRow: number, dim: number): SparseRows {
  const rows = Array.from({ length: count }, (_, r) => {
    const indices = Array.from({ length: perRow }, (_, e) => (e % 4 === 0 ? (e * 41_943 + r) % dim : (e * 7919 * (r + 1)) % dim));
    return [...new Set(indices)].sort((a, b) => a - b);
  });
  const offsets = Uint32Array.from([0, ...rows.map((_, r) => rows.slice(0, r + 1).flat().length)]);
  const indices = Uint32Array.from(rows.flat());
  return { kind: "sparse", dim, count, offsets, indices, values: Float32Array.from(indices, (i) => (i % 17) - 8.25) };
}

/** The definition for one sparse row and one plane of the seed. */
function one({ offsets, indices, values }: SparseRows, r: number, plane: number): number {
  const lanes = new Float32Array(4);
  for (let e = offsets[r]; e < offsets[r + 1]; e++)
    lanes[indices[e] % 4] += fround(values[e] * normalAt(seedFrom(seed), indices[e], plane));
  return fround(fround(lanes[0] + lanes[1]) + fround(lanes[2] + lanes[3]));
}
