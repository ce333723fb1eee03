import * as nearts from "nearts";
import { type Distance, NearError, Random, type Rows, rowAt } from "nearts";
import { first, pick } from "../data/pick.js";
import type { DataSet, Truth } from "../data.js";

const mostQueries = 200;
/** Rows at random that every query is paired with, beside its true neighbours. */
const randomRows = 150;

/** Pairs of a query and a row, and how far apart they are. */
export interface Pairs {
  readonly queries: Rows;
  readonly rows: Rows;
  /** Pairs of query q are `offsets[q] … offsets[q+1])`. */
  readonly offsets: Uint32Array;
  /** Of each pair, the place of its row among `rows`. */
  readonly places: Uint32Array;
  readonly distances: Float64Array;
}

/** Each query of a data set, of some hundreds, with its true neighbours and with rows at random: chosen and measured once for all hashes. */
export class SomePairs {
  readonly #pairs: Omit<Pairs, "distances">;
  readonly #distances = new Map<string, Float64Array>();

  constructor({ base, queries }: DataSet, truth: Truth, seed: number) {
    const count = Math.min(mostQueries, queries.count);
    const others = new Random(seed).choose(base.count, Math.min(randomRows, base.count));
    const numbers = [...new Set([...others, ...truth.rows.subarray(0, count * truth.k)])];
    const placeOf = new Map(numbers.map((row, place) => [row, place]));
    const offsets = new Uint32Array(count + 1);
    const places: number[] = [];
    for (let q = 0; q < count; q++) {
      for (const row of new Set([...truth.rows.subarray(q * truth.k, (q + 1) * truth.k), ...others])) places.push(placeOf.get(row) ?? 0); // all were picked
      offsets[q + 1] = places.length;
    }
    this.#pairs = { queries: first(queries, count), rows: pick(base, numbers), offsets, places: Uint32Array.from(places) };
  }

  /** The pairs, measured by a built-in distance of this name. */
  by(name: string): Pairs {
    const distances = this.#distances.get(name) ?? measured(this.#pairs, distanceNamed(name));
    this.#distances.set(name, distances);
    return { ...this.#pairs, distances };
  }
}

function measured({ queries, rows, offsets, places }: Omit<Pairs, "distances">, distance: Distance): Float64Array {
  const stored = Array.from({ length: rows.count }, (_, place) => rowAt(rows, place));
  const distances = new Float64Array(places.length);
  for (let q = 0; q < queries.count; q++) {
    const query = rowAt(queries, q);
    for (let p = offsets[q]; p < offsets[q + 1]; p++) distances[p] = distance.between(query, stored[places[p]]);
  }
  return distances;
}

/** The built-in distance of this name. */
export function distanceNamed(name: string): Distance {
  for (const made of Object.values(nearts) as readonly unknown[]) {
    if (typeof made !== "function" || !isDistance(made.prototype)) continue;
    const distance = new (made as new () => Distance)(); // built-in distances take no options
    if (distance.name === name) return distance;
  }
  throw new NearError("E_UNKNOWN_PLUGIN", `the hash tells its collisions by the distance ${JSON.stringify(name)}, which is not built in`, {
    name,
  });
}

function isDistance(prototype: unknown): boolean {
  return typeof prototype === "object" && prototype !== null && "between" in prototype;
}
