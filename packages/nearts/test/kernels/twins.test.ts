import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { bestBuild, createArena } from "../../src/kernels/arena.js";
import { type Arena, padded, smallestScratch } from "../../src/kernels/contract.js";

const seed = 20_261_122;

/** The same bytes in an arena of each build, and the same call on both. */
function twins(bytes: number, fill: (f32: Float32Array, u32: Uint32Array, u8: Uint8Array) => void): { simd: Arena; reference: Arena } {
  const simd = createArena("simd");
  const reference = createArena("reference");
  for (const arena of [simd, reference]) arena.ensure(bytes);
  const { f32, u32, u8 } = simd.views();
  fill(f32, u32, u8);
  reference.views().u8.set(u8.subarray(0, bytes));
  return { simd, reference };
}

function expectClose(simd: Arena, reference: Arena, at: number, count: number, scale: number): void {
  const [a, b] = [simd.views().f32, reference.views().f32];
  for (let i = at >>> 2; i < (at >>> 2) + count; i++)
    expect(Math.abs(a[i] - b[i]), `value ${i} of seed ${seed}`).toBeLessThanOrEqual(scale * 1e-5);
}

const dims = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 31, 100, 128, 255, 784];

describe("the SIMD build", () => {
  test("is what this machine runs", () => {
    expect(bestBuild()).toMatch(/simd$/);
  });

  test.each(dims)("projects rows of %i dimensions bit for bit as the plain twin does", (dim) => {
    const random = new Random(seed + dim);
    const stride = padded(dim);
    const [rows, planes] = [11, 19];
    const matrix = rows * stride * 4;
    const out = matrix + planes * stride * 4;
    const { simd, reference } = twins(out + rows * planes * 4, (f32) => {
      for (let r = 0; r < rows + planes; r++)
        for (let i = 0; i < dim; i++) f32[r * stride + i] = (random.uniform() - 0.5) * 10 ** (random.below(7) - 3);
    });
    for (const arena of [simd, reference]) arena.kernels.project(0, rows, matrix, planes, stride, out);
    const bits = (arena: Arena) => Array.from(arena.views().u32.subarray(out >>> 2, (out >>> 2) + rows * planes));
    expect(bits(simd)).toEqual(bits(reference));
  });

  test.each(dims)("ranks rows of %i dimensions as the plain twin does, by every metric, one query or four", (dim) => {
    const random = new Random(seed + dim);
    const stride = padded(dim);
    const [count, stored, queries] = [13, 9, 4];
    const at = { base: queries * stride * 4, rows: (queries + stored) * stride * 4, scale: 0, out: 0 };
    at.scale = at.rows + 64;
    at.out = at.scale + 64;
    const { simd, reference } = twins(at.out + 4 * 16 * 4, (f32, u32) => {
      for (let r = 0; r < queries + stored; r++) for (let i = 0; i < dim; i++) f32[r * stride + i] = random.uniform() - 0.5;
      for (let c = 0; c < count; c++) {
        u32[(at.rows >>> 2) + c] = random.below(stored);
        f32[(at.scale >>> 2) + c] = random.uniform();
      }
    });
    const both = (call: (arena: Arena) => void, values = count) => {
      for (const arena of [simd, reference]) call(arena);
      expectClose(simd, reference, at.out, values, dim);
    };
    both(({ kernels }) => kernels.squaredEuclidean(0, at.base, stride, at.rows, count, at.out));
    both(({ kernels }) => kernels.dot(0, at.base, stride, at.rows, at.scale, count, at.out));
    both(({ kernels }) => kernels.manhattan(0, at.base, stride, at.rows, count, at.out));
    both(({ kernels }) => kernels.squaredEuclideanMany(0, at.base, stride, at.rows, count, at.out, 16), 4 * 16);
    both(({ kernels }) => kernels.dotMany(0, at.base, stride, at.rows, at.scale, count, at.out, 16), 4 * 16);
  });

  /** A query, then stored rows, the last of zeros, and numbers of them, each at least once. */
  const besideQuery = (dim: number) => {
    const random = new Random(seed + dim);
    const stride = padded(dim);
    const [stored, count] = [5, 7];
    const rows = (1 + stored) * stride * 4;
    const out = rows + 32;
    const arenas = twins(out + count * 8, (f32, u32) => {
      for (let r = 0; r < stored; r++) for (let i = 0; i < dim; i++) f32[r * stride + i] = random.uniform() - 0.5;
      for (let c = 0; c < count; c++) u32[(rows >>> 2) + c] = c % stored;
    });
    return { ...arenas, stride, rows, out, stored, count };
  };

  test.each(dims)("squares differences of %i values in float64 as one by one, and as the plain twin does", (dim) => {
    const { simd, reference, stride, rows, out, count } = besideQuery(dim);
    for (const { kernels } of [simd, reference]) kernels.exactSquares(0, stride * 4, stride, rows, count, out);
    const squares = simd.views().f64.slice(out >>> 3, (out >>> 3) + count);
    for (let c = 0; c < count; c++) {
      expect(Math.abs(squares[c] - reference.views().f64[(out >>> 3) + c]), `seed ${seed}`).toBeLessThanOrEqual(dim * 1e-14);
      simd.kernels.exactSquares(0, stride * 4, stride, rows + c * 4, 1, out);
      expect(simd.views().f64[out >>> 3]).toBe(squares[c]);
    }
  });

  test.each(dims)("measures angles of %i values in float64 as the plain twin does, of zero vectors too", (dim) => {
    const { simd, reference, stride, rows, out, stored, count } = besideQuery(dim);
    const length = Math.sqrt(reference.kernels.exactDot(0, 0, stride));
    for (const known of [length, 0]) {
      for (const { kernels } of [simd, reference]) kernels.exactCosines(0, known, stride * 4, stride, rows, count, out);
      for (let c = 0; c < count; c++) {
        const got = simd.views().f64[(out >>> 3) + c];
        expect(Math.abs(got - reference.views().f64[(out >>> 3) + c]), `seed ${seed}`).toBeLessThanOrEqual(dim * 1e-14);
        if (known === 0 || c % stored === stored - 1) expect(got).toBe(1);
      }
    }
  });

  test.each([
    ["spread evenly", (random: Random) => random.uniform()],
    ["with a few far away", (random: Random) => (random.below(50) === 0 ? 1e9 : random.uniform())],
    ["mostly equal", (random: Random) => random.below(3)],
    ["all equal", () => -1],
    ["some infinite or none", (random: Random) => [0, 1, Number.NaN, Number.POSITIVE_INFINITY][random.below(4)]],
    ["none now and then", (random: Random) => (random.below(60) === 0 ? Number.NaN : random.uniform())],
    ["from all of float32", (random: Random) => (random.uniform() - 0.5) * 10 ** (random.below(70) - 35)],
  ] as const)("finds the smallest of values as the plain twin does: %s", (_, value) => {
    const random = new Random(seed);
    for (const count of [1, 5, 16, 100, 1000]) {
      for (const limit of [1, 7, 46, count - 1, count].filter((some) => some > 0 && some <= count)) {
        const [numbers, heap] = [4096, 8192];
        const scratch = heap + count * 8;
        const { simd, reference } = twins(scratch + smallestScratch(count), (f32, u32) => {
          for (let i = 0; i < count; i++) {
            f32[i] = value(random);
            u32[(numbers >>> 2) + i] = 3 * i;
          }
        });
        const held = [simd, reference].map(({ kernels }) => kernels.smallest(0, numbers, count, heap, limit, scratch));
        expect(held[0]).toBe(held[1]);
        for (const from of [heap, heap + limit * 4]) {
          const [a, b] = [simd, reference].map((arena) => [...arena.views().u32.subarray(from >>> 2, (from >>> 2) + held[0])]);
          expect(a, `${limit} of ${count}, seed ${seed}`).toEqual(b);
        }
      }
    }
  });

  test("gives equal rows equal ranks wherever they stand in a call", () => {
    const stride = 100;
    const random = new Random(seed);
    const { simd } = twins(stride * 4 * 2 + 2048, (f32, u32) => {
      for (let i = 0; i < 2 * stride; i++) f32[i] = random.uniform();
      u32.fill(0, 2 * stride, 2 * stride + 16);
    });
    const out = 2 * stride * 4 + 256;
    simd.kernels.squaredEuclidean(0, stride * 4, stride, 2 * stride * 4, 15, out);
    simd.kernels.squaredEuclideanMany(0, stride * 4, stride, 2 * stride * 4, 15, out + 64, 16);
    const ranks = simd.views().f32.subarray(out >>> 2, (out >>> 2) + 31);
    expect(new Set(ranks.subarray(0, 15)).size).toBe(1);
    expect(new Set(ranks.subarray(16, 31)).size).toBe(1);
  });

  test.each([1, 31, 32, 33, 128, 200, 1000])("counts differing bits of %i as the plain twin does", (bits) => {
    const random = new Random(seed + bits);
    const words = padded(Math.ceil(bits / 32));
    const { simd, reference } = twins(words * 4 * 6 + 256, (_, u32) => {
      for (let i = 0; i < words * 6; i++) u32[i] = random.uint32();
      for (let c = 0; c < 5; c++) u32[words * 6 + c] = c;
    });
    const out = words * 24 + 64;
    for (const { kernels } of [simd, reference]) kernels.hamming(0, words * 4, words, words * 24, 5, out);
    expectClose(simd, reference, out, 5, 0);
  });

  test("ranks sparse rows as the plain twin does, spread out or merged", () => {
    const random = new Random(seed);
    const dim = 64;
    const record = (n: number) => Array.from({ length: dim }, (_, i) => i).filter(() => random.uniform() < n);
    const query = record(0.3);
    const rows = [record(0), record(0.1), record(0.5), record(1)];
    const at = { dense: 0, qIndices: 256, qValues: 512, starts: 768, lengths: 800, out: 832, records: 896 };
    const { simd, reference } = twins(8192, (f32, u32) => {
      query.forEach((index, e) => {
        u32[(at.qIndices >>> 2) + e] = index;
        f32[(at.qValues >>> 2) + e] = f32[index] = random.uniform() - 0.5;
      });
      let next = at.records;
      rows.forEach((indices, r) => {
        u32[(at.starts >>> 2) + r] = next;
        u32[(at.lengths >>> 2) + r] = indices.length;
        indices.forEach((index, e) => {
          u32[(next >>> 2) + e] = index;
          f32[(next >>> 2) + indices.length + e] = random.uniform() - 0.5;
        });
        next += indices.length * 8;
      });
    });
    for (const metric of [0, 1, 2]) {
      const results = [simd, reference].flatMap((arena) => {
        const read = () => Array.from(arena.views().f64.subarray(at.out >>> 3, (at.out >>> 3) + rows.length));
        arena.kernels.sparseRank(metric, at.dense, at.starts, at.lengths, rows.length, at.out);
        const spread = read();
        arena.kernels.mergeRank(metric, at.qIndices, at.qValues, query.length, at.starts, at.lengths, rows.length, at.out);
        return [spread, read()];
      });
      for (const other of results.slice(1)) for (let i = 0; i < rows.length; i++) expect(other[i]).toBeCloseTo(results[0][i], 12);
    }
  });

  test("keeps the best pairs, ties by row, whatever order they come in", () => {
    const random = new Random(seed);
    const at = { ranks: 0, rows: 1024, heap: 2048 };
    const count = 200;
    const { simd, reference } = twins(4096, (f32, u32) => {
      const rows = random.permutation(count);
      for (let i = 0; i < count; i++) {
        f32[i] = i === 7 ? Number.NaN : random.below(12);
        u32[256 + i] = rows[i];
      }
    });
    for (const [limit, within] of [
      [1, 99],
      [10, 99],
      [10, 0],
      [64, 5],
      [250, 99],
    ] as const) {
      const kept = [simd, reference].map((arena) => {
        let held = 0;
        for (let from = 0; from < count; from += 50)
          held = arena.kernels.offer(at.ranks + from * 4, at.rows + from * 4, 50, at.heap, held, limit, within);
        arena.kernels.drain(at.heap, held, limit);
        const { f32, u32 } = arena.views();
        return Array.from({ length: held }, (_, i) => [f32[(at.heap >>> 2) + i], u32[(at.heap >>> 2) + limit + i]]);
      });
      const { f32, u32 } = reference.views();
      const all = Array.from({ length: count }, (_, i) => [f32[i], u32[256 + i]]).filter(([rank]) => rank <= within);
      all.sort(([a, r], [b, s]) => a - b || r - s);
      expect(kept[0]).toEqual(all.slice(0, limit));
      expect(kept[1]).toEqual(kept[0]);
    }
  });

  test("outlines rows and sums in float64 as the plain twin does", () => {
    const random = new Random(seed);
    const at = { query: 0, rows: 128, out: 256, records: 512 };
    const { simd, reference } = twins(4096, (f32, u32, u8) => {
      const query = new Int16Array(u8.buffer, at.query, 56);
      for (let i = 0; i < 56; i++) query[i] = random.below(65_536) - 32_768;
      for (let r = 0; r < 8; r++) {
        for (let i = 0; i < 56; i++) u8[at.records + r * 64 + i] = random.below(255) - 127;
        f32[(at.records >>> 2) + r * 16 + 14] = random.uniform();
        f32[(at.records >>> 2) + r * 16 + 15] = random.uniform();
        u32[(at.rows >>> 2) + r] = 7 - r;
      }
    });
    for (const { kernels } of [simd, reference]) kernels.outline(at.query, 1e-6, 0.5, 0.25, at.records, at.rows, 8, at.out);
    expectClose(simd, reference, at.out, 8, 100);
    const exact = [simd, reference].map(({ kernels }) => kernels.exactDot(0, 128, 32));
    expect(exact[0]).toBeCloseTo(exact[1], 10);
  });
});

describe("an arena", () => {
  test.each(["simd", "reference"] as const)(
    "of the %s build keeps its bytes when it grows, and refuses to grow beyond its limit",
    (build) => {
      const arena = createArena(build, 1 << 20);
      arena.views().u8.fill(7, 0, 100);
      arena.ensure(500_000);
      expect(arena.size).toBeGreaterThanOrEqual(500_000);
      expect(
        arena
          .views()
          .u8.subarray(0, 100)
          .every((byte) => byte === 7),
      ).toBe(true);
      expect(() => arena.ensure((1 << 20) + 1)).toThrow(/cannot hold/);
      expect(arena.views().u8[99]).toBe(7);
    },
  );
});
