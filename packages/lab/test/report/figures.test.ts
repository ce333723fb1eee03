import type { Result } from "nearts-lab";
import { describe, expect, it } from "vitest";
import { figuresOf } from "../../src/report/figures/figures.js";
import { recallAxis } from "../../src/report/figures/recall-axis.js";
import { frontOf, type Point } from "../../src/report/figures/scatter.js";
import { groupsOf } from "../../src/report/groups.js";
import { madeResult, madeResults } from "./results.js";

function figuresOfAll(results: readonly Result[]) {
  return figuresOf(groupsOf(results)[0]);
}

describe("the figures of a group", () => {
  it("are all that its measures, histograms and curves allow", () => {
    const { tradeOffs, sweeps, costs, distributions, curves } = figuresOfAll(madeResults(160));

    expect(tradeOffs.map(({ title }) => title)).toEqual([
      "Recall and queries per second",
      "Recall and candidates",
      "Distance ratio and queries per second",
      "Result size and queries per second",
    ]);
    expect(sweeps.map(({ title }) => title)).toContain("Distance ratio by probes");
    expect(sweeps.map(({ title }) => title)).toContain("Result size by bits");
    expect(costs).toHaveLength(2);
    expect([distributions.length, curves.length]).toEqual([10, 5]); // two histograms and a curve of each of five engines
  });

  it("draw a point for every result, with the result's number, and nothing that is not a number", () => {
    const results = madeResults(20);
    const { svg } = figuresOfAll(results).tradeOffs[0];

    const numbers = Array.from(svg.matchAll(/data-n="(\d+)"/g), ([, n]) => Number(n));
    expect(numbers.sort((a, b) => a - b)).toEqual(results.map((_, i) => i + 1));
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("say how many results an axis cannot show, and are left out where none is left", () => {
    const zero = { value: 0, unit: "1/s", better: "higher" } as const;
    const still = (n: number) => madeResult({ measures: { ...madeResult().measures, queriesPerSecond: zero } }, 1, 2, n);

    expect(figuresOfAll([madeResult(), still(1)]).tradeOffs[0].caption).toContain("1 of 2 results are 0");
    expect(figuresOfAll([still(1)]).tradeOffs.map(({ title }) => title)).toEqual(["Recall and candidates"]);
  });

  it("can be drawn of one result, of equal results, of no measures, of everything found and nothing found", () => {
    const found = (value: number) => madeResult({ measures: { ...madeResult().measures, recall: { value, unit: "", better: "higher" } } });
    for (const results of [
      [madeResult()],
      [madeResult(), madeResult()],
      [madeResult({ measures: {} })],
      [found(0), found(1)],
      [found(1)],
      [found(0)],
    ]) {
      const { tradeOffs, costs } = figuresOfAll(results);
      for (const { svg } of [...tradeOffs, ...costs]) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it("draw at most 24 distributions and say how many more there are", () => {
    const histogram = madeResult().histograms?.latency;
    if (histogram === undefined) throw new Error("the made-up results have latencies");
    const histograms = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`h${i}`, histogram]));
    const { distributions, left } = figuresOfAll([madeResult({ histograms, curves: {} })]);

    expect(distributions).toHaveLength(24);
    expect(left).toContain("6 more");
  });
});

describe("the recall axis", () => {
  it("puts 0.9, 0.99 and 0.999 at equal distances, and everything found at its end", () => {
    const { place, domain, ticks, format } = recallAxis([0.5, 1], 10_000);

    expect(place(0.99) - place(0.9)).toBeCloseTo(1, 9);
    expect(place(0.999) - place(0.99)).toBeCloseTo(1, 9);
    expect(place(1)).toBeCloseTo(Math.log10(20_000), 9);
    expect(domain[1]).toBeGreaterThan(place(1));
    expect(ticks.map(format)).toEqual(expect.arrayContaining(["0.5", "0.9", "0.99", "0.999", "1"]));
  });
});

describe("the front of a cloud of points", () => {
  it("is what no point beats both ways", () => {
    const points = [
      [1, 9],
      [2, 8],
      [2, 7],
      [3, 8.5],
      [4, 1],
      [3.5, 1],
    ].map(([x, y]): Point => ({ n: 0, series: "", x, y, xSpan: [x, x], ySpan: [y, y] }));
    const at = (front: readonly Point[]) => front.map(({ x, y }) => [x, y]);

    expect(at(frontOf(points, { x: 1, y: 1 }))).toEqual([[1, 9], [3, 8.5], [4, 1]]); // biome-ignore format: one line
    expect(at(frontOf(points, { x: 1, y: -1 }))).toEqual([[4, 1]]);
  });
});
