import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NearError } from "../../src/core/errors.js";
import { Perturbations } from "../../src/numeric/perturbations.js";

interface Table {
  readonly table: number;
  readonly scores: readonly number[];
  readonly coordinates: readonly number[] | null;
}

interface Found {
  readonly table: number;
  readonly score: number;
  readonly members: readonly number[];
}

const seed = 20_070_923;

function enumerate(sets: Perturbations, tables: readonly Table[], limit = Infinity): Found[] {
  sets.begin();
  for (const { table, scores, coordinates } of tables) sets.addTable(table, Float64Array.from(scores), coordinates, scores.length);
  const found: Found[] = [];
  while (found.length < limit && sets.next()) {
    found.push({ table: sets.table, score: sets.score, members: [...sets.members.subarray(0, sets.size)] });
  }
  return found;
}

/** Every subset of every table that changes no coordinate twice, sorted: the specification. */
function bruteForce(tables: readonly Table[]): Found[] {
  const all = tables.flatMap((table) => subsets(table).map((ranks) => ({ ranks, ...described(table, ranks) })));
  all.sort((a, b) => a.score - b.score || a.table - b.table || compare(a.ranks, b.ranks));
  return all.map(({ table, score, members }) => ({ table, score, members }));
}

/** The perturbations of a table by (score, place). */
function ranking({ scores }: Table): number[] {
  return Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b] || a - b);
}

function subsets(table: Table): number[][] {
  const order = ranking(table);
  const found: number[][] = [];
  for (let mask = 1; mask < 2 ** order.length; mask++) {
    const ranks = Array.from(order.keys()).filter((rank) => (mask >> rank) & 1);
    const coordinates = ranks.map((rank) => (table.coordinates === null ? order[rank] : table.coordinates[order[rank]]));
    if (new Set(coordinates).size === ranks.length) found.push(ranks);
  }
  return found;
}

function described(table: Table, ranks: readonly number[]): Found {
  const members = ranks.map((rank) => ranking(table)[rank]);
  return { table: table.table, score: members.reduce((sum, member) => sum + table.scores[member], 0), members };
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** Tables of up to 6 perturbations, with scores that often tie, and coordinates that are often changed in both directions. */
const someTables = fc
  .array(
    fc.array(fc.tuple(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0, max: 3, noNaN: true })), fc.nat(3)), { maxLength: 6 }),
    { maxLength: 4 },
  )
  .chain((lists) => fc.tuple(fc.constant(lists), fc.boolean(), fc.shuffledSubarray([0, 1, 2, 7, 9], { minLength: lists.length })))
  .map(([lists, own, names]) =>
    lists.map(
      (list, i): Table => ({
        table: names[i],
        scores: list.map(([score]) => score),
        coordinates: own ? null : list.map(([, coordinate]) => coordinate),
      }),
    ),
  );

describe("Perturbations", () => {
  it("gives out exactly the sets that brute force finds, in order, ties included", () => {
    const sets = new Perturbations(1); // one object for all runs: nothing is left over from the query before
    fc.assert(
      fc.property(someTables, (tables) => {
        expect(enumerate(sets, tables)).toEqual(bruteForce(tables));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("follows the example of discretised slots: near borders first, never both borders of one slot", () => {
    // Slots 0 and 1, distances to the lower borders 0.25 and 0.5, to the upper ones 0.75 and 0.5, squared.
    const scores = [0.0625, 0.5625, 0.25, 0.25];
    const found = enumerate(new Perturbations(), [{ table: 3, scores, coordinates: [0, 0, 1, 1] }]);
    expect(found.map(({ members }) => members)).toEqual([[0], [2], [3], [0, 2], [0, 3], [1], [2, 1], [3, 1]]);
    expect(found.map(({ score }) => score)).toEqual([0.0625, 0.25, 0.25, 0.3125, 0.3125, 0.5625, 0.8125, 0.8125]);
    expect(found.every(({ table }) => table === 3)).toBe(true);
  });

  it("finds the cheapest of 2⁶⁴ sets without visiting the others", () => {
    const scores = Array.from({ length: 64 }, (_, bit) => (bit * 37) % 64);
    const found = enumerate(new Perturbations(), [{ table: 0, scores, coordinates: null }], 2000);
    expect(found.length).toBe(2000);
    for (let i = 1; i < found.length; i++) expect(found[i].score).toBeGreaterThanOrEqual(found[i - 1].score);
    // Sets of distinct parts from 0 … 63 with sum s: those of positive parts, times two for the part 0 (and no empty set).
    const withSum = (s: number) => found.filter(({ score }) => score === s).length;
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(withSum)).toEqual([1, 2, 2, 4, 4, 6, 8, 10, 12]);
  });

  it("takes scores from reused scratch, of either precision, and tables without perturbations", () => {
    const sets = new Perturbations();
    const scratch = new Float32Array(3);
    sets.begin();
    for (const [table, scores] of [
      [1, [2, 9, 4]],
      [2, []],
      [0, [3]],
    ] as const) {
      scratch.set(scores);
      sets.addTable(table, scratch, null, scores.length);
    }
    const order: string[] = [];
    while (sets.next()) order.push(`${sets.table}:${[...sets.members.subarray(0, sets.size)].join("+")}`);
    expect(order).toEqual(["1:0", "0:0", "1:2", "1:0+2", "1:1", "1:0+1", "1:2+1", "1:0+2+1"]);
    expect(sets.next()).toBe(false);
    sets.begin();
    expect(sets.next()).toBe(false);
  });

  it("refuses scores that are negative or no number, and an impossible capacity", () => {
    for (const bad of [-1, NaN]) {
      const sets = new Perturbations();
      sets.begin();
      expect(() => sets.addTable(0, Float64Array.of(1, bad), null, 2)).toThrow(NearError);
    }
    for (const bad of [0, -1, 1.5, NaN]) expect(() => new Perturbations(bad)).toThrow("capacity");
  });
});
