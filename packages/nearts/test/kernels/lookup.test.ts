import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { createArena } from "../../src/kernels/arena.js";

const seed = 20_261_202;

/** Runs the same call on the same bytes in both builds and gives the bits at `out` of each. */
function bits(
  fill: (f32: Float32Array) => void,
  call: (arena: ReturnType<typeof createArena>) => void,
  out: number,
  words: number,
): number[][] {
  return (["simd", "reference"] as const).map((build) => {
    const arena = createArena(build);
    arena.ensure(out + words * 4 + 64);
    fill(arena.views().f32);
    call(arena);
    return Array.from(arena.views().u32.subarray(out >>> 2, (out >>> 2) + words));
  });
}

describe("tables of a query", () => {
  test.each([
    [1, 1],
    [1, 50],
    [2, 33],
    [4, 196],
    [4, 3],
  ])("of width %i and %i groups are those of the plain twin, bit for bit", (width, groups) => {
    const random = new Random(seed + groups);
    const values = Array.from({ length: groups * width * 17 }, () => (random.uniform() - 0.5) * 10 ** random.below(3));
    const books = groups * width * 4;
    const out = books * 17;
    const [simd, reference] = bits(
      (f32) => f32.set(values),
      ({ kernels }) => kernels.lookup(0, books, width, groups, -2.1, out),
      out,
      groups * 16,
    );
    expect(simd, `seed ${seed + groups}`).toEqual(reference);
    let product = 0;
    for (let i = 0; i < width; i++) product += values[i] * values[groups * width + i * 16 + 5];
    const entry = new Float32Array(new Uint32Array([simd[5]]).buffer)[0];
    expect(Math.abs(entry + 2.1 * product)).toBeLessThanOrEqual(1e-4);
  });

  test.each([
    [1, 255],
    [50, 255],
    [196, 255],
    [1030, 63],
    [64, 1],
  ])("of %i groups are rounded to %i levels as by the plain twin, each entry by half a step at most", (groups, levels) => {
    const random = new Random(seed + groups);
    const values = Array.from({ length: groups * 16 }, (_, e) => (random.uniform() - 0.3) * (1 + (e >> 4)));
    const table8 = groups * 64;
    const out = table8 + groups * 16;
    const [simd, reference] = bits(
      (f32) => f32.set(values),
      ({ kernels }) => kernels.quantise(0, groups, levels, table8, out),
      table8,
      groups * 4 + 2,
    );
    expect(simd, `seed ${seed + groups}`).toEqual(reference);
    const result = new Uint32Array(simd);
    const codes = new Uint8Array(result.buffer, 0, groups * 16);
    const [step, bias] = new Float32Array(result.buffer, groups * 16, 2);
    expect(Math.max(...codes)).toBe(levels);
    let sum = 0;
    for (let g = 0; g < groups; g++) {
      const group = values.slice(g * 16, g * 16 + 16);
      const least = Math.min(...group);
      sum += least;
      group.forEach((value, j) => {
        expect(Math.abs(least + step * codes[g * 16 + j] - value)).toBeLessThanOrEqual(step * 0.5001);
      });
    }
    expect(bias).toBeCloseTo(sum, 2);
  });

  test("without any range have a step of 1, and the tiniest range stays within the levels", () => {
    for (const [value, other] of [
      [0, 0],
      [-3, -3],
      [0, 1e-45],
      [0, 7e-44],
    ]) {
      const [simd, reference] = bits(
        (f32) => {
          f32.fill(value, 0, 32);
          f32[20] = other;
        },
        ({ kernels }) => kernels.quantise(0, 2, 17, 128, 160),
        128,
        10,
      );
      expect(simd).toEqual(reference);
      expect(Math.max(...new Uint8Array(new Uint32Array(simd).buffer, 0, 32))).toBeLessThanOrEqual(17);
      if (value === other) expect(new Float32Array(new Uint32Array(simd).buffer)[8]).toBe(1);
    }
  });

  test("round ties to the even level", () => {
    const levels = new Float32Array(16).map((_, j) => Math.min(j * 0.5, 6));
    const [simd, reference] = bits(
      (f32) => f32.set(levels),
      ({ kernels }) => kernels.quantise(0, 1, 6, 64, 80),
      64,
      4,
    );
    expect(simd).toEqual(reference);
    expect(Array.from(new Uint8Array(new Uint32Array(simd).buffer))).toEqual([0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6, 6, 6, 6]);
  });

  test.each([1, 4, 7, 1000])("gaps of %i products are those of the plain twin, bit for bit", (count) => {
    const random = new Random(seed + count);
    const values = Array.from({ length: count * 2 }, () => random.uniform() - 0.5);
    const [simd, reference] = bits(
      (f32) => f32.set(values),
      ({ kernels }) => kernels.gaps(0, count * 4, count, count * 8),
      count * 8,
      count,
    );
    expect(simd, `seed ${seed + count}`).toEqual(reference);
    expect(new Float32Array(new Uint32Array(simd).buffer)[0]).toBeCloseTo(values[count] - 2 * values[0], 5);
  });
});
