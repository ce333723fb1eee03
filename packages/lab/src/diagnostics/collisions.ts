import type { Collision, Hash } from "nearts";
import type { Curve } from "../results.js";
import type { SomePairs } from "./pairs.js";
import { RowKeys } from "./row-keys.js";

const bins = 24;
/** Pairs that a bin must have to be shown. */
const leastPairs = 20;
const theoryPoints = 96;
/** 95 % of a normal distribution are within so many standard deviations. */
const ninetyFive = 1.96;

/** How often pairs share a key of a table, by their distance (the one of the hash's law, else the data's own), and how often theory has it. */
export function collisionCurve(hash: Hash, distance: string, somePairs: SomePairs): Curve {
  const law = hash.collision;
  const name = law?.distance ?? distance;
  const { queries, rows, offsets, places, distances } = somePairs.by(name);
  const [asked, stored] = [new RowKeys(hash, queries), new RowKeys(hash, rows)];
  const shares = new Float64Array(places.length);
  for (let q = 0; q < queries.count; q++)
    for (let p = offsets[q]; p < offsets[q + 1]; p++) shares[p] = asked.meetings(q, stored, places[p]) / hash.tables;
  const points = binned(distances, shares);
  return {
    title: "Collisions by distance",
    xLabel: `${name} distance`,
    yLabel: "share of tables with a common key",
    points,
    ...(law === undefined ? {} : { theory: theoryOf(law, points) }),
  };
}

/** Means of pairs (x, y) in bins of equal width of x, with 95 % intervals by the spread over pairs. */
function binned(x: Float64Array, y: Float64Array): Curve["points"] {
  const [low, high] = x.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const width = (high - low) / bins || 1;
  const groups = Array.from({ length: bins }, (): number[] => []);
  for (const [p, value] of x.entries()) groups[Math.min(bins - 1, Math.floor((value - low) / width))].push(p);
  const shown = groups.filter((group) => group.length >= Math.min(leastPairs, x.length));
  return shown.map((group) => {
    const [middle, share] = [mean(group, (p) => x[p]), mean(group, (p) => y[p])];
    const spread = Math.sqrt(mean(group, (p) => (y[p] - share) ** 2) / group.length);
    return { x: middle, y: share, low: Math.max(0, share - ninetyFive * spread), high: Math.min(1, share + ninetyFive * spread) };
  });
}

function theoryOf(law: Collision, points: Curve["points"]): NonNullable<Curve["theory"]> {
  const most = points[points.length - 1]?.x ?? 0;
  return Array.from({ length: theoryPoints + 1 }, (_, i) => {
    const x = (i / theoryPoints) * most;
    return { x, y: law.probability(x) };
  });
}

function mean(pairs: readonly number[], value: (pair: number) => number): number {
  return pairs.reduce((sum, pair) => sum + value(pair), 0) / pairs.length;
}
