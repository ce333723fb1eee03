import { execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
// Built, as threads run what is built.
import { type DistanceName, Engine, type MemoryStorage } from "../../dist/index.js";
import { Random } from "../../src/core/random.js";
import { Engine as SourceEngine } from "../../src/index.js";
import { clouds, rowOf } from "../learned/vectors.js";

const seed = 20_261_123;
const dim = 200;
const size = 6000;
const base = clouds(size, dim, seed);
/** Without few directions that hold most of the variance, vectors of many dimensions get codes of signs, and their neighbours lie in many lists. */
const noisy = { dim: 256, size: 3000 };
const noise = uniform(noisy.size, seed);

/** What threads say of their parts in learning. */
let heard: { work?: string; parts?: number; helped?: number; error?: unknown }[] = [];
const listen = (message: unknown) => void heard.push(message as (typeof heard)[number]);
const engines: Engine[] = [];
beforeEach(() => {
  heard = [];
  subscribe("nearts:threads", listen);
});
afterEach(async () => {
  unsubscribe("nearts:threads", listen);
  vi.restoreAllMocks();
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

describe("learning on several threads", () => {
  it.each([
    ["euclidean", "product codes", ["map", "nearest", "encode", "trial"]],
    ["cosine", "1 bit", ["encode", "trial"]],
  ] as const)("comes to the same bytes as on one, and the same answers (%s, %s)", async (distance, codes, kinds) => {
    const [vectors, width] = codes === "1 bit" ? [noise, noisy.dim] : [base, dim];
    const options = { dim: width, distance };
    const [one, several] = [await filled(1, vectors, options), await filled(3, vectors, options)];
    // The first time it may be over before a thread has started.
    for (let i = 0; i < 10 && !helped(kinds); i++) await Promise.all([one.train({ anew: true }), several.train({ anew: true })]);
    expect(helped(kinds), JSON.stringify(heard)).toBe(true);
    expect((await several.plan()).text).toContain(codes);
    expect(Buffer.compare(await bytesOf(several), await bytesOf(one))).toBe(0);
    const queries = vectors.slice(0, 50 * width).map((x) => x * 1.01);
    const asked = { k: 10, columns: true, threads: 1 } as const;
    expect(await several.neighboursOfMany(queries, asked)).toEqual(await one.neighboursOfMany(queries, asked));
  });

  it("leaves what is written or removed meanwhile to the writers", async () => {
    const engine = await filled(2, noise, { dim: noisy.dim, distance: "euclidean" });
    const all = Array.from({ length: noisy.size }, (_, id) => [id, rowOf(noise, noisy.dim, id)] as const);
    const expected = new Map<string | number, Float32Array>(all);
    const random = new Random(seed + 2);
    const other = uniform(2000, seed + 3);
    for (let round = 0; round < 5 && !(round > 1 && helped(["encode"])); round++) {
      let learning = true;
      const trained = engine.train({ anew: true }).finally(() => (learning = false));
      for (let n = 0; learning; n++) {
        const vector = rowOf(other, noisy.dim, random.below(2000));
        const id = random.below(3) === 0 ? `${round}/${n}` : random.below(noisy.size);
        if (random.below(3) === 0) {
          expect(await engine.deleteVector(id)).toBe(expected.delete(id));
        } else {
          await engine.storeVector(vector, { id });
          expected.set(id, vector);
        }
        if (n % 8 === 0) expect((await engine.neighbours(vector, { k: 1 })).length).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await trained;
    }
    expect(helped(["encode"]), JSON.stringify(heard)).toBe(true);
    await expectHolds(engine, expected);
  });

  it("learns the same when a thread dies at its work, and says so", async () => {
    const [one, several] = [await filled(1), await filled(2)];
    const posting = vi.spyOn(Worker.prototype, "postMessage");
    posting.mockImplementation(function (this: Worker, message) {
      posting.mockRestore();
      this.postMessage(message);
      setTimeout(() => void this.terminate(), 5);
    });
    await Promise.all([one.train({ anew: true }), several.train({ anew: true })]);
    await vi.waitFor(() => expect(heard.some(({ error }) => error !== undefined)).toBe(true));
    expect(Buffer.compare(await bytesOf(several), await bytesOf(one))).toBe(0);
    await Promise.all([one.train({ anew: true }), several.train({ anew: true })]);
    expect(Buffer.compare(await bytesOf(several), await bytesOf(one))).toBe(0);
  });

  it("is done by the calling thread where threads cannot start, which is told once", async () => {
    // Beside the sources lies nothing that a thread could run.
    const engine = new SourceEngine({ dim, distance: "euclidean", recall: 0.9, threads: 2 });
    await engine.storeManyVectors(base);
    for (let i = 0; i < 2; i++) await engine.train({ anew: true });
    await vi.waitFor(() => expect(heard.filter(({ error }) => error !== undefined)).toHaveLength(1));
    expect(heard.filter(({ helped = 0 }) => helped > 0)).toEqual([]);
    expect((await engine.plan()).text).toContain("Learned: 155 lists");
    expect((await engine.neighbours(rowOf(base, dim, 7)))[0]).toMatchObject({ id: 7, distance: 0 });
    await engine.close();
  });

  it("ends with the engine, and with its signal", async () => {
    const engine = await filled(2);
    for (const millis of [5, 60, 120]) {
      const abort = new AbortController();
      const learning = engine.train({ anew: true, signal: abort.signal });
      setTimeout(() => abort.abort(new Error("enough")), millis);
      await expect(learning).rejects.toThrow("enough");
    }
    const learning = engine.train({ anew: true });
    setTimeout(() => void engine.close(), 100);
    await expect(learning).rejects.toMatchObject({ code: "E_CLOSED" });
    expect(heard.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it("tunes by queries of one's own to the plan of one thread, and works on when it is ended in a trial", async () => {
    const [one, several] = [await filled(1), await filled(2)];
    const queries = clouds(300, dim, seed + 4);
    const tuned = (engine: Engine, recall: number) => planFor(engine, recall, queries);
    heard = [];
    for (let i = 0; i < 10 && !helped(["trial"]); i++) expect(await tuned(several, 0.95)).toEqual(await tuned(one, 0.95));
    expect(helped(["trial"]), JSON.stringify(heard)).toBe(true);
    const asked = { k: 10, columns: true, threads: 1 } as const;
    const before = await several.neighboursOfMany(queries, asked);
    const abort = new AbortController();
    const end = (message: unknown) => {
      if ((message as { work?: string }).work === "trial") abort.abort(new Error("enough"));
    };
    subscribe("nearts:threads", end);
    await expect(several.train({ anew: true, signal: abort.signal })).rejects.toThrow("enough");
    unsubscribe("nearts:threads", end);
    expect(await several.neighboursOfMany(queries, asked)).toEqual(before);
    await several.storeVector(queries.subarray(0, dim), { id: "new" });
    expect((await several.neighbours(queries.subarray(0, dim), { k: 1 }))[0]).toMatchObject({ id: "new", distance: 0 });
    await several.deleteVector("new");
    expect(await tuned(several, 0.9)).toEqual(await tuned(one, 0.9));
    expect(heard.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it("asks the queries of a long trial in pieces, between which writes have their turn, and comes to the same plan", async () => {
    const [one, several] = [await filled(1), await filled(2)];
    const queries = clouds(300, dim, seed + 5);
    const expected = await planFor(one, 0.95, queries);
    // By a clock that runs so much faster the first piece took long.
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => 200 * now());
    heard = [];
    expect(await planFor(several, 0.95, queries)).toEqual(expected);
    const pieces = heard.filter(({ work }) => work === "trial");
    expect(Math.max(...pieces.slice(-3).map(({ parts = 0 }) => parts)), JSON.stringify(pieces)).toBeLessThan(300);
    heard = [];
    const vector = queries.subarray(0, dim);
    const written = new Promise<number>((resolve) => {
      const write = (message: unknown) => {
        if ((message as { work?: string }).work !== "trial") return;
        unsubscribe("nearts:threads", write);
        resolve(several.storeVector(vector, { id: "new" }).then(() => heard.length));
      };
      subscribe("nearts:threads", write);
    });
    const [before] = await Promise.all([written, several.tune({ recall: 0.95, k: 5, queries })]);
    expect(heard.length).toBeGreaterThan(before);
    expect((await several.neighbours(vector, { k: 1 }))[0]).toMatchObject({ id: "new", distance: 0 });
    expect(heard.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it("keeps to the calling thread where there is little to do", async () => {
    const engine = new Engine({ dim: 8, distance: "euclidean", recall: 0.9, threads: 2 });
    await engine.storeManyVectors(base.subarray(0, 8 * 2100));
    await engine.train();
    expect(heard).toEqual([]);
    await engine.close();
  });
});

describe("a process that learns on several threads", () => {
  it.each([
    ["ends by itself when it has learned, though nobody closes the engine", "", /^learned\n$/],
    ["ends when the engine is closed while it learns", "setTimeout(() => engine.close(), 300);", /^(learned|E_CLOSED)\n$/],
  ])("%s", async (_, closing, printed) => {
    const library = new URL("../../dist/index.js", import.meta.url).href;
    const code = `
      import { Engine } from ${JSON.stringify(library)};
      const engine = new Engine({ dim: 200, distance: "euclidean", recall: 0.9, threads: 2 });
      await engine.storeManyVectors(Float32Array.from({ length: 200 * 6000 }, (_, i) => Math.sin(i * i)));
      ${closing}
      engine.train({ anew: true }).then(() => console.log("learned"), (error) => console.log(error.code));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { timeout: 20_000 });
    expect(stdout).toMatch(printed);
  });
});

function uniform(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * noisy.dim }, () => random.uniform() - 0.5);
}

async function filled(
  threads: number,
  vectors = base,
  options: { dim: number; distance: DistanceName } = { dim, distance: "euclidean" },
): Promise<Engine> {
  const engine = new Engine({ ...options, recall: 0.9, threads, gauge: false });
  engines.push(engine);
  await engine.storeManyVectors(vectors);
  await engine.train();
  return engine;
}

/** The plan that tuning comes to, but for how long that took. */
async function planFor(engine: Engine, recall: number, queries: Float32Array): Promise<object> {
  const plan = await engine.tune({ recall, k: 5, queries });
  expect(plan.micros).toBeGreaterThan(0);
  return { ...plan, text: "", seconds: 0, micros: 0 };
}

/** Whether other threads have had part in all these kinds of work. */
function helped(kinds: readonly string[]): boolean {
  return kinds.every((kind) => heard.some(({ work, helped = 0 }) => work === kind && helped > 0));
}

/** All that an engine keeps, but for how long it took. */
async function bytesOf(engine: Engine): Promise<Uint8Array> {
  const storage = engine.storage as MemoryStorage; // its own
  const known = storage.knowledge();
  const timeless = (key: string, value: unknown) => (["seconds", "tuneSeconds", "micros"].includes(key) ? 0 : value);
  if (known !== null) storage.keep({ ...known, notes: JSON.parse(JSON.stringify(known.notes, timeless)) });
  return engine.save();
}

/** Checks that an engine holds these vectors, each in one bucket where queries find it. */
async function expectHolds(engine: Engine, expected: ReadonlyMap<string | number, Float32Array>): Promise<void> {
  expect(await engine.size()).toBe(expected.size);
  const entered = new Set<string | number>();
  const number = (await engine.storage.knowledge())?.learned?.number ?? -1;
  for await (const { ids } of engine.storage.buckets(number)) {
    for (const id of ids) {
      expect(entered.has(id)).toBe(false);
      entered.add(id);
    }
  }
  expect(entered).toEqual(new Set(expected.keys()));
  for (const [id, vector] of [...expected].filter((_, i) => i % 50 === 0)) {
    expect((await engine.get(id))?.vector).toEqual(vector);
    const found = await engine.neighbours(vector, { k: 3, probes: 1000 });
    expect(found[0].distance, `${id}, seed ${seed}`).toBe(0);
  }
}
