import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Neighbour } from "../../src/index.js";

interface Sold {
  readonly brand: string;
  readonly price: number;
  readonly tags: readonly string[];
  readonly size: { readonly width: number };
  readonly note: string;
}
type Found = Neighbour<Sold>[];

const here = fileURLToPath(new URL(".", import.meta.url));
const page = readFileSync(new URL("../../../../docs/filters.md", import.meta.url), "utf8");

it("the program in docs/filters.md runs as it is printed, and finds and removes what its conditions say", async () => {
  const blocks = Array.from(page.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code);
  const file = `${here}.filters-${process.pid}.mjs`;
  writeFileSync(file, `${blocks.join("\n")}\nexport { cheap, tagged, odd, removed };`);
  try {
    const { cheap, tagged, odd, removed } = (await import(/* @vite-ignore */ file)) as Record<"cheap" | "tagged" | "odd", Found> & {
      removed: number;
    };

    for (const found of [cheap, tagged, odd]) expect(found).toHaveLength(5);
    expect(cheap.every(({ data }) => data?.brand === "acme" && data.price < 20)).toBe(true);
    expect(tagged.every(({ data }) => data?.brand !== "core" && (data?.tags.includes("new") === true || data?.size.width === 3))).toBe(
      true,
    );
    expect(odd.every(({ id, data }) => Number(id) % 2 === 1 && data?.note.endsWith("1") === true)).toBe(true);
    expect(removed).toBe(300);
  } finally {
    rmSync(file, { force: true });
  }
});
