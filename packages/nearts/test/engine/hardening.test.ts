import { describe, expect, test } from "vitest";
import type { Keys } from "../../src/core/columns.js";
import { Engine, type EngineOptions, type Id, UniBucket } from "../../src/index.js";

const floats = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i) + 2);

async function codeOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return (error as { code?: unknown }).code ?? error; // any error may be asked
  }
  return "nothing was refused";
}

describe("Bulk removal", () => {
  test("of many rows from one large bucket leaves exactly the others, in their order, again and again", async () => {
    const engine = new Engine({ dim: 1, distance: "euclidean" });
    await engine.storeManyVectors(floats(5000));
    const ids = Array.from({ length: 5000 }, (_, i) => i);
    expect(await engine.deleteMany(ids.filter((i) => i % 3 !== 0))).toBe(3333);
    await engine.storeManyVectors(floats(1000), { ids: ids.slice(0, 1000) }); // replaces a third, adds the rest anew
    const left = ids.filter((i) => i % 3 === 0 || i < 1000);
    const found = await engine.neighbours([2], { filters: false });
    expect(found.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(left);
    expect((await engine.stats()).hashes[0]).toMatchObject({ entries: left.length, largestBucket: left.length });
    expect(await engine.deleteMany(left)).toBe(left.length);
    expect(await engine.candidateCount([2])).toEqual({ raw: 0, unique: 0 });
  });
});

describe("Storing", () => {
  test("refuses ids and data that are no arrays, and nothing is replaced", async () => {
    const engine = new Engine({ dim: 1, distance: "euclidean" });
    await engine.storeVector([1], { id: 0 });
    for (const ids of [5, new Set(["s"]), "s", { 0: "s", length: 1 }]) {
      expect(await codeOf(() => engine.storeManyVectors([[100]], { ids: ids as never }))).toBe("E_BAD_OPTION");
    }
    expect(await codeOf(() => engine.storeManyVectors([[100]], { data: { a: 1 } as never }))).toBe("E_BAD_OPTION");
    expect((await engine.get(0))?.vector[0]).toBe(1);
    expect(await engine.size()).toBe(1);
  });

  test("from an endless iterable stops when it is aborted, and lets timers run", async () => {
    const engine = new Engine({ dim: 1, distance: "euclidean" });
    const stop = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => ++ticks === 3 && stop.abort(new Error("enough")), 5);
    const endless = (function* () {
      for (let i = 0; ; i++) yield [i];
    })();
    await expect(engine.storeManyVectors(endless, { signal: stop.signal })).rejects.toThrow("enough");
    clearInterval(timer);
    expect(ticks).toBe(3);
  });

  test("from a silent source stops when it is aborted", async () => {
    const engine = new Engine({ dim: 1, distance: "euclidean" });
    const silent = (async function* () {
      yield [1];
      await new Promise(() => {});
    })();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 20);
    await expect(engine.storeManyVectors(silent, { signal: stop.signal })).rejects.toThrow("enough");
  });

  test("checks a batch again that was changed while the one before was written", async () => {
    const engine = new Engine({ dim: 1, distance: "euclidean" });
    const values = floats(20_000);
    const storing = engine.storeManyVectors(values, { onProgress: () => values.fill(Number.NaN) });
    await expect(storing).rejects.toMatchObject({ code: "E_BAD_VECTOR" });
    for await (const { vector } of engine.entries()) expect(Number.isFinite(vector[0])).toBe(true);
  });

  test("in bulk without ids does not replace what was stored under a later id meanwhile", async () => {
    const engine = new Engine<string>({ dim: 1, distance: "euclidean" });
    let other: Promise<Id> | undefined;
    const ids = await engine.storeManyVectors(floats(20_000), {
      onProgress: () => {
        other ??= engine.storeVector([-5], { id: 19_999, data: "mine" });
      },
    });
    await other;
    expect((await engine.get(19_999))?.data).toBe("mine");
    expect(new Set([...ids, 19_999]).size).toBe(20_001);
    expect(await engine.size()).toBe(20_001);
  });

  test("ends with E_CLOSED when the engine is closed meanwhile", async () => {
    const engine = new Engine({ dim: 1, distance: "euclidean" });
    const storing = engine.storeManyVectors(floats(50_000), { onProgress: () => void engine.close() });
    expect(await codeOf(() => storing)).toBe("E_CLOSED");
  });

  test("refuses what a hash of somebody's own does wrong, before anything is written", async () => {
    const wrong = new UniBucket({ name: "wrong" });
    const keys = wrong.keys.bind(wrong);
    wrong.keys = (rows, out: Keys) => {
      keys(rows, out);
      out.tables[0] = 5;
    };
    const engine = new Engine({ dim: 1, distance: "euclidean", hashes: [wrong] });
    expect(await codeOf(() => engine.storeVector([1]))).toBe("E_CONFIG");
    expect(await engine.size()).toBe(0);
  });
});

test("An outlier slows nothing once it is gone, and answers stay right", async () => {
  const engine = new Engine({ dim: 2, distance: "cosine" });
  await engine.storeManyVectors(floats(400));
  await engine.storeVector([1e-33, 1e-33], { id: "tiny" });
  expect((await engine.neighbours([1, 1], { k: 1 }))[0].id).toBe("tiny");
  await engine.deleteVector("tiny");
  expect((await engine.neighbours([1, 1], { k: 300 })).map(({ id }) => id)).not.toContain("tiny");
});

test("Options that are none, or that nobody knows, are refused by name", async () => {
  const junk = (options: unknown) => new Engine(options as EngineOptions<"dense">);
  for (const options of [
    undefined,
    null,
    5,
    { dim: 2, hash: [] },
    { dim: 2, hashes: null },
    { dim: 2, hashes: {} },
    { dim: 2, storage: {} },
    { dim: 2, storage: "memory" },
  ]) {
    expect(await codeOf(() => junk(options))).toBe("E_BAD_OPTION");
  }
  const engine = new Engine({ dim: 1, distance: "euclidean" });
  expect(await codeOf(() => engine.storeVector([1], null as never))).toBe("E_BAD_OPTION");
  expect(await codeOf(() => engine.storeManyVectors([[1]], null as never))).toBe("E_BAD_OPTION");
  expect(await codeOf(() => engine.neighbours([1], null as never))).toBe("E_BAD_OPTION");
  expect(await codeOf(() => engine.neighboursOfMany([[1]], null as never))).toBe("E_BAD_OPTION");
  expect(await codeOf(() => engine.deleteMany("abc" as never))).toBe("E_BAD_ID");
  expect(await codeOf(() => engine.getMany(undefined as never))).toBe("E_BAD_ID");
});
