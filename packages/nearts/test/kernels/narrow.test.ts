import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { bestBuild, createArena } from "../../src/kernels/arena.js";
import { NarrowMatrix, narrowStride } from "../../src/numeric/narrow-matrix.js";
import { planeMemory } from "../../src/numeric/plane-memory.js";

const seed = 20_261_122;

/** The same bytes in an arena of each build. */
function arenas(fill: (f32: Float32Array) => void) {
  return (["simd", "reference"] as const).map((build) => {
    const arena = createArena(build);
    arena.ensure(65_536);
    fill(arena.views().f32);
    return arena;
  });
}

describe("The kernels for queries in 16 bits", () => {
  it.each([8, 104, 784])("round, multiply, centre and compare as their twins (%i values)", (count) => {
    const random = new Random(seed + count);
    const values = Float32Array.from({ length: 2 * count }, () => (random.uniform() - 0.5) * 3);
    const [simd, plain] = arenas((f32) => f32.set(values));
    const bytes = count * 4;
    for (const { kernels } of [simd, plain]) {
      kernels.narrow(0, 2 * count, 1000.5, 4 * bytes);
      kernels.projectNarrow(4 * bytes, 4 * bytes, 2, count, 1e-7, 6 * bytes);
    }
    for (const unit of [0, 1]) {
      const [a, b] = [simd, plain].map(({ kernels }) => kernels.centre(0, bytes, count, unit, 2 * bytes));
      expect(a, `seed ${seed}`).toBe(b);
      expect([...simd.views().f32.subarray(2 * count, 3 * count)]).toEqual([...plain.views().f32.subarray(2 * count, 3 * count)]);
    }
    expect([...simd.views().u8.subarray(4 * bytes, 6 * bytes + 8)]).toEqual([...plain.views().u8.subarray(4 * bytes, 6 * bytes + 8)]);
    expect([simd, plain].map(({ kernels }) => kernels.same(0, bytes, count))).toEqual([0, 0]);
    expect([simd, plain].map(({ kernels }) => kernels.same(0, 0, count))).toEqual([1, 1]);
  });

  it.each([1, 2, 3, 7, 20])("multiply many queries by %i rows as their twin, and as one by one", (planes) => {
    const stride = 40;
    const random = new Random(seed + planes);
    const values = Float32Array.from({ length: 6000 }, () => (random.uniform() - 0.5) * 60_000);
    for (const count of [1, 3, 4, 9]) {
      const [matrix, scales, out] = [4096, 8192, 8448];
      const all = arenas((f32) => {
        const i16 = new Int16Array(f32.buffer);
        for (let i = 0; i < matrix / 2 + planes * stride; i++) i16[i] = values[i] / 8;
        f32.set([1e-7, 2e-7, 3e-7, 1, 5e-8, 6e-8, 7e-8, 8e-8, 9e-8].slice(0, count), scales >>> 2);
      });
      const products = (arena: (typeof all)[0]) => [...arena.views().f32.subarray(out >>> 2, (out >>> 2) + count * planes)];
      for (const { kernels } of all) kernels.projectManyNarrow(0, count, matrix, planes, stride, scales, out);
      const [simd, plain] = all.map(products);
      const [arena] = all;
      for (let r = 0; r < count; r++) {
        const scale = arena.views().f32[(scales >>> 2) + r];
        arena.kernels.projectNarrow(r * stride * 2, matrix, planes, stride, scale, out + r * planes * 4);
      }
      expect(simd, `seed ${seed}, ${count} queries`).toEqual(plain);
      expect(products(arena)).toEqual(simd);
    }
  });

  it("saturate what does not fit, and round halves to even", () => {
    const values = Float32Array.of(0.5, 1.5, -0.5, -2.5, 1e9, -1e9, Number.NaN, 32_767.4);
    const [simd, plain] = arenas((f32) => f32.set(values));
    for (const { kernels } of [simd, plain]) kernels.narrow(0, 8, 1, 64);
    const of = (arena: typeof simd) => [...new Int16Array(arena.views().u8.buffer, 64, 8)];
    expect(of(simd)).toEqual([0, 2, 0, -2, 32_767, -32_768, 0, 32_767]);
    expect(of(plain)).toEqual(of(simd));
  });
});

describe("A narrow matrix", () => {
  it.each([1, 3, 100, 784])("multiplies within a thousandth of the lengths, and never overflows (%i columns)", (columns) => {
    const random = new Random(seed + columns);
    const rows = 9;
    const values = Float32Array.from({ length: rows * columns }, (_, i) => (i < columns ? 1 : random.uniform() - 0.5));
    const matrix = new NarrowMatrix(values, columns);
    const memory = planeMemory(bestBuild());
    const stride = narrowStride(columns);
    const at = memory.allocate(stride * 4 + matrix.scratchBytes + rows * 4 + 64, matrix);
    const products = at + stride * 4 + matrix.scratchBytes;
    for (const scale of [1e-6, 1, 1e6]) {
      // Along the first row, where the sum is largest.
      const query = Float32Array.from({ length: columns }, (_, i) => scale * (1 + (i % 2) / 100));
      const { f32 } = memory.arena.views();
      f32.fill(0, at >>> 2, (at >>> 2) + stride);
      f32.set(query, at >>> 2);
      matrix.multiply(at, Math.hypot(...query), at + stride * 4, products);
      for (let r = 0; r < rows; r++) {
        const row = values.subarray(r * columns, (r + 1) * columns);
        const exact = row.reduce((sum, value, i) => sum + value * query[i], 0);
        const allowed = 1e-3 * Math.hypot(...query) * Math.sqrt(columns);
        expect(Math.abs(memory.arena.views().f32[(products >>> 2) + r] - exact), `row ${r}, seed ${seed}`).toBeLessThan(allowed);
      }
    }
  });
});
