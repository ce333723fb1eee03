import {
  Engine,
  type Hash,
  HashPermutationMapper,
  HashPermutations,
  type Id,
  type Kind,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  type VectorInput,
} from "nearts";
import { describe, expect, test } from "vitest";
import { all, Dice, definitions, gaussian, oneRow, sparse, spread } from "../acceptance/vectors.js";

const dim = 14;

/** What the engine should hold: dense vectors and data by id, in the order in which ids came. */
type Oracle = Map<Id, { vector: Float32Array; data: number }>;

interface Walk {
  readonly engine: Engine<number, Kind>;
  readonly oracle: Oracle;
  /** A new vector, in the form in which it is given to the engine and as it is. */
  readonly draw: () => { given: VectorInput; vector: Float32Array };
  /** Compares one answer with the oracle. */
  readonly check: (query: { given: VectorInput; vector: Float32Array }) => Promise<void>;
}

/** Stores, replaces, deletes, cleans and asks at random. */
async function wander(walk: Walk, dice: Dice, operations: number): Promise<void> {
  const { engine, oracle, draw } = walk;
  const someId = (): Id => {
    const known = [...oracle.keys()];
    if (known.length > 0 && dice.uniform() < 0.6) return known[dice.below(known.length)];
    const number = dice.below(400);
    return dice.uniform() < 0.5 ? number : `id ${number}`;
  };
  for (let operation = 0; operation < operations; operation++) {
    const roll = dice.uniform();
    if (roll < 0.3) {
      const [id, data, { given, vector }] = [someId(), operation, draw()];
      await engine.storeVector(given, { id, data });
      oracle.set(id, { vector, data });
    } else if (roll < 0.4) {
      const items = Array.from({ length: 1 + dice.below(30) }, (_, i) => ({ id: someId(), data: operation + i / 100, ...draw() }));
      await engine.storeManyVectors(items.map(({ given, id, data }) => ({ vector: given, id, data })));
      for (const { id, vector, data } of items) oracle.set(id, { vector, data });
    } else if (roll < 0.62) {
      const id = someId();
      expect(await engine.deleteVector(id)).toBe(oracle.delete(id));
    } else if (roll < 0.66) {
      const ids = Array.from({ length: dice.below(40) }, someId);
      expect(await engine.deleteMany(ids)).toBe(ids.filter((id) => oracle.delete(id)).length);
    } else if (roll < 0.661) {
      await engine.cleanAllBuckets();
      oracle.clear();
    } else if (roll < 0.75) {
      const id = someId();
      expect((await engine.get(id))?.data).toBe(oracle.get(id)?.data);
      expect(await engine.has(id)).toBe(oracle.has(id));
    } else await walk.check(draw());
    expect(await engine.size()).toBe(oracle.size);
  }
  const entries = await all(engine.entries());
  expect(entries).toHaveLength(oracle.size);
  for (const { id, data } of entries) expect(data).toBe(oracle.get(id)?.data);
}

describe("Random interleavings of store, upsert, delete and query give what a Map and a full scan give", () => {
  const cases = [
    { kind: "dense", distance: "euclidean", seed: 61 },
    { kind: "dense", distance: "cosine", seed: 62 },
    { kind: "sparse", distance: "euclidean", seed: 63 },
    { kind: "sparse", distance: "manhattan", seed: 64 },
  ] as const;

  test.each(cases)("exact search, $kind, $distance, seed $seed", async ({ kind, distance, seed }) => {
    const dice = new Dice(seed);
    const oracle: Oracle = new Map();
    const engine = new Engine<number, Kind>({ dim, kind, distance });
    const draw = () => {
      const thin = sparse(dice, dim, 1 + dice.below(dim - 1));
      const vector = spread(thin);
      // Integers make ties, which must fall the same way in every answer.
      if (dice.uniform() < 0.3) return whole(dice);
      return { given: dice.uniform() < 0.5 ? thin : vector, vector };
    };
    const check = async ({ given, vector }: { given: VectorInput; vector: Float32Array }) => {
      const found = await engine.neighbours(given, { k: 7 });
      const distances = [...oracle.values()].map((stored) => definitions[distance](vector, stored.vector)).sort((a, b) => a - b);

      expect(found).toHaveLength(Math.min(7, oracle.size));
      found.forEach((neighbour, i) => {
        expect(neighbour.distance).toBeCloseTo(distances[i], 10);
        const stored = oracle.get(neighbour.id);
        if (stored === undefined) throw new Error(`${neighbour.id} is not stored`);
        expect(neighbour.data).toBe(stored.data);
        expect(definitions[distance](vector, stored.vector)).toBeCloseTo(neighbour.distance, 10);
      });
      expect((await engine.neighboursOfMany([given, given], { k: 7 }))[1]).toEqual(found);
    };
    await wander({ engine, oracle, draw, check }, dice, 2000);
  });

  function whole(dice: Dice) {
    const vector = Float32Array.from({ length: dim }, () => dice.below(3));
    vector[dice.below(dim)] = 1;
    return { given: Array.from(vector), vector };
  }

  const bits = 9;
  const differing = (a: string, b: string) => Array.from(a).filter((bit, i) => bit !== b[i]).length;
  const child = () => new RandomBinaryProjections({ name: "child", projections: bits, seed: 3 });
  const strip = (key: string) => key.replace("child_", "");
  /** For each hash which stored keys a query's candidates must have, by the definition of the hash. */
  const hashed: [string, () => Hash, (query: string, stored: string, all: string[]) => boolean][] = [
    ["binary projections", child, (query, stored) => query === stored],
    ["mapper", () => new HashPermutationMapper({ name: "mapper", children: [child()] }), (query, stored) => differing(query, stored) <= 1],
    [
      "permutations that look at everything",
      () => new HashPermutations({ name: "permutations", children: [child()], permutations: 2, beam: 1024, neighbours: 1024 }),
      () => true,
    ],
    [
      "tree",
      () => new RandomBinaryProjectionTree({ name: "tree", projections: bits, minimumResultSize: 6, seed: 3 }),
      (query, stored, everyone) => {
        let depth = bits;
        const under = (prefix: number) => everyone.filter((key) => key.startsWith(query.slice(0, prefix))).length;
        while (depth > 0 && under(depth) < 6) depth--;
        return stored.startsWith(query.slice(0, depth));
      },
    ],
  ];

  test.each(hashed)("candidates of %s, seed 71", async (_, make, belongs) => {
    const dice = new Dice(71);
    const oracle: Oracle = new Map();
    const hash = make();
    const engine = new Engine<number, Kind>({ dim, kind: "dense", hashes: [hash] });
    const draw = () => {
      const vector = gaussian(dice, dim);
      return { given: vector, vector };
    };
    const keyOf = (vector: Float32Array) => strip(hash.bucketKeys(oneRow(vector))[0]);
    const check = async ({ vector }: { vector: Float32Array }) => {
      const stored = [...oracle].map(([id, { vector: other }]) => ({ id, key: keyOf(other) }));
      const key = keyOf(vector);
      const everyone = stored.map((one) => one.key);
      const expected = stored.filter((one) => belongs(key, one.key, everyone)).map(({ id }) => id);

      expect(new Set((await engine.neighbours(vector, { distance: false })).map(({ id }) => id))).toEqual(new Set(expected));
      expect(await engine.candidateCount(vector)).toEqual({ raw: expected.length, unique: expected.length });
    };
    await wander({ engine, oracle, draw, check }, dice, 1000);
  });
});
