import type { Metric } from "../../core/contracts.js";
import type { Kind, VectorOf } from "../../core/rows.js";

/** The metrics that vectors of a kind can be ranked by. */
export function metricsOf(kind: Kind): readonly Metric[] {
  if (kind === "set") return [];
  return kind === "bits" ? ["hamming"] : ["squaredEuclidean", "dot", "cosine", "manhattan"];
}

/** The rank of a vector against a query in float64, and the size of what is summed for it, with which float32 rounding goes. */
export function rankOf(metric: Metric, x: VectorOf, query: VectorOf, dim: number): { readonly rank: number; readonly scale: number } {
  const [a, b] = [numbersOf(x, dim), numbersOf(query, dim)];
  const [dot, norms] = [sum(a, b, (p, q) => p * q), length(a) * length(b)];
  switch (metric) {
    case "squaredEuclidean":
      return { rank: sum(a, b, (p, q) => (p - q) ** 2), scale: sum(a, b, (p, q) => p * p + q * q) };
    case "dot":
      return { rank: 0 - dot, scale: norms };
    case "cosine":
      return { rank: norms === 0 ? 0 : -dot / norms, scale: 1 };
    case "manhattan":
      return { rank: sum(a, b, (p, q) => Math.abs(p - q)), scale: sum(a, b, (p, q) => Math.abs(p) + Math.abs(q)) };
    case "hamming":
      return { rank: sum(a, b, (p, q) => Math.abs(p - q)), scale: 0 };
  }
}

/** What `exact` writes: Σ(x−q)², Σ x·q, or ½‖x/‖x‖ − q/‖q‖‖², which is 1 with a zero vector; NaN for the other metrics, which have no such value. */
export function exactOf(metric: Metric, x: VectorOf, query: VectorOf, dim: number): number {
  const [a, b] = [numbersOf(x, dim), numbersOf(query, dim)];
  if (metric === "squaredEuclidean") return sum(a, b, (p, q) => (p - q) ** 2);
  if (metric === "dot") return sum(a, b, (p, q) => p * q);
  if (metric !== "cosine") return Number.NaN;
  const [na, nb] = [length(a), length(b)];
  return na === 0 || nb === 0 ? 1 : sum(a, b, (p, q) => (p / na - q / nb) ** 2) / 2;
}

/** All components; of bits and sets 0 or 1. */
function numbersOf(vector: VectorOf, dim: number): ArrayLike<number> {
  if (vector instanceof Float32Array) return vector;
  const numbers = new Float32Array(dim);
  if ("values" in vector) vector.indices.forEach((index, e) => (numbers[index] = vector.values[e]));
  else if ("words" in vector) for (let i = 0; i < dim; i++) numbers[i] = (vector.words[i >>> 5] >>> (i & 31)) & 1;
  else for (const member of vector.members) numbers[member] = 1;
  return numbers;
}

function sum(a: ArrayLike<number>, b: ArrayLike<number>, term: (p: number, q: number) => number): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += term(a[i], b[i]);
  return total;
}

function length(a: ArrayLike<number>): number {
  return Math.sqrt(sum(a, a, (p, q) => p * q));
}
