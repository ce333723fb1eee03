import { type DenseRows, Keys, RandomBinaryProjections } from "nearts";
import { describe, expect, it } from "vitest";
import { bestOf, type Setting, SWEEP_SEED, sweep } from "../../src/inspect/sweep.js";
import type { Ground } from "../../src/search/trial.js";
import { clusters } from "../files.js";

const DIM = 10;
const stored = rowsOf(clusters(500, DIM, 11));
const queries = rowsOf(clusters(20, DIM, 12));
const ground: Ground = { stored, queries, distance: "cosine", k: 3, signal: new AbortController().signal };
const neighbours = Array.from({ length: 20 }, (_, q) => Uint32Array.of(q, q + 100, q + 300));

describe("sweep", () => {
  it("counts for a setting exactly the rows that share a bucket with the query, as the suggested hash will", async () => {
    for (const { bits, tables, recall, candidates } of await sweep(ground, neighbours, 0.6)) {
      const meet = meetings(bits, tables);
      let met = 0;
      for (let q = 0; q < queries.count; q++) for (let row = 0; row < stored.count; row++) if (meet(q, row)) met++;
      expect(recall).toBeCloseTo(found(meet), 12);
      expect(candidates).toBeCloseTo(met / queries.count, 9);
    }
  });

  it("takes the fewest tables that reach the target, or all 32", async () => {
    const settings = await sweep(ground, neighbours, 0.6);

    expect(settings).toHaveLength(12);
    for (const { bits, tables, recall } of settings) {
      if (tables > 1) expect(found(meetings(bits, tables - 1))).toBeLessThan(0.6);
      if (tables < 32) expect(recall).toBeGreaterThanOrEqual(0.6);
    }
  });
});

describe("bestOf", () => {
  const setting = (tables: number, recall: number, work: number): Setting => ({ bits: 8, tables, recall, candidates: 1, work });

  it("is the least work that reaches the target, with fewer tables where that costs less than a tenth", () => {
    expect(bestOf([setting(9, 0.9, 0.2), setting(4, 0.9, 0.21), setting(2, 0.9, 0.3), setting(1, 0.8, 0.01)], 0.9)?.tables).toBe(4);
  });

  it("is nothing where none does", () => {
    expect(bestOf([setting(1, 0.8, 0.01)], 0.9)).toBeUndefined();
  });
});

/** Whether a query and a stored row have the same key in a table of the hash with so many bits and tables. */
function meetings(bits: number, tables: number): (q: number, row: number) => boolean {
  const hash = new RandomBinaryProjections({ name: "rbp", projections: bits, tables, seed: SWEEP_SEED });
  hash.open({ kind: "dense", dim: DIM });
  const [a, b] = [queries, stored].map((rows) => {
    const keys = new Keys();
    hash.keys(rows, keys);
    return keys.hi;
  });
  return (q, row) => Array.from({ length: tables }, (_, t) => a[q * tables + t] === b[row * tables + t]).includes(true);
}

/** The part of all true neighbours that meet their query. */
function found(meet: (q: number, row: number) => boolean): number {
  return neighbours.flatMap((near, q) => [...near].filter((row) => meet(q, row))).length / (neighbours.length * neighbours[0].length);
}

function rowsOf(rows: readonly (readonly number[])[]): DenseRows {
  return { kind: "dense", dim: DIM, count: rows.length, values: Float32Array.from(rows.flat()) };
}
