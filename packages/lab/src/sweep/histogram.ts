import type { Histogram } from "../results.js";

/** Bars of a histogram, at most. */
const mostBins = 24;

/** Counts of values in bins of equal width, or of equal ratio where `log`, from the least to the largest; undefined where there are none to count. */
export function histogramOf(title: string, unit: string, values: ArrayLike<number>, log = false): Histogram | undefined {
  const usable = Float64Array.from(values).filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (usable.length === 0) return undefined;
  usable.sort();
  const edges = edgesOf(usable[0], usable[usable.length - 1], log, whole(usable));
  return { title, unit, edges, counts: countsOf(usable, edges), ...(log ? { log } : {}) };
}

/** Counts of values between given edges; what lies beyond them counts into the outermost. */
export function countsOf(values: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (let i = 0; i < values.length; i++) {
    let bin = 0;
    while (bin < counts.length - 1 && values[i] >= edges[bin + 1]) bin++;
    counts[bin]++;
  }
  return counts;
}

function edgesOf(low: number, high: number, log: boolean, integers: boolean): number[] {
  if (low === high) return [low, low + (integers ? 1 : Math.abs(low) * 1e-6 || 1e-6)];
  if (integers && high - low < mostBins) return Array.from({ length: high - low + 2 }, (_, i) => low + i);
  const at = (part: number) => (log ? low * (high / low) ** part : low + (high - low) * part);
  const edges = Array.from({ length: mostBins + 1 }, (_, i) => (i === 0 ? low : i === mostBins ? high : at(i / mostBins)));
  if (!integers) return edges;
  // Bins of whole numbers begin at whole numbers, so that none is empty by its width alone.
  return [...new Set(edges.map((edge, i) => (i === mostBins ? high + 1 : Math.round(edge))))];
}

function whole(values: Float64Array): boolean {
  return values.every((value) => Number.isInteger(value));
}
