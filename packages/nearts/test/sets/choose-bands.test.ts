import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { chooseBands, chooseHash, Engine, membersOf, NearError } from "../../src/index.js";
import { bandsFor, histogramBins } from "../../src/numeric/bands.js";

const random = new Random("bands");
const sets = Array.from({ length: 1500 }, () =>
  membersOf(
    Array.from({ length: 150 }, () => random.below(3000)),
    "set",
  ),
);

describe("bands chosen for a threshold", () => {
  test("find what is above it with the recall asked for, at the least cost that the similarities allow", async () => {
    const { hash, recall, candidates, text } = await chooseBands({ sample: sets, threshold: 0.6, recall: 0.95, size: 100_000 });
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(1 - (1 - 0.6 ** hash.rows) ** hash.tables).toBeGreaterThan(0.95);
    expect(candidates).toBeLessThan(5000);
    expect(text).toMatch(/keys of . values: 9\d\.\d % of the sets of similarity 0\.6/);
    const engine = new Engine({ kind: "set", hashes: [hash] });
    await engine.storeManyVectors(sets);
    let found = 0;
    for (let q = 0; q < 150; q++) {
      // Three quarters of the members in common, of 1.25 times as many: 0.6.
      const kept = sets[q].slice(0, Math.round((sets[q].length * 3) / 4));
      const query = [...kept, ...Array.from({ length: sets[q].length - kept.length }, () => 1e6 + random.below(1e6))];
      if ((await engine.neighbours(query, { within: 0.5 })).some(({ id }) => id === q)) found++;
    }
    expect(found / 150).toBeGreaterThan(0.9);
  });

  test("have fewer values a key where sets are alike by chance less often", () => {
    const chosen = (usual: number) => {
      const histogram = new Float64Array(histogramBins);
      histogram[Math.floor(usual * histogramBins)] = 2000;
      return bandsFor({ near: [0.3], histogram, size: 1e6, members: 200, recall: 0.95 }) ?? expect.fail("some bands are sooner");
    };
    expect(chosen(0.99).rows).toBeLessThan(chosen(0.7).rows);
    expect(chosen(0.99).nanos).toBeLessThan(chosen(0.7).nanos);
  });

  test.each<[string, object, string, RegExp]>([
    ["a threshold of 0", { threshold: 0 }, "E_BAD_OPTION", /threshold is 0; give a Jaccard similarity over 0, up to 1/],
    ["a threshold over 1", { threshold: 1.5 }, "E_BAD_OPTION", /threshold is 1\.5/],
    ["no threshold", { threshold: undefined }, "E_BAD_OPTION", /threshold is undefined/],
    ["one set", { sample: [[1]] }, "E_BAD_OPTION", /1 sets/],
    ["fewer sets than the sample has", { size: 3 }, "E_BAD_OPTION", /size is 3/],
    ["sets too far apart to gain anything", { threshold: 0.001 }, "E_UNSUPPORTED", /leave the hashes out/],
  ])("are refused for %s", async (_, options, code, message) => {
    const refusal = await chooseBands({ sample: sets.slice(0, 200), threshold: 0.5, ...options }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NearError);
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

test("chooseHash tries MinHash on a sample of sets", async () => {
  const versions = sets.slice(0, 300).flatMap((set) => [set, ...[5, 10, 20].map((off) => membersOf([...set.subarray(off), off], "set"))]);
  const choice = await chooseHash({ family: "MinHash", sample: versions, kind: "set", distance: "jaccard", k: 3, recall: 0.9 });
  expect(choice.recall).toBeGreaterThan(0.9);
  expect(choice.candidates).toBeLessThan(100);
  await expect(chooseHash({ family: "MinHash", sample: [[1, 2]], k: 1 })).rejects.toThrow(NearError);
  await expect(chooseHash({ family: "RandomBinaryProjections", sample: versions, kind: "set", distance: "jaccard", k: 3 })).rejects.toThrow(
    /not set/,
  );
});
