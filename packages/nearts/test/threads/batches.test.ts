import { execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
// Built, as threads run what is built.
import { Engine, MemoryStorage, type NeighbourColumns } from "../../dist/index.js";
import { Random } from "../../src/core/random.js";
import { Engine as SourceEngine } from "../../src/index.js";
import { clouds } from "../learned/vectors.js";

const seed = 20_261_125;
const dim = 24;
const size = 6000;
const base = clouds(size, dim, seed);
const queries = clouds(1000, dim, seed + 1);

/** What batches say of themselves. */
let heard: { helped?: number; queries?: number; error?: unknown }[] = [];
let log: string[] = [];
const listen = (message: unknown) => {
  heard.push(message as (typeof heard)[number]);
  log.push("batch"); // told before writes are let in
};
beforeEach(() => {
  heard = [];
  log = [];
  subscribe("nearts:threads", listen);
});
afterEach(() => {
  unsubscribe("nearts:threads", listen);
  vi.restoreAllMocks();
});

describe("a batch on several threads", () => {
  it.each(["euclidean", "cosine", "inner-product"] as const)("has the results of one thread, bit by bit (%s)", async (distance) => {
    const engine = new Engine({ dim, distance, recall: 0.9, threads: 3 });
    await engine.storeManyVectors(base, { data: Array.from({ length: size }, (_, i) => ({ i })) });
    await engine.train();
    const within = distance === "cosine" ? 0.05 : 2;
    for (const options of distance === "euclidean"
      ? [{ k: 10 }, { k: 1 }, { k: 35 }, { k: 10, within }, { probes: 9 }, {}]
      : [{ k: 10 }, { k: 10, within }]) {
      const asked = { ...options, columns: true } as const;
      const one = await engine.neighboursOfMany(queries, { ...asked, threads: 1 });
      await untilHelped(async () => expect(same(await engine.neighboursOfMany(queries, asked), one), JSON.stringify(options)).toBe(true));
    }
    const one = await engine.neighboursOfMany(queries, { k: 3, includeVector: true, threads: 1 });
    expect(await engine.neighboursOfMany(queries, { k: 3, includeVector: true })).toEqual(one);
    await engine.close();
  });

  it("has the results of one thread on vectors kept as bytes, asked by whole numbers or not, and once one comes that is none", async () => {
    const wide = 40;
    const whole = (values: Float32Array) => values.map((x) => Math.max(0, Math.min(255, Math.round(100 + 40 * x))));
    const engine = new Engine({ dim: wide, distance: "euclidean", recall: 0.9, threads: 2 });
    await engine.storeManyVectors(whole(clouds(size, wide, seed)));
    await engine.train();
    const asked = whole(clouds(1000, wide, seed + 1));
    const sameAsOne = async () => {
      for (const given of [asked, asked.map((x) => x + 0.25)]) {
        const one = await engine.neighboursOfMany(given, { k: 10, columns: true, threads: 1 });
        await untilHelped(async () => expect(await engine.neighboursOfMany(given, { k: 10, columns: true })).toEqual(one));
      }
    };
    const { vectors } = (await engine.stats()).bytes;
    expect(vectors).toBeLessThan(2 * size * wide);
    await sameAsOne();
    await engine.storeVector(new Float32Array(wide).fill(0.5));
    expect((await engine.stats()).bytes.vectors).toBeGreaterThan(4 * size * wide);
    await sameAsOne();
    await engine.close();
  });

  it("has the results of one thread where queries must read more than others", async () => {
    const engine = await trained();
    // Some queries lie far from all vectors.
    const strange = queries.map((x, i) => (Math.floor(i / dim) % 4 === 0 ? 3 * x + 20 : x));
    const one = await engine.neighboursOfMany(strange, { k: 10, columns: true, threads: 1 });
    await untilHelped(async () => expect(await engine.neighboursOfMany(strange, { k: 10, columns: true })).toEqual(one));
    // Lists are nearly empty.
    await engine.deleteMany(Array.from({ length: size }, (_, id) => id).filter((id) => id % 60 !== 0));
    const few = await engine.neighboursOfMany(queries, { k: 40, columns: true, threads: 1 });
    expect(few.ids).toHaveLength(40 * 1000);
    expect(await engine.neighboursOfMany(queries, { k: 40, columns: true })).toEqual(few);
    await engine.close();
  });

  it("follows what is written between batches, and what is learned anew", async () => {
    const engine = await trained();
    const grown = clouds(9000, dim, seed + 2);
    for (let round = 0; round < 3; round++) {
      await engine.storeManyVectors(grown.subarray(round * 3000 * dim, (round + 1) * 3000 * dim));
      await engine.deleteMany(Array.from({ length: 500 }, (_, i) => round * 700 + i));
      if (round === 1) await engine.train({ anew: true });
      const one = await engine.neighboursOfMany(queries, { k: 10, columns: true, threads: 1 });
      await untilHelped(async () => expect(await engine.neighboursOfMany(queries, { k: 10, columns: true })).toEqual(one));
    }
    await engine.close();
  });

  it("sees one state: what is written meanwhile waits, and comes in full", async () => {
    const engine = await trained();
    await untilHelped(async () => void (await engine.neighboursOfMany(queries, { k: 3 })));
    const random = new Random(seed + 3);
    for (let round = 0; round < 6; round++) {
      const before = await engine.neighboursOfMany(queries, { k: 3, columns: true, threads: 1 });
      log = [];
      const note = <T>(name: string, work: Promise<T>) => work.finally(() => log.push(name));
      const batch = engine.neighboursOfMany(queries, { k: 3, columns: true });
      // The batch begins in the microtasks of its call; only then the writes come.
      for (let n = random.below(3); n >= 0; n--) await new Promise((resolve) => setImmediate(resolve));
      const again = engine.neighboursOfMany(queries, { k: 3, columns: true });
      const query = queries.subarray(round * dim, (round + 1) * dim);
      const writes = [
        note("store", engine.storeVector(query, { id: `new ${round}` })),
        note("many", engine.storeManyVectors(queries.subarray(0, 300 * dim), { ids: Array.from({ length: 300 }, (_, i) => `many ${i}`) })),
        note("delete", engine.deleteMany([round, round + 1000])),
      ];
      expect(await engine.neighbours(query, { k: 1 })).toHaveLength(1); // queries go on
      expect(same(await batch, before), `seed ${seed}, round ${round}`).toBe(true);
      await Promise.all([...writes, again]);
      expect(log[0], log.join()).toBe("batch");
      expect(await engine.has(`new ${round}`)).toBe(true);
      expect(await engine.has(round)).toBe(false);
      expect((await engine.neighbours(query, { k: 1 }))[0].distance).toBe(0);
    }
    await engine.close();
  });

  it("never hinders others for good: batches, writes, learning and emptying in any order all come to an end", async () => {
    const engine = await trained();
    const random = new Random(seed + 4);
    const work = Array.from({ length: 40 }, async (_, n) => {
      for (let pauses = random.below(30); pauses > 0; pauses--) await new Promise((resolve) => setImmediate(resolve));
      const kind = random.below(10);
      if (kind < 4) await engine.neighboursOfMany(queries, { k: 5 });
      else if (kind < 6) await engine.storeVector(base.subarray(n * dim, (n + 1) * dim), { id: `one ${n}` });
      else if (kind < 8) await engine.deleteMany([n, n + 100]);
      else if (kind < 9) await engine.storeManyVectors(base.subarray(0, 500 * dim));
      else await engine.train({ anew: true });
    });
    await Promise.all(work);
    await Promise.all([engine.neighboursOfMany(queries, { k: 5 }), engine.cleanAllBuckets(), engine.neighboursOfMany(queries, { k: 5 })]);
    expect(await engine.size()).toBe(0);
    expect(heard.filter(({ error }) => error !== undefined)).toEqual([]);
    await engine.close();
  });

  it("ends with the signal's reason when it is aborted, and the next one is answered", async () => {
    const engine = await trained();
    const expected = await engine.neighboursOfMany(queries, { k: 10, columns: true });
    const many = Float32Array.from({ length: queries.length * 8 }, (_, i) => queries[i % queries.length]);
    const abort = new AbortController();
    const batch = engine.neighboursOfMany(many, { k: 10, columns: true, signal: abort.signal });
    setImmediate(() => abort.abort(new Error("enough")));
    await expect(batch).rejects.toThrow("enough");
    expect(same(await engine.neighboursOfMany(queries, { k: 10, columns: true }), expected)).toBe(true);
    await engine.close();
  });

  it("answers everything when a thread dies at its work, and says so", async () => {
    const engine = await trained();
    const one = await engine.neighboursOfMany(queries, { k: 10, columns: true, threads: 1 });
    await untilHelped(async () => void (await engine.neighboursOfMany(queries, { k: 10 })));
    const posting = vi.spyOn(Worker.prototype, "postMessage");
    posting.mockImplementation(function (this: Worker, message) {
      posting.mockRestore();
      this.postMessage(message);
      setTimeout(() => void this.terminate(), 2);
    });
    expect(same(await engine.neighboursOfMany(queries, { k: 10, columns: true }), one)).toBe(true);
    await vi.waitFor(() => expect(heard.some(({ error }) => error !== undefined)).toBe(true));
    expect(same(await engine.neighboursOfMany(queries, { k: 10, columns: true }), one)).toBe(true);
    await engine.close();
  });

  it("is answered by the calling thread where threads cannot start, and says why", async () => {
    // Beside the sources lies nothing that a thread could run.
    const engine = new SourceEngine({ dim, distance: "euclidean", recall: 0.9, threads: 2 });
    await engine.storeManyVectors(base);
    await engine.train();
    const one = await engine.neighboursOfMany(queries, { k: 10, columns: true, threads: 1 });
    for (let i = 0; i < 3; i++) expect(same(await engine.neighboursOfMany(queries, { k: 10, columns: true }), one)).toBe(true);
    await vi.waitFor(() => expect(heard.filter(({ error }) => error !== undefined)).toHaveLength(1));
    expect(heard.filter(({ helped }) => (helped ?? 0) > 0)).toEqual([]);
    await engine.close();
  });

  it("keeps to the calling thread where the batch is small", async () => {
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, threads: 2 });
    await engine.storeManyVectors(base.subarray(0, 2100 * dim));
    await engine.train();
    await engine.neighboursOfMany(queries.subarray(0, 60 * dim), { k: 10 });
    expect(heard).toEqual([]);
    await engine.close();
  });
});

describe("the process of an engine with threads", () => {
  let output = "";
  beforeAll(async () => {
    const library = new URL("../../dist/index.js", import.meta.url).href;
    const code = `
      import { Engine } from ${JSON.stringify(library)};
      import { subscribe } from "node:diagnostics_channel";
      let helped = 0;
      subscribe("nearts:threads", (message) => (helped += message.helped ?? 0));
      const engine = new Engine({ dim: 8, distance: "euclidean", recall: 0.9, threads: 2 });
      const values = Float32Array.from({ length: 8 * 6000 }, (_, i) => Math.sin(i * i));
      await engine.storeManyVectors(values);
      await engine.train();
      for (let i = 0; i < 200 && helped === 0; i++) await engine.neighboursOfMany(values, { k: 5, columns: true });
      console.log("helped", helped > 0);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { timeout: 20_000 });
    output = stdout;
  });

  it("ends by itself, though nobody closes the engine and its threads wait for work", () => {
    expect(output).toBe("helped true\n");
  });
});

describe("the option threads", () => {
  it("takes 1 to 64, or auto, and of a batch any number", async () => {
    for (const threads of [0, 65, 1.5, "2", Number.NaN]) {
      expect(() => new Engine({ dim, threads: threads as never })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    }
    const engine = new Engine({ dim, threads: "auto" });
    await engine.storeVector(base.subarray(0, dim));
    await expect(engine.neighboursOfMany(base.subarray(0, dim), { threads: 0 })).rejects.toMatchObject({ code: "E_BAD_OPTION" });
    expect(await engine.neighboursOfMany(base.subarray(0, dim), { threads: 100 })).toHaveLength(1);
    await engine.close();
  });

  it("asks for a storage of so many threads, which is the engine's own where none is given", async () => {
    expect(() => new Engine({ dim, threads: 2, storage: new MemoryStorage() })).toThrow(/new MemoryStorage\(\{ threads: 2 \}\)/);
    expect(() => new MemoryStorage({ threads: 0 })).toThrow(expect.objectContaining({ code: "E_BAD_OPTION" }));
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, threads: 2, storage: new MemoryStorage({ threads: 2 }) });
    await engine.storeManyVectors(base);
    await engine.train();
    await untilHelped(async () => void (await engine.neighboursOfMany(queries, { k: 10 })));
    await engine.close();
  });
});

const engines: Engine[] = [];
afterAll(() => Promise.all(engines.map((engine) => engine.close())));

async function trained(): Promise<Engine> {
  const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, threads: 2 });
  engines.push(engine);
  await engine.storeManyVectors(base);
  await engine.train();
  return engine;
}

/** Does it again until another thread has had part in it: the first batches may be over before one has started. */
async function untilHelped(batch: () => Promise<void>): Promise<void> {
  heard = [];
  for (let i = 0; i < 200 && !heard.some(({ helped }) => (helped ?? 0) > 0); i++) await batch();
  expect(
    heard.some(({ helped }) => (helped ?? 0) > 0),
    JSON.stringify(heard.slice(0, 3)),
  ).toBe(true);
}

function same(one: NeighbourColumns, other: NeighbourColumns): boolean {
  return (
    one.ids.length === other.ids.length &&
    one.ids.every((id, i) => id === other.ids[i]) &&
    one.distances.every((distance, i) => distance === other.distances[i]) &&
    one.offsets.every((offset, i) => offset === other.offsets[i])
  );
}
