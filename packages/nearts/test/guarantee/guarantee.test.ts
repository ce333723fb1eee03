import {
  CrossPolytope,
  Engine,
  type EngineOptions,
  type Kind,
  MemoryStorage,
  MinHash,
  MinHashCodes,
  membersOf,
  Random,
  RandomBinaryProjections,
  RandomDiscretizedProjections,
  type VectorInput,
} from "nearts";
import { describe, expect, it } from "vitest";
import { wrapStorage } from "../../src/testing/wrapped-storage.js";
import { clouds, rowOf } from "../learned/vectors.js";
import { lmdbFolder } from "../storage/lmdb/folder.js";

const dim = 24;
const count = 1500;
const queries = 1000;
const seed = 77;
const values = clouds(count + queries, dim, seed, 200);
const folder = lmdbFolder();
const hashes = () => [new RandomBinaryProjections({ name: "planes", projections: 24, tables: 32, seed })];

async function engineOf(options: Partial<EngineOptions<"dense">>): Promise<Engine> {
  const engine = new Engine({ dim, distance: "cosine", ...options });
  await engine.storeManyVectors(values.subarray(0, count * dim));
  return engine;
}

/** A storage that does not offer all vectors for comparison, so that tables alone answer, whatever that costs. */
const tablesOnly = () => wrapStorage(new MemoryStorage(), (_call, run) => run());

const dense = (q: number) => rowOf(values, dim, count + q);

/** Sets of a few themes, the queries after the stored ones. */
function themedSets(): Uint32Array[] {
  const random = new Random(seed);
  const themes = Array.from({ length: 150 }, () => Array.from({ length: 60 }, () => random.below(5000)));
  return Array.from({ length: count + queries }, () => {
    const theme = themes[random.below(themes.length)];
    return membersOf(
      theme.map((member) => (random.below(3) === 0 ? random.below(5000) : member)),
      "set",
    );
  });
}

/** The share of the true k nearest that queries miss, and the half width of its 95 % interval, by queries. */
async function missesOf<K extends Kind>(
  engine: Engine<unknown, K>,
  exact: Engine<unknown, K>,
  k: number,
  queryOf: (q: number) => VectorInput = dense,
): Promise<{ missed: number; half: number }> {
  const shares: number[] = [];
  for (let q = 0; q < queries; q++) {
    const query = queryOf(q);
    const truth = new Set((await exact.neighbours(query, { k })).map(({ id }) => id));
    const found = await engine.neighbours(query, { k });
    shares.push(1 - found.filter(({ id }) => truth.has(id)).length / k);
  }
  const missed = shares.reduce((sum, share) => sum + share, 0) / queries;
  const variance = shares.reduce((sum, share) => sum + (share - missed) ** 2, 0) / (queries - 1);
  return { missed, half: 1.96 * Math.sqrt(variance / queries) };
}

describe('guarantee: "per-query"', () => {
  it.each([
    ["planes", 0.9, 10, undefined],
    ["planes", 0.9, 1, 4],
    ["planes", 0.8, 10, 4],
    ["polytopes", 0.8, 10, 4],
  ] as const)(
    "misses by %s no more than a recall of %d lets it, for %d neighbours and codes of %s bits",
    async (family, recall, k, bits) => {
      const polytopes = new CrossPolytope({ name: "polytopes", bits: 18, dimension: 4, tables: 32, seed });
      const given = family === "planes" ? hashes() : [polytopes];
      const codes = bits === undefined ? {} : { codes: { bits } };
      const engine = await engineOf({ hashes: given, guarantee: "per-query", recall, storage: tablesOnly(), ...codes });

      const { missed, half } = await missesOf(engine, await engineOf({}), k);

      expect(missed - half, `missed ${missed} ± ${half}, seed ${seed}`).toBeLessThanOrEqual(1 - recall);
    },
  );

  it.each([
    [0.9, undefined],
    [0.8, new MinHashCodes({ values: 256, bits: 4 })],
  ])("misses by MinHash no more than a recall of %d lets it, for sets", async (recall, codes) => {
    const sets = themedSets();
    const hash = new MinHash({ name: "bands", rows: 8, tables: 40, permutations: "classic", seed });
    const engine = new Engine({
      kind: "set",
      distance: "jaccard",
      hashes: [hash],
      guarantee: "per-query",
      recall,
      storage: tablesOnly(),
      ...(codes === undefined ? {} : { codes }),
    });
    const exact = new Engine({ kind: "set", distance: "jaccard" });
    for (const one of [engine, exact]) await one.storeManyVectors(sets.slice(0, count));

    const { missed, half } = await missesOf(engine, exact, 5, (q) => sets[count + q]);

    expect(missed - half, `missed ${missed} ± ${half}, seed ${seed}`).toBeLessThanOrEqual(1 - recall);
  });

  it("keeps its promise for all neighbours within a distance, and where some passes", async () => {
    const engine = await engineOf({ hashes: hashes(), guarantee: "per-query", recall: 0.9, storage: tablesOnly() });
    const exact = await engineOf({});
    let [found, all] = [0, 0];
    for (let q = 0; q < 200; q++) {
      const query = rowOf(values, dim, count + q);
      all += (await exact.neighbours(query, { within: 0.2 })).length;
      found += (await engine.neighbours(query, { within: 0.2 })).length;
    }
    const even = (_: unknown, id: string | number) => Number(id) % 2 === 0;

    expect(all).toBeGreaterThan(100);
    expect(found / all).toBeGreaterThanOrEqual(0.9);
    const query = rowOf(values, dim, count);
    const listed = await engineOf({ hashes: hashes(), guarantee: "per-query", recall: 0.9 });
    expect(await listed.neighbours(query, { k: 5, where: even })).toEqual(await exact.neighbours(query, { k: 5, where: even }));
  });

  // Found in review: on word vectors, whose neighbours are far, it took twenty times as long as comparing with all of them.
  it("compares with all vectors where tables would have to read too much, and misses nothing then", async () => {
    const random = new Random(seed);
    const far = Float32Array.from({ length: 2000 * dim }, () => random.uniform() - 0.5);
    const engine = new Engine({ dim, hashes: hashes(), guarantee: "per-query", recall: 0.9, codes: { bits: 4 } });
    await engine.storeManyVectors(far);

    for (let id = 0; id < 50; id++)
      expect(await engine.neighbours({ id }, { k: 10 })).toEqual(await engine.neighbours({ id }, { k: 10, exact: true }));
  });

  it("finds all there are where fewer are stored than are asked for, and nothing where nothing is", async () => {
    const engine = new Engine({ dim, hashes: hashes(), guarantee: "per-query", recall: 0.9, codes: true });
    expect(await engine.neighbours(rowOf(values, dim, 0), { k: 3 })).toEqual([]);
    await engine.storeManyVectors(values.subarray(0, 5 * dim));

    expect(await engine.neighbours(rowOf(values, dim, 0), { k: 9 })).toHaveLength(5);
    expect(await engine.neighbours({ id: 0 }, { k: 9 })).toHaveLength(4);
    expect(await engine.neighboursOfMany(values.subarray(0, 3 * dim), { k: 1 })).toHaveLength(3);
  });

  it.each([
    [{ guarantee: "always" }, "E_BAD_OPTION"],
    [{ guarantee: "per-query", recall: 0.9 }, "E_BAD_OPTION"],
    [{ guarantee: "per-query", recall: 1, hashes: hashes() }, "E_BAD_OPTION"],
    [{ guarantee: "per-query", hashes: hashes() }, "E_BAD_OPTION"],
    [{ guarantee: "per-query", recall: 0.9, hashes: hashes(), distance: "euclidean" }, "E_UNSUPPORTED"],
    [
      { guarantee: "per-query", recall: 0.9, hashes: [new RandomDiscretizedProjections({ name: "bins", projections: 4, binWidth: 1 })] },
      "E_UNSUPPORTED",
    ],
  ])("is refused where it cannot be kept: case %#", (options, code) => {
    expect(() => new Engine({ dim, ...(options as object) })).toThrow(expect.objectContaining({ code }) as Error);
  });

  // Found in review: a loaded engine answered without a guarantee, and there was no way to give it one.
  it("is kept with the index, in a file or its storage, and can be given to one that was made without", async () => {
    const engine = await engineOf({ hashes: hashes(), recall: 0.9, guarantee: "per-query" });
    const answers = (of: Engine) => Promise.all(Array.from({ length: 20 }, (_, q) => of.neighbours(dense(q), { k: 10 })));
    const bytes = await engine.save();
    const [promising, silent] = ["sure", "silent"].map((name) => folder.path(name));
    const store = async (path: string, options: object) =>
      (await engineOf({ hashes: hashes(), storage: folder.storage({ path }), ...options })).close();
    await store(promising, { recall: 0.9, guarantee: "per-query" });
    await store(silent, {});

    const others = [
      await Engine.load<unknown, "dense">(bytes),
      await Engine.open<unknown, "dense">({ storage: folder.storage({ path: promising }) }),
      await Engine.open<unknown, "dense">({ storage: folder.storage({ path: silent }), recall: 0.9, guarantee: "per-query" }),
    ];

    for (const other of others) {
      expect(await answers(other)).toEqual(await answers(engine));
      await other.close();
    }
    for (const options of [{ guarantee: "per-query", recall: 1 }, { guarantee: "always", recall: 0.9 }, { recall: 2 }] as object[])
      await expect(Engine.load(bytes, options)).rejects.toMatchObject({ code: "E_BAD_OPTION" });
  });
});
