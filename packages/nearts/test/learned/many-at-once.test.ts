import { beforeAll, describe, expect, it } from "vitest";
import { Engine, RandomBinaryProjections } from "../../src/index.js";
import { clouds, rowOf } from "./vectors.js";

const seed = 20_261_123;
const dim = 16;
const size = 4000;
const values = clouds(size + 4500, dim, seed);
const stored = values.subarray(0, size * dim);
const queries = values.slice(size * dim);

describe("many queries at once", () => {
  let learned: Engine;
  let coded: Engine;
  beforeAll(async () => {
    learned = new Engine({ dim, distance: "euclidean", recall: 0.9, gauge: false });
    coded = new Engine({
      dim,
      hashes: [new RandomBinaryProjections({ name: "planes", projections: 6, tables: 3, seed: 1 })],
      codes: { bits: 1 },
    });
    for (const engine of [learned, coded]) await engine.storeManyVectors(stored);
    await learned.train();
  });

  it.each([
    ["a learned engine, more than are in view", () => learned, { k: 5 }, 4500],
    ["a learned engine that reads all lists", () => learned, { within: 1.5 }, 700],
    ["codes in classic buckets", () => coded, { k: 5 }, 1100],
    ["codes in classic buckets, by so many probes that few queries are in view", () => coded, { k: 5, probes: 64 }, 500],
  ] as const)("are answered as one by one, in their order (%s)", async (_, engineOf, options, count) => {
    const engine = engineOf();
    const asked = queries.subarray(0, count * dim);
    const lists = await engine.neighboursOfMany(asked, options);
    const { ids, distances, offsets } = await engine.neighboursOfMany(asked, { ...options, columns: true });
    expect(lists.length).toBe(count);
    expect(offsets.length).toBe(count + 1);
    for (let q = 0; q < count; q++) {
      const alone = await engine.neighbours(rowOf(queries, dim, q), options);
      expect(lists[q], `query ${q}, seed ${seed}`).toEqual(alone);
      expect(ids.slice(offsets[q], offsets[q + 1])).toEqual(alone.map(({ id }) => id));
      expect(Array.from(distances.subarray(offsets[q], offsets[q + 1]))).toEqual(alone.map(({ distance }) => distance));
    }
  });

  it("find what is stored, whatever is written and learned meanwhile", async () => {
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.95, gauge: false });
    await engine.storeManyVectors(stored);
    await engine.train();
    let done = false;
    let written = 0;
    const answering = (async () => {
      for (let pass = 0; pass < 6 || written < 150; pass++) {
        const found = await engine.neighboursOfMany(stored.subarray(0, 2000 * dim), { k: 1 });
        const missed = found.filter(([nearest]) => nearest?.distance !== 0).length;
        expect(missed, `pass ${pass}, seed ${seed}`).toBeLessThan(2000 * 0.1);
      }
      done = true;
    })();
    while (!done) {
      await engine.storeVector(rowOf(queries, dim, written % 2500), { id: `new ${written % 50}` });
      if (written % 40 === 0) await engine.deleteVector(`new ${(written + 7) % 50}`);
      if (written === 100) void engine.train();
      written++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await answering;
    await engine.train();
    const found = await engine.neighboursOfMany(stored.subarray(0, 1000 * dim), { k: 1 });
    expect(found.filter(([nearest]) => nearest?.distance === 0).length, `seed ${seed}`).toBeGreaterThan(900);
    await engine.close();
  });

  it("leave nothing of themselves behind: a buffer that is filled anew is another query", async () => {
    const buffer = queries.slice(0, 50 * dim);
    const first = await learned.neighboursOfMany(buffer, { k: 3 });
    buffer.copyWithin(0, dim);
    const second = await learned.neighboursOfMany(buffer, { k: 3 });
    expect(second.slice(0, 49)).toEqual(first.slice(1));
    expect(await learned.neighbours(buffer.subarray(0, dim), { k: 3 })).toEqual(first[1]);
  });

  it("end at once when they are aborted, and the next are answered", async () => {
    const stopping = new AbortController();
    const answering = learned.neighboursOfMany(queries, { k: 5, signal: stopping.signal });
    stopping.abort(new Error("enough"));
    await expect(answering).rejects.toThrow("enough");
    expect(await learned.neighboursOfMany(queries.subarray(0, dim), { k: 5 })).toEqual([
      await learned.neighbours(rowOf(queries, dim, 0), { k: 5 }),
    ]);
  });
});
