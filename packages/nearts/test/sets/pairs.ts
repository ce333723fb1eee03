import type { Random } from "../../src/core/random.js";
import { gather, type SetRows } from "../../src/core/rows.js";

/** Two sets of random members of which `common` are in both and `own` in each alone. */
export function pairOf(random: Random, common: number, own: number): SetRows {
  const members = new Set<number>();
  while (members.size < common + 2 * own) members.add(random.uint32());
  const all = [...members];
  const sets = [all.slice(0, common + own), [...all.slice(0, common), ...all.slice(common + own)]];
  return gather("set", 2 ** 32, 2, (i) => ({ members: Uint32Array.from(sets[i]).sort() }));
}

/** The mean of some values and how far it is from an expected mean, in its standard errors. */
export function deviationOf(values: readonly number[], expected: number): { readonly mean: number; readonly deviation: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  // Where all are alike, as at distances 0 and 1, the smallest step counts instead.
  return { mean, deviation: Math.abs(mean - expected) / Math.max(Math.sqrt(variance / n), 1 / n / 10) };
}

/** Deviations that all of `points` normal variables keep within with a probability of 99.9 % (Bonferroni). */
export function band(points: number): number {
  return { 7: 3.81, 11: 3.92, 21: 4.08 }[points] ?? 4.3;
}
