import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { createArena } from "../../src/kernels/arena.js";
import type { Arena } from "../../src/kernels/contract.js";

const seed = 20_261_123;

/** The same numbers in an arena of each build. */
function arenas(values: Float64Array): readonly [Arena, Arena] {
  const [simd, plain] = (["simd", "reference"] as const).map((build) => {
    const arena = createArena(build);
    arena.ensure(1 << 20);
    arena.views().f64.set(values);
    return arena;
  });
  return [simd, plain];
}

const numbers = (count: number, from: number) => {
  const random = new Random(from);
  return Float64Array.from({ length: count }, () => random.uniform() - 0.5);
};
const f64Of = (arena: Arena, at: number, count: number) => [...arena.views().f64.subarray(at >>> 3, (at >>> 3) + count)];

describe("The kernels that make directions orthonormal", () => {
  it.each([
    [1, 4, 4],
    [19, 7, 24],
    [33, 16, 36],
  ])("turn %i rows of %i columns, of either width, and leave what is behind them", (rows, columns, length) => {
    const values = numbers(rows * columns, seed);
    const to = values.byteLength;
    for (const arena of arenas(values)) {
      const { kernels } = arena;
      const { f32, f64 } = arena.views();
      f64.fill(9, to >>> 3, (to >>> 3) + columns * length);
      kernels.transposeWide(0, rows, columns, to, length);
      const wide = Array.from({ length: columns * length }, (_, i) => {
        const [c, r] = [Math.floor(i / length), i % length];
        return r < rows ? values[r * columns + c] : 9;
      });
      expect([...f64.subarray(to >>> 3, (to >>> 3) + columns * length)]).toEqual(wide);

      f32.set(values);
      f32.fill(9, to >>> 2, (to >>> 2) + columns * length);
      kernels.transpose(0, rows, columns, to, length);
      expect([...f32.subarray(to >>> 2, (to >>> 2) + columns * length)]).toEqual(wide.map(Math.fround));
    }
  });

  it.each([1, 4, 6, 13])("multiply %i columns with one another as their twin, piece by piece too", (count) => {
    const [rows, apart] = [30, Math.ceil(count / 4) * 4];
    const values = numbers(rows * apart, seed + count);
    const out = values.byteLength;
    const [simd, plain] = arenas(values);
    for (let from = 0; from < count; from += 8) simd.kernels.gram(0, rows, apart, count, from, Math.min(count, from + 8), out);
    plain.kernels.gram(0, rows, apart, count, 0, count, out);
    expect(f64Of(simd, out, count * count), `seed ${seed + count}`).toEqual(f64Of(plain, out, count * count));

    const last = values.reduce((sum, value, i) => (i % apart === count - 1 ? sum + value * value : sum), 0);
    expect(f64Of(simd, out, count * count)[count * count - 1]).toBeCloseTo(last, 12);
  });

  it.each([1, 4, 5, 11])("solve for %i rows as their twin; rows without a diagonal become 0", (count) => {
    const stride = 12;
    const values = numbers(count * stride + count * count, seed + count);
    const factor = count * stride * 8;
    const diagonal = (m: number) => (m === 3 ? 0 : 1 + m / 10);
    for (let m = 0; m < count; m++) values[count * stride + m * count + m] = diagonal(m);
    const [simd, plain] = arenas(values);
    for (let from = 0; from < count; from += 4) simd.kernels.substitute(0, stride, factor, count, from, Math.min(count, from + 4));
    plain.kernels.substitute(0, stride, factor, count, 0, count);
    const solved = f64Of(simd, 0, count * stride);
    expect(solved, `seed ${seed + count}`).toEqual(f64Of(plain, 0, count * stride));

    // L Y = X, but for the row that was lost.
    for (let m = 0; m < count; m++) {
      for (let i = 0; i < stride; i++) {
        let sum = 0;
        for (let n = 0; n <= m; n++) sum += values[count * stride + m * count + n] * solved[n * stride + i];
        if (m === 3) expect(Math.abs(solved[m * stride + i])).toBe(0);
        else expect(sum).toBeCloseTo(values[m * stride + i], 12);
      }
    }
  });
});
