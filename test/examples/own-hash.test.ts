import { hashSuite } from "nearts/testing";
import { describe, expect, it, test } from "vitest";
import { WinnerTakeAll } from "../../examples/own-hash.mjs";
import { built, run } from "./run.js";

hashSuite({ test, hashClass: WinnerTakeAll, create: () => new WinnerTakeAll({ name: "wta", tables: 3, seed: 1 }) });

describe("the example of a hash of one's own", () => {
  it.skipIf(!built)("searches with it (skipped where the library is not built)", async () => {
    const [, recall, looked] =
      /^recall@10 (\S+), looking at (\d+) of 20000 vectors a query\n$/.exec(await run("examples/own-hash-search.mjs")) ?? [];

    expect(Number(recall)).toBeGreaterThan(0.5);
    expect(Number(looked)).toBeLessThan(5000);
  });

  it.skipIf(!built)("passes the published suite under node:test (skipped where the library is not built)", async () => {
    const report = await run("--test", "--test-reporter=tap", "examples/own-hash.test.mjs");

    expect(report).toMatch(/^# pass [1-9]\d+$/m);
    expect(report).toMatch(/^# fail 0$/m);
  });
});
