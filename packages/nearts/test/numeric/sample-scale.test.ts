import { describe, expect, it } from "vitest";
import type { DenseRows } from "../../src/core/rows.js";
import { scaleOf } from "../../src/numeric/sample-scale.js";
import { runSteps } from "../../src/numeric/steps.js";

const [dim, count] = [3, 40];

/** Rows of these lengths, each along one axis. */
function rowsOf(lengthOf: (r: number) => number): DenseRows {
  const values = new Float32Array(count * dim);
  for (let r = 0; r < count; r++) values[r * dim + (r % dim)] = lengthOf(r);
  return { kind: "dense", dim, count, values };
}

describe("The scale of a sample", () => {
  it("is 1 for usual vectors, which are not copied", () => {
    const sample = rowsOf((r) => 1 + r);
    const { scale, rows } = runSteps(scaleOf(sample));

    expect(scale).toBe(1);
    expect(rows).toBe(sample);
  });

  it.each([1e-30, 1e30])("is a power of two that makes vectors of length %d usual", (length) => {
    const { scale } = runSteps(scaleOf(rowsOf(() => length)));

    expect(Number.isInteger(Math.log2(scale))).toBe(true);
    expect(scale * length).toBeGreaterThan(0.5);
    expect(scale * length).toBeLessThanOrEqual(2);
  });

  it("leaves out the few of quite another magnitude, and nothing else", () => {
    const sample = rowsOf((r) => (r === 0 || r === 17 || r === count - 1 ? 1e20 : 1));
    const { scale, rows } = runSteps(scaleOf(sample));
    const kept = Array.from({ length: count }, (_, r) => r).filter((r) => ![0, 17, count - 1].includes(r));

    expect(scale).toBe(1);
    expect(rows.count).toBe(count - 3);
    expect([...rows.values]).toEqual(kept.flatMap((r) => [...sample.values.subarray(r * dim, (r + 1) * dim)]));
  });
});
