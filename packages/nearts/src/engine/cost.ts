import type { Shape } from "../core/contracts.js";

/** Nanoseconds on a usual machine, as measured on 784 and 100 dimensions: by these ways to search are compared, so that the same index is always searched alike. */

/** Of a probe: of finding its bucket and where its estimates begin, which those behind the stop cost too, and of reading the bucket. */
export const preparedNanos = 120;
export const probeNanos = 30;

/** Of a probe that a hash enumerates, by what it costs to change the query's own key. */
export const perturbationNanos = 1000;

/** Of reading an entry's code of so many groups of 4 bits. */
export function entryNanos(groups: number): number {
  return 2 + groups * 0.065;
}

/** Of measuring a vector of so many values. */
export function vectorNanos(values: number): number {
  return 60 + values * 0.3;
}

/** Values that are read of a vector, about: of kinds whose dimension does not say, as many as are usual. */
export function valuesOf({ kind, dim }: Shape): number {
  if (kind === "dense") return dim;
  return kind === "bits" ? Math.ceil(dim / 32) : Math.min(dim, usualEntries);
}

const usualEntries = 512;
