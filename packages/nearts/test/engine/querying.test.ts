import {
  classic,
  type Distance,
  DistanceThresholdFilter,
  Engine,
  type Filter,
  HashPermutationMapper,
  HashPermutations,
  type Id,
  type Kind,
  NearestFilter,
  type NeighbourOptions,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  UniqueFilter,
} from "nearts";
import { describe, expect, test } from "vitest";
import { Dice, definitions, gaussian, gaussians, nearestByDefinition, sparse, spread } from "../acceptance/vectors.js";

const SEED = 31;
const dim = 12;
const dice = new Dice(SEED);
const vectors = gaussians(dice, 600, dim);
const queries = gaussians(dice, 40, dim);
const ids = (found: readonly { readonly id: Id }[]) => found.map(({ id }) => id);

async function exact(): Promise<Engine<number>> {
  const engine = new Engine<number>({ dim, distance: "euclidean" });
  await engine.storeManyVectors(vectors, { data: vectors.map((_, i) => i) });
  return engine;
}

describe("neighbours by { id }", () => {
  test("are those of the stored vector, itself left out and the next in its place", async () => {
    const engine = await exact();
    for (let id = 0; id < 30; id++) {
      const around = nearestByDefinition(vectors[id], vectors, 8);

      expect(around[0]).toBe(id);
      expect(ids(await engine.neighbours({ id }, { k: 7 }))).toEqual(around.slice(1));
    }
    expect(ids(await engine.neighbours({ id: 3 }, { filters: false }))).not.toContain(3);
    expect(await engine.neighbours({ id: 3 }, { k: 1000 })).toHaveLength(599);
  });

  test("leave out no other vector, however equal", async () => {
    const engine = new Engine({
      dim: 2,
      distance: "euclidean",
      hashes: [new RandomBinaryProjections({ name: "rbp", projections: 2, tables: 3 })],
    });
    await engine.storeManyVectors(
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      { ids: ["a", "b", 7] },
    );

    expect(await engine.neighbours({ id: "b" })).toEqual([
      { id: "a", distance: 0 },
      { id: 7, distance: 0 },
    ]);
    expect(await engine.neighbours({ id: "b" }, { distance: false, filters: false })).toHaveLength(6);
  });

  test("work for sparse and bit engines", async () => {
    const thinned = new Engine<unknown, "sparse">({ dim: 50, kind: "sparse" });
    const some = new Dice(2);
    await thinned.storeManyVectors(Array.from({ length: 20 }, () => sparse(some, 50, 6)));
    const bits = new Engine<unknown, "bits">({ dim: 70, kind: "bits" });
    await bits.storeManyVectors(Array.from({ length: 20 }, (_, i) => ({ words: [i, 2 * i, i & 3] })));

    expect(new Set(ids(await thinned.neighbours({ id: 4 }, { k: 20 })))).toEqual(
      new Set(Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== 4)),
    );
    expect((await bits.neighbours({ id: 4 }, { k: 20 })).map(({ id }) => id)).not.toContain(4);
  });
});

describe("within", () => {
  test("gives all nearer ones and only these, nearest first, in every distance", async () => {
    const engine = await exact();
    for (const name of ["euclidean", "cosine", "manhattan", "inner-product"] as const) {
      for (const query of queries.slice(0, 10)) {
        const order = nearestByDefinition(query, vectors, 600, definitions[name]);
        const radius = definitions[name](query, vectors[order[150]]);
        const found = await engine.neighbours(query, { within: radius + 1e-9, distance: name });

        expect(ids(found), name).toEqual(order.slice(0, 151));
        expect(found.every(({ distance }) => distance < radius + 1e-9)).toBe(true);
      }
    }
  });

  test("of nothing or less gives nothing, of infinity everything", async () => {
    const engine = await exact();

    expect(await engine.neighbours(vectors[0], { within: 0 })).toEqual([]);
    expect(await engine.neighbours(vectors[0], { within: -5 })).toEqual([]);
    expect(await engine.neighbours(vectors[0], { within: -5, distance: "cosine" })).toEqual([]);
    expect(await engine.neighbours(vectors[0], { within: -0.5, distance: "angular" })).toEqual([]);
    expect(ids(await engine.neighbours(vectors[0], { within: 1e-30 }))).toEqual([0]);
    expect(await engine.neighbours(vectors[0], { within: Number.POSITIVE_INFINITY })).toHaveLength(600);
    expect(await engine.neighbours(vectors[0], { within: 1e300 })).toHaveLength(600);
    expect(await engine.neighbours(vectors[0], { within: 2.1, distance: "cosine" })).toHaveLength(600);
    expect(await engine.neighbours(vectors[0], { within: 3.2, distance: "angular" })).toHaveLength(600);
  });
});

describe("k", () => {
  test("is the number of results, whatever the engine's own NearestFilter says; the engine's other filters stay", async () => {
    const odd: Filter = {
      name: "odd",
      stage: "candidates",
      apply: (candidates, context) => {
        const positions = Uint32Array.from(candidates.rows.subarray(0, candidates.count).keys()).filter(
          (i) => Number(context.id(candidates.rows[i])) % 2 === 1,
        );
        candidates.keep(positions, positions.length);
      },
    };
    const engine = new Engine({ dim, distance: "euclidean", filters: [new UniqueFilter(), odd, new NearestFilter(3)] });
    await engine.storeManyVectors(vectors);
    const order = nearestByDefinition(queries[0], vectors, 600).filter((id) => id % 2 === 1);

    expect(ids(await engine.neighbours(queries[0]))).toEqual(order.slice(0, 3));
    expect(ids(await engine.neighbours(queries[0], { k: 1 }))).toEqual(order.slice(0, 1));
    expect(ids(await engine.neighbours(queries[0], { k: 20 }))).toEqual(order.slice(0, 20));
    expect(ids(await engine.neighbours(queries[0], { k: 10_000 }))).toEqual(order);
    expect(ids(await engine.neighbours(queries[0], { within: 4 }))).toEqual(
      order.filter((id) => definitions.euclidean(queries[0], vectors[id]) < 4),
    );
  });

  test("with equal distances falls to the vector stored first", async () => {
    const engine = new Engine({ dim: 2, distance: "euclidean" });
    await engine.storeManyVectors(Array.from({ length: 50 }, (_, i) => [i % 2 === 0 ? 1 : -1, 0]));

    expect(ids(await engine.neighbours([0, 0], { k: 12 }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(ids(await engine.neighbours([0, 1], { k: 50 }))).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});

describe("Switched off", () => {
  test("filters: false gives each candidate with its distance, unsorted; distance: false without distances", async () => {
    const engine = await exact();
    const [all, plain] = [
      await engine.neighbours(queries[0], { filters: false }),
      await engine.neighbours(queries[0], { distance: false }),
    ];

    expect(ids(all)).toEqual(vectors.map((_, i) => i));
    for (const { id, distance } of all) expect(distance).toBeCloseTo(definitions.euclidean(queries[0], vectors[Number(id)]), 12);
    expect(ids(plain)).toEqual(vectors.map((_, i) => i));
    expect(plain.some((found) => "distance" in found)).toBe(false);
    expect(await engine.neighbours(queries[0], { distance: false, includeVector: true })).toContainEqual({
      id: 5,
      data: 5,
      vector: vectors[5],
    });
  });

  test("distance: false asks the zero vector too, as nothing is measured", async () => {
    const engine = new Engine({ ...classic(), dim });
    await engine.storeManyVectors(vectors);

    expect(Array.isArray(await engine.neighbours(new Float32Array(dim), { distance: false }))).toBe(true);
  });
});

test("A distance of one's own ranks by its own definition, as the engine's and as the query's", async () => {
  const chebyshev: Distance<"dense"> = {
    name: "chebyshev",
    kinds: ["dense"],
    between: (x, y) => x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0),
  };
  const own = new Engine({ dim, distance: chebyshev });
  await own.storeManyVectors(vectors);
  const engine = await exact();
  for (const query of queries.slice(0, 5)) {
    const expected = nearestByDefinition(query, vectors, 10, chebyshev.between.bind(chebyshev));

    expect(ids(await own.neighbours(query))).toEqual(expected);
    expect(ids(await engine.neighbours(query, { distance: chebyshev }))).toEqual(expected);
  }
  expect((await own.stats()).distance).toBe("chebyshev");
});

describe("probes", () => {
  test.each([
    ["RandomBinaryProjections", () => new RandomBinaryProjections({ name: "h", projections: 9, tables: 2 })],
    ["RandomDiscretizedProjections", () => new RandomDiscretizedProjections({ name: "h", projections: 4, binWidth: 4, tables: 2 })],
  ])("each more reads more buckets, never fewer, and all of them find everything: %s", async (_, make) => {
    const engine = new Engine({ dim, hashes: [make()], distance: "euclidean" });
    await engine.storeManyVectors(vectors);
    for (const query of queries.slice(0, 10)) {
      let before = new Set<Id>();
      for (const probes of [1, 2, 4, 16, 64]) {
        const found = new Set(ids(await engine.neighbours(query, { probes, distance: false })));
        expect([...before].filter((id) => !found.has(id))).toEqual([]);
        expect(await engine.candidateCount(query, { probes })).toMatchObject({ unique: found.size });
        before = found;
      }
      expect(before.size).toBeGreaterThan(10);
    }
  });

  test("as many as there are buckets make binary projections exact", async () => {
    const engine = new Engine({ dim, hashes: [new RandomBinaryProjections({ name: "h", projections: 7 })], distance: "euclidean" });
    await engine.storeManyVectors(vectors);
    for (const query of queries.slice(0, 10))
      expect(ids(await engine.neighbours(query, { probes: 128 }))).toEqual(nearestByDefinition(query, vectors, 10));
  });
});

describe("neighboursOfMany is neighbours one by one", () => {
  const children = () => [new RandomBinaryProjections({ name: "child", projections: 7 })];
  const engines: [string, () => Engine<number>][] = [
    ["exact, cosine", () => new Engine({ dim })],
    ["exact, euclidean", () => new Engine({ dim, distance: "euclidean" })],
    ["exact, manhattan", () => new Engine({ dim, distance: "manhattan" })],
    ["exact, inner product", () => new Engine({ dim, distance: "inner-product" })],
    ["exact, angular", () => new Engine({ dim, distance: "angular" })],
    ["classic", () => new Engine({ ...classic(), dim })],
    ["many tables", () => new Engine({ dim, hashes: [new RandomBinaryProjections({ name: "rbp", projections: 3, tables: 5 })] })],
    ["tree", () => new Engine({ dim, hashes: [new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 20 })] })],
    ["permutations", () => new Engine({ dim, hashes: [new HashPermutations({ name: "p", children: children(), neighbours: 9 })] })],
    ["mapper", () => new Engine({ dim, hashes: [new HashPermutationMapper({ name: "m", children: children() })] })],
  ];
  const options: [string, NeighbourOptions][] = [
    ["as it is", {}],
    ["k of 3", { k: 3 }],
    ["k of 500", { k: 500 }],
    ["within", { within: 0.4 }],
    ["k and within", { k: 4, within: 1.5 }],
    ["without filters", { filters: false }],
    ["a threshold only", { filters: [new DistanceThresholdFilter(0.5)] }],
    ["another distance", { distance: "manhattan", k: 5 }],
    ["3 probes", { probes: 3 }],
    ["vectors included", { includeVector: true, k: 2 }],
  ];

  test.each(engines)("%s", async (_, make) => {
    const engine = make();
    await engine.storeManyVectors(vectors, { data: vectors.map((__, i) => i) });
    // Equal queries in a row, and far apart, share work in several ways.
    const asked = [...queries.slice(0, 7), queries[0], queries[0], ...vectors.slice(0, 3), queries[0]];
    for (const [name, option] of options) {
      const oneByOne = await Promise.all(asked.map((query) => engine.neighbours(query, option)));
      const lists = await engine.neighboursOfMany(asked, option);
      const columns = await engine.neighboursOfMany(asked, { ...option, columns: true });

      expect(lists, name).toEqual(oneByOne);
      expect(columns.offsets).toEqual(
        Uint32Array.from([0, ...oneByOne].map((_list, i) => oneByOne.slice(0, i).reduce((sum, list) => sum + list.length, 0))),
      );
      expect(columns.ids, name).toEqual(oneByOne.flat().map(({ id }) => id));
      expect(columns.distances, name).toEqual(Float64Array.from(oneByOne.flat(), ({ distance }) => distance));
    }
    expect(await engine.neighboursOfMany(asked, { distance: false })).toEqual(
      await Promise.all(asked.map((query) => engine.neighbours(query, { distance: false }))),
    );
  });

  test("also for queries as flat arrays and columns, and more than fit into one batch", async () => {
    const engine = await exact();
    const many = gaussians(new Dice(8), 700, dim);
    const flat = Float32Array.from(many.flatMap((vector) => Array.from(vector)));
    const expected = await Promise.all(many.map((query) => engine.neighbours(query)));

    expect(await engine.neighboursOfMany(many)).toEqual(expected);
    expect(await engine.neighboursOfMany(flat)).toEqual(expected);
    expect(await engine.neighboursOfMany(Float64Array.from(flat))).toEqual(expected);
    expect(await engine.neighboursOfMany({ kind: "dense", dim, count: 700, values: flat })).toEqual(expected);
  });

  test("in columns without distances says NaN for them", async () => {
    const engine = await exact();
    const { distances, ids: found } = await engine.neighboursOfMany(queries.slice(0, 2), { distance: false, columns: true });

    expect(found).toHaveLength(1200);
    expect(distances).toHaveLength(1200);
    expect(distances.every((distance) => Number.isNaN(distance))).toBe(true);
  });
});

describe("All kinds of vector", () => {
  const some = new Dice(SEED);
  const thin = Array.from({ length: 300 }, () => sparse(some, 60, 12));
  const full = thin.map(spread);
  const asked = Array.from({ length: 20 }, () => sparse(some, 60, 12));

  test.each(["euclidean", "cosine", "angular", "manhattan", "inner-product"] as const)(
    "dense and sparse queries on dense and sparse rows agree: %s",
    async (distance) => {
      const dense = new Engine({ dim: 60, distance });
      const thinned = new Engine<unknown, "sparse">({ dim: 60, kind: "sparse", distance });
      await dense.storeManyVectors(full);
      await thinned.storeManyVectors(thin);
      for (const query of asked) {
        const answers = [
          await dense.neighbours(spread(query)),
          await dense.neighbours(query),
          await thinned.neighbours(spread(query)),
          await thinned.neighbours(query),
          (await thinned.neighboursOfMany([query, spread(query)]))[1],
        ];
        if (distance !== "angular") expect(ids(answers[0])).toEqual(nearestByDefinition(spread(query), full, 10, definitions[distance]));
        for (const answer of answers) {
          expect(ids(answer)).toEqual(ids(answers[0]));
          answer.forEach((found, i) => {
            expect(Math.abs(found.distance - answers[0][i].distance)).toBeLessThan(1e-12);
          });
        }
      }
    },
  );

  test("sparse vectors of a million and of four billion dimensions", async () => {
    for (const wide of [1_000_000, 2 ** 20 + 5, 2 ** 32 - 1]) {
      const engine = new Engine<unknown, "sparse">({
        dim: wide,
        kind: "sparse",
        hashes: [new RandomBinaryProjections({ name: "rbp", projections: 4, tables: 3 })],
      });
      const stored = Array.from({ length: 100 }, () => sparse(some, wide, 20));
      // Neighbours share most of their places.
      const near = stored.map(({ indices, values }) => ({ indices, values: values.map((value) => value * (1 + 0.1 * some.normal())) }));
      await engine.storeManyVectors(stored);
      const found = await engine.neighboursOfMany(near, { k: 1 });

      expect(found.filter((list, i) => list[0]?.id === i).length).toBeGreaterThanOrEqual(90);
      expect(await engine.neighbours({ indices: [wide - 1], values: [1] }, { distance: "euclidean", k: 100, probes: 16 })).toHaveLength(
        100,
      );
    }
  });

  test("bits by Hamming distance, given as 0/1, as booleans and as words", async () => {
    const bits = 70;
    const engine = new Engine<unknown, "bits">({ dim: bits, kind: "bits" });
    const stored = Array.from({ length: 200 }, () => Array.from({ length: bits }, () => some.below(2)));
    const packed = (list: number[]) => {
      const words = new Uint32Array(3);
      list.forEach((bit, b) => {
        words[b >>> 5] |= bit << (b & 31);
      });
      return { words };
    };
    await engine.storeManyVectors(stored.map((list, i) => [list, list.map(Boolean), packed(list), { ...packed(list), dim: bits }][i % 4]));
    const differing = (a: number[], b: number[]) => a.filter((bit, i) => bit !== b[i]).length;
    for (let round = 0; round < 20; round++) {
      const query = Array.from({ length: bits }, () => some.below(2));
      const order = stored
        .map((list, id) => ({ id, distance: differing(query, list) }))
        .sort((a, b) => a.distance - b.distance || a.id - b.id);

      expect(await engine.neighbours(query)).toEqual(order.slice(0, 10));
      expect(await engine.neighbours(packed(query), { within: 30 })).toEqual(order.filter(({ distance }) => distance < 30));
      expect(await engine.neighboursOfMany([query, packed(query)])).toEqual([order.slice(0, 10), order.slice(0, 10)]);
    }
    expect((await engine.get(1))?.vector).toEqual({ dim: bits, ...packed(stored[1]) });
  });
});

describe("explain", () => {
  async function explained<K extends Kind>(engine: Engine<number, K>, missed: Id, options: NeighbourOptions = {}) {
    return (await engine.explain([1, 0], missed, options)).missed;
  }

  async function line(): Promise<Engine<number>> {
    const engine = new Engine<number>({
      dim: 2,
      distance: "euclidean",
      hashes: [new RandomBinaryProjections({ name: "rbp", projections: 8, tables: 2 })],
    });
    await engine.storeManyVectors(
      [
        [1, 0],
        [2, 0],
        [3, 0],
        [-1, 0],
      ],
      { ids: ["own", "near", "far", "behind"] },
    );
    return engine;
  }

  test("tells keys, buckets and candidates of each hash", async () => {
    const engine = await line();
    const [query] = [[1, 0]];
    const { hashes, candidates, text, missed } = await engine.explain(query);
    const count = await engine.candidateCount(query);

    expect(hashes).toHaveLength(1);
    expect(hashes[0]).toMatchObject({ name: "rbp", probes: 2, candidates: count.raw });
    expect(hashes[0].keys).toHaveLength(2);
    for (const key of hashes[0].keys) expect(key).toMatch(/^[01]{8}$/);
    expect(candidates).toEqual(count);
    expect(count).toEqual({ raw: 6, unique: 3 });
    expect(missed).toBeUndefined();
    expect(text).toContain("rbp");
    expect(text).toContain("euclidean");
  });

  test("says why a vector is not among the results", async () => {
    const engine = await line();

    expect(await explained(engine, "near")).toEqual({ id: "near", reason: "not missed", distance: 1 });
    expect(await explained(engine, "behind")).toEqual({ id: "behind", reason: "not probed", distance: 2 });
    expect(await explained(engine, "far", { k: 2 })).toEqual({ id: "far", reason: "outranked", distance: 2 });
    expect(await explained(engine, "far", { within: 1.5 })).toEqual({ id: "far", reason: "filtered", distance: 2 });
    expect(await explained(engine, "far", { within: 1.5, k: 1 })).toMatchObject({ id: "far", distance: 2 });
    expect((await engine.explain([1, 0], "behind")).text).toMatch(/"behind".*none of the probed buckets.*probes/);
  });

  test("does not call outranked what a filter dropped while there was room", async () => {
    const engine = await line();

    expect(await explained(engine, "far", { within: 1.5, k: 5 })).toMatchObject({ reason: "filtered" });
    expect(await explained(engine, "far", { within: 0, k: 5 })).toMatchObject({ reason: "filtered" });
    const nothing: Filter = { name: "nothing", stage: "candidates", apply: (candidates) => candidates.clear() };
    expect(await explained(engine, "near", { filters: [nothing, new NearestFilter(3)] })).toMatchObject({ reason: "filtered" });
  });

  test("changes nothing", async () => {
    const engine = await line();
    await engine.neighbours([1, 0]);
    const before = await engine.stats();
    await engine.explain({ id: "own" }, "far");
    await engine.explain([1, 0], "behind", { distance: false, filters: false });

    expect(await engine.stats()).toEqual(before);
  });
});

test("Asking never changes the query", async () => {
  const engine = await exact();
  const query = gaussian(new Dice(1), dim);
  const copy = query.slice();
  await engine.neighbours(query, { distance: "cosine", includeVector: true });
  await engine.neighboursOfMany([query, query]);
  await engine.explain(query, 3);
  await engine.candidateCount(query);

  expect(query).toEqual(copy);
});
