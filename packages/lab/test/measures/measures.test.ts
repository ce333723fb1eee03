import { describe, expect, it } from "vitest";
import { Bootstrap } from "../../src/measures/bootstrap.js";
import type { Measure } from "../../src/measures/measure.js";
import { measureAll } from "../../src/measures/measure-all.js";
import type { Outcome } from "../../src/measures/outcome.js";
import { measures } from "../../src/measures/registry.js";

describe("Measures", () => {
  it("recall counts what is as near as the last wanted neighbour, whichever row it is, with ann-benchmarks' allowance of 0.001", () => {
    const truth = [[1, 2, 2]];
    expect(measured("recall", { k: 3, truth, found: [[1, 2, 2.0009]] })).toBe(1);
    expect(measured("recall", { k: 3, truth, found: [[1, 2, 2.0011]] })).toBeCloseTo(2 / 3, 12);
  });

  it("recall looks at the first k results, precision at all", () => {
    const outcome = { k: 2, truth: [[1, 2]], found: [[1, 2, 3, 4]] };
    expect(measured("recall", outcome)).toBe(1);
    expect(measured("precision", outcome)).toBe(0.5);
  });

  it("recall and precision of no results are 0", () => {
    const outcome = { k: 2, truth: [[1, 2]], found: [[]] };
    expect(measured("recall", outcome)).toBe(0);
    expect(measured("precision", outcome)).toBe(0);
  });

  it("recall is of as many as there are rows where these are fewer than k", () => {
    expect(measured("recall", { k: 10, truth: [[1, 2]], found: [[1, 2]] })).toBe(1);
  });

  it("ε-recall counts what is at most so many times as far, negative distances of inner products too", () => {
    const outcome = { k: 3, truth: [[1, 1, 10]], found: [[1, 10.09, 10.9]] };
    expect(measured("epsilonRecall1.01", outcome)).toBeCloseTo(2 / 3, 12);
    expect(measured("epsilonRecall1.1", outcome)).toBe(1);
    expect(measured("epsilonRecall1.1", { k: 1, truth: [[-10]], found: [[-9.1]] })).toBe(1);
    expect(measured("epsilonRecall1.1", { k: 1, truth: [[-10]], found: [[-8.9]] })).toBe(0);
  });

  it("the distance ratio is how far results lie outside the ball of the true neighbours, over all results", () => {
    expect(measured("distanceRatio", { k: 2, truth: [[1, 2]], found: [[1, 2]] })).toBe(0);
    expect(measured("distanceRatio", { k: 2, truth: [[1, 2]], found: [[1, 4, 6]] })).toBeCloseTo((0 + 1 + 2) / 3, 12);
  });

  it("the distance ratio leaves out queries without results, and those whose ball is a point that results are outside of", () => {
    const truth = [[1], [0], [0], [2]];
    expect(measured("distanceRatio", { k: 1, truth, found: [[], [0], [1], [3]] })).toBeCloseTo((0 + 0.5) / 2, 12);
    expect(measured("distanceRatio", { k: 1, truth: [[1]], found: [[]] })).toBeUndefined();
  });

  it("work, sizes and times are means over queries; queries a second and the time ratio follow from the mean time", () => {
    const outcome = { k: 1, truth: [[1], [1]], found: [[1], [1, 2]], micros: [100, 300], exactMicros: 1000 };
    expect(measured("resultSize", outcome)).toBe(1.5);
    expect(measured("queriesPerSecond", outcome)).toBeCloseTo(5000, 9);
    expect(measured("timeRatio", outcome)).toBeCloseTo(0.2, 12);
    expect(measured("candidates", outcome)).toBe(20.5);
    expect(measured("entries", outcome)).toBe(30.5);
    expect(measured("buckets", outcome)).toBe(4.5);
    expect(measured("buildSeconds", outcome)).toBe(2);
    expect(measured("bytes", outcome)).toBe(4096);
  });

  it("latencies are the times that so many percent of the queries take at most", () => {
    const micros = Array.from({ length: 100 }, (_, q) => 100 - q);
    const outcome = { k: 1, truth: micros.map(() => [1]), found: micros.map(() => [1]), micros };
    expect([measured("latencyP50", outcome), measured("latencyP95", outcome), measured("latencyP99", outcome)]).toEqual([50, 95, 99]);
  });

  it("have names of their own, a line about each, and bounds around their value", () => {
    const outcome = outcomeOf({ k: 1, truth: [[1], [2], [3]], found: [[1], [9], [3]], micros: [5, 50, 7] });
    const all = measureAll(measures, outcome, new Bootstrap(3, 1));

    expect(new Set(measures.map(({ name }) => name)).size).toBe(measures.length);
    expect(Object.keys(all)).toEqual(measures.map(({ name }) => name));
    for (const [name, { value, low = value, high = value }] of Object.entries(all)) {
      expect(low, name).toBeLessThanOrEqual(value);
      expect(high, name).toBeGreaterThanOrEqual(value);
    }
  });

  it("may be one's own: a value a query, or one for the whole trial", () => {
    const worst: Measure = {
      name: "farthest",
      about: "the farthest result",
      unit: "",
      better: "lower",
      whole: ({ answers }) => Math.max(...answers.distances),
    };
    const all = measureAll([worst], outcomeOf({ k: 1, truth: [[1]], found: [[1, 7]] }), new Bootstrap(1, 1));
    expect(all).toEqual({ farthest: { value: 7, unit: "", better: "lower" } });
  });
});

interface Sketched {
  readonly k: number;
  /** Distances of the true neighbours, and of what was found, by query. */
  readonly truth: readonly (readonly number[])[];
  readonly found: readonly (readonly number[])[];
  readonly micros?: readonly number[];
  readonly exactMicros?: number;
}

function outcomeOf({ k, truth, found, micros = found.map(() => 1), exactMicros = 1 }: Sketched): Outcome {
  const offsets = new Uint32Array(found.length + 1);
  for (const [q, one] of found.entries()) offsets[q + 1] = offsets[q] + one.length;
  const all = truth.flat();
  const column = (from: number) => Float64Array.from(found, (_, q) => from + q);
  return {
    k,
    queries: found.length,
    truth: { k: truth[0].length, rows: new Uint32Array(all.length), distances: Float64Array.from(all) },
    answers: { offsets, rows: new Uint32Array(offsets[found.length]), distances: Float64Array.from(found.flat()) },
    work: { buckets: column(4), entries: column(30), candidates: column(20) },
    micros: Float64Array.from(micros),
    exactMicros,
    buildSeconds: 2,
    bytes: 4096,
  };
}

function measured(name: string, sketched: Sketched): number | undefined {
  const outcome = outcomeOf(sketched);
  return measureAll(measures, outcome, new Bootstrap(outcome.queries, 1))[name]?.value;
}
