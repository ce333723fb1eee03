import type { KeyDirectory } from "nearts";
import type { Curve, Histogram } from "../results.js";
import { histogramOf } from "../sweep/histogram.js";

const curvePoints = 50;

/** How the entries of an index lie in its buckets: how large these are, with their skew, and what share of all entries the largest of them hold. */
export function bucketSizes(
  directory: KeyDirectory,
  tables: number,
): { readonly histogram: Histogram | undefined; readonly curve: Curve | undefined } {
  const sizes: number[] = [];
  let skews = 0;
  for (let table = 0; table < tables; table++) {
    const own = sizesOf(directory, table);
    skews += skewOf(own);
    sizes.push(...own);
  }
  const title = `entries of a bucket, skew ${(skews / tables).toFixed(2)}`;
  return { histogram: histogramOf(title, "", sizes, true), curve: concentration(sizes) };
}

function sizesOf(directory: KeyDirectory, table: number): number[] {
  return Array.from({ length: directory.size(table) }, (_, i) => directory.countAt(table, i)).filter((size) => size > 0);
}

/** B·Σn²/(Σn)² (Jégou et al. 2011, section V): 1 when all buckets are equal; 1 of none. */
function skewOf(sizes: readonly number[]): number {
  const sum = sizes.reduce((total, size) => total + size, 0);
  const squares = sizes.reduce((total, size) => total + size * size, 0);
  return sum === 0 ? 1 : (sizes.length * squares) / (sum * sum);
}

/** The share of entries in the largest buckets, beside what buckets of one size would have (a Lorenz curve). */
function concentration(sizes: readonly number[]): Curve | undefined {
  if (sizes.length < 2) return undefined;
  const sorted = Float64Array.from(sizes).sort().reverse();
  const total = sorted.reduce((sum, size) => sum + size, 0);
  const points = [{ x: 0, y: 0 }];
  let sum = 0;
  for (let i = 0, shown = 1; i < sorted.length; i++) {
    sum += sorted[i];
    if ((i + 1) / sorted.length < shown / curvePoints) continue;
    points.push({ x: (i + 1) / sorted.length, y: sum / total });
    shown = Math.floor(((i + 1) / sorted.length) * curvePoints) + 1;
  }
  return {
    title: "Entries in the largest buckets",
    xLabel: "share of buckets, largest first",
    yLabel: "share of entries",
    points,
    theory: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  };
}
