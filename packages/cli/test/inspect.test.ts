import { describe, expect, it } from "vitest";
import { nearts, wideLines } from "./command.js";
import { clusters, Folder, fvecs } from "./files.js";

interface Inspection {
  readonly stored: number;
  readonly queries: number;
  readonly exact: { readonly recall: number; readonly candidates: number };
  readonly hashes: readonly {
    readonly hash: string;
    readonly tables: number;
    readonly buckets: number;
    readonly largestBucket: number;
    readonly entries: number;
    readonly candidates: number;
    readonly recall: number;
    readonly sizes: readonly { readonly from: number; readonly to: number; readonly buckets: number; readonly entries: number }[];
  }[];
  readonly suggestion: {
    readonly settings: readonly { readonly bits: number; readonly tables: number; readonly recall: number; readonly candidates: number }[];
    readonly best: { readonly bits: number; readonly tables: number } | null;
    readonly checked: { readonly hash: string; readonly recall: number } | null;
  };
}

const folder = Folder.ofFile();
const base = folder.write("base.fvecs", fvecs(clusters(2000, 16, 5)));

describe("nearts inspect", () => {
  it("counts every row in every table, in buckets of every size", async () => {
    const { code, out, err } = await nearts(["inspect", base, "--hash", "rbp:bits=6,tables=3", "--hash", "tree:min=20,tables=2", "--json"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { stored, queries, exact, hashes } = JSON.parse(out) as Inspection;
    expect({ stored, queries, exact: { recall: exact.recall, candidates: exact.candidates } }).toEqual({
      stored: 1800,
      queries: 200,
      exact: { recall: 1, candidates: 1800 },
    });
    expect(hashes.map(({ hash, tables }) => [hash, tables])).toEqual([
      ["rbp:bits=6,tables=3,seed=1", 3],
      ["tree:bits=24,min=20,tables=2,seed=1", 2],
    ]);
    for (const { tables, buckets, largestBucket, entries, candidates, recall, sizes } of hashes) {
      expect(sizes.reduce((sum, size) => sum + size.entries, 0)).toBe(tables * stored);
      expect(sizes.reduce((sum, size) => sum + size.buckets, 0)).toBe(buckets);
      for (const { from, to, buckets, entries } of sizes) {
        expect(entries).toBeGreaterThanOrEqual(buckets * from);
        expect(entries).toBeLessThanOrEqual(buckets * to);
      }
      expect(largestBucket).toBeGreaterThanOrEqual(sizes.at(-1)?.from ?? Number.NaN);
      expect(candidates).toBeLessThanOrEqual(entries);
      expect(recall).toBeGreaterThan(0.3);
    }
    expect(hashes[0].buckets).toBeLessThanOrEqual(3 * 64);
  });

  it("suggests bits and tables that reach the recall when tried", async () => {
    const { out } = await nearts(["inspect", base, "--recall", "0.8", "--json"]);

    const { settings, best, checked } = (JSON.parse(out) as Inspection).suggestion;
    expect(settings.map(({ bits }) => bits)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]);
    expect(checked?.hash).toBe(`rbp:bits=${best?.bits},tables=${best?.tables},seed=1`);
    expect(checked?.recall).toBeGreaterThanOrEqual(0.8);
  });

  it("draws the buckets, and explains what it suggests, within 100 columns", async () => {
    const { code, out } = await nearts(["inspect", base, "--hash", "rbp:bits=8,tables=4", "--probes", "3", "--limit", "1000"]);

    expect(code).toBe(0);
    expect(out).toContain("800 rows are stored, the other 200 asked with");
    expect(out).toMatch(/^ +1 +[\d,]+ +[\d.]+ % +[█▏▎▍▌▋▊▉]+$/m);
    expect(out).toMatch(/a query reads +\d+ entries in 3 buckets a table: \d+ different rows/);
    expect(out).toMatch(/recall@10 +[01]\.\d{3} of the true neighbours/);
    expect(out).toMatch(/← suggested/);
    expect(out).toMatch(/→ --hash rbp:bits=\d+,tables=\d+,seed=1: /);
    expect(wideLines(out)).toEqual([]);
  });

  it("says so where no setting reaches the recall", async () => {
    const noise = folder.write(
      "noise.fvecs",
      fvecs(clusters(300, 2, 7).map(([x, y], i) => [Math.cos(i) + x / 1e4, Math.sin(i) + y / 1e4])),
    );

    const { code, out } = await nearts(["inspect", noise, "--recall", "1", "--hash", "exact"]);

    expect(code).toBe(0);
    expect(out).toMatch(/→ (No setting reaches a recall of 1 |--hash rbp)/);
  });
});
