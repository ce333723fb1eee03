import { describe, expect, it } from "vitest";
import type { Measured } from "../../src/results.js";
import { compare } from "../../src/sweep/baseline.js";
import { resultWith } from "./result.js";

const tolerance = { share: 0.01, time: 0.25 };
const higher = (value: number): Measured => ({ value, unit: "", better: "higher" });
const time = (value: number, low = value, high = value): Measured => ({ value, unit: "µs", low, high, better: "lower" });
const one = (measures: Record<string, Measured>, own = {}) => [resultWith({ measures, ...own })];

describe("Comparing with a baseline", () => {
  it("finds what got worse beyond the tolerance, in the direction of each measure", () => {
    const found = (before: Measured, now: Measured) => compare(one({ m: now }), one({ m: before }), tolerance).regressions.length;

    expect(found(higher(0.9), higher(0.88))).toBe(1);
    expect(found(higher(0.9), higher(0.895))).toBe(0);
    expect(found(higher(0.9), higher(1))).toBe(0);
    expect(found({ ...higher(10), better: "lower" }, { ...higher(11), better: "lower" })).toBe(1);
    expect(found({ ...higher(10), better: null }, { ...higher(50), better: null })).toBe(0);
    expect(found({ ...higher(0), better: "lower" }, { ...higher(0.1), better: "lower" })).toBe(1);
  });

  it("takes times for worse only beyond their own tolerance and where intervals are apart", () => {
    const found = (before: Measured, now: Measured) => compare(one({ m: now }), one({ m: before }), tolerance).regressions.length;

    expect(found(time(100), time(120))).toBe(0);
    expect(found(time(100, 90, 110), time(130, 105, 150))).toBe(0);
    expect(found(time(100, 90, 110), time(130, 120, 150))).toBe(1);
  });

  it("compares no times of different machines, and says so", () => {
    const other = { machine: { ...resultWith({}).machine, cpu: "another" } };
    const compared = compare(one({ t: time(500), r: higher(0.5) }, other), one({ t: time(100), r: higher(0.9) }), tolerance);

    expect(compared).toMatchObject({ times: false, regressions: [{ measure: "r" }] });
  });

  it("compares trials of equal key, the last of repetitions, and names those that were not run", () => {
    const now = [resultWith({ key: "a", measures: { r: higher(0.1) } }), resultWith({ key: "a", measures: { r: higher(0.9) } })];
    const baseline = [resultWith({ key: "a", measures: { r: higher(0.9) } }), resultWith({ key: "b" })];
    const compared = compare(now, baseline, tolerance);

    expect(compared).toMatchObject({ compared: 1, regressions: [] });
    expect(compared.missing.map(({ key }) => key)).toEqual(["b"]);
  });

  it("names what was measured then and is not now, times of another machine too, and not what is new", () => {
    const other = { machine: { ...resultWith({}).machine, cpu: "another" } };
    const compared = compare(
      one({ r: higher(0.9), n: higher(1) }),
      one({ r: higher(0.9), gone: higher(0.8), t: time(100) }, other),
      tolerance,
    );

    expect(compared).toMatchObject({ compared: 1, regressions: [], missing: [] });
    expect(compared.unmeasured.map(({ measure, before }) => [measure, before.value])).toEqual([
      ["gone", 0.8],
      ["t", 100],
    ]);
  });

  it("tells the worst first", () => {
    const compared = compare(one({ a: higher(0.8), b: higher(0.5) }), one({ a: higher(0.9), b: higher(0.9) }), tolerance);

    expect(compared.regressions.map(({ measure }) => measure)).toEqual(["b", "a"]);
  });
});
