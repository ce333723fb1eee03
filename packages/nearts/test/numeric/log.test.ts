import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { naturalLog } from "../../src/numeric/log.js";

describe("naturalLog", () => {
  it("agrees with Math.log to a few units in the last place over the whole range", () => {
    const random = new Random("naturalLog 1");
    for (let i = 0; i < 20_000; i++) {
      const x = (1 + random.uniform()) * 2 ** (random.below(2096) - 1073);
      const expected = Math.log(x);
      expect(Math.abs(naturalLog(x) - expected), `x = ${x}`).toBeLessThanOrEqual(1e-15 * Math.abs(expected));
    }
  });

  it("keeps its relative accuracy next to 1, where the logarithm goes to 0", () => {
    const random = new Random("naturalLog 2");
    for (let i = 0; i < 5_000; i++) {
      const x = 1 + (random.uniform() - 0.5) * 2 ** -random.below(52);
      const expected = Math.log(x);
      expect(Math.abs(naturalLog(x) - expected), `x = ${x}`).toBeLessThanOrEqual(1e-15 * Math.abs(expected));
    }
  });

  it("gives the bits it always gave", () => {
    expect(naturalLog(2)).toBe(Math.LN2);
    expect([0.1, 3, 1e-300, 5e-324, 1.7976931348623157e308].map(naturalLog)).toMatchInlineSnapshot(`
      [
        -2.3025850929940455,
        1.0986122886681098,
        -690.7755278982137,
        -744.4400719213812,
        709.782712893384,
      ]
    `);
  });

  it("answers the edges as Math.log does", () => {
    for (const x of [1, 0, -0, -1, NaN, Infinity, -Infinity]) expect(naturalLog(x)).toBe(Math.log(x));
  });
});
