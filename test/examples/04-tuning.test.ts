import { expect, it } from "vitest";
import { built, run } from "./run.js";

it.skipIf(!built)(
  "the example of tuning reaches the recall it asks for, and warns of a budget (skipped where the library is not built)",
  async () => {
    const printed = await run("examples/04-tuning.mjs");
    const [, own] = /^recall of 200 other queries: (\S+)$/m.exec(printed) ?? [];
    const [, tuned] = /^recall of these queries: (\S+)$/m.exec(printed) ?? [];

    // Four standard errors of 200 queries that find 0.95 of their neighbours each, more or less.
    expect(Number(own)).toBeGreaterThan(0.92);
    expect(Number(tuned)).toBeGreaterThanOrEqual(0.8);
    expect(printed).toMatch(/^Learned: \d+ lists/m);
    expect(printed).toMatch(/^warning: recall 0\.99 was asked for/m);
    expect(printed).toMatch(/^RandomBinaryProjections with projections \d+/m);
  },
);
