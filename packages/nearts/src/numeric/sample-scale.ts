import type { DenseRows } from "../core/rows.js";
import type { Steps } from "./steps.js";

/** Lengths for which vectors are taken as they are: their squares, and what is computed from them, keep their digits in float32. */
const least = 2 ** -20;
const most = 2 ** 20;
/** Vectors over so many times the usual length say nothing about the others. */
const outlying = 2 ** 24;
/** Rows by which the usual length is found. */
const measured = 4096;
/** Values looked at between pauses: about a millisecond. */
const pieceValues = 262_144;

/** A sample to learn from, and what its vectors are to be multiplied by. */
export interface ScaledSample {
  /** A power of two; 1 for usual vectors. */
  readonly scale: number;
  /** The sample as it was, without vectors of quite another magnitude. */
  readonly rows: DenseRows;
}

/** Finds by what the vectors of a sample, in no order, are to be multiplied so that float32 holds their squares: by the median of their lengths, so that a few of another magnitude change nothing. */
export function* scaleOf(sample: DenseRows): Steps<ScaledSample> {
  const { dim, count, values } = sample;
  const rows = Math.max(1, Math.floor(pieceValues / dim));
  const some = yield* usualLengths(sample, rows);
  const usual = some.length === 0 ? 1 : some.sort()[some.length >>> 1];
  const scale = usual > least && usual < most ? 1 : 1 / powerOfTwoBelow(usual);
  const numbers: number[] = []; // of the rows kept
  for (let from = 0; from < count; from += rows) {
    lengthsOf(sample, from, Math.min(count, from + rows)).forEach((length, i) => {
      if (length <= usual * outlying) numbers.push(from + i);
    });
    yield;
  }
  if (numbers.length === count) return { scale, rows: sample };
  const kept = new Float32Array(numbers.length * dim);
  for (const [to, from] of numbers.entries()) kept.set(values.subarray(from * dim, (from + 1) * dim), to * dim);
  return { scale, rows: { kind: "dense", dim, count: numbers.length, values: kept } };
}

/** The lengths of the first vectors that are not zero. */
function* usualLengths(sample: DenseRows, rows: number): Steps<Float64Array> {
  const count = Math.min(sample.count, measured);
  const lengths = new Float64Array(count);
  for (let from = 0; from < count; from += rows) {
    lengths.set(lengthsOf(sample, from, Math.min(count, from + rows)), from);
    yield;
  }
  return lengths.filter((length) => length > 0);
}

function lengthsOf({ dim, values }: DenseRows, from: number, to: number): Float64Array {
  const lengths = new Float64Array(to - from);
  for (let r = from; r < to; r++) {
    let sum = 0;
    for (let i = r * dim; i < (r + 1) * dim; i++) sum += values[i] * values[i];
    lengths[r - from] = Math.sqrt(sum);
  }
  return lengths;
}

/** The largest power of two that is not over `length`, which is above 0. */
function powerOfTwoBelow(length: number): number {
  let power = 1;
  while (power * 2 <= length) power *= 2;
  while (power > length) power /= 2;
  return power;
}
