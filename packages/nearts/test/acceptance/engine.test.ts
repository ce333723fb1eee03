import {
  CosineDistance,
  classic,
  DistanceThresholdFilter,
  Engine,
  type Filter,
  type Found,
  type Hash,
  HashPermutationMapper,
  HashPermutations,
  type Id,
  ManhattanDistance,
  MemoryStorage,
  NearestFilter,
  PCABinaryProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  UniBucket,
  UniqueFilter,
  type VectorInput,
} from "nearts";
import { describe, expect, test, vi } from "vitest";
import { bucketsOf, Dice, definitions, gaussian, gaussians, nearestByDefinition, refusal, sparse, spread } from "./vectors.js";

const SEED = 5;
const binary = (name: string, projections: number, seed: number) => new RandomBinaryProjections({ name, projections, seed });
const ids = (found: readonly { readonly id: Id }[]) => found.map(({ id }) => id);

test("23 — Two engines with default arguments share nothing: 1000 stored in one leave 0 buckets in the other", async () => {
  const vectors = gaussians(new Dice(SEED), 1000, 50);
  for (const make of [() => new Engine({ dim: 50 }), () => new Engine({ ...classic(), dim: 50 })]) {
    const [full, empty] = [make(), make()];
    await full.storeManyVectors(vectors);

    expect(await full.size()).toBe(1000);
    expect((await full.stats()).hashes[0].entries).toBe(1000);
    expect(await empty.size()).toBe(0);
    expect(await bucketsOf(empty)).toEqual(new Map());
    expect(await empty.neighbours(vectors[0])).toEqual([]);
  }
});

test(`24 — 100 rounds of clean, store x (1000-d dense, and sparse of density .05), query x: x comes first, bit-exact after rounding to float32, with its data, at distance 0 (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  const dense = new Engine<{ round: number }>({ ...classic(), dim: 1000 });
  const thinned = new Engine<{ round: number }, "sparse">({ dim: 1000, kind: "sparse", hashes: [binary("default", 10, 0)] });
  for (let round = 0; round < 100; round++) {
    await dense.cleanAllBuckets();
    await thinned.cleanAllBuckets();
    const x = Array.from({ length: 1000 }, () => dice.normal()); // float64, rounded when stored
    const s = sparse(dice, 1000, 50);
    await dense.storeVector(x, { data: { round } });
    await thinned.storeVector(s, { data: { round } });
    const [first] = await dense.neighbours(x, { includeVector: true });
    const [second] = await thinned.neighbours(s, { includeVector: true });

    expect(first).toMatchObject({ data: { round }, distance: 0, vector: Float32Array.from(x) });
    expect(second).toMatchObject({ data: { round }, distance: 0, vector: s });
  }
});

describe("25 — Deleting", () => {
  const one = () => [binary("rbp", 10, 0)];
  const ten = () => Array.from({ length: 10 }, (_, i) => binary(`rbp${i}`, 10, i));

  test.each([
    ["1 hash", one],
    ["10 hashes", ten],
    ["1 hash of 10 tables", () => [new RandomBinaryProjections({ name: "rbp", projections: 10, tables: 10 })]],
  ])(
    "25 — of the values 0 … 19 (id = the value, zero vector and value 0 among them) only 15 vanishes, from every table: %s",
    async (_, hashes) => {
      const engine = new Engine<number>({
        dim: 10,
        distance: "euclidean",
        hashes: hashes(),
        filters: [new UniqueFilter(), new NearestFilter(20)],
      });
      const vectorOf = (value: number) => new Float32Array(10).fill(value);
      for (let value = 0; value < 20; value++) await engine.storeVector(vectorOf(value), { id: value, data: value });
      const tables = engine.hashes.reduce((sum, hash) => sum + hash.tables, 0);

      expect(await engine.deleteVector(15)).toBe(true);
      expect(await engine.deleteVector(15)).toBe(false);

      const left = Array.from({ length: 20 }, (_, value) => value).filter((value) => value !== 15);
      for (let h = 0; h < engine.hashes.length; h++) {
        const entries = [...(await bucketsOf(engine, h)).values()].flat();
        expect(entries.filter((id) => id === 15)).toEqual([]);
        expect(new Set(entries)).toEqual(new Set(left));
      }
      expect((await engine.stats()).hashes.reduce((sum, hash) => sum + hash.entries, 0)).toBe(19 * tables);
      for (const value of left) expect((await engine.neighbours(vectorOf(value)))[0]).toEqual({ id: value, data: value, distance: 0 });
      expect(ids(await engine.neighbours(vectorOf(15)))).not.toContain(15);
      expect(await engine.has(15)).toBe(false);
      expect(await engine.get(0)).toEqual({ id: 0, data: 0, vector: vectorOf(0) });
    },
  );
});

describe("26 — classic(), NearPy's default engine", () => {
  test("26 — is 10 bits, cosine, unique, nearest 10", async () => {
    const engine = new Engine({ ...classic(), dim: 30 });
    const vectors = gaussians(new Dice(SEED), 2000, 30);
    await engine.storeManyVectors(vectors);
    const [hash] = engine.hashes;
    const found = await engine.neighbours(vectors[0], { filters: [new UniqueFilter()] });

    expect(engine.hashes).toHaveLength(1);
    expect(hash.config()).toMatchObject({ type: "RandomBinaryProjections", projections: 10, tables: 1 });
    expect(engine.distance.name).toBe("cosine");
    expect((await engine.neighbours(vectors[0])).length).toBe(Math.min(10, found.length));
    expect((await engine.neighboursOfMany(vectors.slice(0, 200))).map((list) => list.length).reduce((a, b) => Math.max(a, b))).toBe(10);
  });

  test("26 — and unique is really on: a vector in 6 tables comes once", async () => {
    const { filters, distance } = classic();
    const hashes = Array.from({ length: 6 }, (_, i) => binary(`rbp${i}`, 2, i));
    const engine = new Engine({ dim: 20, hashes, ...(filters && { filters }), ...(distance && { distance }) });
    const vectors = gaussians(new Dice(SEED), 300, 20);
    await engine.storeManyVectors(vectors);
    for (const vector of vectors.slice(0, 50)) {
      const found = await engine.neighbours(vector);
      expect(found).toHaveLength(10);
      expect(new Set(ids(found)).size).toBe(10);
    }
  });
});

describe("27 — The four modes", () => {
  async function crowded(): Promise<Engine<string>> {
    const hashes = [new RandomBinaryProjections({ name: "rbp", projections: 1, tables: 3 })];
    const engine = new Engine<string>({ dim: 2, distance: "euclidean", hashes, filters: [new UniqueFilter(), new NearestFilter(2)] });
    for (const x of [3, 1, 2]) await engine.storeVector([x, x], { data: `at ${x}` });
    return engine;
  }

  test("27 — both: nearest first, with data and distances", async () => {
    const found = await (await crowded()).neighbours([1, 1]);

    expect(found).toEqual([
      { id: 1, data: "at 1", distance: 0 },
      { id: 2, data: "at 2", distance: Math.SQRT2 },
    ]);
  });

  test("27 — no distance: every candidate once with its data, in the buckets' order, and no distance to read", async () => {
    const found: Found<string>[] = await (await crowded()).neighbours([1, 1], { distance: false });

    expect(found).toEqual([
      { id: 0, data: "at 3" },
      { id: 1, data: "at 1" },
      { id: 2, data: "at 2" },
    ]);
  });

  test.each([false as const, []])("27 — no filters (%j): measured and unsorted, as often as buckets proposed it", async (filters) => {
    const found = await (await crowded()).neighbours([1, 1], { filters });

    expect(ids(found)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(found[0].distance).toBeCloseTo(Math.SQRT2 * 2, 14);
    expect(found.map(({ distance }) => distance).slice(0, 3)).toEqual(found.map(({ distance }) => distance).slice(3, 6));
  });

  test.each([false as const, []])("27 — neither (%j): the raw content of the buckets", async (filters) => {
    const found = await (await crowded()).neighbours([1, 1], { distance: false, filters });

    expect(ids(found)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(found[4]).toEqual({ id: 1, data: "at 1" });
  });
});

describe("28 — Choices of one query", () => {
  const dice = new Dice(SEED);
  const vectors = gaussians(dice, 200, 8);
  const query = gaussian(dice, 8);

  async function engineOf(distance: "euclidean" | "cosine"): Promise<Engine> {
    const engine = new Engine({ dim: 8, distance });
    await engine.storeManyVectors(vectors);
    return engine;
  }

  test("28 — another distance takes effect, by name and as an object, and only for that query", async () => {
    const engine = await engineOf("euclidean");
    const expected = (name: keyof typeof definitions) => nearestByDefinition(query, vectors, 10, definitions[name]);

    expect(ids(await engine.neighbours(query, { distance: "cosine" }))).toEqual(expected("cosine"));
    expect(ids(await engine.neighbours(query, { distance: new CosineDistance() }))).toEqual(expected("cosine"));
    expect(ids(await engine.neighbours(query, { distance: new ManhattanDistance() }))).toEqual(expected("manhattan"));
    expect(ids(await engine.neighbours(query, { distance: "inner-product" }))).toEqual(expected("inner-product"));
    expect(ids(await engine.neighbours(query))).toEqual(expected("euclidean"));
    expect(expected("cosine")).not.toEqual(expected("euclidean"));
  });

  test("28 — other filters take effect, in place of the engine's", async () => {
    const engine = await engineOf("euclidean");
    const even: Filter = {
      name: "even ids",
      stage: "candidates",
      apply: (candidates, context) => {
        const positions = Uint32Array.from(candidates.rows.subarray(0, candidates.count).keys()).filter(
          (i) => Number(context.id(candidates.rows[i])) % 2 === 0,
        );
        candidates.keep(positions, positions.length);
      },
    };
    const expected = nearestByDefinition(query, vectors, 200).filter((id) => id % 2 === 0);

    expect(ids(await engine.neighbours(query, { filters: [even, new NearestFilter(7)] }))).toEqual(expected.slice(0, 7));
    expect(ids(await engine.neighbours(query))).toEqual(nearestByDefinition(query, vectors, 10));
  });

  test("28 — the number of results takes effect, below and above the engine's own", async () => {
    const engine = await engineOf("euclidean");
    for (const k of [1, 3, 10, 50, 200, 1000]) {
      expect(ids(await engine.neighbours(query, { k }))).toEqual(nearestByDefinition(query, vectors, k));
    }
  });

  test("28 — a threshold takes effect: all nearer than it, nearest first; with k the nearest of these", async () => {
    for (const name of ["euclidean", "cosine"] as const) {
      const engine = await engineOf(name);
      const everyone = nearestByDefinition(query, vectors, 200, definitions[name]);
      const radius = (await engine.neighbours(query, { k: 40 }))[39].distance;

      expect(ids(await engine.neighbours(query, { within: radius }))).toEqual(everyone.slice(0, 39)); // the bound itself is out
      expect(ids(await engine.neighbours(query, { within: radius + 1e-9 }))).toEqual(everyone.slice(0, 40));
      expect(ids(await engine.neighbours(query, { within: radius, k: 5 }))).toEqual(everyone.slice(0, 5));
      expect(ids(await engine.neighbours(query, { within: radius, k: 100 }))).toEqual(everyone.slice(0, 39));
      expect(new Set(ids(await engine.neighbours(query, { filters: [new DistanceThresholdFilter(radius)] })))).toEqual(
        new Set(everyone.slice(0, 39)),
      );
    }
  });
});

test("29 — Euclidean: of (1,1,1.1) and (.1,.1,.1) the first is nearest to (1,1,1), at distance 0.1, and the original values come back", async () => {
  const engine = new Engine({ dim: 3, distance: "euclidean", hashes: [new UniBucket()] });
  await engine.storeManyVectors([
    [1, 1, 1.1],
    [0.1, 0.1, 0.1],
  ]);
  const [first, second] = await engine.neighbours([1, 1, 1], { includeVector: true });

  expect(first).toEqual({ id: 0, distance: Math.fround(1.1) - 1, vector: Float32Array.of(1, 1, 1.1) });
  expect(first.distance).toBeCloseTo(0.1, 7);
  expect(second.id).toBe(1);
  expect(second.distance).toBeCloseTo(Math.sqrt(3) * 0.9, 7);
  expect(second.vector).toEqual(Float32Array.of(0.1, 0.1, 0.1));
});

test(`30 — candidateCount gives the work done, with repeats, and the different vectors in it (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  const engine = new Engine({ dim: 10, hashes: [new RandomBinaryProjections({ name: "rbp", projections: 4, tables: 3 })] });
  await engine.storeManyVectors(gaussians(dice, 400, 10));
  const alone = new Engine({ dim: 2, hashes: [new RandomBinaryProjections({ name: "rbp", projections: 1, tables: 3 })] });
  await alone.storeVector([1, 2]);

  expect(await alone.candidateCount([1, 2])).toEqual({ raw: 3, unique: 1 });
  for (let round = 0; round < 20; round++) {
    const query = gaussian(dice, 10);
    const raw = ids(await engine.neighbours(query, { distance: false, filters: false }));

    expect(await engine.candidateCount(query)).toEqual({ raw: raw.length, unique: new Set(raw).size });
    const wider = await engine.candidateCount(query, { probes: 4 });
    expect(wider.raw).toBeGreaterThan(raw.length);
  }
});

describe("31 — Cleaning", () => {
  test("31 — cleanBuckets empties one hash only: h never touches h_b", async () => {
    const hashes = [binary("h", 4, 1), binary("h_b", 4, 2), binary("h*", 4, 3)];
    const engine = new Engine({ dim: 6, hashes });
    const vectors = gaussians(new Dice(SEED), 50, 6);
    await engine.storeManyVectors(vectors);
    const before = [await bucketsOf(engine, 0), await bucketsOf(engine, 1), await bucketsOf(engine, 2)];
    await engine.cleanBuckets("h");

    expect(await bucketsOf(engine, 0)).toEqual(new Map());
    expect(await bucketsOf(engine, 1)).toEqual(before[1]);
    expect(await bucketsOf(engine, 2)).toEqual(before[2]);
    expect(before[0].size).toBeGreaterThan(1);
    expect(await engine.size()).toBe(50);
    expect((await engine.neighbours(vectors[7], { k: 1 }))[0]).toEqual({ id: 7, distance: 0 });
    const unknown = await refusal(() => engine.cleanBuckets("h_"));
    expect(unknown.code).toBe("E_NOT_FOUND");
  });

  test("31 — cleanAllBuckets empties all", async () => {
    const engine = new Engine({ dim: 6, hashes: [binary("h", 4, 1), binary("h_b", 4, 2)] });
    await engine.storeManyVectors(gaussians(new Dice(SEED), 50, 6), { data: Array.from({ length: 50 }, () => "x") });
    await engine.cleanAllBuckets();

    expect(await bucketsOf(engine, 0)).toEqual(new Map());
    expect(await bucketsOf(engine, 1)).toEqual(new Map());
    expect(await engine.size()).toBe(0);
    expect(await engine.get(3)).toBeUndefined();
    expect((await engine.stats()).hashes.map(({ entries, buckets }) => entries + buckets)).toEqual([0, 0]);
  });

  test("31 — tree counters and permutation lists follow at once, and vectors stored again are found", async () => {
    const tree = new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 10 });
    const permutations = new HashPermutations({ name: "permutations", children: [binary("child", 8, 1)] });
    const mapper = new HashPermutationMapper({ name: "mapper", children: [binary("child", 8, 1)] });
    for (const hash of [tree, permutations, mapper]) {
      const engine = new Engine({ dim: 6, hashes: [hash] });
      const vectors = gaussians(new Dice(SEED), 60, 6);
      await engine.storeManyVectors(vectors);
      expect((await engine.neighbours(vectors[0])).length).toBeGreaterThan(0);
      await engine.cleanBuckets(hash.name);
      expect(await engine.neighbours(vectors[0])).toEqual([]);
      await engine.cleanAllBuckets();
      await engine.storeManyVectors(vectors.slice(0, 5));
      for (let i = 0; i < 5; i++) {
        const found = await engine.neighbours(vectors[i]);
        expect(found[0].distance, hash.name).toBe(0);
        expect(found.length, hash.name).toBeLessThanOrEqual(5);
      }
      expect(await engine.neighbours(vectors[0], { k: 10 })).toHaveLength(
        hash === tree ? 5 : (await engine.candidateCount(vectors[0])).unique,
      );
    }
  });
});

describe("32 — What is refused and what is taken", () => {
  test.each<[string, VectorInput, string]>([
    ["a wrong dimension", [1, 2, 3, 4], "E_DIM_MISMATCH"],
    ["NaN", [1, Number.NaN, 3], "E_BAD_VECTOR"],
    ["Infinity", [1, Number.POSITIVE_INFINITY, 3], "E_BAD_VECTOR"],
    ["a number that float32 cannot hold", [1, 1e39, 3], "E_BAD_VECTOR"],
    ["text", "abc" as never, "E_BAD_VECTOR"],
    ["a sparse column of another dimension", { dim: 7, indices: [0], values: [1] }, "E_DIM_MISMATCH"],
  ])("32 — %s is refused when storing and when asking", async (_, vector, code) => {
    const engine = new Engine({ dim: 3 });
    await engine.storeVector([1, 2, 3]);

    expect((await refusal(() => engine.storeVector(vector))).code).toBe(code);
    expect((await refusal(() => engine.storeManyVectors([[3, 2, 1], vector]))).code).toBe(code);
    expect((await refusal(() => engine.neighbours(vector))).code).toBe(code);
    expect(await engine.size()).toBe(1);
  });

  test("32 — two hashes of one name are refused", async () => {
    const refused = await refusal(() => new Engine({ dim: 3, hashes: [binary("same", 4, 1), binary("same", 4, 2)] }));

    expect(refused.code).toBe("E_DUPLICATE_NAME");
    expect(refused.message).toContain("same");
  });

  test("32 — plain arrays, typed arrays of every type and sparse rows are taken", async () => {
    const engine = new Engine({ dim: 3, distance: "euclidean" });
    const inputs: VectorInput[] = [
      [1, 0, 2],
      Float32Array.of(1, 0, 2),
      Float64Array.of(1, 0, 2),
      Int8Array.of(1, 0, 2),
      Uint16Array.of(1, 0, 2),
      { indices: [0, 2], values: [1, 2] },
      { dim: 3, indices: Uint32Array.of(0, 2), values: Float32Array.of(1, 2) },
    ];
    for (const input of inputs) await engine.storeVector(input);
    await engine.storeManyVectors({
      kind: "sparse",
      dim: 3,
      count: 1,
      offsets: Uint32Array.of(0, 2),
      indices: Uint32Array.of(0, 2),
      values: Float32Array.of(1, 2),
    });
    const found = await engine.neighbours([1, 0, 2], { includeVector: true });

    expect(found).toHaveLength(8);
    for (const { distance, vector } of found) {
      expect(distance).toBe(0);
      expect(vector).toEqual(Float32Array.of(1, 0, 2));
    }
  });
});

test("33 — Upsert: after storing id 7 twice only the newer vector is found, and the count stays 1", async () => {
  const engine = new Engine<string>({ dim: 4, hashes: [new RandomBinaryProjections({ name: "rbp", projections: 6, tables: 4 })] });
  await engine.storeVector([1, 2, 3, 4], { id: 7, data: "old" });
  await engine.storeVector([-4, 3, -2, 1], { id: 7, data: "new" });

  expect(await engine.size()).toBe(1);
  expect(await engine.get(7)).toEqual({ id: 7, data: "new", vector: Float32Array.of(-4, 3, -2, 1) });
  expect(await engine.neighbours([1, 2, 3, 4])).toEqual([]);
  expect(await engine.neighbours([-4, 3, -2, 1])).toEqual([{ id: 7, data: "new", distance: 0 }]);
  expect((await engine.stats()).hashes[0].entries).toBe(4);
});

describe("34 — Storing many", () => {
  const dim = 16;
  const training = gaussians(new Dice(9), 40, dim);
  const everyHash = (): Hash[] => [
    binary("rbp", 8, 1),
    new RandomBinaryProjections({ name: "tables", projections: 5, tables: 3, seed: 2 }),
    new RandomDiscretizedProjections({ name: "rdp", projections: 3, binWidth: 1, tables: 2 }),
    new PCABinaryProjections({ name: "pca", projections: 4, training }),
    new RandomBinaryProjectionTree({ name: "tree", projections: 8, minimumResultSize: 5 }),
    new HashPermutations({ name: "permutations", children: [binary("a", 6, 3), binary("b", 7, 4)] }),
    new HashPermutationMapper({ name: "mapper", children: [binary("a", 6, 3), binary("b", 7, 4)] }),
    new UniBucket(),
  ];

  test(`34 — is storing one by one: the same in every table of every hash and child, and the same answers (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    const vectors = Array.from({ length: 300 }, () => spread(sparse(dice, dim, 6)));
    const data = vectors.map((_, i) => i);
    const single = new Engine<number>({ dim, hashes: everyHash() });
    for (let i = 0; i < 300; i++) await single.storeVector(vectors[i], { data: i });
    const many = new Engine<number>({ dim, hashes: everyHash() });
    await many.storeManyVectors(vectors, { data });

    for (let h = 0; h < many.hashes.length; h++) {
      expect(await bucketsOf(many, h), many.hashes[h].name).toEqual(await bucketsOf(single, h));
      expect((await many.stats()).hashes[h].entries).toBe(300 * many.hashes[h].tables);
    }
    for (let round = 0; round < 20; round++) {
      const query = gaussian(dice, dim);
      expect(await many.neighbours(query)).toEqual(await single.neighbours(query));
    }
  });

  test("34 — takes one write for a batch and all its tables", async () => {
    const storage = new MemoryStorage();
    const write = vi.spyOn(storage, "write");
    const engine = new Engine({ dim, hashes: everyHash(), storage });
    await engine.storeManyVectors(gaussians(new Dice(SEED), 1000, dim));

    expect(write).toHaveBeenCalledTimes(1);
    await engine.storeVector(gaussian(new Dice(1), dim));
    expect(write).toHaveBeenCalledTimes(2);
  });

  test("34 — data that is too short is refused, not cut off", async () => {
    const engine = new Engine<number>({ dim: 1, distance: "euclidean" });
    const refused = await refusal(() => engine.storeManyVectors([[1], [2], [3]], { data: [1, 2] }));

    expect(refused.code).toBe("E_BAD_OPTION");
    expect(refused.details).toMatchObject({ got: 2, expected: 3 });
    expect(await engine.size()).toBe(0);
  });
});
