import {
  Candidates,
  DistanceThresholdFilter,
  Engine,
  type Filter,
  type Json,
  NearestFilter,
  RandomBinaryProjections,
  UniqueFilter,
} from "nearts";
import { describe, expect, test } from "vitest";
import { refusal } from "./vectors.js";

const distances = [0.4, 0.9, 1.4, 2.1, 0.1, 8.7, 3.4, 2.8];

function candidates(rows: readonly number[], measured: readonly number[]): Candidates {
  const made = new Candidates();
  rows.forEach((row, i) => {
    made.add(row, measured[i]);
  });
  made.measured = true;
  return made;
}

function kept(from: Candidates): [number, number][] {
  return Array.from({ length: from.count }, (_, i) => [from.rows[i], from.distances[i]]);
}

test("19 — DistanceThresholdFilter(1.0) keeps exactly .4, .9 and .1, in their order; the bound itself is excluded", () => {
  const some = candidates([0, 1, 2, 3, 4, 5, 6, 7], distances);
  new DistanceThresholdFilter(1.0).apply(some);
  const atBound = candidates([0, 1, 2], [1, 0.9999999, 1.0000001]);
  new DistanceThresholdFilter(1).apply(atBound);

  expect(kept(some)).toEqual([
    [0, 0.4],
    [1, 0.9],
    [4, 0.1],
  ]);
  expect(kept(atBound)).toEqual([[1, 0.9999999]]);
});

test("20 — NearestFilter(5) keeps the five smallest in ascending order, ties in input order", () => {
  const some = candidates([0, 1, 2, 3, 4, 5, 6, 7], distances);
  new NearestFilter(5).apply(some);
  const tied = candidates([0, 1, 2, 3, 4, 5], [2, 1, 2, 1, 2, 0]);
  new NearestFilter(4).apply(tied);

  expect(kept(some).map(([, distance]) => distance)).toEqual([0.1, 0.4, 0.9, 1.4, 2.1]);
  expect(kept(tied).map(([row]) => row)).toEqual([5, 1, 3, 0]);
});

describe("21 — UniqueFilter", () => {
  test("21 — on 8 entries and 4 repeats gives 8, each at its first appearance", () => {
    const some = candidates([0, 1, 2, 3, 4, 5, 6, 7, 2, 0, 7, 5], [...distances, 1.4, 0.4, 2.8, 8.7]);
    new UniqueFilter().apply(some);

    expect(kept(some)).toEqual(distances.map((distance, row) => [row, distance]));
  });

  test("21 — works whatever the data is, and never merges vectors of equal data", async () => {
    const engine = new Engine<Json>({ dim: 2, hashes: [new RandomBinaryProjections({ name: "rbp", projections: 1, tables: 6 })] });
    const data: Json[] = [
      ["one", "two"],
      ["one", "two"],
      { a: [1, { b: null }] },
      { a: [1, { b: null }] },
      null,
      null,
      1,
      true,
      "1",
      [],
      {},
    ];
    for (const datum of data) await engine.storeVector([1, 1], { data: datum });
    const found = await engine.neighbours([1, 1], { k: 100 });

    expect(found.map((one) => one.data)).toEqual(data);
    expect(found.map(({ id }) => id)).toEqual(data.map((_, i) => i));
  });
});

describe("22 — Filters in order", () => {
  async function line(): Promise<Engine<number>> {
    const engine = new Engine<number>({ dim: 1, distance: "euclidean" });
    await engine.storeManyVectors([[1], [2], [3], [4], [5]], { data: [1, 2, 3, 4, 5] });
    return engine;
  }

  test("22 — they are applied one after the other, each to what the one before has left", async () => {
    const engine = await line();
    const seen: [string, number][] = [];
    const note = (name: string, stage: Filter["stage"]): Filter => ({
      name,
      stage,
      apply: (entries) => void seen.push([name, entries.count]),
    });
    const odd: Filter = {
      name: "odd",
      stage: "candidates",
      apply: (entries, context) => {
        const positions = Uint32Array.from(entries.rows.subarray(0, entries.count).keys()).filter(
          (i) => Number(context.data(entries.rows[i])) % 2 === 1,
        );
        entries.keep(positions, positions.length);
      },
    };
    const filters = [
      note("rows", "scan"),
      new UniqueFilter(),
      odd,
      note("odd ones", "candidates"),
      new DistanceThresholdFilter(4),
      note("near ones", "distances"),
      new NearestFilter(1),
    ];
    const found = await engine.neighbours([0], { filters });

    expect(seen).toEqual([
      ["rows", 5],
      ["odd ones", 3],
      ["near ones", 2],
    ]);
    expect(found).toEqual([{ id: 0, data: 1, distance: 1 }]);
  });

  test("22 — the order matters: a threshold behind NearestFilter and one before it give the same, a custom filter between does not", async () => {
    const engine = await line();
    const first: Filter = { name: "first", stage: "distances", apply: (entries) => entries.keep(Uint32Array.of(0), 1) };
    const ids = async (filters: Filter[]) => (await engine.neighbours([6], { filters })).map(({ id }) => id);

    expect(await ids([new NearestFilter(2), new DistanceThresholdFilter(3)])).toEqual([4, 3]);
    expect(await ids([new DistanceThresholdFilter(3), new NearestFilter(2)])).toEqual([4, 3]);
    expect(await ids([first, new NearestFilter(2)])).toEqual([0]);
    expect(await ids([new NearestFilter(2), first])).toEqual([4]);
  });

  test("22 — distance filters where nothing is measured are a typed error, and the engine's own then simply have nothing to do", async () => {
    const engine = await line();
    const refused = await refusal(() => engine.neighbours([0], { distance: false, filters: [new DistanceThresholdFilter(1)] }));

    expect(refused.code).toBe("E_BAD_OPTION");
    expect(refused.message).toContain("distance-threshold");
    expect(await engine.neighbours([0], { distance: false })).toHaveLength(5);
  });

  test("22 — an error inside a filter or a distance reaches the caller as it is, and later queries are not harmed", async () => {
    const engine = await line();
    const mine = new TypeError("wrong tuple");
    const broken: Filter = {
      name: "broken",
      stage: "distances",
      apply: () => {
        throw mine;
      },
    };
    const distance = {
      name: "broken",
      kinds: ["dense"] as const,
      between: () => {
        throw mine;
      },
    };

    await expect(engine.neighbours([0], { filters: [broken] })).rejects.toBe(mine);
    await expect(engine.neighbours([0], { distance })).rejects.toBe(mine);
    await expect(engine.neighboursOfMany([[0], [1]], { filters: [broken] })).rejects.toBe(mine);
    expect((await engine.neighbours([0], { k: 1 }))[0].id).toBe(0);
  });
});
