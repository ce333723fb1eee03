import { describe, expect, it } from "vitest";
import { Keys } from "../../src/core/columns.js";
import type { Hash } from "../../src/core/contracts.js";
import { RandomBinaryProjections } from "../../src/hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "../../src/hashes/random-discretized-projections.js";
import { binCollision, cumulativeNormal, planeCollision } from "../../src/numeric/collision.js";
import { quantileNormal } from "../../src/numeric/normal.js";

const tables = 1024;
const seeds = [11, 12, 13, 14];

describe("The collision laws of hashes", () => {
  it.each([0.02, 0.3, 1, Math.PI / 2, 3])("random planes share as many keys as theory says at an angle of %s", (angle) => {
    const law = planes(1).collision;
    const other = [Math.cos(angle), Math.sin(angle), 0, 0, 0];

    expect(law.distance).toBe("angular");
    expectShare(sharedBy(planes, [5, 0, 0, 0, 0], other), law.probability(angle));
  });

  it.each([0.01, 0.5, 2, 4, 20])("bins with offsets share as many keys as theory says at a distance of %s", (distance) => {
    const law = bins(1).collision;
    const [x, y] = [
      [3, -1, 0.5, 0, 2],
      [3, -1, 0.5, distance * 0.6, 2 - distance * 0.8],
    ];

    expect(law?.distance).toBe("euclidean");
    expectShare(sharedBy(bins, x, y), law?.probability(distance) ?? Number.NaN);
  });

  it("bins without offsets have none, as where two vectors lie matters too", () => {
    expect(new RandomDiscretizedProjections({ name: "rdp", projections: 2, binWidth: 1 }).collision).toBeUndefined();
  });

  it("begin at 1, never rise, and stay within 0 and 1", () => {
    for (const law of [(d: number) => planeCollision(d), (d: number) => binCollision(d, 0.7)]) {
      const values = Array.from({ length: 400 }, (_, i) => law(i * 0.01));
      expect(values[0]).toBe(1);
      for (let i = 1; i < values.length; i++) {
        expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
        expect(values[i]).toBeGreaterThanOrEqual(0);
      }
    }
    expect(binCollision(1e300, 1)).toBe(0);
  });

  it("rest on a normal distribution that is the inverse of its quantiles", () => {
    for (let i = 1; i < 1000; i++) expect(cumulativeNormal(quantileNormal(i / 1000))).toBeCloseTo(i / 1000, 14);
    expect([cumulativeNormal(-40), cumulativeNormal(0), cumulativeNormal(40)]).toEqual([0, 0.5, 1]);
  });
});

const planes = (seed: number) => new RandomBinaryProjections({ name: "rbp", projections: 2, tables, seed });
const bins = (seed: number) => new RandomDiscretizedProjections({ name: "rdp", projections: 2, binWidth: 4, offset: true, tables, seed });

/** The share of the tables of all seeds in which two vectors have the same key. */
function sharedBy(make: (seed: number) => Hash, x: readonly number[], y: readonly number[]): number {
  let shared = 0;
  for (const seed of seeds) {
    const hash = make(seed);
    hash.open({ kind: "dense", dim: x.length });
    const keys = new Keys();
    hash.keys({ kind: "dense", dim: x.length, count: 2, values: Float32Array.from([...x, ...y]) }, keys);
    for (let t = 0; t < tables; t++) if (keys.hi[t] === keys.hi[tables + t] && keys.lo[t] === keys.lo[tables + t]) shared++;
  }
  return shared / (tables * seeds.length);
}

/** Within four standard deviations: one right law in 16,000 trials would fail, and the seeds are fixed. */
function expectShare(share: number, probability: number): void {
  const deviation = Math.sqrt((probability * (1 - probability)) / (tables * seeds.length));
  expect(Math.abs(share - probability)).toBeLessThanOrEqual(4 * deviation + 1e-9);
}
