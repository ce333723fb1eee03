import { CosineDistance, Engine, type Hash, type HashConfig, MemoryStorage, RandomBinaryProjections, UniBucket } from "nearts";
import { laterStorage } from "nearts/testing";
import { describe, expect, it } from "vitest";
import { loadSnapshot } from "../../src/snapshot/load.js";
import { saveSnapshot } from "../../src/snapshot/save.js";
import { Dice, gaussian, refusal } from "../acceptance/vectors.js";
import { assemble, dissect, joinMeta, splitMeta } from "./dissect.js";

/** A hash of somebody's own: one bucket under another name. */
class Mine {
  static readonly type = "Mine";
  readonly #own: UniBucket;
  constructor(name: string) {
    this.#own = new UniBucket({ name });
  }
  static fromConfig(config: HashConfig): Hash {
    return mine(config.name);
  }
  get whole(): Hash {
    const own = this.#own;
    return Object.assign(Object.create(own) as Hash, {
      name: own.name,
      kinds: own.kinds,
      tables: own.tables,
      open: own.open.bind(own),
      keys: own.keys.bind(own),
      probes: own.probes.bind(own),
      bucketKeys: own.bucketKeys.bind(own),
      config: () => ({ ...own.config(), type: Mine.type }),
    });
  }
}

function mine(name: string): Hash {
  return new Mine(name).whole;
}

const rbp = (seed: number) => new RandomBinaryProjections({ name: "rbp", projections: 4, seed });

async function saved(): Promise<Uint8Array> {
  const engine = new Engine({ dim: 8, hashes: [rbp(1)], fields: { word: "string" }, vectors: "f16" });
  await engine.storeVector(gaussian(new Dice(1), 8));
  return engine.save();
}

describe("what a snapshot is expected to hold", () => {
  it("lets it pass where it does", async () => {
    const expected = { dim: 8, kind: "dense", distance: "cosine", hashes: [rbp(1)], fields: { word: "string" }, vectors: "f16" } as const;
    expect(await (await Engine.load(await saved(), { expected })).size()).toBe(1);
    await Engine.load(await saved(), { expected: { distance: new CosineDistance() } });
  });

  it("refuses it, saying all that differs, where it does not", async () => {
    const bytes = await saved();
    const differences: [Parameters<typeof Engine.load>[1] & object, string][] = [
      [{ expected: { dim: 9 } }, "dim is 8 there and 9 here"],
      [{ expected: { kind: "sparse" } }, 'kind is "dense" there and "sparse" here'],
      [{ expected: { distance: "euclidean" } }, 'distance is "cosine" there and "euclidean" here'],
      [{ expected: { recall: 0.9 } }, "recall is undefined there and 0.9 here"],
      [{ expected: { hashes: [rbp(2)] } }, 'hash "rbp" has another configuration'],
      [{ expected: { hashes: [] } }, 'hash names is "rbp" there and "" here'],
      [{ expected: { fields: { word: "number" } } }, 'field "word" of the data is "string" there and "number" here'],
      [{ expected: { vectors: "f32" } }, 'precision is "f16" there and "f32" here'],
    ];
    for (const [options, difference] of differences) {
      const refused = await refusal(() => Engine.load(bytes, options));
      expect([refused.code, refused.message]).toEqual(["E_SCHEMA_MISMATCH", expect.stringContaining(difference)]);
    }
  });
});

describe("a snapshot that this nearts cannot understand", () => {
  it("of a class of hashes that is not known is refused by its name, and loaded with it", async () => {
    const engine = new Engine({ dim: 3, hashes: [mine("own")] });
    await engine.storeVector([1, 2, 3]);
    const bytes = await engine.save();

    const refused = await refusal(() => Engine.load(bytes));
    expect([refused.code, refused.details["type"]]).toEqual(["E_UNKNOWN_PLUGIN", "Mine"]);
    expect(await (await Engine.load(bytes, { plugins: [Mine] })).neighbours([1, 2, 3])).toHaveLength(1);
  });

  it("of a newer version is refused with both versions", async () => {
    const refused = await refusal(async () => Engine.load(assemble(dissect(await saved()), { version: 2 })));
    expect([refused.code, refused.details]).toEqual(["E_VERSION", { found: 2, newest: 1 }]);
  });

  it("is loaded without the sections that it may do without, and refused for one that must be known", async () => {
    const parts = dissect(await saved());
    const news = { number: 9, bytes: new Uint8Array(300_000).fill(7) };
    expect(await (await Engine.load(assemble([...parts.slice(0, 2), { name: "news", ...news }, ...parts.slice(2)]))).size()).toBe(1);
    const refused = await refusal(() => Engine.load(assemble([...parts, { name: "News", ...news }])));
    expect([refused.code, refused.details["section"]]).toEqual(["E_VERSION", "News"]);
  });

  it("of a damaged configuration is refused, and of a hash whose form is newer with the hash's own words", async () => {
    const [meta, ...rest] = dissect(await saved());
    const { text, arrays } = splitMeta(meta.bytes);
    const withText = (changed: string) => assemble([{ ...meta, bytes: joinMeta(Buffer.from(changed), arrays) }, ...rest]);
    expect((await refusal(() => Engine.load(withText(text.replace('"projections":4', '"projections":0'))))).code).toBe("E_CONFIG");
    expect(
      (await refusal(() => Engine.load(withText(text.replace('"version":1,"name":"rbp"', '"version":2,"name":"rbp"'))))).message,
    ).toContain("a newer nearts may understand it");
  });
});

describe("limits of a load", () => {
  it("maxBytes refuses an index that is over them, and later writes as for a new engine", async () => {
    const engine = new Engine({ dim: 8 });
    await engine.storeManyVectors(new Float32Array(8 * 1000).fill(1));
    const bytes = await engine.save();
    const { total } = (await engine.stats()).bytes;

    expect((await refusal(() => Engine.load(bytes, { maxBytes: total / 2 }))).code).toBe("E_MEMORY");
    const loaded = await Engine.load<unknown, "dense">(bytes, { maxBytes: total * 1.5 });
    expect((await refusal(() => loaded.storeManyVectors(new Float32Array(8 * 4000).fill(1)))).code).toBe("E_MEMORY");
  });

  it("memory for which a file has no bytes is in proportion to it: buckets that are named for every row and hold none", async () => {
    const engine = new Engine({ dim: 1, kind: "bits", hashes: [new UniBucket()] });
    await engine.storeManyVectors({ kind: "bits", dim: 1, count: 200_000, words: new Uint32Array(200_000) });
    await engine.cleanBuckets("unibucket").catch(() => engine.cleanBuckets(engine.hashes[0].name));
    const parts = dissect(await engine.save());
    const [meta] = parts;
    const { text, arrays } = splitMeta(meta.bytes);
    // Hashes of one empty table, so many that what rows need for them is far more than the file.
    const config = /\{"config":\{"type":"UniBucket".*?"keysPerTable":1\}/.exec(text)?.[0] ?? "";
    const many = Array.from({ length: 200 }, (_, i) => config.replace(/"name":"[^"]*"/, `"name":"u${i}"`)).join(",");
    const hash = parts.find(({ name }) => name === "HASH");
    const changed = [
      { ...meta, bytes: joinMeta(Buffer.from(text.replace(config, many)), arrays) },
      ...parts.slice(1).filter(({ name }) => name !== "HASH"),
      ...Array.from({ length: 200 }, (_, number) => ({ name: "HASH", number, bytes: hash?.bytes ?? new Uint8Array(0) })),
    ];

    expect((await refusal(() => Engine.load(assemble(changed)))).code).toBe("E_MEMORY");
    await Engine.load(assemble(changed), { maxBytes: 2 ** 30 });
  });

  it("threads are those of the new engine", async () => {
    const engine = new Engine({ dim: 16, distance: "euclidean", recall: 0.9 });
    const dice = new Dice(6);
    await engine.storeManyVectors(Array.from({ length: 900 }, () => gaussian(dice, 16)));
    await engine.train();
    const queries = Array.from({ length: 100 }, () => gaussian(dice, 16));
    const loaded = await Engine.load<unknown, "dense">(await engine.save(), { threads: 2 });

    expect((loaded.storage as MemoryStorage).threads).toBe(2);
    expect(await loaded.neighboursOfMany(queries)).toEqual(await engine.neighboursOfMany(queries));
    await loaded.close();
  });
});

describe("where there is no snapshot to be had", () => {
  it("says so: by path where there are no files, and of storages that keep their index by themselves", async () => {
    const storage = new MemoryStorage();
    await new Engine({ dim: 3, storage }).storeVector([1, 2, 3]);
    const open = () => Promise.resolve(storage);

    for (const act of [
      () => saveSnapshot(storage, "index", {}, () => {}, null),
      () => loadSnapshot("index", { open }, null),
      () => new Engine({ dim: 3, storage: laterStorage(new MemoryStorage()) }).save(),
    ]) {
      expect((await refusal(act)).code).toBe("E_UNSUPPORTED");
    }
    expect(await saveSnapshot(storage, undefined, {}, () => {}, null)).toBeInstanceOf(Uint8Array);
  });
});
