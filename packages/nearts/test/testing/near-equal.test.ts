import { describe, expect, it } from "vitest";
import { assertNearEqual, nearEqual, type Ranked } from "../../src/testing/index.js";

const tolerance = { relative: 1e-6, absolute: 0 };

function list(...pairs: readonly (readonly [string | number, number])[]): Ranked[] {
  return pairs.map(([id, distance]) => ({ id, distance }));
}

describe("nearEqual", () => {
  it("takes lists for equal that are, and those whose distances differ within the tolerance", () => {
    expect(nearEqual([], [])).toBe(true);
    expect(nearEqual(list(["a", 1], ["b", 2]), list(["a", 1], ["b", 2]))).toBe(true);
    expect(nearEqual(list(["a", 1.0000005], ["b", 2]), list(["a", 1], ["b", 2]), tolerance)).toBe(true);
    expect(nearEqual(list(["a", Number.POSITIVE_INFINITY]), list(["a", Number.POSITIVE_INFINITY]))).toBe(true);
    expect(nearEqual(list(["a", 1e-13]), list(["a", 0]))).toBe(true);
  });

  it("allows swaps among distances equal within the tolerance", () => {
    const expected = list(["a", 1], ["b", 1.0000001], ["c", 1.0000002], ["d", 5]);

    expect(nearEqual(list(["c", 1], ["a", 1.0000001], ["b", 1.0000002], ["d", 5]), expected, tolerance)).toBe(true);
    expect(nearEqual(list(["c", 1], ["a", 1.0000001], ["b", 1.0000002], ["d", 5]), expected, { relative: 1e-9, absolute: 0 })).toBe(false);
  });

  it("refuses a swap of neighbours at different distances, even if the distances stay in place", () => {
    expect(nearEqual(list(["b", 1], ["a", 2], ["c", 3]), list(["a", 1], ["b", 2], ["c", 3]), tolerance)).toBe(false);
    expect(nearEqual(list(["b", 1], ["c", 2]), list(["a", 1], ["c", 2]), tolerance)).toBe(false);
  });

  it("allows other neighbours among equals at the end of the list, where the cut falls, and nowhere else", () => {
    expect(nearEqual(list(["a", 1], ["x", 2]), list(["a", 1], ["y", 2]), tolerance)).toBe(true);
    expect(nearEqual(list(["a", 1], ["x", 2], ["z", 2.0000001]), list(["a", 1], ["y", 2], ["x", 2.0000001]), tolerance)).toBe(true);
    expect(nearEqual(list(["x", 1], ["b", 2]), list(["y", 1], ["b", 2]), tolerance)).toBe(false);
  });

  it("refuses lists of other lengths, other distances and NaN", () => {
    expect(nearEqual(list(["a", 1]), list(["a", 1], ["b", 2]))).toBe(false);
    expect(nearEqual(list(["a", 1], ["b", 2]), list(["a", 1]))).toBe(false);
    expect(nearEqual(list(["a", 1.001]), list(["a", 1]), tolerance)).toBe(false);
    expect(nearEqual(list(["a", Number.NaN]), list(["a", Number.NaN]))).toBe(false);
    expect(nearEqual(list(["a", Number.POSITIVE_INFINITY]), list(["a", 1e300]), { relative: 1e-6 })).toBe(false);
  });

  it("tells 7 from its text, and counts repeats", () => {
    expect(nearEqual(list([7, 1], ["b", 2]), list(["7", 1], ["b", 2]))).toBe(false);
    expect(nearEqual(list(["a", 1], ["a", 1], ["b", 2]), list(["a", 1], ["a", 1], ["b", 2]))).toBe(true);
    expect(nearEqual(list(["a", 1], ["a", 1], ["c", 2]), list(["a", 1], ["b", 1], ["c", 2]))).toBe(false);
  });
});

describe("assertNearEqual", () => {
  it("throws with the place, the neighbour and both values", () => {
    expect(() => assertNearEqual(list(["a", 1]), list(["a", 2]))).toThrow("distance at place 0: got 1, expected 2");
    expect(() => assertNearEqual(list(["a", 1]), [])).toThrow("number of neighbours: got 1, expected 0");
    expect(() => assertNearEqual(list(["b", 1], ["c", 2]), list(["a", 1], ["c", 2]))).toThrow(
      'neighbour found at place 0: "b" is not in the other list',
    );
  });

  it("returns where the lists are near equal", () => {
    expect(() => assertNearEqual(list(["a", 1]), list(["a", 1]))).not.toThrow();
  });
});
