import { Random } from "nearts";
import { describe, expect, it } from "vitest";
import { Bootstrap } from "../../src/measures/bootstrap.js";

const seed = 20_261_123;

describe("Bootstrap", () => {
  it("gives intervals that hold the true mean 19 times in 20, about", () => {
    const random = new Random(seed);
    const bootstrap = new Bootstrap(120, seed);
    const rounds = 400;
    let held = 0;
    for (let round = 0; round < rounds; round++) {
      const interval = bootstrap.mean(Float64Array.from({ length: 120 }, () => random.uniform() ** 2));
      if (interval !== undefined && interval.low <= 1 / 3 && 1 / 3 <= interval.high) held++;
    }
    // All rounds share their resamples, so a share off by more than chance is possible; 0.88 to 0.99 is not far off.
    expect(held / rounds).toBeGreaterThan(0.88);
    expect(held / rounds).toBeLessThan(0.99);
  });

  it("gives the same interval for the same seed, another for another", () => {
    const values = Float64Array.from({ length: 50 }, (_, i) => Math.sqrt(i));

    expect(new Bootstrap(50, 3).mean(values)).toEqual(new Bootstrap(50, 3).mean(values));
    expect(new Bootstrap(50, 4).mean(values)).not.toEqual(new Bootstrap(50, 3).mean(values));
  });

  it("takes quantiles as the least value that so many values are at most", () => {
    const bootstrap = new Bootstrap(5, seed);
    const values = Float64Array.from([5, 1, 4, 2, 3]);

    expect(bootstrap.quantile(values, 0.5)?.value).toBe(3);
    expect(bootstrap.quantile(values, 0.2)?.value).toBe(1);
    expect(bootstrap.quantile(values, 1)?.value).toBe(5);
  });

  it("leaves out what is not a number, and has nothing to say where all are", () => {
    const bootstrap = new Bootstrap(4, seed);

    expect(bootstrap.mean(Float64Array.from([1, Number.NaN, 3, Number.NaN]))?.value).toBe(2);
    expect(bootstrap.quantile(Float64Array.from([1, Number.NaN, 3, 7]), 0.5)?.value).toBe(3);
    expect(bootstrap.mean(new Float64Array(4).fill(Number.NaN))).toBeUndefined();
    expect(bootstrap.quantile(new Float64Array(4).fill(Number.NaN), 0.5)).toBeUndefined();
  });

  it("has an interval of no width for one query", () => {
    expect(new Bootstrap(1, seed).mean(Float64Array.of(4))).toEqual({ value: 4, low: 4, high: 4 });
  });
});
