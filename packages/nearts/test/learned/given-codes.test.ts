import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { Engine, MemoryStorage, productCodes, RandomBinaryProjections } from "../../src/index.js";

const seed = 20_261_123;
const [dim, count, k] = [24, 3000, 10];

/** Vectors that differ along a few directions most, around no place in particular. */
function vectors(): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * dim }, (_, at) => (random.uniform() + random.uniform() - 1) * 0.7 ** (at % dim));
}

const rowsOf = (values: Float32Array) => ({ kind: "dense", dim, count, values }) as const;
const planes = () => new RandomBinaryProjections({ name: "rbp", projections: 4, tables: 4, seed: 1 });
const codesOf = (values: Float32Array) => productCodes({ distance: "cosine", training: rowsOf(values), directions: 12 });

describe("An engine with codes that were given", () => {
  it("finds nearly what it finds without codes, at the same distances", async () => {
    const values = vectors();
    const [plain, coded] = [
      new Engine({ dim, distance: "cosine", hashes: [planes()] }),
      new Engine({ dim, distance: "cosine", hashes: [planes()], codes: codesOf(values) }),
    ];
    for (const engine of [plain, coded]) await engine.storeManyVectors(values);
    let [hits, all] = [0, 0];
    for (let q = 0; q < 50; q++) {
      const query = values.subarray(q * dim, (q + 1) * dim);
      const [wanted, found] = [await plain.neighbours(query, { k }), await coded.neighbours(query, { k })];
      expect(found[0], `seed ${seed}`).toEqual(wanted[0]);
      hits += found.filter(({ id, distance }) => wanted.some((one) => one.id === id && one.distance === distance)).length;
      all += wanted.length;
    }
    expect(hits / all, `seed ${seed}`).toBeGreaterThan(0.95);
  });

  it("is opened again with them", async () => {
    const values = vectors();
    const storage = new MemoryStorage();
    const engine = new Engine({ dim, distance: "cosine", hashes: [planes()], codes: codesOf(values), storage });
    await engine.storeManyVectors(values);
    const query = values.subarray(0, dim);
    const before = await engine.neighbours(query, { k });
    const opened = await Engine.open({ storage });

    expect(await opened.neighbours(query, { k })).toEqual(before);
    await opened.storeVector(query, { id: "same" });
    expect((await opened.neighbours(query, { k })).map(({ id }) => id)).toContain("same");
  });

  it("refuses those of another distance, and says of which", () => {
    const options = { dim, distance: "euclidean", hashes: [planes()], codes: codesOf(vectors()) } as const;

    expect(() => new Engine(options)).toThrow(/codes estimate ranks of "cosine" and the euclidean distance/);
  });
});

describe("Codes learned from a sample", () => {
  it("refuse a distance or a number of directions that there are not", () => {
    const training = rowsOf(vectors());

    expect(() => productCodes({ distance: "manhattan" as "cosine", training })).toThrow(/give cosine, euclidean or inner-product/);
    expect(() => productCodes({ distance: "cosine", training, directions: 161 })).toThrow(/integer from 1 to 160/);
  });
});
