import { derive, Random, seedFrom } from "../core/random.js";
import { rowAt } from "../core/rows.js";
import { cauchyCollision } from "../numeric/collision.js";
import { quantileNormal } from "../numeric/normal.js";
import { type RealVector, squaredDifference, sumOver } from "../numeric/sums.js";
import type { HashSample } from "./hash-sample.js";

/** How vectors lie in the bins of a hash of discretized projections. */
export interface Cells {
  /** Slots of a key, at most. */
  readonly slots: number;
  /** Root mean square of the difference of projections between near neighbours, and where they are equal between any two vectors. */
  readonly near: number;
  /** Probability that two vectors fall into one bin of slot `slot`. */
  meeting(slot: number, binWidth: number): number;
}

/** Widths in differences of near neighbours: at 4 these meet in 8 of 10 slots (Datar et al. 2004, section 3.2 and figure 1: the best is flat around there). */
const widthsTried = [2, 4, 8];
const nearQueries = 100;
const farPairs = 500;
/** Points at which a normal projection is sampled. */
const projectionsTried = 16;

/** Widths of bins that are tried. */
export function binWidths({ near }: Cells): number[] {
  return widthsTried.map((factor) => factor * near);
}

/** Cells of random projections: these differ by the distance, times a normal number. */
export function randomCells(sample: HashSample): Cells {
  const distance = (x: RealVector, y: RealVector) => Math.sqrt(squaredDifference(x, y));
  const far = farPairsOf(sample, distance);
  const normals = Array.from({ length: projectionsTried }, (_, i) => quantileNormal((i + 0.5) / projectionsTried));
  const differences = Float64Array.from(
    { length: far.length * normals.length },
    (_, i) => far[i % far.length] * normals[Math.floor(i / far.length)],
  );
  return {
    slots: Number.POSITIVE_INFINITY,
    near: positive(rootMeanSquare(nearPairsOf(sample, distance)), rootMeanSquare(far)),
    meeting: (_slot, binWidth) => meetingOf(differences, binWidth),
  };
}

/** Cells of random Cauchy projections: these differ by the Manhattan distance, times a Cauchy number. */
export function manhattanCells(sample: HashSample): Cells {
  const far = farPairsOf(sample, sumOfDifferences);
  return {
    slots: Number.POSITIVE_INFINITY,
    near: positive(rootMeanSquare(nearPairsOf(sample, sumOfDifferences)), rootMeanSquare(far)),
    meeting: (_slot, binWidth) => far.reduce((sum, distance) => sum + cauchyCollision(distance, binWidth), 0) / far.length,
  };
}

/** What `measure` says of queries and their near neighbours. */
export function nearPairsOf<T>({ queries, rows, near }: HashSample, measure: (x: RealVector, y: RealVector) => T): T[] {
  const pairs: T[] = [];
  for (let q = 0; q < Math.min(nearQueries, queries.count); q++) {
    for (const row of near[q]) pairs.push(measure(real(queries, q), real(rows, row)));
  }
  return pairs;
}

/** What `measure` says of any two vectors. */
export function farPairsOf<T>({ rows }: HashSample, measure: (x: RealVector, y: RealVector) => T): T[] {
  const random = new Random(derive(seedFrom("choose hash"), "pairs"));
  return Array.from({ length: farPairs }, () => {
    const first = random.below(rows.count);
    const second = (first + 1 + random.below(rows.count - 1)) % rows.count;
    return measure(real(rows, first), real(rows, second));
  });
}

/** Mean probability that two projections that differ so lie in one bin, bins beginning anywhere: 1 − |difference|/width, or 0. */
export function meetingOf(differences: ArrayLike<number>, binWidth: number): number {
  let sum = 0;
  for (let i = 0; i < differences.length; i++) sum += Math.max(0, 1 - Math.abs(differences[i]) / binWidth);
  return sum / differences.length;
}

export function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / Math.max(1, values.length));
}

/** The first of some widths that is one; 1 where none is, as all vectors are equal. */
export function positive(...widths: number[]): number {
  return widths.find((width) => width > 0 && Number.isFinite(width)) ?? 1;
}

function sumOfDifferences(x: RealVector, y: RealVector): number {
  return sumOver(x, y, (a, b) => Math.abs(a - b));
}

function real(rows: HashSample["rows"], r: number): RealVector {
  return rowAt(rows, r) as RealVector; // families of discretized projections take dense and sparse rows only
}
