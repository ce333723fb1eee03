import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import type { Engine, HashChoice, Neighbour } from "../../src/index.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const page = readFileSync(new URL("../../../../docs/tuning.md", import.meta.url), "utf8");

it("the program in docs/tuning.md runs as it is printed, and finds what it asks for", async () => {
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const blocks = Array.from(page.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code);
  const file = `${here}.tuning-${process.pid}.mjs`;
  writeFileSync(file, `${blocks.join("\n")}\nexport { choice, found, plan };`);
  try {
    const { choice, found, plan } = (await import(/* @vite-ignore */ file)) as {
      choice: HashChoice;
      found: Neighbour<unknown>[];
      plan: Awaited<ReturnType<Engine["tune"]>>;
    };

    expect(plan.recall).toBeGreaterThanOrEqual(0.9);
    expect(choice.recall).toBeGreaterThanOrEqual(0.9);
    expect(found).toHaveLength(10);
    expect(found[0]).toEqual({ id: 0, distance: 0 });
    expect(said.mock.calls).toEqual([[plan.text], [choice.text]]);
  } finally {
    rmSync(file, { force: true });
    said.mockRestore();
  }
});
