import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { rowAt } from "../../src/core/rows.js";
import { Engine, memberOf, membersOf, NearError } from "../../src/index.js";
import { arbitraryRows } from "../../src/testing/index.js";

const library = [
  { id: "a", vector: ["to", "be", "or", "not"] },
  { id: "b", vector: new Set(["not", "to", "be"]) },
  { id: "c", vector: [1, 2, 3] },
  { id: "d", vector: ["1", "2", "3"] },
  { id: "empty", vector: [] },
  { id: "one", vector: ["to"] },
];

async function stocked(): Promise<Engine<unknown, "set">> {
  const engine = new Engine({ kind: "set" });
  await engine.storeManyVectors(library);
  return engine;
}

describe("an engine of sets", () => {
  test("finds sets by Jaccard distance, the nearest first", async () => {
    const found = await (await stocked()).neighbours(["be", "to", "or", "to"], { k: 3 });
    expect(found.map(({ id, distance }) => [id, distance])).toEqual([
      ["a", 1 / 4],
      ["b", 1 / 2],
      ["one", 2 / 3],
    ]);
  });

  test("tells integers from texts of their digits", async () => {
    const engine = await stocked();
    expect((await engine.neighbours([3, 2, 1, 2], { within: 1 })).map(({ id }) => id)).toEqual(["c"]);
    expect((await engine.neighbours(["3", "1", "2"], { within: 1 })).map(({ id }) => id)).toEqual(["d"]);
  });

  test("has two empty sets at distance 0 and an empty one at 1 from any other", async () => {
    const found = await (await stocked()).neighbours([], { k: 6 });
    expect(found.map(({ distance }) => distance)).toEqual([0, 1, 1, 1, 1, 1]);
    expect(found[0].id).toBe("empty");
  });

  test("finds what holds the query by containment, however large it is", async () => {
    const found = await (await stocked()).neighbours(["to", "be"], { distance: "containment", k: 3 });
    expect(found.map(({ id, distance }) => [id, distance])).toEqual([
      ["a", 0],
      ["b", 0],
      ["one", 1 / 2],
    ]);
  });

  test("gives members back, and takes them again", async () => {
    const engine = await stocked();
    const { vector } = (await engine.get("a")) ?? expect.fail("it was stored");
    expect(vector).toEqual({ members: membersOf(library[0].vector, "set") });
    await engine.storeVector(vector, { id: "again" });
    expect((await engine.neighbours(vector, { within: 0.1 })).map(({ id }) => id)).toEqual(["a", "again"]);
    expect((await engine.neighbours({ id: "a" }, { k: 1 }))[0]).toEqual({ id: "again", distance: 0 });
  });

  test("compares by the definition, and ties by row, among sets of all sizes", async () => {
    const random = new Random("sets");
    const rows = arbitraryRows(random, "set", { count: 900, dim: 40, zeros: true });
    const engine = new Engine({ kind: "set" });
    await engine.storeManyVectors(rows);
    for (let q = 0; q < 40; q++) {
      const query = new Set(rowAt<"set">(rows, q * 20).members);
      const distances = Array.from({ length: rows.count }, (_, i) => {
        const { members } = rowAt<"set">(rows, i);
        const common = members.filter((member) => query.has(member)).length;
        const union = query.size + members.length - common;
        return { id: i, distance: union === 0 ? 0 : (union - common) / union };
      });
      distances.sort((a, b) => a.distance - b.distance || a.id - b.id);
      expect(await engine.neighbours(query, { k: 25 })).toEqual(distances.slice(0, 25));
      expect(await engine.neighbours(query, { within: 0.6 })).toEqual(distances.filter(({ distance }) => distance < 0.6));
    }
  });

  test("is the same after saving and loading", async () => {
    const engine = await stocked();
    const loaded = await Engine.load<unknown, "set">(await engine.save());
    expect(await loaded.neighbours(["to", "be"])).toEqual(await engine.neighbours(["to", "be"]));
    expect(loaded.kind).toBe("set");
  });

  test.each<[string, unknown, RegExp]>([
    ["a text", "to be", /shingles/],
    ["a number", 7, /give a set or a list of tokens/],
    ["null", null, /give a set or a list/],
    ["a sparse vector", { indices: [1], values: [1] }, /give a set or a list/],
    ["a fraction", [1, 0.5], /0\.5 at position 1/],
    ["members out of order", { members: Uint32Array.of(2, 1) }, /the member 1 at position 1: members ascend/],
    ["members twice", { members: Uint32Array.of(2, 2) }, /members ascend/],
  ])("refuses %s as a set", async (_, vector, message) => {
    const engine = new Engine({ kind: "set" });
    const refusal = await engine.storeVector(vector as Iterable<string>).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NearError);
    expect(refusal).toMatchObject({ code: "E_BAD_VECTOR", message: expect.stringMatching(message) });
    expect(await engine.size()).toBe(0);
  });

  test("refuses members beyond a dimension that it was given", async () => {
    const engine = new Engine({ kind: "set", dim: 10 });
    await engine.storeVector([0, 9]);
    await expect(engine.storeVector([10])).rejects.toMatchObject({ code: "E_BAD_VECTOR", message: expect.stringMatching(/below 10/) });
    expect(memberOf("ten", "set", 0)).toBeGreaterThan(10);
  });
});
