import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Neighbour } from "../../src/index.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const page = readFileSync(new URL("../../../../docs/sets.md", import.meta.url), "utf8");

it("the programs in docs/sets.md run as they are printed, and find what they say", async () => {
  const blocks = Array.from(page.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code);
  const file = `${here}.sets-${process.pid}.mjs`;
  writeFileSync(file, `${blocks.join("\n")}\nexport { found, text, versions, whole, alike };`);
  try {
    const { found, text, versions, whole, alike } = (await import(/* @vite-ignore */ file)) as Record<
      "found" | "versions" | "whole" | "alike",
      Neighbour<unknown>[]
    > & { text: string };

    expect(found).toEqual([{ id: "hamlet", distance: 1 / 4 }]);
    expect(text).toMatch(/keys of \d+ values/);
    expect(versions[0]).toEqual({ id: 8, distance: 0 });
    expect(whole.map(({ id }) => id)).toContain(8);
    expect(alike[0]?.id).toBe("basket");
  } finally {
    rmSync(file, { force: true });
  }
});
