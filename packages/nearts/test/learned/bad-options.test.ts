import { describe, expect, it } from "vitest";
import { Engine, hashFromConfig, type KMeansHash, RandomBinaryProjections, UniBucket } from "../../src/index.js";
import { learn } from "../../src/learned.js";
import { runSteps } from "../../src/numeric/steps.js";
import { clouds } from "./vectors.js";

/** Options as someone who writes JavaScript may give them. */
function engineOf(options: Record<string, unknown>): Engine {
  return new Engine({ dim: 2, ...options });
}

const hashes = () => [new RandomBinaryProjections({ name: "rbp", projections: 4 })];

describe("options that cannot be meant", () => {
  it.each([
    { options: { codes: null }, message: /codes is null; give true, false, \{ bits \} with 1, 2 or 4/ },
    { options: { codes: {} }, message: /codes is Object; give/ },
    { options: { codes: "yes" }, message: /codes is "yes"; give/ },
    { options: { codes: 2 }, message: /codes is 2; give/ },
    { options: { codes: { bits: 3 } }, message: /codes is \{ bits: 3 \}; give/ },
    { options: { codes: { bits: 1, seed: 3 } }, message: /codes has no option "seed"; it has bits/ },
    { options: { hashes: undefined, recall: 0.9, codes: true }, message: /codes is true, and .* learns codes of its own: leave codes out/ },
    { options: { gauge: "x" }, message: /gauge is "x"; give true or false/ },
    { options: { fields: null }, message: /fields is null; give an object/ },
    { options: { filters: null }, message: /filters/ },
    { options: { distance: null }, message: /distance is null/ },
  ])("are refused by a new engine: $options", ({ options, message }) => {
    expect(() => engineOf({ hashes: hashes(), ...options })).toThrow(
      expect.objectContaining({ code: "E_BAD_OPTION", message: expect.stringMatching(message) }),
    );
  });

  it.each([
    { call: "train", options: { foo: 1 }, message: /train has no option "foo"; it has signal, anew/ },
    { call: "train", options: { anew: 1 }, message: /anew is 1; give true or false/ },
    { call: "train", options: { signal: 5 }, message: /signal is 5; give the signal of an AbortController/ },
    { call: "tune", options: { signal: 5 }, message: /signal is 5/ },
    { call: "tune", options: { queries: [] }, message: /queries has 0 vectors to tune with; give at least 1/ },
  ] as const)("are refused by $call: $options", async ({ call, options, message }) => {
    const engine = engineOf({ recall: 0.9 });
    await expect(engine[call](options as object)).rejects.toMatchObject({ code: "E_BAD_OPTION", message: expect.stringMatching(message) });
  });

  it("are refused as signals of queries and stores too", async () => {
    const engine = engineOf({});
    const options = { signal: 5 as unknown as AbortSignal }; // the point
    const refusal = { code: "E_BAD_OPTION", message: expect.stringMatching(/signal is 5/) };
    await expect(engine.neighbours([1, 2], options)).rejects.toMatchObject(refusal);
    await expect(engine.neighboursOfMany([[1, 2]], options)).rejects.toMatchObject(refusal);
    await expect(engine.storeManyVectors([[1, 2]], options)).rejects.toMatchObject(refusal);
  });
});

describe("training with a signal that is aborted already", () => {
  it("is refused, though there may be nothing to learn", async () => {
    const engine = engineOf({ recall: 0.9 });
    await expect(engine.train({ signal: AbortSignal.abort(new Error("no longer wanted")) })).rejects.toThrow("no longer wanted");
  });
});

describe("the plan of an engine that compares everything", () => {
  it("is exact, and says why", async () => {
    const plain = await engineOf({}).plan();
    expect(plain).toMatchObject({ kind: "exact", recall: 1 });
    expect(plain.text).toMatch(/all 0 vectors \(cosine\), as there is neither a recall to reach nor hashes to search by/);
    expect((await engineOf({ hashes: [new UniBucket()] }).plan()).kind).toBe("exact");
    expect((await engineOf({ hashes: hashes() }).plan()).kind).toBe("hashed");
  });
});

describe("the configuration of a learned hash", () => {
  // With as many coordinates as dimensions the centroids fitted all the same, and gave other keys.
  it("is refused without its head", () => {
    const sample = { kind: "dense", dim: 6, count: 300, values: clouds(300, 6, 1) } as const;
    const hash = runSteps(learn(sample, { metric: "squaredEuclidean", size: 300 })).hash as KMeansHash;
    const { head: _, ...headless } = hash.config();
    expect(() => hashFromConfig(headless)).toThrow(
      expect.objectContaining({ code: "E_CONFIG", message: expect.stringMatching(/head is missing/) }),
    );
    expect(() => hashFromConfig({ ...hash.config(), reach: Number.NaN })).toThrow(/reach is NaN, expected a number of at least 0/);
  });
});
