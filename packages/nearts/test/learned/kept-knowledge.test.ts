import { Engine, MemoryStorage } from "nearts";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";

const dim = 32;

function clustered(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  const centres = Array.from({ length: 40 * dim }, () => random.uniform() * 10);
  return Float32Array.from({ length: count * dim }, (_, i) => centres[(Math.floor(i / dim) % 40) * dim + (i % dim)] + random.uniform());
}

describe("what an engine found out about its index", () => {
  it("is there for the next engine on its storage: the same answers, without learning again", async () => {
    const storage = new MemoryStorage();
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, storage });
    await engine.storeManyVectors(clustered(6000, 1));
    await engine.train();
    const query = clustered(50, 1).slice(49 * dim);
    const before = await engine.neighbours(query);
    const plan = await engine.plan();

    const next = await Engine.open<unknown, "dense">({ storage });

    expect(plan.kind).toBe("learned");
    expect(await next.plan()).toEqual(plan);
    expect(await next.neighbours(query)).toEqual(before);
    expect((await next.stats()).tasks).toEqual([]);
    await next.storeVector(
      query.map((x) => x + 0.01),
      { id: "new" },
    );
    expect((await next.neighbours(query)).map(({ id }) => id)).toContain("new");
  });

  it("is refused with the remedy where it is of a form that is not known", async () => {
    const storage = new MemoryStorage();
    storage.open({
      version: 1,
      fields: [{ name: "vector", kind: "dense", dim, precision: "f32" }],
      distance: "cosine",
      hashes: [],
      recall: 0.9,
    });
    storage.keep({ learned: null, notes: { version: 99 } });

    await expect(Engine.open({ storage }).then((engine) => engine.size())).rejects.toMatchObject({ code: "E_CONFIG" });
  });

  it("of a tuned engine with hashes of its own is its effort", async () => {
    const { RandomBinaryProjections } = await import("nearts");
    const storage = new MemoryStorage();
    const hashes = [new RandomBinaryProjections({ name: "rbp", projections: 8, seed: 3 })];
    const engine = new Engine({ dim, distance: "euclidean", hashes, codes: true, storage });
    await engine.storeManyVectors(clustered(3000, 2));
    const tuned = await engine.tune({ recall: 0.9 });

    expect((await (await Engine.open({ storage })).plan()).probes).toBe(tuned.probes);
  });
});
