import { describe, expect, it } from "vitest";
import type { NearError } from "../../src/core/errors.js";
import { fromHalf, toHalf } from "../../src/core/half.js";
import { atPrecision, checkPrecision, codeOf, scaleOf } from "../../src/core/precision.js";
import { Random } from "../../src/core/random.js";
import type { DenseRows } from "../../src/core/rows.js";

const seed = 16;

/** A finite float32 of any magnitude. */
function anyFloat(random: Random): number {
  const value = new Float32Array(Uint32Array.of(random.uint32()).buffer)[0];
  return Number.isFinite(value) ? value : 0;
}

function dense(...vectors: readonly (readonly number[])[]): DenseRows {
  return { kind: "dense", dim: vectors[0].length, count: vectors.length, values: Float32Array.from(vectors.flat()) };
}

describe("halves", () => {
  it("have the values that IEEE 754 gives them", () => {
    const known = [
      [0x0000, 0],
      [0x8000, -0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65_504],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0x7e00, Number.NaN],
    ] as const;
    for (const [bits, value] of known) {
      expect(fromHalf(bits)).toBe(value);
      expect(toHalf(value)).toBe(bits);
    }
  });

  it("come back as the same bits from their values, all of them", () => {
    const changed = [];
    for (let bits = 0; bits < 65_536; bits++) {
      if ((bits & 0x7c00) !== 0x7c00 && toHalf(fromHalf(bits)) !== bits) changed.push(bits);
    }
    expect(changed).toEqual([]);
  });

  it(`are the nearest to a float32, the even one of two (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 20_000; i++) {
      const wide = i % 2 === 0 ? Math.abs(anyFloat(random)) : Math.fround(random.uniform() * 2 ** (random.below(45) - 26));
      // Every other one is in the middle of two halves.
      const low = toHalf(wide);
      const x = i % 4 < 2 || low >= 0x7bff ? wide : (fromHalf(low) + fromHalf(low + 1)) / 2;
      const bits = toHalf(x);
      if (bits === 0x7c00) {
        expect(x, `${x} overflows`).toBeGreaterThanOrEqual(65_520);
        continue;
      }
      for (const other of [bits - 1, bits + 1]) {
        if (other < 0 || other >= 0x7c00) continue;
        const [mine, its] = [Math.abs(fromHalf(bits) - x), Math.abs(fromHalf(other) - x)];
        expect(mine < its || (mine === its && bits % 2 === 0), `${x} became ${bits}, not ${other}`).toBe(true);
      }
      expect(toHalf(-x)).toBe(bits | 0x8000);
    }
    expect(toHalf(65_519.996)).toBe(0x7bff);
    expect(toHalf(65_520)).toBe(0x7c00);
  });
});

describe("codes of a byte", () => {
  it(`are off by half a scale at most, which is 1/127 of the largest value and little more (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 5000; i++) {
      const largest = Math.abs(anyFloat(random));
      const scale = scaleOf(largest);
      expect(Math.fround(scale)).toBe(scale);
      if (largest > 1e-30) expect(Math.abs(scale * 127 - largest), `of ${largest}`).toBeLessThanOrEqual(largest * 2 ** -15);
      const x = Math.fround(largest * (2 * random.uniform() - 1));
      expect(Math.abs(codeOf(x, scale) * scale - x), `${x} of ${largest}`).toBeLessThanOrEqual(scale * 0.5001);
      expect(Math.fround(127 * scale), `127 scales of ${largest}`).toBe(127 * scale);
    }
  });
});

describe("vectors at a precision", () => {
  it.each(["f16", "i8"] as const)("%s come back as the same vectors when stored again, whatever they were (seed 16)", (precision) => {
    const random = new Random(seed);
    for (let i = 0; i < 2000; i++) {
      const spread = 2 ** (random.below(250) - 140);
      const values = Float32Array.from({ length: 9 }, () => {
        const x = i % 3 === 0 ? anyFloat(random) : spread * (random.uniform() - 0.5);
        return precision === "f16" ? Math.max(-65_519, Math.min(65_519, x)) : x;
      });
      if (i % 5 === 0) values[3] = -0;
      const once = atPrecision({ kind: "dense", dim: 3, count: 3, values }, precision) as DenseRows; // dense rows stay dense
      expect(once.values.every(Number.isFinite), `finite from ${values.join()}`).toBe(true);
      expect((atPrecision(once, precision) as DenseRows).values, `again from ${values.join()}`).toEqual(once.values);
    }
  });

  it("are rounded in a copy, row by row; f32 are the rows themselves", () => {
    const rows = dense([1, -0.5, 1e-9], [254, 3, -2]);
    expect(atPrecision(rows, "f32")).toBe(rows);
    expect(atPrecision(rows, "i8")).toEqual(dense([127 * scaleOf(1), -63 * scaleOf(1), 0], [254, 4, -2]));
    expect(atPrecision(rows, "f16")).toEqual(dense([1, -0.5, 0], [254, 3, -2]));
    expect(rows).toEqual(dense([1, -0.5, 1e-9], [254, 3, -2]));
  });

  it("stay what they are when they are zero", () => {
    for (const precision of ["f16", "i8"] as const)
      expect(atPrecision(dense([0, 0], [127, 0]), precision)).toEqual(dense([0, 0], [127, 0]));
  });

  it("are refused where a half overflows, by row, position and value", () => {
    const refusal = catching(() => checkPrecision(dense([1, 2], [3, -65_520]), "f16", "vectors"));
    expect(refusal?.code).toBe("E_BAD_VECTOR");
    expect(refusal?.message).toContain("vectors, row 1, has -65520 at position 1");
    expect(refusal?.message).toContain('"i8"');
    expect(catching(() => checkPrecision(dense([65_519, -65_504]), "f16"))).toBeUndefined();
    for (const precision of ["f32", "i8"] as const) expect(catching(() => checkPrecision(dense([3e38, 1]), precision))).toBeUndefined();
  });
});

function catching(action: () => void): NearError | undefined {
  try {
    action();
  } catch (error) {
    return error as NearError; // whatever else it were, its code would not be the one expected
  }
  return undefined;
}
