import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { IN_MEMORY, RedisServer } from "../../packages/nearts/test/servers/redis-server.js";
import { built, run } from "./run.js";

const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".mjs"));

describe("the examples", () => {
  it("are each under 60 lines, numbered, and told of in the folder's README", () => {
    const readme = readFileSync(`${folder}README.md`, "utf8");

    for (const name of files) {
      expect(
        readFileSync(folder + name, "utf8")
          .trimEnd()
          .split("\n").length,
        name,
      ).toBeLessThan(60);
      expect(name).toMatch(/^\d\d-/);
      expect(readme).toContain(`(${name})`);
    }
  });

  it.skipIf(!built)("01 stores, asks, changes, saves and loads (skipped where the library is not built)", async () => {
    const printed = await run("examples/01-quick-start.mjs");

    expect(printed).toMatch(/^stored 10000 vectors\nLearned: /);
    expect(printed).toMatch(/^nearest to vector 42: 42 at 0\.000, /m);
    expect(printed).toMatch(/^nearest green ones: (\d+ \(green\)(, )?){3}$/m);
    expect(printed).toMatch(/^now the nearest is: (42 and mine|mine and 42)$/m);
    expect(printed).toMatch(/^deleted: true\nloaded again, the nearest is: 42$/m);
  });

  it.skipIf(!built)("03 finds a paragraph for each question, where it should be (skipped where the library is not built)", async () => {
    const printed = await run("examples/03-sparse-text.mjs");

    expect(printed).toMatch(/^\d{3,} paragraphs of \d{4,} words\n/);
    expect(printed).toMatch(/^what happens when the power is cut\?\n +0\.\d\d {2}\S+\.md: /m);
    expect(printed).toMatch(/^filter results by a condition on a price\?\n.*docs\/filters\.md/m);
  });

  it.skipIf(!built)(
    "06 writes and reads a file of ann-benchmarks and reaches the recalls asked for (skipped where the library is not built)",
    async () => {
      const printed = await run("examples/06-ann-benchmarks.mjs");
      const reached = Array.from(printed.matchAll(/^recall ([\d.]+) for ([\d.]+) asked, \d+ queries\/s$/gm), ([, recall, asked]) => [
        Number(recall),
        Number(asked),
      ]);

      expect(printed).toMatch(/^10000 vectors of 48 dimensions, 200 queries, euclidean distance$/m);
      expect(reached).toHaveLength(3);
      // Two thousand neighbours are sought: four standard errors of their share, more or less.
      for (const [recall, asked] of reached) expect(recall).toBeGreaterThan(asked - 0.03);
    },
  );

  it.skipIf(!built)("07 shares an index in Redis between two engines (skipped where the library is not built)", async () => {
    const server = await RedisServer.start(IN_MEMORY);
    try {
      const printed = await run("examples/07-redis.mjs", server.url);

      expect(printed).toMatch(/^the other has 5000 vectors of 32 dimensions, by euclidean distance\nLearned: /);
      expect(printed).toMatch(/^the other finds mine at 0, \{"owner":"first"\}$/m);
      expect(printed).toMatch(/^short is there: true\nshort is there two seconds later: false$/m);
      expect(printed).toMatch(/^(9 and nearly 9|nearly 9 and 9) are 0\.00\d\d apart$/m);
    } finally {
      await server.stop();
    }
  });

  it.skipIf(!built)("08 finds the copies among notes (skipped where the library is not built)", async () => {
    const printed = await run("examples/08-near-duplicates.mjs");
    const [, pairs, groups, stay] = /^(\d+) pairs in .* s\n(\d+) groups; (\d+) notes stay$/m.exec(printed) ?? [];

    // 300 of the 3,000 notes are copies, some of the same one.
    expect(Number(pairs)).toBeGreaterThanOrEqual(300);
    expect(Number(groups)).toBeLessThanOrEqual(300);
    expect(Number(stay)).toBeCloseTo(2700, -1);
  });
});
