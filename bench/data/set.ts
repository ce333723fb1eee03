import type { DenseRows } from "nearts";
import type { IntegerRows } from "nearts/readers";

/** Distances that data sets are measured by. */
export type SetDistance = "cosine" | "euclidean" | "inner-product";

export const setDistances: readonly SetDistance[] = ["euclidean", "cosine", "inner-product"];

/** Vectors to index and to ask with, as flat float32. */
export interface DataSet {
  readonly name: string;
  readonly dim: number;
  readonly distance: SetDistance;
  readonly base: Float32Array;
  readonly queries: Float32Array;
  /** Rows nearest to each query as the folder lists them, for a distance that it does not tell. */
  readonly neighbours?: IntegerRows;
}

export function baseCount({ base, dim }: DataSet): number {
  return base.length / dim;
}

export function queryCount({ queries, dim }: DataSet): number {
  return queries.length / dim;
}

/** Flat values as rows; borrowed, not copied. */
export function denseRows(values: Float32Array, dim: number): DenseRows {
  return { kind: "dense", dim, count: values.length / dim, values };
}

/** One query of a set; borrowed, not copied. */
export function queryOf({ queries, dim }: DataSet, q: number): Float32Array {
  return queries.subarray(q * dim, (q + 1) * dim);
}

/** One vector of a set; borrowed, not copied. */
export function vectorOf({ base, dim }: DataSet, row: number): Float32Array {
  return base.subarray(row * dim, (row + 1) * dim);
}

/** The first vectors of a set. */
export function limited(set: DataSet, rows: number, queries: number): DataSet {
  const first = (values: Float32Array, count: number) => values.subarray(0, Math.min(values.length, count * set.dim));
  const whole = rows >= baseCount(set);
  const { neighbours, ...rest } = set;
  // Neighbours among all vectors say nothing of some of them.
  return {
    ...rest,
    base: first(set.base, rows),
    queries: first(set.queries, queries),
    ...(whole && neighbours !== undefined && { neighbours }),
  };
}

/** The set with the mean of its base vectors subtracted from all. */
export function centred(set: DataSet): DataSet {
  const { name, dim, distance, base, queries } = set;
  const mean = new Float64Array(dim);
  for (let i = 0; i < base.length; i++) mean[i % dim] += base[i];
  for (let j = 0; j < dim; j++) mean[j] /= base.length / dim;
  const shift = (values: Float32Array) => values.map((x, i) => x - mean[i % dim]);
  return { name: `${name} (centred)`, dim, distance, base: shift(base), queries: shift(queries) };
}

/** The set in a line, for the head of a report. */
export function described(set: DataSet): string {
  return `${set.name}: ${baseCount(set)} vectors, ${queryCount(set)} queries, d = ${set.dim}, ${set.distance}`;
}
