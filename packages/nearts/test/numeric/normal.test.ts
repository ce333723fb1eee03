import { describe, expect, it } from "vitest";
import { derive, seedFrom } from "../../src/core/random.js";
import { fillNormal, normalAt, quantileNormal } from "../../src/numeric/normal.js";

/** A run of `count` entries of row `row` of the matrix of `seed`. */
function run(seed: number, row: number, count: number): Float32Array {
  const out = new Float32Array(count);
  fillNormal(seedFrom(seed), row, 0, count, out, 0);
  return out;
}

function mean(values: ArrayLike<number>, term: (value: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += term(values[i], i);
  return sum / values.length;
}

/** Φ(z) by the series of Marsaglia (2004), good to 1e-15 for |z| < 7. */
function cumulative(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; sum !== sum + term; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

describe("quantileNormal", () => {
  it("matches published quantiles to 15 digits, in the centre and far out", () => {
    // Computed to 40 digits with mpmath. The pairs about 0.075 and e⁻²⁵ lie on the two sides of the seams of the approximation.
    const known = [
      [0.25, -0.6744897501960817],
      [0.975, 1.959963984540054],
      [0.0749, -1.4402382675279637],
      [0.0751, -1.43882539275254],
      [0.001, -3.090232306167814],
      [1e-6, -4.753424308822899],
      [1e-10, -6.361340902404056],
      [1.3889e-11, -6.657893463812074],
      [1.3887e-11, -6.657914635462508],
      [1e-20, -9.262340089798409],
      [1e-300, -37.0470962993612],
    ];
    for (const [p, z] of known) expect(Math.abs(quantileNormal(p) / z - 1), `p = ${p}`).toBeLessThan(2e-15);
  });

  it("is the inverse of the cumulative distribution", () => {
    for (let i = 1; i < 1000; i++) expect(cumulative(quantileNormal(i / 1000))).toBeCloseTo(i / 1000, 14);
  });

  it("is odd about one half and answers the edges", () => {
    expect(quantileNormal(0.5)).toBe(0);
    expect(quantileNormal(0.125)).toBe(-quantileNormal(0.875));
    expect(quantileNormal(2 ** -20)).toBe(-quantileNormal(1 - 2 ** -20));
    expect([0, 1, -0.1, 1.1, NaN].map(quantileNormal)).toEqual([-Infinity, Infinity, NaN, NaN, NaN]);
  });
});

describe("normalAt", () => {
  it("gives the bits it always gave, on every runtime", () => {
    const places = [
      [1, 0, 0],
      [1, 0, 1],
      [1, 1, 0],
      [2, 0, 0],
      [-7, 4294967295, 4294967295],
      [1, 3, 999_999],
    ];
    const words = new Uint32Array(Float32Array.from(places, ([seed, row, column]) => normalAt(seedFrom(seed), row, column)).buffer);
    expect(Array.from(words, (word) => word.toString(16))).toMatchInlineSnapshot(`
      [
        "3d98cd6d",
        "bf8e078c",
        "bdc3c475",
        "be577e83",
        "bf3fe667",
        "3e7063ad",
      ]
    `);
    expect(checksum(run(1, 0, 100_000))).toMatchInlineSnapshot(`"33fb8ce7"`);
  });

  it("is what fillNormal writes, run by run, from any column to any other, and nothing outside the run", () => {
    const seed = seedFrom(3);
    for (const [from, to] of [
      [0, 1],
      [5, 5],
      [250, 263],
      [4_294_966_900, 4_294_967_296],
    ]) {
      const out = new Float32Array(to - from + 5).fill(9);
      fillNormal(seed, 11, from, to, out, 2);
      const expected = Array.from({ length: to - from }, (_, i) => normalAt(seed, 11, from + i));
      expect([...out]).toEqual([9, 9, ...expected, 9, 9, 9]);
    }
  });

  it("has the moments of a standard normal", () => {
    const values = run(4, 0, 400_000);
    const bound = (variance: number) => 5 * Math.sqrt(variance / values.length);
    expect(Math.abs(mean(values, (z) => z))).toBeLessThan(bound(1));
    expect(Math.abs(mean(values, (z) => z * z) - 1)).toBeLessThan(bound(2));
    expect(Math.abs(mean(values, (z) => z ** 3))).toBeLessThan(bound(15));
    expect(Math.abs(mean(values, (z) => z ** 4) - 3)).toBeLessThan(bound(96));
  });

  it("passes the test of Kolmogorov and Smirnov on 100,000 values along a row and down a column", () => {
    const seed = seedFrom(5);
    const column = Float32Array.from({ length: 100_000 }, (_, row) => normalAt(seed, row, 9));
    for (const values of [run(5, 0, 100_000), column]) {
      values.sort();
      let gap = 0;
      for (let i = 0; i < values.length; i++) {
        const p = cumulative(values[i]);
        gap = Math.max(gap, p - i / values.length, (i + 1) / values.length - p);
      }
      expect(gap * Math.sqrt(values.length)).toBeLessThan(2); // exceeded by chance once in 1,500 seeds
    }
  });

  it("has as many values beyond 3 and 4 as it should", () => {
    const values = run(6, 0, 400_000);
    for (const [edge, probability] of [
      [3, 2.699796e-3],
      [4, 6.334248e-5],
    ]) {
      const found = mean(values, (z) => (Math.abs(z) > edge ? 1 : 0)) * values.length;
      const expected = probability * values.length;
      expect(Math.abs(found - expected), `beyond ${edge}`).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it("is uncorrelated between neighbouring rows, columns, seeds and derived seeds, in value and in magnitude", () => {
    const n = 100_000;
    const seed = seedFrom(7);
    const first = run(7, 0, n);
    const shifted = new Float32Array(n);
    fillNormal(seed, 0, 1, n + 1, shifted, 0);
    const child = new Float32Array(n);
    fillNormal(derive(seed, 0), 0, 0, n, child, 0);
    const others = { row: run(7, 1, n), column: shifted, seed: run(8, 0, n), derived: child };
    for (const [name, other] of Object.entries(others)) {
      expect(Math.abs(mean(first, (z, i) => z * other[i])), name).toBeLessThan(5 / Math.sqrt(n));
      expect(Math.abs(mean(first, (z, i) => (z * z - 1) * (other[i] ** 2 - 1))), name).toBeLessThan(10 / Math.sqrt(n));
    }
  });
});

/** FNV-1a over the words of the values. */
function checksum(values: Float32Array): string {
  let hash = 0x811c9dc5;
  for (const word of new Uint32Array(values.buffer)) hash = Math.imul(hash ^ word, 0x01000193);
  return (hash >>> 0).toString(16);
}
