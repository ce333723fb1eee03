import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { createArena } from "../../src/kernels/arena.js";
import type { Arena } from "../../src/kernels/contract.js";

const seed = 20_261_122;

/** The same bytes in an arena of each build. */
function arenas(fill: (f32: Float32Array, u32: Uint32Array) => void): readonly [Arena, Arena] {
  const [simd, plain] = (["simd", "reference"] as const).map((build) => {
    const arena = createArena(build);
    arena.ensure(262_144);
    fill(arena.views().f32, arena.views().u32);
    return arena;
  });
  return [simd, plain];
}

const wordsOf = (arena: Arena, at: number, count: number) => Array.from(arena.views().u32.subarray(at >>> 2, (at >>> 2) + count));

describe("The kernels that assign rows to centroids", () => {
  it.each([1, 3, 4, 17, 490])("find the first of the nearest of %i as their twin and by the definition", (count) => {
    const random = new Random(seed + count);
    const rows = 5;
    const squares = rows * count * 4;
    const out = squares + count * 4;
    // Few different values, so that many gaps are equal.
    const values = Float32Array.from({ length: (rows + 1) * count }, () => random.below(6) - 2);
    const [simd, plain] = arenas((f32) => f32.set(values));
    for (const { kernels } of [simd, plain]) kernels.nearest(0, rows, squares, count, out, out + rows * 4);
    expect(wordsOf(simd, out, 2 * rows), `seed ${seed + count}`).toEqual(wordsOf(plain, out, 2 * rows));

    for (let r = 0; r < rows; r++) {
      const gaps = Array.from({ length: count }, (_, c) => values[rows * count + c] - 2 * values[r * count + c]);
      const least = Math.min(...gaps);
      expect([simd.views().u32[(out >>> 2) + r], simd.views().f32[(out >>> 2) + rows + r]]).toEqual([gaps.indexOf(least), least]);
    }
  });

  it.each([
    [4, 1],
    [8, 3],
    [100, 22],
    [128, 61],
    [784, 7],
  ])("find the same through 16 bits as by float32 alone, ties and rows of any length too (%i values, %i centroids)", (stride, count) => {
    const random = new Random(seed + stride);
    const rows = 23;
    const centroids = rows * stride * 4;
    const squares = centroids + count * stride * 4;
    const narrowed = squares + Math.ceil(count / 4) * 16;
    const scratch = narrowed + count * Math.ceil(stride / 8) * 16;
    const out = scratch + 16 * rows * Math.ceil(stride / 8) + (24 + Math.ceil((rows * count) / 4) * 4) * 4;
    const lengths = [1, 1, 1, 1, 1, 1, 1, 0, 1e-30, 1e-12, 1e12, 1e20, Number.POSITIVE_INFINITY, Number.NaN];
    for (const noise of [1, 1e-3, 1e-6, 0]) {
      // So near to each other that 16 bits, then float32, do not tell them apart; every fifth twice.
      const base = Float32Array.from({ length: stride }, () => random.uniform() - 0.5);
      const near = (c: number, i: number) => Math.fround(base[i] + noise * Math.fround(Math.sin(7 * c * stride + 3 * i)));
      const values = new Float32Array((rows + count) * stride);
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < stride; i++)
          values[r * stride + i] = (base[i] + noise * (random.uniform() - 0.5)) * lengths[r % lengths.length];
      }
      for (let c = 0; c < count; c++) for (let i = 0; i < stride; i++) values[(rows + c) * stride + i] = near(c % 5 === 4 ? c - 1 : c, i);
      const squareOf = (c: number) => values.subarray((rows + c) * stride, (rows + c + 1) * stride).reduce((sum, x) => sum + x * x, 0);
      const [simd, plain] = arenas((f32) => {
        f32.set(values);
        for (let c = 0; c < count; c++) f32[(squares >>> 2) + c] = squareOf(c);
      });
      const longest = Math.sqrt(Math.max(...Array.from({ length: count }, (_, c) => squareOf(c))));
      for (const known of [longest, Number.NaN]) {
        for (const { kernels } of [simd, plain]) {
          kernels.narrowRows(centroids, count, stride, known, narrowed);
          kernels.nearestRows(0, rows, stride, centroids, squares, count, narrowed, known, scratch, out, out + rows * 4);
        }
        expect(wordsOf(simd, narrowed, (count * Math.ceil(stride / 8) * 16) / 4)).toEqual(
          wordsOf(plain, narrowed, (count * Math.ceil(stride / 8) * 16) / 4),
        );
        expect(wordsOf(simd, out, 2 * rows), `noise ${noise}, longest ${known}, seed ${seed + stride}`).toEqual(
          wordsOf(plain, out, 2 * rows),
        );
      }
    }
  });

  it.each([4, 100])("add rows of %i values to the sums of their centroids as their twin", (stride) => {
    const random = new Random(seed + stride);
    const [rows, lists] = [20, 3];
    const chosen = rows * stride * 4;
    const sums = Math.ceil((chosen + rows * 4) / 16) * 16;
    const values = Float32Array.from({ length: rows * stride }, () => random.uniform() - 0.5);
    const centroidOf = Array.from({ length: rows }, () => random.below(lists));
    const [simd, plain] = arenas((f32, u32) => {
      f32.set(values);
      u32.set(centroidOf, chosen >>> 2);
    });
    for (const { kernels } of [simd, plain]) kernels.accumulate(0, rows, stride, chosen, sums);
    expect(wordsOf(simd, sums, 2 * lists * stride)).toEqual(wordsOf(plain, sums, 2 * lists * stride));

    const expected = values.reduce(
      (sum, value, i) => (centroidOf[Math.floor(i / stride)] === 1 && i % stride === 2 ? sum + value : sum),
      0,
    );
    expect(simd.views().f64[(sums >>> 3) + stride + 2]).toBeCloseTo(expected, 12);
  });

  it.each([4, 100, 784])("centre rows of %i values as their twin, of any length", (count) => {
    const random = new Random(seed + count);
    const lengths = [1, 0, 1e-30, 1e30];
    const origin = lengths.length * count * 4;
    const out = origin + count * 4;
    const squares = out + lengths.length * count * 4;
    const values = Float32Array.from({ length: origin / 4 }, (_, i) => (random.uniform() - 0.5) * lengths[Math.floor(i / count)]);
    const [simd, plain] = arenas((f32) => {
      f32.set(values);
      f32.fill(0.25, origin >>> 2, out >>> 2);
    });
    for (const scale of [1, 0.5, 0]) {
      for (const { kernels } of [simd, plain]) kernels.centreRows(0, lengths.length, count, origin, scale, out, squares);
      const words = (arena: Arena) => wordsOf(arena, out, lengths.length * (count + 1));
      expect(words(simd), `scale ${scale}, seed ${seed + count}`).toEqual(words(plain));
    }
    // All but the zero vector are of length 1 now, and as much of the origin is taken off each.
    const { f32 } = simd.views();
    for (const [r, length] of lengths.entries()) {
      let square = 0;
      for (let i = 0; i < count; i++) square += (f32[(out >>> 2) + r * count + i] + 0.25) ** 2;
      expect(square, `length ${length}`).toBeCloseTo(length === 0 ? 0 : 1, 5);
    }
  });
});
