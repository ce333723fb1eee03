import { type DistanceName, Engine, type SparseVector } from "nearts";
import { describe, expect, test } from "vitest";
import { Dice, definitions, gaussian, sparse, spread } from "../acceptance/vectors.js";

// An engine without hashes promises the k nearest. Ranks are float32 sums: where these overflow, vanish or cancel the promise is hardest to keep.

type Measured = keyof typeof definitions;
const measured = Object.keys(definitions) as Measured[];
const SEED = 41;

/** Cosine as ½‖x/‖x‖ − y/‖y‖‖²: the definition loses all digits where the cosine is near 1. */
function byDefinition(name: Measured, x: Float32Array, y: Float32Array): number {
  if (name !== "cosine") return definitions[name](x, y);
  const [nx, ny] = [Math.sqrt(dot(x, x)), Math.sqrt(dot(y, y))];
  return x.reduce((sum, value, i) => sum + (value / nx - y[i] / ny) ** 2, 0) / 2;
}

function dot(x: Float32Array, y: Float32Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}

/** Expects the k nearest by definition, in order; swaps only among distances equal to 1e-9 of their size. */
async function expectExact(
  engine: Engine,
  vectors: readonly Float32Array[],
  queries: readonly Float32Array[],
  names: readonly Measured[] = measured,
): Promise<void> {
  for (const name of names) {
    const lists = await engine.neighboursOfMany(queries.slice(), { k: 10, distance: name });
    for (let q = 0; q < queries.length; q++) {
      const sorted = vectors.map((vector) => byDefinition(name, queries[q], vector)).sort((a, b) => a - b);
      const single = await engine.neighbours(queries[q], { k: 10, distance: name });
      for (const found of [lists[q], single]) {
        expect(found, name).toHaveLength(Math.min(10, vectors.length));
        found.forEach(({ id, distance }, i) => {
          expectClose(distance, sorted[i], name);
          expectClose(byDefinition(name, queries[q], vectors[Number(id)]), distance, name);
        });
      }
    }
  }
}

function expectClose(got: number, expected: number, name: string): void {
  if (Math.abs(got - expected) > 1e-9 * Math.max(Math.abs(got), Math.abs(expected))) expect(got, name).toBe(expected);
}

async function stored(vectors: readonly Float32Array[], distance: DistanceName = "euclidean"): Promise<Engine> {
  const engine = new Engine({ dim: vectors[0].length, distance });
  await engine.storeManyVectors(vectors.slice());
  return engine;
}

async function storedThin(vectors: readonly SparseVector[]): Promise<Engine> {
  const engine = new Engine<unknown, "sparse">({ dim: vectors[0].dim, kind: "sparse", distance: "euclidean" });
  await engine.storeManyVectors(vectors.slice());
  return engine as unknown as Engine; // the tests below ask it with dense queries only
}

const scaled = (dice: Dice, dim: number, scale: number) =>
  gaussian(dice, dim).map((value) => Math.max(-3.4e38, Math.min(3.4e38, value * scale)));

describe("An exact search is exact at every magnitude", () => {
  test.each([1e-44, 1e-40, 1e-30, 1e-22, 1e-10, 1, 1e10, 1e18, 1e19, 1e25, 1e30, 1e37, 1e38])(
    `all vectors around %s (seed ${SEED})`,
    async (scale) => {
      const dice = new Dice(SEED);
      for (const dim of [3, 40]) {
        const make = () => scaled(dice, dim, scale).map((value) => (value === 0 ? 1e-45 : value)); // none is the zero vector
        const vectors = Array.from({ length: 300 }, make);
        const queries = Array.from({ length: 5 }, make);

        await expectExact(await stored(vectors), vectors, queries);
      }
    },
  );

  test(`vectors of all magnitudes together (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    const scales = [1e-42, 1e-35, 1e-25, 1e-20, 1e-5, 1, 1e5, 1e17, 1e19, 1e22, 1e30, 1e38];
    for (const dim of [3, 40]) {
      const make = (_: unknown, i: number) => scaled(dice, dim, scales[i % scales.length]).map((value) => (value === 0 ? 1e-45 : value));
      const vectors = Array.from({ length: 600 }, make);
      const queries = Array.from({ length: scales.length }, make);

      await expectExact(await stored(vectors), vectors, queries);
    }
  });

  test(`as many tiny vectors as ordinary ones, asked about the tiny (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    for (const scale of [1e-40, 1e-25, 1e-18]) {
      const make = (_: unknown, i: number) => scaled(dice, 20, i % 2 === 0 ? scale : 1).map((value) => (value === 0 ? 1e-45 : value));
      const vectors = Array.from({ length: 400 }, make);

      await expectExact(await stored(vectors), vectors, [make(0, 0), make(0, 0), make(0, 1)]);
    }
  });

  test(`ordinary vectors beside a few huge or tiny ones (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    for (const scale of [1e-44, 1e-20, 1e20, 1e38]) {
      const vectors = Array.from({ length: 400 }, (_, i) =>
        scaled(dice, 20, i % 40 === 0 ? scale : 1).map((value) => (value === 0 ? 1e-45 : value)),
      );
      const queries = [scaled(dice, 20, 1), vectors[40], vectors[41]];

      await expectExact(await stored(vectors), vectors, queries);
    }
  });

  test(`sparse vectors of all magnitudes (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    const scales = [1e-42, 1e-22, 1, 1e10, 1e19, 1e38];
    const make = (scale: number): SparseVector => {
      const { dim, indices, values } = sparse(dice, 50, 10);
      return { dim, indices, values: values.map((value) => Math.max(-3.4e38, Math.min(3.4e38, value * scale)) || 1e-45) };
    };
    for (const scale of scales) {
      const vectors = Array.from({ length: 200 }, () => make(scale));
      await expectExact(await storedThin(vectors), vectors.map(spread), [make(scale), make(scale)].map(spread));
    }
    const mixed = Array.from({ length: 300 }, (_, i) => make(scales[i % scales.length]));
    await expectExact(
      await storedThin(mixed),
      mixed.map(spread),
      scales.map((scale) => spread(make(scale))),
    );
  });
});

describe("An exact search is exact where sums cancel", () => {
  test.each([10, 1000, 100_000])(`dense vectors all about %i from the origin and 1 from each other (seed ${SEED})`, async (offset) => {
    const dice = new Dice(SEED);
    const make = () => gaussian(dice, 20).map((value) => value + offset);
    const vectors = Array.from({ length: 3000 }, make);
    const queries = Array.from({ length: 5 }, make);

    await expectExact(await stored(vectors), vectors, queries, ["euclidean", "manhattan"]);
  });

  test(`dense vectors that share one component of 1e6 (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    const make = () => gaussian(dice, 20).map((value, i) => (i === 0 ? 1e6 : value));
    const vectors = Array.from({ length: 2000 }, make);

    await expectExact(await stored(vectors), vectors, [make(), make(), make()], ["euclidean", "manhattan"]);
  });

  test.each([1e5, 1.7e9, 1e15])(`sparse vectors that share one component of %s (seed ${SEED})`, async (large) => {
    const dice = new Dice(SEED);
    const make = (): SparseVector => {
      const { dim, indices, values } = sparse(dice, 60, 12);
      return indices[0] === 0
        ? { dim, indices, values: values.with(0, large) }
        : { dim, indices: Uint32Array.of(0, ...indices), values: Float32Array.of(large, ...values) };
    };
    const vectors = Array.from({ length: 500 }, make);
    const queries = [make(), make(), make()];

    await expectExact(await storedThin(vectors), vectors.map(spread), queries.map(spread), ["euclidean", "manhattan", "inner-product"]);
  });
});

// Cosines and inner products of such vectors differ by less than a float32 sum of them can show: more than k + slack of them have ranks
// that rounding alone has put in order, so that true neighbours are not even measured.
describe("An exact search by cosine and inner product is exact where differences are far below the size of their terms", () => {
  test.each([10, 100, 1000, 10_000])(`vectors about %i from the origin and 1 from each other, by cosine (seed ${SEED})`, async (offset) => {
    const dice = new Dice(SEED);
    const make = () => gaussian(dice, 20).map((value) => value + offset);
    const vectors = Array.from({ length: 3000 }, make);

    await expectExact(await stored(vectors), vectors, [make(), make(), make()], ["cosine"]);
  });

  test.each([1e2, 1e4, 1e6])(`vectors that share one component of %s, by cosine and inner product (seed ${SEED})`, async (large) => {
    const dice = new Dice(SEED);
    const make = () => gaussian(dice, 20).map((value, i) => (i === 0 ? large : value));
    const vectors = Array.from({ length: 3000 }, make);

    await expectExact(await stored(vectors), vectors, [make(), make(), make()], ["inner-product"]);
    await expectExact(await stored(vectors), vectors, [make(), make(), make()], ["cosine"]);
  });
});

test(`Thresholds are exact at every magnitude too (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  for (const scale of [1e-42, 1e-22, 1, 1e19, 1e37]) {
    const vectors = Array.from({ length: 300 }, () => scaled(dice, 10, scale).map((value) => (value === 0 ? 1e-45 : value)));
    const engine = await stored(vectors);
    const query = scaled(dice, 10, scale);
    for (const name of measured) {
      const distances = vectors
        .map((vector, id) => ({ id, distance: byDefinition(name, query, vector) }))
        .sort((a, b) => a.distance - b.distance);
      const within = (distances[100].distance + distances[101].distance) / 2;
      const found = await engine.neighbours(query, { within, distance: name });

      expect(
        found.map(({ id }) => id),
        `${name} at ${scale}`,
      ).toEqual(distances.slice(0, 101).map(({ id }) => id));
    }
  }
});

test("Identical vectors are at distance 0 exactly, however long or short they are", async () => {
  const dice = new Dice(SEED);
  for (const scale of [1e-40, 1e-20, 1, 1e20, 1e38]) {
    const vectors = Array.from({ length: 50 }, () => scaled(dice, 30, scale));
    const engine = await stored(vectors);
    for (const name of ["euclidean", "cosine", "manhattan", "angular"] as const) {
      for (let id = 0; id < 50; id += 7)
        expect((await engine.neighbours(vectors[id], { k: 1, distance: name }))[0], `${name} at ${scale}`).toEqual({ id, distance: 0 });
    }
  }
});
