import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { type DenseRows, slice } from "../../src/core/rows.js";
import { bestBuild } from "../../src/kernels/arena.js";
import { planeMemory } from "../../src/numeric/plane-memory.js";
import { PrincipalHead } from "../../src/numeric/principal-head.js";

const [dim, size] = [256, 256];

describe("queries that are named ahead", () => {
  it("are mapped as one by one, whatever their order and however few of them are asked for", () => {
    const [named, alone] = [headOf(1), headOf(1)];
    const queries = rowsOf(77, 2);
    named.ahead(queries);
    for (const q of [76, 0, 15, 16, 76, 40, 3]) {
      const mapped = named.mapQuery(one(queries, q)).slice();
      expect(mapped, `query ${q}`).toEqual(alone.mapQuery(one(queries, q)));
      expect(named.squares[0], `query ${q}`).toBe(alone.squares[0]);
    }
    named.ahead(null);
    expect(named.mapQuery(one(queries, 5)).slice()).toEqual(alone.mapQuery(one(queries, 5)));
  });

  it("hold nobody up: naming a thousand, all of which were mapped at once, takes little of the time that mapping them does", () => {
    const head = headOf(1);
    const queries = rowsOf(1024, 2);
    let [naming, mapping] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < 5; round++) {
      const begun = performance.now();
      head.ahead(queries);
      const named = performance.now();
      for (let q = 0; q < queries.count; q++) head.mapQuery(one(queries, q));
      naming = Math.min(naming, named - begun);
      mapping = Math.min(mapping, performance.now() - named);
    }
    expect(naming).toBeLessThan(mapping / 2);
  });
});

/** Of a dimension that is no multiple of 4 the padding was whatever had been there: after other engines of the process the codes of such vectors told nothing. */
it.each([161, 163])("a query of %i values is as long as the row it equals, whatever was in the memory that the head got", (dim) => {
  const memory = planeMemory(bestBuild());
  const bytes = 2 * memory.arena.views().u8.length;
  const filled = memory.scratch(bytes) >>> 2;
  memory.arena.views().f32.fill(5, filled, filled + bytes / 4);
  memory.scratch(bytes + 16); // what was filled is free
  const head = new PrincipalHead({ origin: new Float32Array(dim), directions: new Float32Array(dim).fill(1, 0, 1), unit: false });
  const row: DenseRows = { kind: "dense", dim, count: 1, values: new Float32Array(dim).fill(0.5) };

  head.mapQuery(row);
  expect(head.squares[0]).toBeCloseTo(dim / 4, 4);
  head.ahead(row);
  head.mapQuery(row);
  expect(head.squares[0]).toBeCloseTo(dim / 4, 4);
});

function headOf(seed: number): PrincipalHead {
  const directions = new Float32Array(size * dim);
  for (let d = 0; d < size; d++) directions[d * dim + d] = 1;
  return new PrincipalHead({ origin: rowsOf(1, seed).values, directions, unit: false });
}

function rowsOf(count: number, seed: number): DenseRows {
  const random = new Random(seed);
  return { kind: "dense", dim, count, values: Float32Array.from({ length: count * dim }, () => random.uniform() - 0.5) };
}

function one(rows: DenseRows, q: number): DenseRows {
  return slice(rows, q, q + 1) as DenseRows; // a row of these
}
