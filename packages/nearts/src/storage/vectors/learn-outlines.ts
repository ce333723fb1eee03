import { squaredNorm } from "./dense-rows.js";
import { Outlines } from "./outlines.js";

/** Rows from which outlines are learned. */
export const outlineRows = 4096;

/** How many values of them are looked at, the shortest and longest vectors (in values) that outlines pay for, and the least part of the length they must hold to. */
const sampledValues = 2 ** 20;
const mostValues = 4096;
const leastValues = 128;
const leastEnergy = 0.3;

/** Vectors to learn from: how many there are, their padded length, and a way to write one into a column. */
export interface OutlineSource {
  readonly total: number;
  readonly stride: number;
  readonly put: (i: number, out: Float32Array, at: number) => void;
}

/** Outlines learned from a sample spread evenly over the vectors; null where they would not pay. */
export function learnOutlines({ total, stride, put }: OutlineSource): Outlines | null {
  if (stride < leastValues || stride > mostValues) return null;
  const count = Math.min(1024, total, Math.floor(sampledValues / stride));
  const sample = new Float32Array(count * stride);
  for (let s = 0; s < count; s++) {
    const at = s * stride;
    put(Math.floor((s * total) / count), sample, at);
    const length = Math.sqrt(squaredNorm(sample, at, stride)) || 1;
    for (let j = at; j < at + stride; j++) sample[j] /= length;
  }
  const outlines = Outlines.learn(sample, count, stride);
  return outlines.energy < leastEnergy ? null : outlines;
}
