import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as nearts from "nearts";
import { describe, expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const document = readFileSync(new URL("../../../../docs/from-nearpy.md", import.meta.url), "utf8");
const defects = Array.from(document.matchAll(/^\| (Q\d+) \| (.+?) \| (.+) \|$/gm), ([, number, problem, answer]) => ({
  number,
  problem,
  answer,
}));

describe("docs/from-nearpy.md", () => {
  test("its JavaScript, block after block, is a program that runs as printed", async () => {
    const blocks = Array.from(document.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code);
    const last = `
      export const found = await engine.neighbours(query, { k: 1 });
      export const answers = [await many.neighbours(query, { k: 5 }), await exact.neighbours(query, { k: 5 }), await again.neighbours(query, { k: 5 })];
      export { copy, nearpys, results };`;
    const file = `${here}.from-nearpy-${process.pid}.mjs`;
    writeFileSync(file, blocks.join("\n") + last);
    try {
      const { found, answers, copy, nearpys, results } = (await import(/* @vite-ignore */ file)) as Record<string, unknown>;

      expect(blocks.length).toBeGreaterThan(5);
      expect(results).toContainEqual({ id: 3, data: "data_3", distance: 0 });
      expect(found).toEqual([{ id: 3, distance: 0 }]);
      for (const answer of answers as unknown[]) expect(answer).toContainEqual({ id: 3, distance: 0 });
      expect(copy).toBeInstanceOf(nearts.RandomBinaryProjections);
      expect(nearpys).toBeInstanceOf(nearts.Engine);
    } finally {
      rmSync(file, { force: true });
    }
  });

  test("answers each of the 37 defects once, in order", () => {
    expect(defects.map(({ number }) => number)).toEqual(Array.from({ length: 37 }, (_, i) => `Q${i + 1}`));
    for (const { number, answer } of defects) expect(answer.length, number).toBeGreaterThan(10);
  });

  test("names only acceptance tests and files that there are", () => {
    const titles = readdirSync(here)
      .filter((file) => file.endsWith(".test.ts"))
      .flatMap((file) => Array.from(readFileSync(here + file, "utf8").matchAll(/["`](\d+) — /g), ([, number]) => Number(number)));
    for (const { number, answer } of defects) {
      for (const [, list] of answer.matchAll(/[Aa]cceptance ((?:\d+(?:, | and )?)+)/g)) {
        for (const [scenario] of list.matchAll(/\d+/g)) expect(titles, `${number}: acceptance ${scenario}`).toContain(Number(scenario));
      }
      for (const [, file] of answer.matchAll(/([\w-]+\/[\w-]+\.test\.ts)/g))
        expect(existsSync(`${here}../${file}`), `${number}: ${file}`).toBe(true);
    }
  });

  test("names each class that nearts has in common with NearPy, and nearts has it", () => {
    const common = [
      "Engine",
      "RandomBinaryProjections",
      "RandomDiscretizedProjections",
      "RandomBinaryProjectionTree",
      "PCABinaryProjections",
      "PCADiscretizedProjections",
      "HashPermutations",
      "HashPermutationMapper",
      "UniBucket",
      "CosineDistance",
      "EuclideanDistance",
      "ManhattanDistance",
      "NearestFilter",
      "DistanceThresholdFilter",
      "UniqueFilter",
      "MemoryStorage",
    ];
    for (const name of common) {
      expect(nearts).toHaveProperty(name);
      expect(document).toContain(name);
    }
  });

  test("every scenario of the engine in memory has an acceptance test that bears its number", () => {
    const titles = readdirSync(here)
      .filter((file) => file.endsWith(".test.ts"))
      .flatMap((file) =>
        Array.from(readFileSync(here + file, "utf8").matchAll(/test(?:\.each\([\s\S]*?\))?\(\s*["`](\d+) — /g), ([, number]) =>
          Number(number),
        ),
      );
    const wanted = [...Array.from({ length: 34 }, (_, i) => i + 1), 37, 38, 39, 40, 41];

    expect(wanted.filter((scenario) => !titles.includes(scenario))).toEqual([]);
  });
});
