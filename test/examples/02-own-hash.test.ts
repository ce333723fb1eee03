import { hashSuite } from "nearts/testing";
import { describe, expect, it, test } from "vitest";
import { WinnerTakeAll } from "../../examples/02-own-hash.mjs";
import { built, run } from "./run.js";

hashSuite({ test, hashClass: WinnerTakeAll, create: () => new WinnerTakeAll({ name: "wta", tables: 3, seed: 1 }) });

describe("the example of a hash of one's own", () => {
  it.skipIf(!built)("compares it with the built-in ones, and opens it again (skipped where the library is not built)", async () => {
    const printed = await run("examples/02-own-hash-evaluated.mjs");
    const rows = Array.from(printed.matchAll(/^(\w[\w -]+?) {2,}([\d.]+) +(\d+) +([\d.]+)$/gm), ([, name, ...values]) => [
      name,
      ...values.map(Number),
    ]);

    expect(rows.map(([name]) => name)).toEqual(["winner takes all", "random planes", "random bins", "k-means"]);
    for (const [, recall, candidates] of rows) {
      expect(recall).toBeGreaterThan(0.3);
      expect(candidates).toBeLessThan(20_000);
    }
    expect(printed).toMatch(/^opened again: 20000 vectors/m);
  });

  it.skipIf(!built)("passes the published suite under node:test (skipped where the library is not built)", async () => {
    const report = await run("--test", "--test-reporter=tap", "examples/02-own-hash.test.mjs");

    expect(report).toMatch(/^# pass [1-9]\d+$/m);
    expect(report).toMatch(/^# fail 0$/m);
  });
});
