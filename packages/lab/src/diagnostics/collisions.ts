import * as nearts from "nearts";
import { type Collision, type Distance, type Hash, NearError, Random, type Rows, rowAt } from "nearts";
import { pick } from "../data/pick.js";
import type { DataSet, Truth } from "../data.js";
import type { Curve } from "../results.js";
import { RowKeys } from "./row-keys.js";

const mostQueries = 200;
/** Rows at random that every query is paired with, beside its true neighbours. */
const randomRows = 300;
const bins = 24;
/** Pairs that a bin must have to be shown. */
const leastPairs = 20;
const theoryPoints = 96;
/** 95 % of a normal distribution are within so many standard deviations. */
const ninetyFive = 1.96;

/** How often pairs share a key of a table, by their distance, and how often theory has it: of the queries with their true neighbours and with rows at random. */
export function collisionCurve(hash: Hash, { base, queries, distance }: DataSet, truth: Truth, seed: number): Curve {
  const law = hash.collision;
  const measure = distanceNamed(law?.distance ?? distance);
  const count = Math.min(mostQueries, queries.count);
  const others = new Random(seed).choose(base.count, Math.min(randomRows, base.count));
  const numbers = [...new Set([...others, ...truth.rows.subarray(0, count * truth.k)])];
  const places = new Map(numbers.map((row, place) => [row, place]));
  const rows = pick(base, numbers);
  const [asked, stored] = [new RowKeys(hash, firstRows(queries, count)), new RowKeys(hash, rows)];
  const pairs: Pair[] = [];
  for (let q = 0; q < count; q++) {
    for (const row of new Set([...truth.rows.subarray(q * truth.k, (q + 1) * truth.k), ...others])) {
      const place = places.get(row) ?? 0; // every one of them was picked
      const x = measure.between(rowAt(queries, q), rowAt(rows, place));
      pairs.push({ x, y: asked.meetings(q, stored, place) / hash.tables });
    }
  }
  const points = binned(pairs);
  return {
    title: "Collisions by distance",
    xLabel: `${measure.name} distance`,
    yLabel: "share of tables with a common key",
    points,
    ...(law === undefined ? {} : { theory: theoryOf(law, points) }),
  };
}

interface Pair {
  readonly x: number;
  readonly y: number;
}

/** Means of pairs in bins of equal width, with 95 % intervals by the spread over pairs. */
function binned(pairs: readonly Pair[]): Curve["points"] {
  const [low, high] = pairs.reduce(([least, most], { x }) => [Math.min(least, x), Math.max(most, x)], [Infinity, -Infinity]);
  const width = (high - low) / bins || 1;
  const groups = Array.from({ length: bins }, (): Pair[] => []);
  for (const pair of pairs) groups[Math.min(bins - 1, Math.floor((pair.x - low) / width))].push(pair);
  const shown = groups.filter((group) => group.length >= Math.min(leastPairs, pairs.length));
  return shown.map((group) => {
    const [x, y] = [mean(group.map((pair) => pair.x)), mean(group.map((pair) => pair.y))];
    const spread = Math.sqrt(mean(group.map((pair) => (pair.y - y) ** 2)) / group.length);
    return { x, y, low: Math.max(0, y - ninetyFive * spread), high: Math.min(1, y + ninetyFive * spread) };
  });
}

function theoryOf(law: Collision, points: Curve["points"]): NonNullable<Curve["theory"]> {
  const most = points[points.length - 1]?.x ?? 0;
  return Array.from({ length: theoryPoints + 1 }, (_, i) => {
    const x = (i / theoryPoints) * most;
    return { x, y: law.probability(x) };
  });
}

/** The built-in distance of this name. */
export function distanceNamed(name: string): Distance {
  for (const made of Object.values(nearts) as readonly unknown[]) {
    if (typeof made !== "function" || !isDistance(made.prototype)) continue;
    const distance = new (made as new () => Distance)(); // built-in distances take no options
    if (distance.name === name) return distance;
  }
  throw new NearError("E_UNKNOWN_PLUGIN", `the hash tells its collisions by the distance ${JSON.stringify(name)}, which is not built in`, {
    name,
  });
}

function isDistance(prototype: unknown): boolean {
  return typeof prototype === "object" && prototype !== null && "between" in prototype;
}

function firstRows(rows: Rows, count: number): Rows {
  return pick(
    rows,
    Array.from({ length: count }, (_, i) => i),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
