import {
  Engine,
  HashPermutationMapper,
  HashPermutations,
  MemoryStorage,
  type Neighbour,
  RandomBinaryProjections,
  RandomBinaryProjectionTree,
  RandomDiscretizedProjections,
  UniBucket,
} from "nearts";
import { describe, expect, test } from "vitest";
import { bucketsOf, Dice, gaussian, gaussians, oneRow, refusal } from "./vectors.js";

const SEED = 4;
const child = (projections: number, name = "child", seed = 1) => new RandomBinaryProjections({ name, projections, seed });
const nearpys = (projections: number) =>
  new HashPermutations({ name: "permutations", children: [child(projections)], permutations: 50, beam: 10, neighbours: 100 });

test(`15 — HashPermutations (50 permutations, beam 10, 100 neighbours) over a child of 4 bits finds a strictly nearer vector than the child alone among 1000 of 200 dimensions (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  const vectors = gaussians(dice, 1000, 200);
  const plain = new Engine({ dim: 200, hashes: [child(4)] });
  const permuted = new Engine({ dim: 200, hashes: [nearpys(4)] });
  await plain.storeManyVectors(vectors);
  await permuted.storeManyVectors(vectors);
  const best = async (engine: Engine, query: Float32Array) => (await engine.neighbours(query))[0].distance;
  let strictly = 0;
  for (let round = 0; round < 10; round++) {
    const query = gaussian(dice, 200);
    const [alone, together] = [await best(plain, query), await best(permuted, query)];

    expect(together).toBeLessThanOrEqual(alone);
    if (round === 0) expect(together).toBeLessThan(alone);
    if (together < alone) strictly++;
  }
  expect(strictly).toBeGreaterThanOrEqual(8);
});

describe("16 — What HashPermutations and HashPermutationMapper take", () => {
  test("16 — A child that is not binary is refused by both", async () => {
    const discretized = new RandomDiscretizedProjections({ name: "rdp", projections: 4, binWidth: 1 });
    for (const other of [discretized, new UniBucket({ name: "uni" })]) {
      for (const make of [
        () => new HashPermutations({ name: "p", children: [child(4), other] }),
        () => new HashPermutationMapper({ name: "m", children: [other] }),
      ]) {
        const refused = await refusal(make);
        expect(refused.code).toBe("E_BAD_OPTION");
        expect(refused.message).toContain(other.name);
      }
    }
  });

  test("16 — Binary children of every class are taken", async () => {
    const tree = new RandomBinaryProjectionTree({ name: "tree", projections: 6, minimumResultSize: 3 });
    const engine = new Engine({ dim: 5, hashes: [new HashPermutations({ name: "p", children: [child(4), tree] })] });
    const id = await engine.storeVector([1, 2, 3, 4, 5]);

    expect((await engine.neighbours([1, 2, 3, 4, 5])).map((found) => found.id)).toEqual([id]);
  });

  test("16 — An odd beam is refused with the even one to use", async () => {
    const refused = await refusal(() => new HashPermutations({ name: "p", children: [child(4)], beam: 5 }));

    expect(refused.code).toBe("E_BAD_OPTION");
    expect(refused.message).toMatch(/5.*6/);
  });

  test("16 — A query needs no build call: before anything is stored it finds nothing, and right after a store the vector", async () => {
    const engine = new Engine({ dim: 5, hashes: [nearpys(8)] });

    expect(await engine.neighbours([1, 2, 3, 4, 5])).toEqual([]);
    const id = await engine.storeVector([1, 2, 3, 4, 5]);
    expect(await engine.neighbours([1, 2, 3, 4, 5])).toEqual([{ id, distance: 0 }]);
  });
});

test(`17 — HashPermutations finds what is stored after a query, also after reopening, each vector once, and never what was deleted (seed ${SEED})`, async () => {
  const dice = new Dice(SEED);
  const storage = new MemoryStorage();
  const hashes = [new HashPermutations({ name: "permutations", children: [child(12), child(10, "other", 2)], permutations: 20 })];
  const engine = new Engine({ dim: 30, hashes, storage });
  const vectors = gaussians(dice, 400, 30);
  for (let round = 0; round < 4; round++) {
    const part = vectors.slice(round * 100, (round + 1) * 100);
    const ids = await engine.storeManyVectors(part);
    for (let i = 0; i < 100; i += 9) {
      const found = await engine.neighbours(part[i]);
      expect(found[0]).toEqual({ id: ids[i], distance: 0 });
      expectDistinct(found);
    }
  }
  const reopened = await Engine.open({ storage });
  for (let i = 0; i < 400; i += 37) expect(await reopened.neighbours(vectors[i])).toEqual(await engine.neighbours(vectors[i]));

  await reopened.deleteMany(Array.from({ length: 390 }, (_, id) => id));
  for (let i = 0; i < 400; i += 13) {
    const found = await reopened.neighbours(vectors[i], { k: 400 });
    for (const { id } of found) expect(Number(id)).toBeGreaterThanOrEqual(390);
  }
  expect((await reopened.neighbours(vectors[395]))[0]).toEqual({ id: 395, distance: 0 });
});

function expectDistinct(found: readonly Neighbour<unknown>[]): void {
  expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
}

describe("18 — HashPermutationMapper", () => {
  const dim = 20;
  const bits = 8;
  const differing = (a: string, b: string) => Array.from(a).filter((bit, i) => bit !== b[i]).length;

  test(`18 — finds a vector from exactly the query keys at Hamming distance ≤ 1, also after reopening, and reads no empty bucket (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    const storage = new MemoryStorage();
    const hash = new HashPermutationMapper({ name: "mapper", children: [child(bits)] });
    const engine = new Engine({ dim, hashes: [hash], storage });
    const vectors = gaussians(dice, 60, dim);
    await engine.storeManyVectors(vectors);
    const keys = vectors.map((vector) => hash.bucketKeys(oneRow(vector))[0].replace("child_", ""));
    const reopened = await Engine.open({ storage });
    let flipped = 0;
    for (let round = 0; round < 200; round++) {
      const query = gaussian(dice, dim);
      const key = hash.bucketKeys(oneRow(query))[0].replace("child_", "");
      const near = keys.flatMap((other, id) => (differing(key, other) <= 1 ? [id] : []));
      flipped += near.filter((id) => keys[id] !== key).length;
      const found = (await engine.neighbours(query, { k: 100 })).map(({ id }) => Number(id));
      const explained = await engine.explain(query);

      expect(found.sort((a, b) => a - b)).toEqual(near);
      expect((await reopened.neighbours(query, { k: 100 })).map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(near);
      expect(explained.hashes[0].probes).toBe(new Set(near.map((id) => keys[id])).size);
    }

    expect(flipped).toBeGreaterThan(100);
  });

  test("18 — does not read a bucket that deletes have emptied", async () => {
    const engine = new Engine({ dim, hashes: [new HashPermutationMapper({ name: "mapper", children: [child(bits)] })] });
    const vector = gaussian(new Dice(SEED), dim);
    const id = await engine.storeVector(vector);
    expect((await engine.explain(vector)).hashes[0].probes).toBe(1);
    await engine.deleteVector(id);

    expect((await engine.explain(vector)).hashes[0].probes).toBe(0);
    expect(await bucketsOf(engine)).toEqual(new Map());
  });
});
