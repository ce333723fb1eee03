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

/** Of measuring a vector of so many dimensions. Of sets, and of sparse vectors of many dimensions, these say nothing: they are taken to be of usual length. */
export function vectorNanos(dim: number): number {
  return 60 + Math.min(dim, mostValues) * 0.3;
}

/** A dense vector has no more. */
const mostValues = 16_384;
