import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));

/** What the program on a page exports, run as it is printed. */
async function run(page: string, names: readonly string[]): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8");
  const blocks = Array.from(text.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code);
  const file = `${here}.${page}-${process.pid}.mjs`;
  writeFileSync(file, `${blocks.join("\n")}\nexport { ${names.join(", ")} };`);
  try {
    return (await import(/* @vite-ignore */ file)) as Record<string, readonly unknown[]>;
  } finally {
    rmSync(file, { force: true });
  }
}

it("the program in docs/joins.md finds the copies that it makes", async () => {
  const { pairs, copies } = await run("joins.md", ["pairs", "copies"]);

  expect(pairs.length).toBeGreaterThanOrEqual(490);
  expect(copies.length).toBeGreaterThanOrEqual(490);
});

it("the program in docs/guarantee.md finds ten neighbours, the vector itself first", async () => {
  const { found } = await run("guarantee.md", ["found"]);

  expect(found).toHaveLength(10);
  expect(found[0]).toMatchObject({ id: 5, distance: 0 });
});

it("the program in docs/mixed.md finds by both fields and by one", async () => {
  const { both, byTitle } = await run("mixed.md", ["both", "byTitle"]);

  expect(both[0]).toMatchObject({ id: 8, data: { name: "thing 8" } });
  expect(byTitle[0]).toMatchObject({ id: 8, distance: 0, distances: { title: 0 } });
});
