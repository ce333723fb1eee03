import { describe, expect, test } from "vitest";
import { Candidates } from "../../src/core/columns.js";
import type { FilterContext } from "../../src/core/contracts.js";
import { compileWhere } from "../../src/engine/where.js";
import { WhereFilter } from "../../src/engine/where-filter.js";
import { addRows, measuresAll } from "../../src/engine/where-rows.js";

describe("The filter of a where", () => {
  test("keeps the candidates for which it holds, in order, with their bounds and distances", () => {
    const candidates = new Candidates();
    for (const row of [9, 4, 7, 2]) candidates.add(row, row / 2);
    candidates.bound();
    candidates.lower.set([90, 40, 70, 20]);
    const context: FilterContext = {
      id: (row) => `id ${row}`,
      data: (row) => (row === 2 ? undefined : { price: row }),
      vector: () => new Float32Array(1),
    };
    const { rest } = compileWhere((data: { price: number } | undefined, id: unknown) => id === "id 2" || (data?.price ?? 0) > 5, {});
    new WhereFilter(rest ?? (() => false)).apply(candidates, context);
    expect(Array.from(candidates.rows.subarray(0, candidates.count))).toEqual([9, 7, 2]);
    expect(Array.from(candidates.distances.subarray(0, 3))).toEqual([4.5, 3.5, 1]);
    expect(candidates.bounded).toBe(true);
    expect(Array.from(candidates.lower.subarray(0, 3))).toEqual([90, 70, 20]);
  });
});

describe("The rows of a set", () => {
  test("become candidates in ascending order", () => {
    const out = new Candidates();
    out.add(5);
    const rows = [0, 1, 30, 31, 32, 63, 96, 1000];
    const words = new Uint32Array(40);
    for (const row of rows) words[row >>> 5] |= 1 << (row & 31);
    addRows({ words, count: rows.length }, out);
    expect(Array.from(out.rows.subarray(0, out.count))).toEqual([5, ...rows]);
  });

  test("are all measured where they are few or a small share, else scanned for", () => {
    const long = { dim: 784, groups: 128 };
    expect([measuresAll(0, 0, long), measuresAll(2000, 2000, long), measuresAll(2001, 10_000, long)]).toEqual([true, true, false]);
    expect([measuresAll(9999, 1_000_000, long), measuresAll(10_000, 1_000_000, { ...long, groups: 0 })]).toEqual([true, false]);
    // Of short vectors with long codes more are measured as soon as read.
    expect([measuresAll(20_000, 1_000_000, long), measuresAll(20_000, 1_000_000, { dim: 100, groups: 50 })]).toEqual([false, true]);
  });
});
