import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, type EngineOptions, type Neighbour } from "../../src/index.js";
import { clouds, rowOf } from "./vectors.js";

const seed = 20_261_126;
const k = 10;

interface Query {
  readonly vector: Float32Array;
  readonly where?: Record<string, { readonly lt: number }>;
}

/** Share of the true neighbours that the engine finds, by distance, and its standard error; each query is to find `k`. */
async function reached(engine: Engine, queries: readonly Query[]): Promise<{ recall: number; error: number }> {
  const shares: number[] = [];
  for (const { vector, where } of queries) {
    const options = where === undefined ? { k } : { k, where };
    const truth = await engine.neighbours(vector, { ...options, exact: true });
    const found = await engine.neighbours(vector, options);
    expect(found, `seed ${seed}`).toHaveLength(k);
    shares.push(within(found, truth) / k);
  }
  const recall = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - recall) ** 2, 0) / shares.length;
  return { recall, error: Math.sqrt(variance / shares.length) };
}

function within(found: readonly Neighbour<unknown>[], truth: readonly Neighbour<unknown>[]): number {
  const farthest = truth.at(-1)?.distance ?? Number.NEGATIVE_INFINITY;
  return found.filter(({ distance }) => distance <= farthest + Math.abs(farthest) * 1e-6).length;
}

async function learned(
  dim: number,
  values: Float32Array,
  options: Partial<EngineOptions<"dense">> = {},
  data?: unknown[],
): Promise<Engine> {
  const engine = new Engine({ dim, distance: "euclidean", recall: 0.95, ...options });
  await engine.storeManyVectors(values, data === undefined ? {} : { data });
  await engine.train();
  return engine;
}

describe("a query of an engine that has learned", () => {
  it.each(["euclidean", "cosine", "inner-product"] as const)(
    "finds as many as are asked for where most vectors were removed, or nothing is near (%s)",
    async (distance) => {
      const dim = 16;
      const size = 8000;
      const engine = await learned(dim, clouds(size, dim, seed), { distance, recall: 0.5 });
      const far = new Float32Array(dim).fill(1000);
      for (const count of [k, 300]) expect(await engine.neighbours(far, { k: count })).toHaveLength(count);
      // All but every 400th are gone: a list holds a vector or none.
      await engine.deleteMany(Array.from({ length: size }, (_, id) => id).filter((id) => id % 400 !== 0));
      const queries = clouds(60, dim, seed + 1);
      for (let q = 0; q < 60; q++) {
        const vector = rowOf(queries, dim, q);
        for (const count of [k, 20]) expect(await engine.neighbours(vector, { k: count }), `seed ${seed}, query ${q}`).toHaveLength(count);
        expect(await engine.neighbours({ id: 400 }, { k: 19 })).toHaveLength(19);
        expect(await engine.neighbours({ id: 400 }, { k: 25 })).toHaveLength(19);
      }
      const many = await engine.neighboursOfMany(queries, { k });
      expect(many.every((found) => found.length === k)).toBe(true);
      expect(many).toEqual(await Promise.all(many.map((_, q) => engine.neighbours(rowOf(queries, dim, q), { k }))));
      expect((await engine.explain(far, undefined, { k: 20 })).text).toMatch(/\S/);
    },
  );

  it("reads no more than it is told to", async () => {
    const dim = 16;
    const engine = await learned(dim, clouds(8000, dim, seed));
    expect((await engine.neighbours(new Float32Array(dim), { k: 4000, probes: 1 })).length).toBeLessThan(4000);
  });

  it.each(["euclidean", "cosine"] as const)(
    "keeps most of its recall where queries are unlike the stored vectors (%s)",
    async (distance) => {
      const dim = 32;
      const engine = await learned(dim, clouds(20_000, dim, seed, 200), { distance });
      const random = new Random(seed);
      const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
      const strange = {
        noise: () => 8 * random.uniform() - 4,
        "a Gaussian far away": () => 15 + normal(),
        "a wide Gaussian": () => 5 * normal(),
      };
      for (const [name, value] of Object.entries(strange)) {
        const queries = Array.from({ length: 60 }, () => ({ vector: Float32Array.from({ length: dim }, value) }));
        expect((await reached(engine, queries)).recall, `${name}, seed ${seed}`).toBeGreaterThanOrEqual(0.9);
      }
      // Coordinates in another order: another set of the same dimension.
      const others = clouds(60, dim, seed + 2);
      const turned = Array.from({ length: 60 }, (_, q) => ({ vector: rowOf(others, dim, q).slice().reverse() }));
      expect((await reached(engine, turned)).recall, `seed ${seed}`).toBeGreaterThanOrEqual(0.9);
    },
  );
});

describe("a tuned engine", () => {
  it("reads no more for the sake of queries unlike the others than its recall asks for", async () => {
    const dim = 32;
    const values = clouds(20_300, dim, seed, 200);
    const engine = await learned(dim, values.subarray(0, 20_000 * dim));
    const queries = Array.from({ length: 300 }, (_, q) => ({ vector: rowOf(values, dim, 20_000 + q) }));
    const probes: number[] = [];
    for (const target of [0.6, 0.8, 0.99]) {
      const plan = await engine.tune({ recall: target });
      const { recall, error } = await reached(engine, queries);
      expect(recall, `seed ${seed}, ${plan.text}`).toBeGreaterThanOrEqual(target - 0.005 - 3 * error);
      probes.push(plan.probes ?? 0);
    }
    // Eight lists tell whether a query is like the others, but they need not be read.
    expect(probes[0], `seed ${seed}`).toBeLessThan(8);
    expect(probes[0]).toBeLessThanOrEqual(probes[1]);
    expect(probes[1]).toBeLessThan(probes[2]);
  });
});

describe("a search filtered by a declared field", () => {
  const dim = 24;
  const size = 20_000;
  const values = clouds(size + 2000, dim, seed, 60);
  const stored = values.subarray(0, size * dim);
  const random = new Random(seed + 3);
  const pivot = rowOf(values, dim, 77);
  const fromPivot = (row: number) => distanceOf(rowOf(values, dim, row), pivot);
  const ranks = {
    chance: ranksOf(Float64Array.from({ length: size }, () => random.uniform())),
    pivot: ranksOf(Float64Array.from({ length: size }, (_, row) => fromPivot(row))),
    first: ranksOf(Float64Array.from({ length: size }, (_, row) => values[row * dim])),
  };
  const data = Array.from({ length: size }, (_, row) => ({ chance: ranks.chance[row], pivot: ranks.pivot[row], first: ranks.first[row] }));
  const asked = Array.from({ length: 2000 }, (_, q) => size + q);
  const nearFirst = (of: (row: number) => number) => asked.slice().sort((a, b) => of(a) - of(b));
  const cases = [
    { name: "uncorrelated with the distance", field: "chance", rows: asked.slice(0, 100) },
    { name: "of vectors near the query", field: "pivot", rows: nearFirst(fromPivot).slice(0, 100) },
    { name: "of vectors far from the query", field: "pivot", rows: nearFirst((row) => -fromPivot(row)).slice(0, 100) },
    { name: "over the other end of a coordinate", field: "first", rows: nearFirst((row) => -values[row * dim]).slice(0, 100) },
  ] as const;
  const engines = new Map<string, Promise<Engine>>();
  const engineFor = (distance: "euclidean" | "inner-product") => {
    const known =
      engines.get(distance) ?? learned(dim, stored, { distance, fields: { chance: "number", pivot: "number", first: "number" } }, data);
    engines.set(distance, known);
    return known;
  };

  it.each(cases.flatMap((one) => (["euclidean", "inner-product"] as const).map((distance) => ({ ...one, distance }))))(
    "keeps its recall where it is $name ($distance)",
    async ({ field, rows, distance }) => {
      const engine = await engineFor(distance);
      for (const share of [0.5, 0.2, 0.1, 0.01, 0.001]) {
        const queries = rows.map((row) => ({ vector: rowOf(values, dim, row), where: { [field]: { lt: share } } }));
        const { recall, error } = await reached(engine, queries);
        expect(recall, `share ${share}, seed ${seed}`).toBeGreaterThanOrEqual(0.945 - 2 * error);
        if (share <= 0.01) expect(recall).toBe(1);
      }
    },
  );
});

/** For each value the share of the values below it. */
function ranksOf(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let i = 0; i < order.length; i++) ranks[order[i]] = i / order.length;
  return ranks;
}

function distanceOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}
