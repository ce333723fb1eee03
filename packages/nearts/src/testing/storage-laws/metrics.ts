import type { Metric } from "../../core/contracts.js";
import type { Kind, VectorOf } from "../../core/rows.js";

/** The metrics that vectors of a kind can be ranked by. */
export function metricsOf(kind: Kind): readonly Metric[] {
  if (kind === "set") return ["jaccard", "containment"];
  return kind === "bits" ? ["hamming"] : ["squaredEuclidean", "dot", "cosine", "manhattan"];
}

/** The rank of a vector against a query in float64, and the size of what is summed for it, with which float32 rounding goes. */
export function rankOf(metric: Metric, x: VectorOf, query: VectorOf): { readonly rank: number; readonly scale: number } {
  const [a, b] = aligned(x, query);
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
    case "jaccard":
      return { rank: sum(a, b, (p, q) => Math.abs(p - q)) / (sum(a, b, (p, q) => Math.max(p, q)) || 1), scale: 1 };
    case "containment":
      return { rank: sum(a, b, (p, q) => q * (1 - p)) / (sum(a, b, (_, q) => q) || 1), scale: 1 };
  }
}

/** What `exact` writes: Σ(x−q)², Σ x·q, or ½‖x/‖x‖ − q/‖q‖‖², which is 1 with a zero vector, or the distance of sets; NaN for the other metrics, which have no such value. */
export function exactOf(metric: Metric, x: VectorOf, query: VectorOf): number {
  const [a, b] = aligned(x, query);
  if (metric === "squaredEuclidean") return sum(a, b, (p, q) => (p - q) ** 2);
  if (metric === "dot") return sum(a, b, (p, q) => p * q);
  if (metric === "jaccard" || metric === "containment") return rankOf(metric, x, query).rank;
  if (metric !== "cosine") return Number.NaN;
  const [na, nb] = [length(a), length(b)];
  return na === 0 || nb === 0 ? 1 : sum(a, b, (p, q) => (p / na - q / nb) ** 2) / 2;
}

/** The components of two vectors of one kind, place by place; of sparse ones those that either of them lists, of bits and sets 0 or 1. */
function aligned(x: VectorOf, y: VectorOf): [ArrayLike<number>, ArrayLike<number>] {
  if (x instanceof Float32Array && y instanceof Float32Array) return [x, y];
  const [a, b] = [componentsOf(x), componentsOf(y)];
  const places = [...new Set([...a.keys(), ...b.keys()])];
  return [places.map((place) => a.get(place) ?? 0), places.map((place) => b.get(place) ?? 0)];
}

function componentsOf(vector: VectorOf): Map<number, number> {
  if (vector instanceof Float32Array) return new Map(vector.entries());
  if ("values" in vector) return new Map(Array.from(vector.indices, (index, e) => [index, vector.values[e]]));
  if ("members" in vector) return new Map(Array.from(vector.members, (member) => [member, 1]));
  const set = Array.from({ length: vector.dim }, (_, i) => i).filter((i) => (vector.words[i >>> 5] >>> (i & 31)) & 1);
  return new Map(set.map((i) => [i, 1]));
}

function sum(a: ArrayLike<number>, b: ArrayLike<number>, term: (p: number, q: number) => number): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += term(a[i], b[i]);
  return total;
}

function length(a: ArrayLike<number>): number {
  return Math.sqrt(sum(a, a, (p, q) => p * q));
}
