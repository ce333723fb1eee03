import { Codes, Estimate, type Hash, type KeyDirectory, Keys, Probes, type Rows, rowAt, type Sketch } from "nearts";
import { pick } from "../data/pick.js";
import type { DataSet } from "../data.js";
import type { Curve, Histogram } from "../results.js";
import { countsOf } from "../sweep/histogram.js";
import { distanceNamed } from "./pairs.js";

const mostQueries = 60;
const mostPairs = 20_000;
const bucketsRead = 64;
const edges: readonly number[] = Array.from({ length: 41 }, (_, i) => -5 + i / 4);

/** How far estimates are off, in the standard deviations that they are said to have. */
export interface CodeErrors {
  readonly histogram: Histogram;
  /** How often an estimate is so many deviations too high, and how often a normal error would be. */
  readonly curve: Curve;
}

/**
 * What the codes in buckets estimate, against what is measured: for queries, and those of the given rows that lie in the first buckets these are sent to.
 * A row is lost where its estimate is more deviations too high than the search allows, which by theory happens with probability Φ(−deviations)
 * (Gao and Long 2024, section 3.3). Undefined where no such pair was met, or the codes are of another metric than the distance.
 */
export function codeErrors(sketch: Sketch, hash: Hash, directory: KeyDirectory, dataSet: DataSet, rows: Rows): CodeErrors | undefined {
  const distance = distanceNamed(dataSet.distance);
  if (distance.toRank === undefined || distance.metric !== sketch.metric) return undefined;
  const [keys, codes] = [new Keys(), new Codes(sketch.groups)];
  hash.keys(rows, keys);
  sketch.encode(rows, keys, codes);
  const buckets = entriesByBucket(keys);
  const errors: number[] = [];
  for (let q = 0; q < Math.min(mostQueries, dataSet.queries.count) && errors.length < mostPairs; q++) {
    const query = pick(dataSet.queries, [q]);
    const probes = new Probes();
    hash.probes(query, directory, Math.max(bucketsRead, hash.tables), probes);
    const estimate = new Estimate(sketch.groups);
    estimate.reserve(probes.count);
    sketch.estimate(query, probes, 0, estimate);
    for (let p = 0; p < probes.count; p++) {
      for (const e of buckets.get(bucketOf(probes, p)) ?? []) {
        const rank = distance.toRank(distance.between(rowAt(query, 0), rowAt(rows, keys.rows[e])));
        errors.push(errorOf(sketch, codes, e, estimate, p, rank));
      }
    }
  }
  const finite = errors.filter(Number.isFinite).sort((a, b) => a - b);
  return finite.length === 0 ? undefined : drawn(finite);
}

/** (estimate − truth)/deviation of entry `e` met by probe `p`; NaN where the code has no error at all. */
function errorOf({ metric, scale = 1 }: Sketch, codes: Codes, e: number, estimate: Estimate, p: number, rank: number): number {
  let sum = 0;
  for (let g = 0; g < codes.groups; g++) {
    const byte = codes.bytes[e * codes.bytesPerCode + (g >>> 1)];
    sum += estimate.table[16 * g + (g % 2 === 0 ? byte & 15 : byte >>> 4)];
  }
  const value = codes.add[e] + codes.scale[e] * (estimate.bias + estimate.step * sum) + estimate.centres[p];
  const deviation = codes.error[e] * estimate.spreads[p] + estimate.rounding;
  // Estimates for the cosine are of ‖x̂ − q̂‖² = 2 − 2 cos, its ranks are −cos.
  const [unit, offset] = metric === "cosine" ? [0.5 * scale, -1] : [scale, 0];
  return (unit * value + offset - rank) / (unit * deviation);
}

function drawn(errors: readonly number[]): CodeErrors {
  const points = Array.from({ length: 31 }, (_, i) => {
    const x = i / 10;
    return { x, y: errors.filter((error) => error > x).length / errors.length };
  });
  return {
    histogram: { title: "errors of estimates, in their deviations", unit: "", edges, counts: countsOf(errors, edges) },
    curve: {
      title: "Estimates over their bound",
      xLabel: "bound, in standard deviations",
      yLabel: "share of estimates too high by more",
      points,
      theory: points.map(({ x }) => ({ x, y: upperTail(x) })),
    },
  };
}

/** 1 − Φ(x) for x ≥ 0 (Abramowitz and Stegun 1964, 26.2.17), to 7.5e-8. */
function upperTail(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * series;
}

function entriesByBucket(keys: Keys): Map<string, number[]> {
  const buckets = new Map<string, number[]>();
  for (let e = 0; e < keys.count; e++) {
    const bucket = bucketOf(keys, e);
    const entries = buckets.get(bucket);
    if (entries === undefined) buckets.set(bucket, [e]);
    else entries.push(e);
  }
  return buckets;
}

function bucketOf({ tables, hi, lo }: Pick<Keys, "tables" | "hi" | "lo">, i: number): string {
  return `${tables[i]}/${hi[i]}/${lo[i]}`;
}
