import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/random.js";
import { Engine, type NearError } from "../../../src/index.js";
import { lmdbFolder } from "./folder.js";
import { OtherProcess } from "./other-process.js";

const { path, storage } = lmdbFolder();
const dim = 16;

function rows(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * dim }, () => random.uniform() - 0.5);
}

async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
    return "none";
  } catch (error) {
    return (error as NearError).code; // these refuse with nothing else
  }
}

describe("an index that several processes use", () => {
  it("shows a reader in another process what was written, replaced and removed by its next query", async () => {
    const folder = path();
    const engine = new Engine<{ n: number }>({ dim, distance: "euclidean", fields: { n: "number" }, storage: storage({ path: folder }) });
    const vectors = rows(40, 1);
    await engine.storeManyVectors(vectors.subarray(0, 20 * dim), { data: Array.from({ length: 20 }, (_, n) => ({ n })) });
    const reader = new OtherProcess(
      `
      const engine = await Engine.open({ storage: new LmdbStorage({ path: args.folder, readOnly: true }) });
      for (let line = await hear(); line !== undefined; line = await hear()) {
        const { query, where } = JSON.parse(line);
        const found = await engine.neighbours(query, { k: 1, ...(where === undefined ? {} : { where }) });
        say({ found: found.map(({ id, data }) => ({ id, data })), size: await engine.size() });
      }
      await engine.close();
      `,
      { folder },
    );
    const ask = async (row: number, where?: object) => {
      reader.tell(JSON.stringify({ query: [...vectors.subarray(row * dim, (row + 1) * dim)], where }));
      return reader.hear();
    };
    expect(await ask(7)).toEqual({ found: [{ id: 7, data: { n: 7 } }], size: 20 });
    await engine.storeVector(vectors.subarray(30 * dim, 31 * dim), { id: "new", data: { n: 100 } });
    expect(await ask(30)).toEqual({ found: [{ id: "new", data: { n: 100 } }], size: 21 });
    expect(await ask(3, { n: 100 })).toEqual({ found: [{ id: "new", data: { n: 100 } }], size: 21 });
    await engine.deleteVector(7);
    expect(await ask(7, { n: 7 })).toEqual({ found: [], size: 20 });
    await engine.storeVector(vectors.subarray(31 * dim, 32 * dim), { id: "other" }); // in the row that 7 had
    expect(await ask(31)).toEqual({ found: [{ id: "other" }], size: 21 });
    await engine.storeVector(vectors.subarray(7 * dim, 8 * dim), { id: "other", data: { n: 8 } });
    expect(await ask(7)).toEqual({ found: [{ id: "other", data: { n: 8 } }], size: 21 });
    await engine.storage.clear();
    await engine.storeVector(vectors.subarray(0, dim), { id: 1 });
    expect(await ask(0)).toEqual({ found: [{ id: 1 }], size: 1 });
    await reader.end();
  });

  it("shows a reader a hash that is learned while it reads, and the answers go on", async () => {
    const folder = path();
    const engine = new Engine({ dim, distance: "euclidean", recall: 0.9, gauge: false, storage: storage({ path: folder }) });
    const vectors = rows(2500, 2);
    await engine.storeManyVectors(vectors.subarray(0, 1500 * dim));
    const reader = new OtherProcess(
      `
      const engine = await Engine.open({ storage: new LmdbStorage({ path: args.folder, readOnly: true }), gauge: false });
      for (let line = await hear(); line !== undefined; line = await hear()) {
        const found = await engine.neighbours(JSON.parse(line), { k: 3 });
        say({ found, lists: (await engine.plan()).lists ?? null });
      }
      `,
      { folder },
    );
    const query = [...vectors.subarray(0, dim)];
    const ask = async () => {
      reader.tell(JSON.stringify(query));
      return (await reader.hear()) as { readonly found: unknown; readonly lists: number | null };
    };
    const before = await ask();
    expect(before.lists).toBeNull();
    await engine.train();
    const after = await ask();
    expect(after.lists).toBe((await engine.plan()).lists);
    expect(after.found).toEqual(before.found);
    await engine.storeManyVectors(vectors.subarray(1500 * dim));
    expect((await ask()).found).toEqual(await engine.neighbours(query, { k: 3 }));
    await reader.end();
  });

  it("is locked by the one process that writes, named in the refusal; the lock of one that was killed is taken over", async () => {
    const folder = path();
    const writer = new OtherProcess(
      `
      const engine = new Engine({ dim: args.dim, distance: "euclidean", storage: new LmdbStorage({ path: args.folder }) });
      await engine.storeVector(new Float32Array(args.dim).fill(1), { id: 1 });
      say("open");
      await hear();
      `,
      { folder, dim },
    );
    expect(await writer.hear()).toBe("open");
    const second = storage({ path: folder });
    await expect(second.schema()).rejects.toMatchObject({ code: "E_LOCKED", details: { pid: writer.pid } });
    const reader = storage({ path: folder, readOnly: true });
    expect((await reader.schema())?.fields[0].dim).toBe(dim);
    await reader.close();
    writer.kill();
    expect(await writer.ended()).toBe("SIGKILL");
    const third = await Engine.open({ storage: storage({ path: folder }) });
    expect(await third.size()).toBe(1);
    expect(await codeOf(() => storage({ path: folder }).schema())).toBe("E_LOCKED");
    await third.close();
  });

  it("refuses writes of a reader, and of anyone once it is closed", async () => {
    const folder = path();
    const engine = new Engine({ dim, distance: "euclidean", storage: storage({ path: folder }) });
    await engine.storeVector(new Float32Array(dim).fill(1));
    await engine.close();
    expect(await codeOf(() => engine.storage.remove([1]))).toBe("E_CLOSED");
    const reader = await Engine.open({ storage: storage({ path: folder, readOnly: true }) });
    expect(await codeOf(() => reader.storeVector(new Float32Array(dim)))).toBe("E_READONLY");
    expect(await codeOf(() => reader.deleteVector(0))).toBe("E_READONLY");
    expect(await reader.size()).toBe(1);
    expect(
      await codeOf(() => storage({ path: path(), readOnly: true }).open({ version: 1, fields: [], distance: "x", hashes: [] })),
    ).not.toBe("none");
  });
});
