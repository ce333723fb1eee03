import { describe, expect, it } from "vitest";
import type { Id } from "../../src/core/contracts.js";
import { Random } from "../../src/core/random.js";
import { rowAt, slice } from "../../src/core/rows.js";
import { Engine, MemoryStorage, NearError, RandomBinaryProjections } from "../../src/index.js";
import { arbitraryRows, type FaultyStorageOptions, faultyStorage, type StorageCall } from "../../src/testing/index.js";

const dim = 8;
const rows = arbitraryRows(new Random(1), "dense", { count: 60, dim });
const vectors = Array.from({ length: rows.count }, (_, i) => rowAt<"dense">(rows, i));

function engineOver(options: FaultyStorageOptions) {
  const storage = faultyStorage(new MemoryStorage(), options);
  const hashes = [new RandomBinaryProjections({ name: "rbp", projections: 2, seed: 1 })];
  return { storage, engine: new Engine({ dim, distance: "euclidean", storage, hashes }) };
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  return action.then(
    () => "done",
    (error: unknown) => (error instanceof NearError ? error.code : String(error)),
  );
}

/** What can be seen of an engine: ids of entries, of search results, and counts. */
async function visible(
  engine: Engine,
): Promise<{ readonly entries: Id[]; readonly found: Id[]; readonly size: number; readonly raw: number }> {
  const entries: Id[] = [];
  for await (const { id } of engine.entries()) entries.push(id);
  const found = new Set<Id>();
  let raw = 0;
  for (const vector of vectors) {
    for (const { id } of await engine.neighbours(vector, { k: 100 })) found.add(id);
    raw += (await engine.candidateCount(vector)).raw;
  }
  return { entries: sorted(entries), found: sorted(found), size: await engine.size(), raw };
}

function sorted(ids: Iterable<Id>): Id[] {
  return [...ids].sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

describe("a faulty storage", () => {
  it("passes every call on, counts it, and fails at the one it is told to", async () => {
    const { storage, engine } = engineOver({ failAt: 5 });

    expect(await engine.storeVector(vectors[0], { id: "a" })).toBe("a");
    expect(storage.called).toEqual(["open", "knowledge", "write"]);
    expect(await engine.size()).toBe(1);
    expect(await codeOf(engine.size())).toBe("E_IO");
    expect(await engine.size()).toBe(1);
    expect(storage.called).toEqual(["open", "knowledge", "write", "size", "size", "size"]);
  });

  it("counts the chosen calls only, fails for ever, by a promise or with an error of one's own, if told to", async () => {
    const chosen = engineOver({ failAt: 2, calls: ["write"], forever: true, later: true });
    expect(await codeOf(chosen.engine.storeVector(vectors[0]))).toBe("done");
    expect(await codeOf(chosen.engine.storeVector(vectors[1]))).toBe("E_IO");
    expect(await codeOf(chosen.engine.storeVector(vectors[2]))).toBe("E_IO");
    expect(await chosen.engine.size()).toBe(1);

    const own = engineOver({ failAt: 1, calls: ["size"], error: new RangeError("gone") });
    expect(await codeOf(own.engine.size())).toBe("RangeError: gone");
  });

  it("can do the call and lose its answer", async () => {
    for (const later of [false, true]) {
      const { engine } = engineOver({ failAt: 1, calls: ["write"], done: true, later });

      expect(await codeOf(engine.storeVector(vectors[0], { id: "a" }))).toBe("E_IO");
      expect(await engine.has("a")).toBe(true);
    }
  });

  it("fails iterations when their first block is asked for", async () => {
    const { storage, engine } = engineOver({ failAt: 1, calls: ["entries"] });
    await engine.storeVector(vectors[0]);
    const entries = engine.entries();
    expect(storage.called).toEqual([]);
    await expect(entries[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "E_IO" });
  });

  it("refuses a number that is no call", () => {
    for (const failAt of [0, -1, 1.5, Number.NaN])
      expect(() => faultyStorage(new MemoryStorage(), { failAt })).toThrow(/failAt is .*; give the number of a call/);
  });
});

describe("an engine over a faulty storage", () => {
  for (const later of [false, true]) {
    it(`rejects a failed write and shows nothing of it, whichever write fails${later ? " later" : ""}`, async () => {
      for (let failAt = 1; failAt <= 5; failAt++) {
        const { engine } = engineOver({ failAt, calls: ["write"], later });
        const sound = engineOver({ failAt: Number.POSITIVE_INFINITY }).engine;
        const writes: ((target: Engine) => Promise<unknown>)[] = [
          (target) => target.storeVector(vectors[0], { id: "one", data: { a: 1 } }),
          (target) => target.storeManyVectors(slice(rows, 1, 21), { ids: ids(1, 21) }),
          (target) => target.storeManyVectors(slice(rows, 30, 40), { ids: ids(11, 21) }),
          (target) => target.storeVector(vectors[40], { id: "one" }),
          (target) => target.storeManyVectors(slice(rows, 41, 60), { ids: ids(41, 60) }),
        ];
        for (const [w, write] of writes.entries()) {
          const outcome = await codeOf(write(engine));
          expect(outcome).toBe(w === failAt - 1 ? "E_IO" : "done");
          if (outcome === "done") await write(sound);
          expect(await visible(engine)).toEqual(await visible(sound));
        }
      }
    });

    it(`rejects whatever call fails, and answers rightly afterwards${later ? ", failures coming later" : ""}`, async () => {
      const counted = engineOver({ failAt: Number.POSITIVE_INFINITY });
      await useAll(counted.engine);
      const calls = counted.storage.called.length;
      expect(calls).toBeGreaterThan(15);
      for (let failAt = 1; failAt <= calls; failAt++) {
        const { storage, engine } = engineOver({ failAt, later });
        const outcomes = await useAll(engine);

        expect(
          outcomes.filter((outcome) => outcome !== "done"),
          `call ${failAt}, ${storage.called[failAt - 1]}`,
        ).toEqual(["E_IO"]);
        await engine.storeManyVectors(rows, { ids: ids(0, rows.count) });
        const lists = await engine.neighboursOfMany(slice(rows, 0, 10), { k: 100 });
        for (const [i, found] of lists.entries()) expect(found.find(({ id }) => id === i)?.distance).toBe(0);
      }
    });
  }

  it("opens at the next call where opening failed", async () => {
    const { storage, engine } = engineOver({ failAt: 1 });

    expect(await codeOf(engine.size())).toBe("E_IO");
    expect(await codeOf(engine.storeVector(vectors[0]))).toBe("done");
    expect(storage.called.slice(0, 2)).toEqual(["open", "open"] satisfies StorageCall[]);
  });

  it("says how many vectors of a stream were stored before a write failed", async () => {
    const { engine } = engineOver({ failAt: 2, calls: ["write"] });
    async function* chunks() {
      for (let from = 0; from < 60; from += 20) yield { rows: slice(rows, from, from + 20) };
    }

    await expect(engine.storeManyVectors(chunks())).rejects.toMatchObject({ code: "E_IO", details: { stored: 20 } });
    expect(await engine.size()).toBe(20);
  });
});

/** One call of every kind; the outcome of each, the first of which stores what the others need. */
async function useAll(engine: Engine): Promise<string[]> {
  const calls: (() => Promise<unknown>)[] = [
    () => engine.storeManyVectors(rows, { ids: ids(0, rows.count) }),
    () => engine.storeVector(vectors[0]),
    () => engine.neighbours(vectors[1]),
    () => engine.neighbours(vectors[1], { distance: false, filters: false, probes: 3 }),
    () => engine.neighboursOfMany(slice(rows, 0, 10)),
    () => engine.candidateCount(vectors[2]),
    () => engine.get(3).then((stored) => stored?.vector),
    () => engine.has(4),
    () => engine.deleteVector(59),
    () => engine.stats(),
    () => engine.size(),
    () => engine.explain(vectors[1]),
    () => engine.cleanBuckets("rbp").then(() => engine.storeManyVectors(rows, { ids: ids(0, rows.count) })),
  ];
  const outcomes: string[] = [];
  for (const call of calls) outcomes.push(await codeOf(call()));
  return outcomes;
}

function ids(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
