import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Storage } from "../../src/core/contracts.js";
import { Random } from "../../src/core/random.js";
import { Engine, MemoryStorage, RandomBinaryProjections } from "../../src/index.js";
import { type StorageCall, wrapStorage } from "../../src/testing/wrapped-storage.js";

const dim = 1024;
const seed = 20_261_123;

/** A storage that does at once what it is asked and answers some turns later, as those do that send bytes to a disk or a server; and its calls. */
function slow(): { storage: Storage; calls: StorageCall[] } {
  const calls: StorageCall[] = [];
  const storage = wrapStorage(new MemoryStorage(), async (call, run) => {
    calls.push(call);
    const done = run();
    await nextTurn();
    await nextTurn();
    return done;
  });
  return { storage, calls };
}

function vectors(count: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * dim }, () => random.uniform() - 0.5);
}

const hash = () => new RandomBinaryProjections({ name: "rbp", projections: 8, seed: 1 });

describe("storing many vectors in a storage that answers later", () => {
  it("asks for ids that are taken once a batch, and writes one batch after the other", async () => {
    const { storage, calls } = slow();
    const engine = new Engine({ dim, distance: "euclidean", hashes: [hash()], storage });
    await engine.storeManyVectors(vectors(2400));

    const writes = calls.filter((call) => call === "write").length;
    expect(writes).toBeGreaterThan(2);
    expect(calls.filter((call) => call === "find")).toHaveLength(writes);
  });

  it("keeps vectors and keys of one another where the caller's array changes meanwhile", async () => {
    const { storage } = slow();
    const engine = new Engine({ dim, distance: "euclidean", hashes: [hash()], storage });
    const values = vectors(2400);
    let changes = 0;
    const ids = await engine.storeManyVectors(values, {
      onProgress: ({ stored }) => {
        changes++;
        for (let i = stored * dim; i < values.length; i++) values[i] = -values[i];
      },
    });

    expect(changes).toBeGreaterThan(2);
    for (const id of ids.filter((_, i) => i % 97 === 0)) {
      const stored = await engine.get(id);
      const [nearest] = await engine.neighbours(stored?.vector as Float32Array, { k: 1 }); // dense, as stored
      expect(nearest, `id ${id}, seed ${seed}`).toMatchObject({ id, distance: 0 });
    }
  });

  it("refuses a batch that has become bad meanwhile, whole, and stores none after it", async () => {
    const { storage } = slow();
    const engine = new Engine({ dim, distance: "euclidean", hashes: [hash()], storage });
    const values = vectors(2400);
    const stopping = engine.storeManyVectors(values, {
      onProgress: ({ stored }) => {
        values[(stored + 800) * dim] = Number.NaN;
      },
    });

    await expect(stopping).rejects.toMatchObject({ code: "E_BAD_VECTOR" });
    expect(await engine.size()).toBe(3 * 384); // the batch before the bad one is the third
  });

  it("gives other ids to vectors whose own somebody took meanwhile", async () => {
    const { storage, calls } = slow();
    const engine = new Engine({ dim, distance: "euclidean", hashes: [hash()], storage });
    const taken = new Float32Array(dim).fill(1);
    let intruding: Promise<unknown> | undefined;
    const ids = await engine.storeManyVectors(vectors(2400), {
      onProgress: () => {
        intruding ??= engine.storeVector(taken, { id: 2000 });
      },
    });
    await intruding;

    expect(new Set(ids).size).toBe(2400);
    expect(ids).not.toContain(2000);
    expect((await engine.get(2000))?.vector).toEqual(taken);
    expect(calls).toContain("nextId");
  });
});
