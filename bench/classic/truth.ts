import { type Engine, type Hash, Keys } from "nearts";
import { distanceOf, plainDistance } from "../data/distances.js";
import { type DataSet, queryOf } from "../data/set.js";
import { k } from "./measure.js";

const checked = 50;
const tolerance = 1e-6;

/** Distance of each query's k-th nearest vector by an exact engine, the first of them confirmed by a plain loop that shares no code with it. */
export async function trueDistances(engine: Engine, set: DataSet): Promise<Float64Array> {
  const { distances, offsets } = await engine.neighboursOfMany(set.queries, { k, columns: true });
  const truth = Float64Array.from({ length: offsets.length - 1 }, (_, q) => distances[offsets[q + 1] - 1]);
  const count = Math.min(checked, truth.length);
  for (let q = 0; q < count; q++) {
    const plain = plainDistance(set, q, Math.min(k, set.base.length / set.dim));
    if (!(Math.abs(plain - truth[q]) <= tolerance))
      throw new Error(`query ${q}: the exact engine's ${k}-th distance is ${truth[q]}, a plain loop over all vectors finds ${plain}`);
  }
  console.error(`truth: the ${k}-th distances of the first ${count} queries agree with a plain loop within ${tolerance}`);
  return truth;
}

/** Part of the k results no farther than the true k-th: by distance, so that ties count. */
export async function recallOf(
  engine: Engine,
  set: DataSet,
  truth: Float64Array,
  effort: { readonly probes?: number } = {},
): Promise<number> {
  let hits = 0;
  const count = set.queries.length / set.dim;
  for (let q = 0; q < count; q++)
    for (const { distance } of await engine.neighbours(queryOf(set, q), { k, ...effort })) if (distance <= truth[q] + 1e-9) hits++;
  return hits / (count * k);
}

/** The recall that these planes allow, found without buckets: every stored vector that shares a key with the query in some table, measured. */
export function bruteForceRecall(hash: Hash, set: DataSet, truth: Float64Array): number {
  const [stored, asked] = [keysOf(hash, set, set.base), keysOf(hash, set, set.queries)];
  const count = set.queries.length / set.dim;
  let hits = 0;
  for (let q = 0; q < count; q++) {
    const near = new Set<number>();
    for (let e = 0; e < stored.count; e++) {
      const mine = q * hash.tables + stored.tables[e];
      if (stored.hi[e] === asked.hi[mine] && stored.lo[e] === asked.lo[mine]) near.add(stored.rows[e]);
    }
    let found = 0;
    for (const row of near) if (distanceOf(set, q, row) <= truth[q] + 1e-9) found++;
    hits += Math.min(k, found);
  }
  return hits / (count * k);
}

function keysOf(hash: Hash, { dim }: DataSet, values: Float32Array): Keys {
  const keys = new Keys();
  hash.keys({ kind: "dense", dim, count: values.length / dim, values }, keys);
  return keys;
}
