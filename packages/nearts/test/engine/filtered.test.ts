import { describe, expect, it } from "vitest";
import type { Schema } from "../../src/core/contracts.js";
import { evaluator } from "../../src/core/predicates.js";
import { Random } from "../../src/core/random.js";
import { parseWhere } from "../../src/engine/where-parse.js";
import {
  Engine,
  type EngineOptions,
  EuclideanDistance,
  type Id,
  MemoryStorage,
  RandomBinaryProjections,
  type Where,
  type WhereObject,
} from "../../src/index.js";
import { laterStorage } from "../../src/testing/index.js";
import { clouds, rowOf } from "../learned/vectors.js";

const seed = 20_261_124;
const dim = 6;

interface Book {
  readonly price?: number | string;
  readonly brand?: string | null;
  readonly tags?: readonly string[];
  readonly size?: { readonly width: number };
}

const fields = { price: "number", brand: "string", tags: "strings", "size.width": "number" } as const;

function arbitraryBook(random: Random): Book | undefined {
  if (random.below(12) === 0) return undefined;
  return {
    ...(random.below(5) === 0 ? {} : { price: random.below(9) === 0 ? `${random.below(10)}` : random.below(100) }),
    ...(random.below(5) === 0 ? {} : { brand: random.below(9) === 0 ? null : `b${random.below(6)}` }),
    ...(random.below(3) === 0 ? {} : { tags: Array.from({ length: random.below(4) }, () => `t${random.below(4)}`) }),
    ...(random.below(3) === 0 ? {} : { size: { width: random.below(20) } }),
  };
}

function arbitraryWhere(random: Random, depth = 0): WhereObject<Book> {
  const wheres: (() => WhereObject<Book>)[] = [
    () => ({ price: { lt: random.below(100) } }),
    () => ({ price: { gte: random.below(50), lt: 50 + random.below(50) } }),
    () => ({ price: null }),
    () => ({ brand: `b${random.below(7)}` }),
    () => ({ brand: { in: [`b${random.below(6)}`, null] } }),
    () => ({ brand: { ne: `b${random.below(6)}` } }),
    () => ({ tags: { has: `t${random.below(5)}` } }),
    () => ({ tags: { hasAll: ["t0", "t1"] } }),
    () => ({ "size.width": { lte: random.below(20) } }),
  ];
  const choice = random.below(wheres.length + (depth < 2 ? 3 : 0));
  if (choice < wheres.length) return wheres[choice]();
  const [a, b] = [arbitraryWhere(random, depth + 1), arbitraryWhere(random, depth + 1)];
  return [{ and: [a, b] }, { or: [a, b] }, { not: a }][choice - wheres.length];
}

const hash = () => new RandomBinaryProjections({ name: "rbp", projections: 5, tables: 3, seed: 1 });

const engines: readonly { readonly name: string; readonly options: () => Partial<EngineOptions<"dense">>; readonly rows: number }[] = [
  { name: "learned, all fields declared", options: () => ({ recall: 0.9, fields }), rows: 3000 },
  { name: "learned, one field declared", options: () => ({ recall: 0.9, fields: { brand: "string" } }), rows: 3000 },
  { name: "exact", options: () => ({ fields: { price: "number" } }), rows: 300 },
  { name: "classic hashes", options: () => ({ hashes: [hash()], fields }), rows: 3000 },
  { name: "classic hashes with codes, nothing declared", options: () => ({ hashes: [hash()], codes: true }), rows: 300 },
  {
    name: "a storage that answers later",
    options: () => ({ storage: laterStorage(new MemoryStorage()), hashes: [hash()], fields }),
    rows: 300,
  },
];

describe("A filtered search, against a Map, with changes between queries", () => {
  it.each(engines)("finds what fits and nothing else ($name)", async ({ options, rows }) => {
    const random = new Random(seed);
    const cloud = clouds(rows + 400, dim, seed);
    const held = new Map<Id, { readonly vector: Float32Array; readonly data: Book | undefined }>();
    const engine = new Engine<Book>({ dim, distance: "euclidean", ...options() });
    const first = Array.from({ length: rows }, (_, id) => ({ vector: rowOf(cloud, dim, id), data: arbitraryBook(random) }));
    await engine.storeManyVectors(
      first.map(({ vector }) => vector),
      { ids: [...first.keys()], data: first.map(({ data }) => data) },
    );
    for (const [id, item] of first.entries()) held.set(id, item);
    if (options().recall !== undefined) await engine.train();
    const distance = new EuclideanDistance();
    for (let step = 0; step < 120; step++) {
      const about = `seed ${seed}, step ${step}`;
      const id = random.below(rows + 100);
      const item = { vector: rowOf(cloud, dim, random.below(rows + 400)), data: arbitraryBook(random) };
      const act = random.below(3);
      if (act === 0) {
        await engine.storeVector(item.vector, { id, ...(item.data === undefined ? {} : { data: item.data }) });
        held.set(id, item);
      } else if (act === 1) expect(await engine.deleteVector(id), about).toBe(held.delete(id));
      const where = arbitraryWhere(random);
      const holds = evaluator(parseWhere(where));
      const fitting = [...held].filter(([, { data }]) => holds(data));
      const query = rowOf(cloud, dim, random.below(rows + 400));
      const found = await engine.neighbours(query, { k: 5, where });
      expect(found, `${about}: ${JSON.stringify(where)}`).toHaveLength(Math.min(5, fitting.length));
      for (const { id: name, distance: far, data } of found) {
        const own = held.get(name);
        expect(own, `${about}: ${name} was removed`).toBeDefined();
        expect(data, about).toEqual(own?.data);
        expect(holds(data), `${about}: ${JSON.stringify(where)} for ${JSON.stringify(data)}`).toBe(true);
        expect(far, about).toBeCloseTo(distance.between(query, own?.vector ?? query), 5);
      }
      if (engine.storage.resident === undefined) continue;
      const truth = fitting.map(([, { vector }]) => distance.between(query, vector)).sort((a, b) => a - b);
      const exact = await engine.neighbours(query, { k: 5, where, exact: true });
      for (const [i, { distance: far }] of exact.entries()) expect(far, about).toBeCloseTo(truth[i], 5);
    }
  });
});

describe("Filters by data", () => {
  const line = async (options: Partial<EngineOptions<"dense">> = {}, rows = 100) => {
    const engine = new Engine<{ n: number; kind?: string }>({ dim: 2, distance: "euclidean", ...options });
    await engine.storeManyVectors(
      Array.from({ length: rows }, (_, n) => [n, 1]),
      { data: Array.from({ length: rows }, (_, n) => ({ n, kind: n % 2 === 0 ? "even" : "odd" })) },
    );
    return engine;
  };
  const declared = { n: "number", kind: "string" } as const;

  it("go by what is stored now: replaced data, removed vectors, and none after everything was removed", async () => {
    const engine = await line({ fields: declared });
    const ids = async (where: Where<{ n: number; kind?: string }>) =>
      (await engine.neighbours([0, 1], { k: 3, where })).map(({ id }) => id);
    expect(await ids({ kind: "odd" })).toEqual([1, 3, 5]);
    await engine.storeVector([3, 1], { id: 3, data: { n: 3, kind: "even" } });
    expect(await ids({ kind: "odd" })).toEqual([1, 5, 7]);
    await engine.storeVector([5, 1], { id: 5 });
    expect(await ids({ kind: "odd" })).toEqual([1, 7, 9]);
    expect(await ids({ kind: null })).toEqual([5]);
    await engine.deleteVector(1);
    expect(await ids({ kind: "odd" })).toEqual([7, 9, 11]);
    await engine.storeVector([1, 1], { id: "new", data: { n: 1, kind: "odd" } });
    expect(await ids({ kind: "odd" })).toEqual(["new", 7, 9]);
    await engine.cleanAllBuckets();
    expect(await ids({ kind: "odd" })).toEqual([]);
    await engine.storeVector([2, 1], { id: "again", data: { n: 2, kind: "odd" } });
    expect(await ids({ kind: "odd" })).toEqual(["again"]);
  });

  it.each([{ fields: declared }, {}, { hashes: [hash()] }])("work without distances and beside own filters (%j)", async (options) => {
    const engine = await line(options);
    const found = await engine.neighbours([50, 1], { distance: false, where: { kind: "odd", n: { lt: 60 } }, probes: 1000 });
    expect(found.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => 2 * i + 1));
    const third = {
      name: "every third",
      stage: "candidates" as const,
      apply(candidates: { count: number; rows: Uint32Array; keep(positions: Uint32Array, count: number): void }) {
        const kept = Uint32Array.from(candidates.rows.subarray(0, candidates.count).keys()).filter((i) => candidates.rows[i] % 3 === 0);
        candidates.keep(kept, kept.length);
      },
    };
    const { filters } = { filters: [third] };
    const some = await engine.neighbours([0, 1], { k: 4, where: { kind: "odd" }, filters, probes: 1000 });
    expect([...new Set(some.map(({ id }) => id))].every((id) => Number(id) % 6 === 3)).toBe(true);
    expect(some.length).toBeGreaterThan(0);
  });

  it("remove what fits, and say how many", async () => {
    for (const options of [{ fields: declared }, {}, { storage: laterStorage(new MemoryStorage()) }]) {
      const engine = await line(options);
      expect(await engine.deleteMany({ where: { kind: "odd", n: { gte: 50 } } })).toBe(25);
      expect(await engine.deleteMany({ where: { kind: "odd", n: { gte: 50 } } })).toBe(0);
      expect(await engine.deleteMany({ where: (data, id) => data?.n === id && Number(id) < 10 })).toBe(10);
      expect(await engine.size()).toBe(65);
      expect(await engine.has(51)).toBe(false);
      expect(await engine.has(52)).toBe(true);
      expect(await engine.deleteMany({ where: {} })).toBe(65);
      expect(await engine.size()).toBe(0);
    }
  });

  it("remove no vector whose data were replaced while others were being removed", async () => {
    const rows = 40_000;
    const engine = await line({ fields: declared }, rows);
    const removing = engine.deleteMany({ where: { kind: "odd" } });
    let replaced = 0;
    for (let id = rows - 1; id > rows - 40; id -= 2) {
      const before = await engine.get(id);
      await engine.storeVector([id, 1], { id, data: { n: id, kind: "even" } });
      if (before !== undefined) replaced++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const removed = await removing;
    expect(removed).toBe(rows / 2 - replaced);
    for (let id = rows - 1; id > rows - 40; id -= 2) expect((await engine.get(id))?.data).toEqual({ n: id, kind: "even" });
  });

  it("refuse what they do not understand, by key and operator, before anything is asked or removed", async () => {
    const engine = await line({ fields: declared });
    const bad = async (where: unknown, message: RegExp) => {
      const refused = { code: "E_BAD_OPTION", message: expect.stringMatching(message) as string };
      await expect(engine.neighbours([0, 1], { where: where as never })).rejects.toMatchObject(refused); // a bad value is the point, here and below
      await expect(engine.neighboursOfMany([[0, 1]], { where: where as never })).rejects.toMatchObject(refused);
      await expect(engine.explain([0, 1], 0, { where: where as never })).rejects.toMatchObject(refused);
      await expect(engine.deleteMany({ where: where as never })).rejects.toMatchObject(refused);
    };
    await bad({ n: { near: 3 } }, /where\["n"\].*"near".*eq, ne/);
    await bad({ n: { lt: Number.NaN } }, /where\["n"\].lt is NaN/);
    await bad({ n: undefined }, /where\["n"\] is undefined.*leave the key out/);
    await bad(7, /where is 7; give an object of conditions, or a function/);
    await bad(async () => true, /where returned .* return true or false, at once/);
    await expect(engine.deleteMany({ where: undefined } as never)).rejects.toMatchObject({ code: "E_BAD_OPTION" });
    await expect(engine.deleteMany({ where: {}, limit: 3 } as never)).rejects.toThrow(/deleteMany has no option "limit"/);
    await expect(engine.deleteMany(7 as never)).rejects.toMatchObject({
      code: "E_BAD_ID",
      message: expect.stringMatching(/or \{ where \}/) as string,
    });
    expect(await engine.size()).toBe(100);
    expect(() => new Engine({ dim: 2, fields: { n: "integer" as never } })).toThrow(/field "n" is declared "integer".*boolean, number/);
    expect(() => new Engine({ dim: 2, fields: [] as never })).toThrow(/fields is/);
  });

  it("let an error of a function through as it is", async () => {
    const engine = await line();
    const where = () => {
      throw new RangeError("mine");
    };
    await expect(engine.neighbours([0, 1], { where })).rejects.toThrow(RangeError);
    expect(await engine.neighbours([0, 1], { k: 1 })).toHaveLength(1);
  });

  it("read exactly the buckets that `probes` says", async () => {
    const engine = await line({ hashes: [hash()], fields: declared });
    const plain = await engine.neighbours([50, 1], { probes: 1, filters: false, distance: false });
    await engine.storeVector([-50, -1], { id: 1000, data: { n: 7 } }); // in the opposite bucket of each table
    const fits = (n: number) => n % 7 === 0;
    const fitting = new Set(plain.map(({ id }) => Number(id)).filter(fits));
    expect(fitting.size).toBeGreaterThan(0);
    for (const where of [
      { n: { in: Array.from({ length: 100 }, (_, n) => n).filter(fits) } },
      (data?: { n: number }) => fits(data?.n ?? 2),
    ]) {
      const found = await engine.neighbours([50, 1], { k: 100, probes: 1, where });
      expect(new Set(found.map(({ id }) => Number(id)))).toEqual(fitting);
    }
  });

  it("are explained", async () => {
    const engine = await line({ fields: declared });
    const query = [0, 1];
    expect((await engine.explain(query, 2, { k: 3, where: { kind: "odd" } })).missed).toMatchObject({ reason: "filtered" });
    expect((await engine.explain(query, 5, { k: 3, where: { kind: "odd" } })).missed).toMatchObject({ reason: "not missed" });
    const explained = await engine.explain(query, 9, { k: 3, where: { kind: "odd" } });
    expect(explained.missed).toMatchObject({ reason: "outranked" });
    expect(explained.candidates.unique).toBe(50);
    expect(explained.text).toMatch(/where: 50 of 100 vectors fit by declared fields; all that fit are measured/);
    const asked = await engine.explain(query, 8, { k: 3, where: (data) => data?.kind === "odd" });
    expect(asked.missed).toMatchObject({ reason: "filtered" });
    expect(asked.text).toMatch(/where: the data of candidates are asked/);
  });
});

describe("Declared fields", () => {
  it("are part of what a storage holds: kept when it is opened by itself, and compared when it is opened otherwise", async () => {
    const storage = new MemoryStorage();
    const made = new Engine({ dim: 2, distance: "euclidean", storage, fields: { n: "number", old: "string" } });
    await made.storeVector([1, 2], { id: "a", data: { n: 1 } });
    const again = await Engine.open({ storage });
    expect(again.fields).toEqual({ n: "number", old: "string" });
    expect(await again.neighbours([1, 2], { where: { n: 1 } })).toHaveLength(1);
    const other = new Engine({ dim: 2, distance: "euclidean", storage, fields: { n: "string", young: "string" } });
    const mismatch = other.size();
    await expect(mismatch).rejects.toMatchObject({ code: "E_SCHEMA_MISMATCH" });
    await expect(mismatch).rejects.toThrow(
      /field "n" of the data is "number" there and "string" here; field "old" of the data is "string" there and "not declared" here; field "young".*"not declared" there/,
    );
    await expect(new Engine({ dim: 2, distance: "euclidean", storage }).size()).rejects.toThrow(/field "n" of the data/);
  });

  it("leave a schema without them as it was", () => {
    const storage = new MemoryStorage();
    void new Engine({ dim: 2, storage }).size();
    return Promise.resolve().then(() => expect(Object.keys(storage.schema() as Schema)).not.toContain("dataFields"));
  });

  it("are counted in the bytes of an index, and in its limit", async () => {
    const store = async (options: object) => {
      const engine = new Engine({ dim: 2, ...options });
      await engine.storeManyVectors(
        Array.from({ length: 2000 }, () => [1, 2]),
        { data: Array.from({ length: 2000 }, (_, n) => ({ n, text: `text ${n}` })) },
      );
      return (await engine.stats()).bytes;
    };
    const plain = await store({});
    const declared = await store({ fields: { n: "number", text: "string" } });
    expect(declared.data - plain.data).toBeGreaterThan(2000 * 12);
    await expect(store({ fields: { n: "number", text: "string" }, maxBytes: plain.total + 2000 })).rejects.toMatchObject({
      code: "E_MEMORY",
    });
  });

  it("refuses an exact search by name where the storage is not in memory", async () => {
    const engine = new Engine({ dim: 2, storage: laterStorage(new MemoryStorage()) });
    await engine.storeVector([1, 2]);
    await expect(engine.neighbours([1, 2], { exact: true })).rejects.toMatchObject({
      code: "E_UNSUPPORTED",
      message: expect.stringMatching(/memory storage is not|leave it out/) as string,
    });
  });
});
