import { describe, expect, it } from "vitest";
import { type HashSample, takeSample } from "../../src/choosing/hash-sample.js";
import { type Tried, tryHash } from "../../src/choosing/hash-trial.js";
import {
  Engine,
  EuclideanDistance,
  type Hash,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
} from "../../src/index.js";
import { clouds } from "../learned/vectors.js";

const [dim, count, k] = [12, 160, 5];

function sampleOf(size?: number, queries?: Float32Array): Promise<HashSample> {
  const distanceOf = () => new EuclideanDistance();
  return takeSample({
    sample: clouds(count, dim, "trial"),
    queries,
    dim,
    kind: undefined,
    distanceOf,
    k,
    size,
    seed: 1,
    signal: undefined,
  });
}

/** Mean recall and candidates that an engine gives the queries of a sample, drawn from its rows. */
async function searched(hash: Hash, sample: HashSample, probes: number): Promise<{ recall: number; candidates: number }> {
  const engine = new Engine({ dim, distance: "euclidean", hashes: [hash] });
  await engine.storeManyVectors(sample.rows, { ids: Array.from({ length: count }, (_, r) => r) });
  let [hits, candidates] = [0, 0];
  for (let q = 0; q < sample.queries.count; q++) {
    const near = new Set(sample.near[q]);
    hits += (await engine.neighbours({ id: q }, { k, probes })).filter(({ id }) => near.has(id as number)).length;
    candidates += (await engine.candidateCount({ id: q }, { probes })).unique;
  }
  await engine.close();
  return { recall: hits / (k * sample.queries.count), candidates: candidates / sample.queries.count };
}

const families: Readonly<Record<string, (tables: number) => Hash>> = {
  RandomBinaryProjections: (tables) => new RandomBinaryProjections({ name: "h", projections: 7, tables, seed: 3 }),
  RandomDiscretizedProjections: (tables) =>
    new RandomDiscretizedProjections({ name: "h", projections: 4, binWidth: 3, tables, seed: 3, offset: true }),
  RandomBinaryProjectionTree: (tables) =>
    new RandomBinaryProjectionTree({ name: "h", projections: 10, minimumResultSize: 8, tables, seed: 3 }),
};

describe("a trial of a hash", () => {
  it.each(Object.keys(families))("knows from one pass what an engine finds with fewer tables of %s and any probes", async (family) => {
    const sample = await sampleOf();

    const tried = await tryHash(families[family](4), sample, true, () => undefined);

    for (const { tables, probes } of spread(tried)) {
      const told = at(tried, tables, probes);
      const found = await searched(families[family](tables), sample, probes);
      // Means are over rows − 1, as a query is not among its own candidates.
      expect({ tables, probes, candidates: (told.candidates * (count - 1)) / count }).toEqual({
        tables,
        probes,
        candidates: expect.closeTo(found.candidates, 6),
      });
      expect({ tables, probes, recall: told.recall }).toEqual({ tables, probes, recall: expect.closeTo(found.recall, 6) });
    }
  });

  it("counts all tables together, and nothing else, where fewer are not the first of more", async () => {
    const sample = await sampleOf();
    const make = families["RandomBinaryProjections"];

    const tried = await tryHash(make(3), sample, false, () => undefined);

    expect(new Set(tried.map(({ tables }) => tables))).toEqual(new Set([3]));
    expect(at(tried, 3, 2).recall).toBeCloseTo((await searched(make(3), sample, 2)).recall, 6);
  });

  it("finds no less and reads no less with more probes or tables", async () => {
    const tried = await tryHash(families["RandomBinaryProjections"](4), await sampleOf(), true, () => undefined);

    for (const { tables, probes, recall, candidates } of tried) {
      const fewer = tried.filter((other) => other.tables === tables && other.probes === probes - 1);
      const narrower = probes === 1 ? tried.filter((other) => other.tables === tables - 1 && other.probes === 1) : [];
      for (const other of [...fewer, ...narrower]) {
        expect(other.recall).toBeLessThanOrEqual(recall);
        expect(other.candidates).toBeLessThanOrEqual(candidates);
      }
    }
  });

  it("counts candidates of all vectors to be stored, in proportion", async () => {
    const [few, many] = [await sampleOf(), await sampleOf(30 * count)];

    const [small, large] = await Promise.all(
      [few, many].map((sample) => tryHash(families["RandomBinaryProjections"](2), sample, true, () => undefined)),
    );

    expect(at(large, 2, 1).candidates).toBeCloseTo(30 * at(small, 2, 1).candidates, 6);
    expect(at(large, 2, 1).recall).toBe(at(small, 2, 1).recall);
  });

  it("leaves no row out for queries that are not of the sample", async () => {
    const sample = await sampleOf(undefined, clouds(40, dim, "others"));

    expect(sample.leaveOut.every((row) => row === -1)).toBe(true);
    expect(sample.near.every((rows) => rows.length >= k)).toBe(true);
    expect(sample.queries.count).toBe(40);
  });
});

function at(tried: readonly Tried[], tables: number, probes: number): Tried {
  const found = tried.find((one) => one.tables === tables && one.probes === probes);
  if (found === undefined) throw new Error(`nothing is known of ${tables} tables and ${probes} probes`);
  return found;
}

/** For some numbers of tables the fewest and the most probes that are known. */
function spread(tried: readonly Tried[]): Tried[] {
  return [1, 2, 4].flatMap((tables) => {
    const known = tried.filter((one) => one.tables === tables);
    const most = known[Math.min(known.length, 8) - 1];
    expect(most.probes, `probes known with ${tables} tables`).toBeGreaterThan(1);
    return [known[0], most];
  });
}
