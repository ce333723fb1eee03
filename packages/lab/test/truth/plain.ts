import { type DistanceName, type Rows, rowAt } from "nearts";

/** Distances in float64 by plain loops over values written out whole, which share no code with what is tested. */
const between: Readonly<Record<string, (x: number[], y: number[]) => number>> = {
  euclidean: (x, y) => Math.sqrt(sum(x, (v, i) => (v - y[i]) ** 2)),
  manhattan: (x, y) => sum(x, (v, i) => Math.abs(v - y[i])),
  "inner-product": (x, y) => -sum(x, (v, i) => v * y[i]),
  cosine: (x, y) => 1 - cosine(x, y),
  angular: (x, y) => Math.acos(Math.max(-1, Math.min(1, cosine(x, y)))),
  hamming: (x, y) => sum(x, (v, i) => (v === y[i] ? 0 : 1)),
  containment: (x, y) => (x.length === 0 ? 0 : 1 - x.filter((member) => y.includes(member)).length / x.length),
  jaccard: (x, y) => {
    const shared = x.filter((member) => y.includes(member)).length;
    const union = x.length + y.length - shared;
    return union === 0 ? 0 : (union - shared) / union;
  },
};

/** Rows by distance from one query, nearest first, ties by row. */
export function plainOrder(base: Rows, queries: Rows, q: number, distance: DistanceName): { row: number; distance: number }[] {
  const query = written(queries, q);
  const all = Array.from({ length: base.count }, (_, row) => ({ row, distance: between[distance](query, written(base, row)) }));
  return all.sort((a, b) => a.distance - b.distance || a.row - b.row);
}

function written(rows: Rows, i: number): number[] {
  switch (rows.kind) {
    case "dense":
      return Array.from(rowAt<"dense">(rows, i));
    case "sparse": {
      const { indices, values } = rowAt<"sparse">(rows, i);
      const all = Array.from({ length: rows.dim }, () => 0);
      indices.forEach((index, e) => {
        all[index] = values[e];
      });
      return all;
    }
    case "bits": {
      const { words } = rowAt<"bits">(rows, i);
      return Array.from({ length: rows.dim }, (_, b) => (words[b >>> 5] >>> (b & 31)) & 1);
    }
    case "set":
      return Array.from(rowAt<"set">(rows, i).members);
  }
}

function cosine(x: number[], y: number[]): number {
  const dot = (a: number[], b: number[]) => sum(a, (v, i) => v * b[i]);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

function sum(x: readonly number[], term: (value: number, i: number) => number): number {
  return x.reduce((total, value, i) => total + term(value, i), 0);
}
