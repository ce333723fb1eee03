import { cpSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { Random } from "../../../src/core/random.js";
import type { Kind } from "../../../src/core/rows.js";
import { Engine, MemoryStorage, type Storage } from "../../../src/index.js";
import { Environment } from "../../../src/storage/lmdb/environment.js";
import { verifyLmdb } from "../../../src/storage/lmdb/index.js";
import { stateOf } from "../../../src/storage/lmdb/state.js";
import { Page } from "../../../src/storage/vectors/page.js";
import { arbitraryRows } from "../../../src/testing/index.js";
import { lmdbFolder } from "./folder.js";
import { OtherProcess } from "./other-process.js";

const { path, storage } = lmdbFolder();
const dim = 24;

/** Vectors in clouds, as those that are worth learning lie. */
function clouds(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  const centres = Array.from({ length: 30 }, () => Float32Array.from({ length: dim }, () => 10 * random.uniform()));
  const values = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) {
    const centre = centres[random.below(centres.length)];
    for (let i = 0; i < dim; i++) values[row * dim + i] = centre[i] + random.uniform() + random.uniform();
  }
  return values;
}

const queries = clouds(60, 9);

async function answers(engine: Engine<unknown, Kind>): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let q = 0; q < 60; q++) all.push(await engine.neighbours(queries.subarray(q * dim, (q + 1) * dim), { k: 10 }));
  return all;
}

function learningEngine(on: Storage): Engine {
  return new Engine({ dim, distance: "euclidean", recall: 0.9, gauge: false, storage: on });
}

/** A learned index of 2,500 vectors, to be copied, and what it answers. */
const learned = (async () => {
  const folder = path("learned");
  const engine = learningEngine(storage({ path: folder }));
  await engine.storeManyVectors(clouds(2500, 4));
  await engine.train();
  const answered = await answers(engine);
  await engine.close();
  return { folder, answered };
})();

async function copy(): Promise<string> {
  const to = path();
  cpSync((await learned).folder, to, { recursive: true });
  return to;
}

describe("a learned index on disk", () => {
  it("answers as it did when it is opened again, and learns nothing for that", async () => {
    const folder = path();
    const engine = learningEngine(storage({ path: folder }));
    await engine.storeManyVectors(clouds(3000, 1));
    await engine.train();
    // Some entries come beside those that were learned, some go, some are written anew.
    await engine.storeManyVectors(clouds(200, 2), { ids: Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i : `more ${i}`)) });
    await engine.deleteMany(Array.from({ length: 100 }, (_, i) => 1000 + i));
    const [before, plan] = [await answers(engine), await engine.plan()];
    await engine.close();
    expect(await verifyLmdb(folder)).toEqual({ rows: 3000, problems: [] });
    const again = await Engine.open({ storage: storage({ path: folder }) });
    expect(await answers(again)).toEqual(before);
    expect(await again.plan()).toEqual(plan);
    await again.close();
  });

  it("gives the same answers whatever share of it is in memory", async () => {
    const folder = await copy();
    const { answered } = await learned;
    for (const rows of [1, 40, 900]) {
      const small = await Engine.open({ storage: storage({ path: folder, cacheBytes: rows * dim * 4 }) });
      expect(await answers(small), `${rows} rows in memory`).toEqual(answered);
      expect(await answers(small), `${rows} rows in memory, again`).toEqual(answered);
      await small.close();
    }
  });

  it.each([
    ["before anything is entered", "after", "addHash"],
    ["when half is entered", "enter", 2],
    ["when all is entered", "before", "settle"],
    ["when a part of it is on disk", "commit", 1],
    ["before it is in use", "before", "keep"],
    ["before the old one is removed", "before", "dropHash"],
  ])("goes on as before where its trainer is killed %s, and nothing of it is left behind", async (_when, where, what) => {
    const folder = await copy();
    const trainer = new OtherProcess(
      `
      const storage = new LmdbStorage({ path: args.folder });
      const engine = await Engine.open({ storage });
      await engine.size();
      const die = () => process.kill(process.pid, "SIGKILL");
      const { where, what } = args;
      const owner = what === "keep" ? storage : storage.resident;
      const called = where === "enter" || where === "commit" ? where === "enter" ? "enter" : "settle" : what;
      const before = owner[called].bind(owner);
      let calls = 0;
      owner[called] = (...given) => {
        if (where === "before" || (where === "enter" && ++calls === what)) die();
        if (where === "commit") setImmediate(() => setImmediate(die));
        const result = before(...given);
        if (where === "after") die();
        return result;
      };
      await engine.train();
      say("trained");
      await hear();
      `,
      { folder, where, what },
    );
    await trainer.hear();
    trainer.kill();
    expect(await trainer.ended()).toBe("SIGKILL");
    expect(await verifyLmdb(folder)).toEqual({ rows: 2500, problems: [] });
    const again = await Engine.open({ storage: storage({ path: folder }) });
    expect(await answers(again)).toHaveLength(60);
    expect((await again.plan()).kind).toBe("learned");
    await again.storeVector(new Float32Array(dim));
    await again.close();
    const environment = await Environment.open(folder, "read");
    const used = stateOf(environment.tables.meta.get("state")).hashes.map(({ tag }) => tag);
    const there = new Set(Array.from(environment.tables.entries.keys(), (key) => Math.floor(key / 2 ** 32)));
    await environment.close();
    expect([...there]).toEqual(used);
  });
});

describe("vectors of which few are in memory", () => {
  it.each([
    ["dense", "f32"],
    ["dense", "f16"],
    ["dense", "i8"],
    ["sparse", "f32"],
    ["bits", "f32"],
  ] as const)("are ranked as if all were (%s, %s)", async (kind, vectors) => {
    const distance = kind === "bits" ? "hamming" : "cosine";
    const rows = arbitraryRows(new Random(7), kind, { count: 400, dim });
    const asked = arbitraryRows(new Random(8), kind, { count: 20, dim });
    const lists: unknown[] = [];
    for (const on of [new MemoryStorage({ outlines: false }), storage(), storage({ cacheBytes: 2000 })]) {
      const engine = new Engine({ kind, dim, distance, storage: on, ...(vectors === "f32" ? {} : { vectors }) });
      await engine.storeManyVectors(rows);
      await engine.storeManyVectors(rows); // each vector twice: ties break by row
      lists.push(await engine.neighboursOfMany(asked, { k: 9 }));
      await engine.deleteMany([1, 2, 3]);
      lists.push(await engine.neighboursOfMany(asked, { k: 9 }));
      await engine.close();
    }
    expect(lists.slice(2, 4)).toEqual(lists.slice(0, 2));
    expect(lists.slice(4, 6)).toEqual(lists.slice(0, 2));
  });
});

it("looks at each vector of a batch a few times to see that all are whole numbers, however many there are", async () => {
  const looked = vi.spyOn(Page.prototype, "areWhole");
  const [wide, count] = [40, 1000];
  const engine = new Engine({ dim: wide, distance: "euclidean", storage: storage() });
  await engine.storeManyVectors(Float32Array.from({ length: count * wide }, (_, i) => i % 256));
  const values = looked.mock.calls.reduce((sum, [some]) => sum + some.length, 0);
  expect(values).toBeGreaterThanOrEqual(count * wide);
  expect(values).toBeLessThanOrEqual(4 * count * wide);
  looked.mockRestore();
  await engine.close();
});
