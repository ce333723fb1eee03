import { CosineDistance, JaccardDistance, MixedEngine, type MixedItem, type MixedOptions, NearError, Random, type SetVector } from "nearts";
import { describe, expect, it } from "vitest";
import { lmdbFolder } from "../storage/lmdb/folder.js";

const seed = 4;
const dim = 16;
const random = new Random(seed);
const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
const folder = lmdbFolder();

type Item = MixedItem<{ n: number }, "title" | "embedding">;

/** Items of a few themes; every fifth lacks one of the fields. */
const items: Item[] = Array.from({ length: 400 }, (_, i) => {
  const theme = i % 20;
  const embedding = Array.from({ length: dim }, (_, d) => (d === theme % dim ? 1.5 : 0) + random.uniform() - 0.5);
  const title = Array.from({ length: 6 }, () => words[(theme * 3 + random.below(8)) % words.length]);
  const vectors = i % 10 === 3 ? { title } : i % 10 === 7 ? { embedding } : { title, embedding };
  return { id: i, vectors, data: { n: i } };
});

const options: MixedOptions<"title" | "embedding"> = {
  fields: { title: { kind: "set", distance: "jaccard", weight: 0.3 }, embedding: { dim, distance: "cosine", weight: 0.7 } },
};

const jaccard = new JaccardDistance();
const cosine = new CosineDistance();
const setOf = (tokens: readonly string[]): SetVector => ({ members: Uint32Array.from(tokens, (token) => words.indexOf(token)).sort() });
const unique = (tokens: unknown) => [...new Set(tokens as string[])];

/** The combined distance of two items, as the documents say. */
function between(query: Item["vectors"], item: Item["vectors"], weights = { title: 0.3, embedding: 0.7 }): number {
  let sum = 0;
  if (query.title !== undefined)
    sum += weights.title * (item.title === undefined ? 1 : jaccard.between(setOf(unique(query.title)), setOf(unique(item.title))));
  if (query.embedding !== undefined) {
    const [x, y] = [query.embedding, item.embedding].map((values) => Float32Array.from((values ?? []) as number[]));
    sum += weights.embedding * (item.embedding === undefined ? 1 : cosine.between(x, y));
  }
  return sum;
}

function expected(query: Item["vectors"], k: number, weights?: { title: number; embedding: number }): number[] {
  const fields = Object.keys(query) as (keyof Item["vectors"])[];
  const having = items.filter(({ vectors }) => fields.some((name) => vectors[name] !== undefined));
  return having
    .map(({ vectors }) => between(query, vectors, weights))
    .sort((a, b) => a - b)
    .slice(0, k);
}

describe("a mixed engine", () => {
  it("finds what a comparison with all items finds, with all fields and with one, by its weights and by others", async () => {
    const engine = new MixedEngine<{ n: number }, "title" | "embedding">(options);
    await engine.storeMany(items);

    for (const { vectors } of items.slice(0, 60)) {
      const found = await engine.neighbours(vectors, { k: 7 });
      expect(found.map(({ distance }) => distance)).toEqual(expected(vectors, 7).map((distance) => expect.closeTo(distance, 9) as number));
      for (const { id, distances, distance, data } of found) {
        expect(data).toEqual({ n: id });
        const { title = 0, embedding = 0 } = distances;
        expect(0.3 * title + 0.7 * embedding).toBeCloseTo(distance, 9);
      }
    }
    const weights = { title: 1, embedding: 0.01 };
    const { vectors } = items[0];
    expect((await engine.neighbours(vectors, { k: 5, weights })).map(({ distance }) => distance)).toEqual(
      expected(vectors, 5, weights).map((distance) => expect.closeTo(distance, 9) as number),
    );
  });

  it("keeps to a distance, and finds everything where so much is asked for", async () => {
    const engine = new MixedEngine<{ n: number }, "title" | "embedding">(options);
    await engine.storeMany(items);
    const { vectors } = items[0];
    const all = expected(vectors, 400);

    const near = await engine.neighbours(vectors, { k: 400, within: 0.3 });

    expect(near).toHaveLength(all.filter((distance) => distance < 0.3).length);
    expect(await engine.neighbours(vectors, { k: 1000 })).toHaveLength(all.length);
  });

  it("takes sparse vectors beside dense ones, and fields that learn", async () => {
    const fields = {
      words: { kind: "sparse", dim: 500, distance: "cosine" },
      embedding: { dim, distance: "cosine", recall: 0.95 },
    } as const;
    const engine = new MixedEngine({ fields });
    const dense = items.flatMap(({ vectors }) => (vectors.embedding === undefined ? [] : [vectors.embedding as number[]]));
    const sparse = dense.map((_, i) => ({ indices: [i % 50, 50 + (i % 90), 200 + (i % 7)], values: [1, 2, 3] }));
    await engine.storeMany(dense.map((embedding, i) => ({ vectors: { words: sparse[i], embedding } })));

    const [nearest, second] = await engine.neighbours({ words: sparse[4], embedding: dense[4] }, { k: 2 });

    expect(nearest).toEqual({ id: 4, distance: 0, distances: { words: 0, embedding: 0 } });
    expect(second.distance).toBeCloseTo((second.distances.words ?? 0) + (second.distances.embedding ?? 0), 9);
    expect(await engine.field("words").size()).toBe(dense.length);
  });

  it("replaces, removes and clears items in all fields", async () => {
    const engine = new MixedEngine<{ n: number }, "title" | "embedding">(options);
    const id = await engine.store({ title: ["a"], embedding: new Array<number>(dim).fill(1) }, { data: { n: 1 } });
    await engine.store({ title: ["b", "c"] }, { id, data: { n: 2 } });

    expect(await engine.size()).toBe(1);
    expect(await engine.get(id)).toEqual({ id, vectors: { title: { members: expect.any(Uint32Array) as Uint32Array } }, data: { n: 2 } });
    expect(await engine.neighbours({ embedding: new Array<number>(dim).fill(1) })).toEqual([]);
    expect(await engine.neighbours({ title: ["b"] })).toMatchObject([{ id, distance: 0.15, distances: { title: 0.5 } }]);
    expect(await engine.delete(id)).toBe(true);
    expect([await engine.delete(id), await engine.has(id), await engine.get(id)]).toEqual([false, false, undefined]);
    await engine.storeMany(items);
    await engine.clear();
    expect([await engine.size(), await engine.neighbours(items[0].vectors)]).toEqual([0, []]);
  });

  it("is as it was before where a field refuses a vector", async () => {
    const engine = new MixedEngine<{ n: number }, "title" | "embedding">(options);
    await engine.storeMany(items.slice(0, 5));
    const before = await Promise.all([0, 1, 2, 3, 4, 5].map((id) => engine.get(id)));

    await expect(
      engine.storeMany([
        { id: 1, vectors: { title: ["new"], embedding: [1] } },
        { id: 5, vectors: { title: ["x"] } },
      ]),
    ).rejects.toMatchObject({
      code: "E_DIM_MISMATCH",
    });

    expect(await Promise.all([0, 1, 2, 3, 4, 5].map((id) => engine.get(id)))).toEqual(before);
    expect(await engine.size()).toBe(5);
  });

  it("goes on with the items that its storages hold", async () => {
    const [title, embedding] = [folder.path("title"), folder.path("embedding")];
    const open = () =>
      new MixedEngine<{ n: number }, "title" | "embedding">({
        fields: {
          title: { ...options.fields.title, storage: folder.storage({ path: title }) },
          embedding: { ...options.fields.embedding, storage: folder.storage({ path: embedding }) },
        },
      });
    const first = open();
    await first.storeMany(items.slice(0, 50));
    const found = await first.neighbours(items[60].vectors, { k: 4 });
    await first.close();

    const second = open();

    expect(await second.size()).toBe(50);
    expect(await second.neighbours(items[60].vectors, { k: 4 })).toEqual(found);
    expect(await second.store({ title: ["x"] })).toBe(50);
    await second.close();
  });

  it.each([
    [() => new MixedEngine({ fields: {} }), "E_BAD_OPTION"],
    [() => new MixedEngine({ fields: { a: { dim: 2, weight: -1 } } }), "E_BAD_OPTION"],
    [() => new MixedEngine({ fields: { a: { dim: 2, weight: Number.NaN } } }), "E_BAD_OPTION"],
    [() => new MixedEngine({ fields: { a: { dim: 2, missing: -1 } } }), "E_BAD_OPTION"],
    [() => new MixedEngine({ fields: { a: { dim: 0 } } }), "E_BAD_OPTION"],
    [() => new MixedEngine({ fields: { a: null } } as never), "E_BAD_OPTION"],
  ])("is refused where its fields are none: case %#", (make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }) as Error);
  });

  it("refuses items and queries without a field it has", async () => {
    const engine = new MixedEngine({ fields: { a: { dim: 2 } } });

    for (const bad of [undefined, "items", [null], [{ vectors: { a: [1, 2] }, ID: 1 }]])
      await expect(engine.storeMany(bad as never)).rejects.toBeInstanceOf(NearError);
    await expect(engine.store({})).rejects.toMatchObject({ code: "E_BAD_VECTOR" });
    await expect(engine.store({ b: [1, 2] } as object)).rejects.toMatchObject({ code: "E_BAD_VECTOR" });
    await expect(engine.neighbours({})).rejects.toMatchObject({ code: "E_BAD_VECTOR" });
    await expect(engine.neighbours({ a: [1, 2] }, { k: 0 })).rejects.toMatchObject({ code: "E_BAD_OPTION" });
    await expect(engine.neighbours({ a: [1, 2] }, { weights: { a: -1 } })).rejects.toMatchObject({ code: "E_BAD_OPTION" });
  });
});
