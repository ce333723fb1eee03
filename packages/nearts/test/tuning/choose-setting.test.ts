import { describe, expect, it } from "vitest";
import { chooseSetting, warningOf } from "../../src/choosing/choose-setting.js";
import type { Tried } from "../../src/choosing/hash-trial.js";

function setting(recall: number, candidates: number, cost = candidates): Tried {
  return { tables: 1, probes: 1, recall, error: 0.004, candidates, candidatesError: 2, cost };
}

const settings = [
  setting(0.6, 100),
  setting(0.9, 400),
  setting(0.91, 500),
  setting(0.92, 450, 900),
  setting(0.97, 900),
  setting(0.99, 3000),
];

describe("the choice of a setting", () => {
  it("is the cheapest that reaches the recall by a margin for chance", () => {
    // 0.9 alone is below it half of the time.
    expect(chooseSetting(settings, { recall: 0.9, candidates: undefined })).toBe(settings[2]);
    expect(chooseSetting(settings, { recall: 0.898, candidates: undefined })).toBe(settings[1]);
  });

  it("counts what probes cost, not only candidates", () => {
    const chosen = chooseSetting([setting(0.95, 300, 2000), setting(0.95, 500, 600)], { recall: 0.9, candidates: undefined });

    expect(chosen?.candidates).toBe(500);
  });

  it("is that of most recall within a budget of candidates, with the same margin", () => {
    expect(chooseSetting(settings, { recall: undefined, candidates: 901 })).toBe(settings[4]);
    expect(chooseSetting(settings, { recall: undefined, candidates: 900.5 })).toBe(settings[3]);
  });

  it("takes the cheaper of two whose recall a trial cannot tell apart", () => {
    const chosen = chooseSetting([setting(0.95, 480, 5000), setting(0.9495, 490, 600)], { recall: undefined, candidates: 500 });

    expect(chosen?.cost).toBe(600);
  });

  it("puts the recall first where the budget does not allow both, and warns", () => {
    const aims = { recall: 0.95, candidates: 600 };

    const chosen = chooseSetting(settings, aims);

    expect(chosen).toBe(settings[4]);
    expect(warningOf(settings[4], aims, 16)).toMatch(/recall 0\.95 takes about 900 candidates a query, over the budget of 600/);
  });

  it("meets both where a dearer setting does", () => {
    const both = [setting(0.95, 700, 750), setting(0.95, 450, 1200)];

    expect(chooseSetting(both, { recall: 0.9, candidates: 500 })).toBe(both[1]);
  });

  it("reaches as much as it can where nothing reaches the recall, within the budget, and warns", () => {
    const aims = { recall: 1, candidates: undefined };

    expect(chooseSetting(settings, aims)).toBe(settings[5]);
    expect(warningOf(settings[5], aims, 16)).toMatch(/0\.990 is the most that 16 tables reach: allow more tables/);
    expect(chooseSetting(settings, { recall: 1, candidates: 600 })).toBe(settings[3]);
  });

  it("reads as little as it can where nothing is within the budget, and warns", () => {
    const aims = { recall: undefined, candidates: 10 };

    expect(chooseSetting(settings, aims)).toBe(settings[0]);
    expect(warningOf(settings[0], aims, 16)).toMatch(/at least 100 candidates, over the budget of 10/);
  });

  it("has no warning where all is met, and is undefined among none", () => {
    expect(warningOf(settings[2], { recall: 0.9, candidates: 600 }, 16)).toBeUndefined();
    expect(chooseSetting([], { recall: 0.9, candidates: undefined })).toBeUndefined();
  });
});
