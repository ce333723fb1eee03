import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDataSet } from "../../src/data/open-data-set.js";
import type { SyntheticSpec } from "../../src/data/spec.js";
import type { Build } from "../../src/definitions/definition.js";
import type { Point } from "../../src/definitions/grid.js";
import { builtinMaker } from "../../src/definitions/hash-makers.js";
import { type Diagnosis, diagnose } from "../../src/diagnostics/diagnose.js";
import { SomePairs } from "../../src/diagnostics/pairs.js";
import type { Curve } from "../../src/results.js";
import { buildEngine } from "../../src/sweep/build.js";
import { exactTruth } from "../../src/truth/exact-truth.js";
import { freshFolder } from "../folder.js";

const spec: SyntheticSpec = { generate: "planted", rows: 1500, queries: 40, dim: 24, seed: 9, closeness: 0.6 };

describe("A diagnosis", () => {
  it("finds the collisions of random planes where theory has them", async () => {
    const { curves } = await diagnosed("RandomBinaryProjections", { projections: 2, tables: 200 }, { distance: "cosine" });

    expect(curves["collisions"].xLabel).toBe("angular distance");
    expectOnTheory(curves["collisions"], (angle) => (1 - angle / Math.PI) ** 2);
  });

  it("finds the collisions of bins with offsets where theory has them", async () => {
    const { curves } = await diagnosed("RandomDiscretizedProjections", { projections: 1, binWidth: 6, tables: 300, offset: true });
    const { theory, points } = curves["collisions"];

    expect(curves["collisions"].xLabel).toBe("euclidean distance");
    expect(theory?.[0].y).toBe(1);
    for (const { x, y } of points) expect(Math.abs(y - interpolated(theory ?? [], x))).toBeLessThan(0.05);
  });

  it("sees that the nearer are more likely to meet in learned lists, of which there is no theory", async () => {
    const { curves } = await diagnosed("KMeansHash", { lists: 12 });
    const { points, theory } = curves["collisions"];

    expect(theory).toBeUndefined();
    expect(points[0].y).toBeGreaterThan(points[points.length - 1].y);
  });

  it("counts every entry in its bucket, and says how uneven buckets are", async () => {
    const { histograms, curves } = await diagnosed("RandomBinaryProjections", { projections: 5, tables: 3 });
    const { counts, edges, title } = histograms["bucketSizes"];
    const { points } = curves["bucketShares"];

    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3 * 32);
    expect(edges[edges.length - 1]).toBeGreaterThan(1500 / 32);
    expect(title).toMatch(/skew 1\.\d\d/);
    expect(points[points.length - 1]).toEqual({ x: 1, y: 1 });
    for (const { x, y } of points) expect(y).toBeGreaterThanOrEqual(x - 1e-12);
  });

  it("sees that bits of planes are balanced and independent on vectors around the origin, and those of far-off ones are not", async () => {
    const { histograms } = await diagnosed("RandomBinaryProjections", { projections: 12, tables: 4 });
    const far = await diagnosed("RandomBinaryProjections", { projections: 12, tables: 4 }, { generate: "skewed" });

    expect(total(histograms["bitBalance"])).toBe(48);
    expect(total(histograms["bitCorrelation"])).toBe((4 * 12 * 11) / 2);
    expect(shareWithin(histograms["bitBalance"], 0.4, 0.6)).toBe(1);
    expect(shareWithin(histograms["bitCorrelation"], -0.7, 0.7)).toBe(1);
    expect(far.histograms["bitBalance"]).toBeDefined();
    const { histograms: bins } = await diagnosed("RandomDiscretizedProjections", { projections: 3, binWidth: 1, tables: 2 });
    expect(bins["bitBalance"]).toBeUndefined();
  });

  it("tells how many buckets find how many neighbours: more find more, and as many as there are find all", async () => {
    const { curves } = await diagnosed("RandomBinaryProjections", { projections: 4, tables: 1 });
    const { points } = curves["probesNeeded"];

    expect(points[0].x).toBe(1);
    for (const [i, { y }] of points.entries()) if (i > 0) expect(y).toBeGreaterThanOrEqual(points[i - 1].y);
    expect(points[points.length - 1]).toEqual({ x: 16, y: 1 });
  });

  it("finds the errors of codes within their bound", async () => {
    for (const distance of ["euclidean", "cosine"] as const) {
      const { curves, histograms } = await diagnosed("KMeansHash", { lists: 12 }, { distance, dim: 64 }, { codes: 1 });
      const { points, theory } = curves["codeBound"];

      expect(total(histograms["codeErrors"])).toBeGreaterThan(1000);
      expect(shareWithin(histograms["codeErrors"], -3, 3)).toBeGreaterThan(0.98);
      for (const [i, { x, y }] of points.entries()) expect(y, `over ${x} deviations`).toBeLessThan((theory?.[i].y ?? 0) + 0.05);
      expect(theory?.[19].y).toBeCloseTo(0.0287, 4);
    }
  });

  it("looks into what the default engine has learned", async () => {
    const { curves, histograms } = await diagnosed(undefined, {}, { rows: 3000, distance: "cosine" }, { recall: 0.9 });

    expect(Object.keys(curves)).toEqual(["collisions", "bucketShares", "probesNeeded", "codeBound"]);
    expect(total(histograms["codeErrors"])).toBeGreaterThan(1000);
  });

  it("has nothing to say of an exact search but that all is in one bucket", async () => {
    const { curves, histograms } = await diagnosed("UniBucket", {});

    expect(curves["collisions"].points.every(({ y }) => y === 1)).toBe(true);
    expect(histograms["bucketSizes"].counts).toEqual([1]);
  });
});

async function diagnosed(
  hash: string | undefined,
  point: Point,
  own: Partial<SyntheticSpec> = {},
  options: Partial<Build> = {},
): Promise<Diagnosis> {
  const given = { ...spec, ...own };
  const dataSet = await openDataSet(given.generate === "planted" ? given : { ...given, closeness: undefined });
  const maker = hash === undefined ? undefined : builtinMaker(hash);
  const build: Build = {
    engine: "e",
    parameters: point,
    ...(maker === undefined ? {} : { hash: () => maker.make({ name: "h", seed: 3, ...point }) }),
    diagnose: true,
    ways: [{}],
    ...options,
  };
  const truth = await exactTruth(dataSet, { k: 10, cache: join(await freshFolder(), "truth") });
  const built = await buildEngine(build, dataSet, { k: 10 });
  const diagnosis = await diagnose({ built, dataSet, truth, pairs: new SomePairs(dataSet, truth, 1) });
  await built.engine.close();
  return diagnosis;
}

/** Within four standard deviations of means over pairs, and what the tables that all pairs share may be off together. */
function expectOnTheory({ points, theory }: Curve, law: (x: number) => number): void {
  expect(theory?.every(({ x, y }) => Math.abs(y - law(x)) < 1e-12)).toBe(true);
  expect(points.length).toBeGreaterThan(5);
  for (const { x, y, low = y, high = y } of points) expect(Math.abs(y - law(x))).toBeLessThan(2 * (high - low) + 0.03);
}

function interpolated(points: readonly { readonly x: number; readonly y: number }[], x: number): number {
  const at = points.findIndex((point) => point.x >= x);
  if (at <= 0) return points[Math.max(0, at)].y;
  const [a, b] = [points[at - 1], points[at]];
  return a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
}

function total({ counts }: { readonly counts: readonly number[] }): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function shareWithin(
  histogram: { readonly edges: readonly number[]; readonly counts: readonly number[] },
  low: number,
  high: number,
): number {
  const { edges, counts } = histogram;
  const inside = counts.filter((_, i) => edges[i] >= low - 1e-9 && edges[i + 1] <= high + 1e-9);
  return total({ counts: inside }) / total(histogram);
}
