import {
  Engine,
  type Hash,
  type HashConfig,
  HashPermutationMapper,
  HashPermutations,
  hashFromConfig,
  type Json,
  MemoryStorage,
  NearError,
  NearestFilter,
  PCABinaryProjections,
  PCADiscretizedProjections,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  UniBucket,
  UniqueFilter,
} from "nearts";
import { describe, expect, test } from "vitest";
import { all, bucketsOf, Dice, gaussians, oneRow, refusal } from "./vectors.js";

const SEED = 6;
const binary = (name: string, projections: number, seed = 0) => new RandomBinaryProjections({ name, projections, seed });

function everyHash(dim: number): Hash[] {
  const training = gaussians(new Dice(SEED), 50, dim);
  return [
    new RandomBinaryProjections({ name: "rbp", projections: 10, tables: 3, seed: 4 }),
    new RandomDiscretizedProjections({ name: "rdp", projections: 4, binWidth: 0.3, tables: 2, seed: "text", offset: true }),
    new PCABinaryProjections({ name: "pca", projections: 5, training }),
    new PCADiscretizedProjections({ name: "pcad", projections: 4, binWidth: 0.7, training }),
    new RandomBinaryProjectionTree({ name: "tree", projections: 9, minimumResultSize: 12, tables: 2, seed: 6 }),
    new HashPermutations({
      name: "permutations",
      children: [binary("a", 5, 1), binary("b", 6, 2)],
      permutations: 7,
      beam: 6,
      neighbours: 9,
      seed: 3,
    }),
    new HashPermutationMapper({ name: "mapper", children: [binary("a", 5, 1)] }),
    new UniBucket({ name: "uni" }),
  ];
}

describe("37 — Listing buckets", () => {
  test("37 — two hashes with equal keys list exactly their own, each once, after deletes no empty one", async () => {
    // The same planes under two names: every key of one is a key of the other.
    const engine = new Engine<number>({ dim: 6, hashes: [binary("h", 3), binary("h_b", 3)] });
    const vectors = gaussians(new Dice(SEED), 40, 6);
    await engine.storeManyVectors(vectors);
    const [first, second] = [await bucketsOf(engine, 0), await bucketsOf(engine, 1)];
    const keys = new Set(vectors.map((vector) => engine.hashes[0].bucketKeys(oneRow(vector))[0]));
    const bitsOf = (name: string) => Number.parseInt(name.split(":")[1].slice(0, 1), 16) >>> 1;

    expect(new Set([...first.keys()].map((name) => bitsOf(name).toString(2).padStart(3, "0")))).toEqual(keys);
    expect(first.size).toBe(keys.size);
    expect(second).toEqual(first);
    expect([...first.values()].flat()).toHaveLength(40);

    await engine.cleanBuckets("h");
    expect((await bucketsOf(engine, 0)).size).toBe(0);
    expect(await bucketsOf(engine, 1)).toEqual(first);
    const [[name, ids]] = first;
    await engine.deleteMany(ids);
    expect([...(await bucketsOf(engine, 1)).keys()]).toEqual([...first.keys()].filter((other) => other !== name));
  });
});

describe("38 — Deleting one of ten equal vectors", () => {
  async function ten(): Promise<Engine<number>> {
    const engine = new Engine<number>({ dim: 3, hashes: [binary("rbp", 10)], filters: [new UniqueFilter(), new NearestFilter(20)] });
    for (let value = 0; value < 10; value++) await engine.storeVector([1, 2, 3], { id: value, data: value });
    return engine;
  }

  test("38 — delete one of 10 equal vectors by data 4: other nine remain in order", async () => {
    const engine = await ten();
    expect(await engine.deleteVector(4)).toBe(true);
    const nine = [0, 1, 2, 3, 5, 6, 7, 8, 9];

    expect((await engine.neighbours([1, 2, 3])).map(({ data }) => data)).toEqual(nine);
    expect((await engine.neighboursOfMany([[1, 2, 3]]))[0].map(({ data }) => data)).toEqual(nine);
    expect([...(await bucketsOf(engine)).values()]).toEqual([nine]);
    expect((await all(engine.entries())).map(({ data }) => data)).toEqual(nine);
  });

  test("38 — deleting the last vector of a bucket works, and its key disappears", async () => {
    const engine = await ten();
    for (let value = 0; value < 10; value++) {
      expect((await bucketsOf(engine)).size).toBe(1);
      expect(await engine.deleteVector(value)).toBe(true);
    }

    expect(await bucketsOf(engine)).toEqual(new Map());
    expect((await engine.stats()).hashes[0]).toMatchObject({ buckets: 0, entries: 0, largestBucket: 0 });
    expect(await engine.neighbours([1, 2, 3])).toEqual([]);
    expect(await engine.deleteVector(0)).toBe(false);
  });
});

test("39 — Data 0 is kept as 0, null as null, false as false, '' as '', and no data as none", async () => {
  const engine = new Engine<Json>({ dim: 2 });
  const data: Json[] = [0, null, false, "", [], {}, "0"];
  await engine.storeManyVectors(data.map((datum) => ({ vector: [1, 1], data: datum })));
  const without = await engine.storeVector([1, 1]);

  expect((await engine.neighbours([1, 1])).map((found) => found.data)).toEqual([...data, undefined]);
  for (let id = 0; id < data.length; id++) expect((await engine.get(id))?.data).toEqual(data[id]);
  expect(Object.hasOwn((await engine.get(without)) ?? {}, "data")).toBe(false);
  expect((await all(engine.entries())).map((stored) => ("data" in stored ? stored.data : "none"))).toEqual([...data, "none"]);
});

describe("40 — Configurations in a storage", () => {
  const dim = 12;

  test("40 — an unknown name gives null", () => {
    const storage = new MemoryStorage();
    storage.storeConfig(binary("known", 4).config());

    expect(storage.loadConfig("unknown")).toBeNull();
    expect(storage.loadConfig("constructor")).toBeNull();
    expect(storage.loadConfig("__proto__")).toBeNull();
  });

  test("40 — that of every hash comes back bit-exactly, and what is made from it gives the same keys", () => {
    const storage = new MemoryStorage();
    const vectors = gaussians(new Dice(SEED), 20, dim);
    for (const hash of everyHash(dim)) {
      hash.open({ kind: "dense", dim });
      storage.storeConfig(hash.config());
      const config = storage.loadConfig(hash.name);
      if (config === null) throw new Error(`${hash.name} is not there`);
      const again = hashFromConfig(config);
      again.open({ kind: "dense", dim });

      expect(config).toStrictEqual(hash.config());
      expect(again.config()).toStrictEqual(hash.config());
      expect(again.name).toBe(hash.name);
      expect(again.tables).toBe(hash.tables);
      for (const vector of vectors) expect(again.bucketKeys(oneRow(vector))).toEqual(hash.bucketKeys(oneRow(vector)));
    }
  });

  test("40 — they carry dimension, name, parameters and matrices", () => {
    const configs = new Map(
      everyHash(dim).map((hash) => {
        hash.open({ kind: "dense", dim });
        return [hash.name, hash.config()];
      }),
    );

    expect(configs.get("rbp")).toMatchObject({ type: "RandomBinaryProjections", dim, projections: 10, tables: 3, seed: 4 });
    expect(configs.get("rdp")).toMatchObject({ dim, projections: 4, binWidth: 0.3, seed: "text", offset: true });
    expect(configs.get("pcad")).toMatchObject({ dim, projections: 4, binWidth: 0.7 });
    expect(configs.get("tree")).toMatchObject({ projections: 9, minimumResultSize: 12, tables: 2 });
    expect(configs.get("permutations")).toMatchObject({
      permutations: 7,
      beam: 6,
      neighbours: 9,
      children: [{ name: "a" }, { name: "b" }],
    });
    const matrices = Object.values(configs.get("pca") ?? {}).filter((value) => value instanceof Float32Array);
    expect(matrices.some((matrix) => matrix.length === 5 * dim)).toBe(true);
  });

  test("40 — the newest of a name wins, and both ways they are copies", () => {
    const storage = new MemoryStorage();
    const training = gaussians(new Dice(SEED), 50, dim);
    const hash = new PCABinaryProjections({ name: "pca", projections: 3, training });
    const stored = hash.config();
    storage.storeConfig(binary("pca", 9).config());
    storage.storeConfig(stored);
    const scramble = (config: HashConfig | null) => {
      for (const value of Object.values(config ?? {})) if (value instanceof Float32Array) value.fill(9);
    };
    scramble(stored);
    scramble(storage.loadConfig("pca"));

    expect(storage.loadConfig("pca")).toStrictEqual(hash.config());
    storage.storeConfig(binary("pca", 2).config());
    expect(storage.loadConfig("pca")).toMatchObject({ type: "RandomBinaryProjections", projections: 2 });
  });

  test("40 — cleaning everything leaves configurations, as it leaves the engine able to go on", async () => {
    const storage = new MemoryStorage();
    const engine = new Engine({ dim, hashes: [binary("rbp", 4)], storage });
    storage.storeConfig(engine.hashes[0].config());
    await engine.storeVector(gaussians(new Dice(1), 1, dim)[0]);
    await engine.cleanAllBuckets();

    expect(storage.loadConfig("rbp")).toStrictEqual(engine.hashes[0].config());
  });
});

describe("41 — Configurations and data from outside", () => {
  test("41 — a configuration names its class as text: nothing is run, and an unknown one is refused by name", async () => {
    for (const type of ["Function", "constructor", "__proto__", "toString", "eval", ""]) {
      const refused = await refusal(() => hashFromConfig({ type, version: 1, name: "evil" }));

      expect(refused.code).toBe("E_UNKNOWN_PLUGIN");
      expect(refused.message).toContain("evil");
    }
  });

  test(`41 — every corruption of every hash's configuration is a NearError that names the hash, or makes a hash (seed ${SEED})`, () => {
    const dice = new Dice(SEED);
    const bad: unknown[] = [
      undefined,
      null,
      -1,
      0,
      0.5,
      Number.NaN,
      1e300,
      2 ** 32,
      "",
      "x",
      "__proto__",
      [],
      {},
      [null],
      [{}],
      true,
      new Float32Array(3),
      new Float64Array(60),
    ];
    const originals = everyHash(6).map((hash) => {
      hash.open({ kind: "dense", dim: 6 });
      return hash.config();
    });
    let refusals = 0;
    for (let round = 0; round < 3000; round++) {
      const original = originals[dice.below(originals.length)];
      const fields = Object.keys(original).filter((field) => field !== "name" && field !== "type");
      const field = fields[dice.below(fields.length)];
      const value = bad[dice.below(bad.length)];
      const config = { ...structuredClone(original), [field]: value } as HashConfig; // on purpose not one
      try {
        hashFromConfig(config);
      } catch (error) {
        if (!(error instanceof NearError))
          throw new Error(`${original.name}.${field} = ${String(value)}: ${String(error)}`, { cause: error });
        expect(["E_CONFIG", "E_UNKNOWN_PLUGIN"]).toContain(error.code);
        expect(error.message, field).toContain(field === "children" ? "" : original.name);
        refusals++;
      }
    }

    expect(refusals).toBeGreaterThan(1000);
  });

  test("41 — what is no configuration at all is refused as one", async () => {
    for (const config of [undefined, null, 5, "text", [], {}]) {
      const refused = await refusal(() => hashFromConfig(config as never));

      expect(["E_CONFIG", "E_UNKNOWN_PLUGIN"]).toContain(refused.code);
    }
  });

  test("41 — matrices with NaN in them, or of another length, are refused by name", async () => {
    const config = new PCABinaryProjections({ name: "pca", projections: 3, training: gaussians(new Dice(1), 20, 6) }).config();
    for (const [field, value] of Object.entries(config)) {
      if (!(value instanceof Float32Array)) continue;
      for (const broken of [value.map((x, i) => (i === 0 ? Number.NaN : x)), value.slice(1), Float64Array.from(value)]) {
        const refused = await refusal(() => hashFromConfig({ ...config, [field]: broken }));

        expect(refused.code).toBe("E_CONFIG");
        expect(refused.message).toContain("pca");
        expect(refused.message).toContain(field);
      }
    }
  });

  test("41 — data that looks like code, or names prototypes, comes back as plain data", async () => {
    const engine = new Engine<Json>({ dim: 1, distance: "euclidean" });
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":"x","code":"process.exit(1)"}',
    ) as Json;
    await engine.storeVector([1], { data: hostile });
    const stored = await engine.get(0);

    expect(JSON.stringify(stored?.data)).toBe(JSON.stringify(hostile));
    expect(Object.getPrototypeOf(stored?.data)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
