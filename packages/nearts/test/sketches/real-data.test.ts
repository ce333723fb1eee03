import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Codes, Estimate } from "../../src/core/codes.js";
import { Keys, Probes } from "../../src/core/columns.js";
import type { Sketch } from "../../src/core/contracts.js";
import { type DenseRows, rowAt, slice } from "../../src/core/rows.js";
import { kMeans } from "../../src/numeric/k-means.js";
import { learnHead } from "../../src/numeric/learn-head.js";
import { runSteps } from "../../src/numeric/steps.js";
import { readAll } from "../../src/readers/index.js";
import { ProductCodes } from "../../src/sketches/product-codes.js";
import { RotatedCodes } from "../../src/sketches/rotated-codes.js";

const DATA = process.env["NEARTS_DATA"];
const SKIPPED = DATA ? "" : " (skipped: NEARTS_DATA names no folder of data sets)";
const [lists, stored, asked] = [24, 1500, 60];

/** Images: some to learn from, some to store, and queries; the anchors and the anchor of each. */
async function images() {
  const { rows } = await readAll(join(DATA ?? "", "fashion-mnist-784/t10k-images-idx3-ubyte.gz"), { limit: 6000 });
  if (rows.kind !== "dense") throw new Error("images are not dense");
  const part = (from: number, to: number) => slice<"dense">(rows, from, to);
  const sample = part(0, 3000);
  const values = kMeans(sample, { lists, spherical: false, seed: 1, rounds: 3 });
  const anchors: DenseRows = { kind: "dense", dim: rows.dim, count: lists, values };
  return { sample, anchors, stored: part(3000, 3000 + stored), queries: part(5000, 5000 + asked) };
}

function homesOf(rows: DenseRows, anchors: DenseRows): Uint32Array {
  return Uint32Array.from({ length: rows.count }, (_, r) => {
    const gaps = Array.from({ length: anchors.count }, (_anchor, a) => squaredDistance(rows, r, anchors, a));
    return gaps.indexOf(Math.min(...gaps));
  });
}

function squaredDistance(a: DenseRows, i: number, b: DenseRows, j: number): number {
  const [x, y] = [rowAt<"dense">(a, i), rowAt<"dense">(b, j)];
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return sum;
}

/** The share of lower bounds at 1.9 deviations over the truth: of all pairs, and of the ten nearest of each query. */
function ratesOf(sketch: Sketch, rows: DenseRows, homes: Uint32Array, queries: DenseRows): { readonly all: number; readonly near: number } {
  sketch.open({ kind: "dense", dim: rows.dim });
  const keys = new Keys();
  for (let r = 0; r < rows.count; r++) keys.add(r, 0, 0, homes[r]);
  const codes = new Codes(sketch.groups);
  sketch.encode(rows, keys, codes);
  const probes = new Probes();
  for (let a = 0; a < lists; a++) probes.add(0, 0, a, 0);
  const estimate = new Estimate(sketch.groups);
  const over = { all: 0, near: 0 };
  for (let q = 0; q < queries.count; q++) {
    sketch.estimate(slice<"dense">(queries, q, q + 1), probes, 0, estimate);
    const pairs = Array.from(homes, (home, e) => ({
      truth: squaredDistance(rows, e, queries, q),
      lower: lowerOf(codes, estimate, e, home),
    }));
    pairs.sort((a, b) => a.truth - b.truth);
    over.all += pairs.filter(({ truth, lower }) => lower > truth).length / (rows.count * queries.count);
    over.near += pairs.slice(0, 10).filter(({ truth, lower }) => lower > truth).length / (10 * queries.count);
  }
  return over;
}

function lowerOf(codes: Codes, estimate: Estimate, e: number, probe: number): number {
  let levels = 0;
  for (let g = 0; g < codes.groups; g++) {
    levels += estimate.table[g * 16 + ((codes.bytes[e * codes.bytesPerCode + (g >>> 1)] >>> ((g & 1) * 4)) & 15)];
  }
  const rank = codes.add[e] + codes.scale[e] * (estimate.step * levels + estimate.bias) + estimate.centres[probe];
  return rank - 1.9 * Math.hypot(codes.error[e] * estimate.spreads[probe], estimate.rounding);
}

describe(`on fashion-mnist${SKIPPED}`, { skip: !DATA }, () => {
  it("of lower bounds at 1.9 deviations about one in 35 exceeds the truth, as of a normal distribution, for every number of bits", async () => {
    const { anchors, stored: rows, queries } = await images();
    const homes = homesOf(rows, anchors);
    for (const bits of [1, 2, 4] as const) {
      const { all, near } = ratesOf(new RotatedCodes({ metric: "squaredEuclidean", bits, seed: 3, anchors }), rows, homes, queries);

      expect(all, `${bits} bits, all pairs`).toBeGreaterThan(0.008);
      expect(all, `${bits} bits, all pairs`).toBeLessThan(0.06);
      expect(near, `${bits} bits, neighbours`).toBeLessThan(0.06);
    }
  });

  it("learned codes of a head exceed no more often, and for neighbours not never", async () => {
    const { sample, anchors, stored: rows, queries } = await images();
    const homes = homesOf(rows, anchors);
    const { head } = runSteps(learnHead(sample, false));
    const training = { rows: sample, anchors: homesOf(sample, anchors) };
    for (const width of [1, 2, 4] as const) {
      const { all, near } = ratesOf(new ProductCodes({ metric: "squaredEuclidean", width, head, anchors, training }), rows, homes, queries);

      expect(all, `width ${width}, all pairs`).toBeLessThan(0.06);
      expect(near, `width ${width}, neighbours`).toBeLessThan(0.06);
      // With a value a group hardly any error is left but the head's tail, which between neighbours is less than its bound.
      if (width > 1) expect(near, `width ${width}, neighbours`).toBeGreaterThan(0.001);
    }
  });
});
