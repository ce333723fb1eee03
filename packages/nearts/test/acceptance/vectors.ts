import { type DenseRows, type Engine, type Kind, NearError, type SparseVector } from "nearts";

/** Fast seeded numbers for test data: mulberry32 (Ettinger 2017), not for anything that is stored. */
export class Dice {
  #state: number;
  #spare = Number.NaN;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spare = v * factor;
      return u * factor;
    }
  }
}

/** A vector of standard normal float32 values. */
export function gaussian(dice: Dice, dim: number): Float32Array {
  const vector = new Float32Array(dim);
  for (let i = 0; i < dim; i++) vector[i] = dice.normal();
  return vector;
}

/** `count` such vectors. */
export function gaussians(dice: Dice, count: number, dim: number): Float32Array[] {
  return Array.from({ length: count }, () => gaussian(dice, dim));
}

/** A sparse vector with `entries` standard normal values at random places. */
export function sparse(dice: Dice, dim: number, entries: number): SparseVector {
  const places = new Set<number>();
  while (places.size < entries) places.add(dice.below(dim));
  const indices = Uint32Array.from(places).sort();
  return { dim, indices, values: gaussian(dice, entries) };
}

/** The same vector with its zeros. */
export function spread(vector: SparseVector): Float32Array {
  const dense = new Float32Array(vector.dim);
  vector.indices.forEach((index, e) => {
    dense[index] = vector.values[e];
  });
  return dense;
}

/** The same vector without its zeros. */
export function thin(vector: Float32Array): SparseVector {
  const indices = Uint32Array.from(vector.keys()).filter((i) => vector[i] !== 0);
  return { dim: vector.length, indices, values: Float32Array.from(indices, (i) => vector[i]) };
}

/** One dense vector as rows. */
export function oneRow(values: Float32Array): DenseRows {
  return { kind: "dense", dim: values.length, count: 1, values };
}

/** What the distances are by definition, in float64, from the float32 values. */
export const definitions = {
  euclidean: (x: Float32Array, y: Float32Array): number => Math.sqrt(sum(x, (a, i) => (a - y[i]) ** 2)),
  manhattan: (x: Float32Array, y: Float32Array): number => sum(x, (a, i) => Math.abs(a - y[i])),
  cosine: (x: Float32Array, y: Float32Array): number => 1 - sum(x, (a, i) => a * y[i]) / (length(x) * length(y)),
  "inner-product": (x: Float32Array, y: Float32Array): number => -sum(x, (a, i) => a * y[i]),
};

/** Numbers of the `k` nearest vectors by definition, nearest first. */
export function nearestByDefinition(
  query: Float32Array,
  vectors: readonly Float32Array[],
  k: number,
  distance: (x: Float32Array, y: Float32Array) => number = definitions.euclidean,
): number[] {
  const measured = vectors.map((vector, i) => ({ i, distance: distance(query, vector) }));
  measured.sort((a, b) => a.distance - b.distance || a.i - b.i);
  return measured.slice(0, k).map(({ i }) => i);
}

/** The NearError that `act` throws or rejects with; any other outcome is an error of the test. */
export async function refusal(act: () => unknown): Promise<NearError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof NearError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** All buckets of a hash as `table:key` → ids. */
export async function bucketsOf<Data, K extends Kind>(
  engine: Engine<Data, K>,
  hash = 0,
): Promise<Map<string, readonly (string | number)[]>> {
  const buckets = new Map<string, readonly (string | number)[]>();
  for await (const { table, key, ids } of engine.storage.buckets(hash)) {
    const name = `${table}:${key}`;
    if (buckets.has(name)) throw new Error(`bucket ${name} is listed twice`);
    buckets.set(name, ids);
  }
  return buckets;
}

/** Everything an async iterable yields. */
export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

function sum(x: Float32Array, term: (value: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += term(x[i], i);
  return total;
}

function length(x: Float32Array): number {
  return Math.sqrt(sum(x, (a) => a * a));
}
