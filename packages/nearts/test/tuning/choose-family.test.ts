import { describe, expect, it } from "vitest";
import { chooseHash, Engine, type HashFamilyName, Random } from "../../src/index.js";
import { clouds } from "../learned/vectors.js";

const seed = 20_261_123;
const [dim, stored, asked] = [12, 500, 60];

describe("chooseHash knows every family", () => {
  const all = clouds(stored + asked, dim, seed);
  const [rows, queries] = [all.subarray(0, stored * dim), all.subarray(stored * dim)];

  it.each<readonly [HashFamilyName, "euclidean" | "manhattan"]>([
    ["CrossPolytope", "euclidean"],
    ["ITQBinaryProjections", "euclidean"],
    ["LSHForest", "euclidean"],
    ["PStableProjections", "manhattan"],
    ["SuperBit", "euclidean"],
  ])("%s for the %s distance: what it promises on a sample comes true for other queries", async (family, distance) => {
    const choice = await chooseHash({ family, sample: rows, dim, distance, recall: 0.9, tables: 4, seed });
    const engine = new Engine({ dim, distance, hashes: [choice.hash] });
    await engine.storeManyVectors(rows);
    let found = 0;
    for (let q = 0; q < asked; q++) {
      const query = queries.subarray(q * dim, (q + 1) * dim);
      const truth = await engine.neighbours(query, { k: 10, exact: true });
      const got = await engine.neighbours(query, { k: 10, probes: choice.probes });
      found += got.filter((one) => one.distance <= truth[9].distance).length / (10 * asked);
    }
    expect(choice.warning, choice.text).toBeUndefined();
    expect(choice.candidates).toBeLessThan(0.9 * stored);
    expect(found).toBeGreaterThan(0.9 - 4 * (choice.error + 0.02));
  });

  it.each<HashFamilyName>(["BitSampling", "MultiIndexHashing"])("%s for bits", async (family) => {
    const random = new Random(seed);
    const words = Uint32Array.from({ length: 2 * stored }, () => random.uint32());
    // Every code has others a few bits away.
    for (let r = 1; r < stored; r++)
      if (r % 4 !== 0) for (const w of [0, 1]) words[2 * r + w] = words[2 * (r - 1) + w] ^ (1 << random.below(32));
    const sample = { kind: "bits", dim: 64, count: stored, words } as const;
    const choice = await chooseHash({ family, sample, distance: "hamming", k: 3, recall: 0.9, tables: 4, seed });

    expect(choice.warning, choice.text).toBeUndefined();
    expect(choice.recall).toBeGreaterThan(0.89);
    expect(choice.candidates).toBeLessThan(stored / 2);
  });

  it("refuses a family for a distance that it does not serve, and for other vectors than it hashes", async () => {
    await expect(chooseHash({ family: "CrossPolytope", sample: rows, dim, distance: "manhattan" })).rejects.toThrow(
      expect.objectContaining({ code: "E_UNSUPPORTED", message: expect.stringMatching(/not manhattan: .*PStableProjections/) }),
    );
    await expect(chooseHash({ family: "PStableProjections", sample: rows, dim, distance: "cosine" })).rejects.toThrow(/not cosine/);
    await expect(chooseHash({ family: "BitSampling", sample: rows, dim })).rejects.toThrow(/BitSampling hashes bit vectors, not dense/);
  });
});
