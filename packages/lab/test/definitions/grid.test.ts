import { describe, expect, it } from "vitest";
import { pointCount, pointsOf } from "../../src/definitions/grid.js";

describe("Grids", () => {
  it("are every combination of their alternatives, the last changing fastest", () => {
    const grid = { bits: [8, 10], tables: 4, probes: [1, 2] };

    expect(pointsOf(grid)).toEqual([
      { bits: 8, tables: 4, probes: 1 },
      { bits: 8, tables: 4, probes: 2 },
      { bits: 10, tables: 4, probes: 1 },
      { bits: 10, tables: 4, probes: 2 },
    ]);
    expect(pointCount(grid)).toBe(4);
  });

  it("of nothing have one point, and of no alternatives none", () => {
    expect(pointsOf({})).toEqual([{}]);
    expect(pointsOf({ bits: [] })).toEqual([]);
  });

  it("reach into objects, and take a list in a list as one value", () => {
    const grid = { child: { hash: "planes", bits: [1, 2] }, list: [[3, 4]] };

    expect(pointsOf(grid)).toEqual([
      { child: { hash: "planes", bits: 1 }, list: [3, 4] },
      { child: { hash: "planes", bits: 2 }, list: [3, 4] },
    ]);
    expect(pointCount(grid)).toBe(2);
  });
});
