import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, RandomBinaryProjections, RandomDiscretizedProjections } from "../../src/index.js";
import { clouds, rowOf } from "./vectors.js";

const seed = 20_261_122;

describe("vectors stored with less precision", () => {
  it.each(["f16", "i8"] as const)("are searched, returned and measured as what is stored (%s)", async (vectors) => {
    const dim = 48;
    const values = clouds(4000, dim, seed);
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, vectors });
    const plain = new Engine({ dim, distance: "euclidean" });
    await engine.storeManyVectors(values);
    await engine.train();
    await plain.storeManyVectors(values);
    expect((await engine.stats()).bytes.vectors).toBeLessThan(0.75 * (await plain.stats()).bytes.vectors);
    let same = 0;
    for (let q = 0; q < 40; q++) {
      const query = rowOf(values, dim, q * 91);
      const stored = (await engine.get(q * 91))?.vector ?? new Float32Array(dim);
      const [nearest] = await engine.neighbours(stored, { k: 1 });
      expect(nearest.distance).toBe(0);
      expect(Math.hypot(...stored.map((x, i) => x - query[i]))).toBeLessThan(0.02 * Math.hypot(...query));
      const found = new Set((await engine.neighbours(query, { k: 10 })).map(({ id }) => id));
      same += (await plain.neighbours(query, { k: 10 })).filter(({ id }) => found.has(id)).length;
    }
    expect(same / 400).toBeGreaterThan(0.8);
  });

  it("are refused where they overflow, where the kind has none, and where another precision is stored", async () => {
    const engine = new Engine({ dim: 2, distance: "euclidean", vectors: "f16" });
    await expect(engine.storeVector([1, 70_000])).rejects.toMatchObject({
      code: "E_BAD_VECTOR",
      message: expect.stringMatching(/70000.*65504/),
    });
    expect(await engine.size()).toBe(0);
    await engine.storeVector([1, 2]);
    expect(() => new Engine({ dim: 2, kind: "sparse", vectors: "i8" })).toThrow(/sparse vectors have no such precision/);
    expect(() => new Engine({ dim: 2, vectors: "f8" as "f16" })).toThrow(/vectors is "f8"; give "f32", "f16" or "i8"/); // a bad value is the point
    const other = new Engine({ dim: 2, distance: "euclidean", storage: engine.storage });
    await expect(other.size()).rejects.toMatchObject({
      code: "E_SCHEMA_MISMATCH",
      message: expect.stringMatching(/precision is "f16" there and "f32" here/),
    });
    const again = await Engine.open({ storage: engine.storage });
    expect(await again.size()).toBe(1);
  });
});

describe("an explanation of a learned engine", () => {
  it("tells a neighbour whose list was not read from one whose code ruled it out", async () => {
    const dim = 32;
    const values = clouds(6000, dim, seed, 1);
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.6 });
    await engine.storeManyVectors(values);
    await engine.train();
    const reasons = new Set<string>();
    for (let q = 0; q < 60; q++) {
      const query = rowOf(values, dim, q * 97);
      const options = q % 2 === 0 ? { k: 10 } : { k: 10, probes: 40 };
      const found = new Set((await engine.neighbours(query, options)).map(({ id }) => id));
      for (const { id } of await engine.neighbours(query, { k: 10, exact: true })) {
        const { missed, text } = await engine.explain(query, id, options);
        expect(text).toMatch(/codes: \d+ of \d+ probes read.*codes scanned, \d+ vectors let through/);
        expect(missed?.reason === "not missed").toBe(found.has(id));
        reasons.add(missed?.reason ?? "none");
      }
    }
    expect(reasons).toContain("not probed");
    expect(reasons).toContain("pruned");
    expect([...reasons].filter((reason) => !["not probed", "pruned", "not missed"].includes(reason))).toEqual([]);
  });
});

describe("codes in the buckets of hashes", () => {
  it.each([1, 2, 4] as const)("find what the hashes alone find, reading fewer vectors (%i bits)", async (bits) => {
    const dim = 96;
    const values = clouds(5000, dim, seed);
    const make = (codes: { bits: 1 | 2 | 4 } | undefined) =>
      new Engine({
        dim,
        distance: "cosine",
        hashes: [new RandomBinaryProjections({ name: "rbp", projections: 6, tables: 4, seed: 3 })],
        ...(codes && { codes }),
      });
    const [plain, coded] = [make(undefined), make({ bits })];
    await plain.storeManyVectors(values);
    await coded.storeManyVectors(values);
    let [same, wanted] = [0, 0];
    for (let q = 0; q < 60; q++) {
      const query = rowOf(values, dim, q * 79).map((x) => x + 0.05);
      const found = new Set((await coded.neighbours(query, { k: 10 })).map(({ id }) => id));
      for (const { id } of await plain.neighbours(query, { k: 10 })) {
        wanted++;
        if (found.has(id)) same++;
      }
      expect((await coded.candidateCount(query)).unique).toBe((await plain.candidateCount(query)).unique);
    }
    expect(same / wanted).toBeGreaterThan(0.93);
    await coded.deleteMany(Array.from({ length: 5000 }, (_, id) => id));
    expect(await coded.neighbours(rowOf(values, dim, 0))).toEqual([]);
  });

  it("work for sparse vectors of many dimensions", async () => {
    const random = new Random(seed);
    const dim = 50_000;
    const vectors = Array.from({ length: 1500 }, (_, r) => {
      const topic = (r % 15) * 300;
      const indices = [
        ...new Set(Array.from({ length: 30 }, () => (random.below(4) > 0 ? topic + random.below(300) : random.below(dim)))),
      ].sort((a, b) => a - b);
      return { dim, indices, values: indices.map(() => 0.2 + random.uniform()) };
    });
    const hash = () => new RandomBinaryProjections({ name: "rbp", projections: 3, tables: 3, seed: 2 });
    const plain = new Engine({ dim, kind: "sparse", distance: "cosine", hashes: [hash()] });
    const coded = new Engine({ dim, kind: "sparse", distance: "cosine", hashes: [hash()], codes: true });
    for (const engine of [plain, coded]) await engine.storeManyVectors(vectors);
    let [same, wanted] = [0, 0];
    for (let q = 0; q < 30; q++) {
      const found = new Set((await coded.neighbours(vectors[q * 31], { k: 5 })).map(({ id }) => id));
      expect(found).toContain(q * 31);
      for (const { id } of await plain.neighbours(vectors[q * 31], { k: 5 })) {
        wanted++;
        if (found.has(id)) same++;
      }
    }
    expect(same / wanted).toBeGreaterThan(0.85);
  });

  it("are tuned with the probes of their hashes", async () => {
    const dim = 24;
    const values = clouds(4000, dim, seed);
    const hashes = [new RandomDiscretizedProjections({ name: "rdp", projections: 4, tables: 4, binWidth: 2.5, seed: 5 })];
    const engine = new Engine({ dim, distance: "euclidean", hashes, codes: { bits: 4 } });
    await engine.storeManyVectors(values);
    const plan = await engine.tune({ recall: 0.9, queries: clouds(4200, dim, seed).subarray(4000 * dim) });
    expect(plan.kind).toBe("hashed");
    expect(plan.recall).toBeGreaterThanOrEqual(0.9);
    expect(plan.text).toMatch(/Tuned in .* for recall 0.9/);
  });
});

describe("an index opened by its storage alone", () => {
  it("learns again where it was made with a recall, and keeps its codes where it has some", async () => {
    const dim = 16;
    const values = clouds(2500, dim, seed);
    const learned = new Engine({ dim, distance: "euclidean", recall: 0.9 });
    await learned.storeManyVectors(values);
    await learned.train();
    const again = await Engine.open({ storage: learned.storage });
    expect((await again.neighbours(rowOf(values, dim, 5), { k: 1 }))[0]).toMatchObject({ id: 5, distance: 0 });
    await again.train();
    expect((await again.plan()).kind).toBe("learned");
    const hashes = [new RandomBinaryProjections({ name: "rbp", projections: 5, seed: 1 })];
    const coded = new Engine({ dim, distance: "cosine", hashes, codes: { bits: 2 } });
    await coded.storeManyVectors(values);
    const opened = await Engine.open({ storage: coded.storage });
    expect(await opened.neighbours(rowOf(values, dim, 9), { k: 5 })).toEqual(await coded.neighbours(rowOf(values, dim, 9), { k: 5 }));
  });
});

describe("tuning hashes of many bits", () => {
  it.each([{ codes: false }, { codes: true }])(
    "makes no more probes than comparing with all vectors would cost, and says so (%j)",
    async ({ codes }) => {
      const dim = 16;
      const hashes = [new RandomBinaryProjections({ name: "rbp", projections: 24, tables: 2, seed: 1 })];
      const engine = new Engine({ dim, distance: "cosine", hashes, ...(codes && { codes }) });
      await engine.storeManyVectors(clouds(4000, dim, seed, 1));
      const plan = await engine.tune({ recall: 0.95 });
      expect(plan.probes).toBeLessThan(200);
      expect(plan.recall).toBeLessThan(0.95);
      expect(plan.warning).toMatch(
        /recall 0.95 was asked for, but the \d+ probes of a table that cost no more than comparing with all vectors reach/,
      );
      expect(plan.text).toMatch(/Comparing a query with all 4000 vectors costs less/);
      const all = await engine.tune({ recall: 1 });
      expect(all.recall).toBe(1);
      expect(all.text).toMatch(/A query reads all buckets/);
    },
  );
});
