import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".md"))
  .map((file) => `docs/${file.replaceAll("\\", "/")}`)
  .sort();

describe("the documentation", () => {
  it.each(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...docs])("links in %s only to what is there", (page) => {
    const missing = relativeLinksIn(readFileSync(join(root, page), "utf8")).filter((link) => !existsSync(join(root, dirname(page), link)));

    expect(missing).toEqual([]);
  });
});

describe("the check itself", () => {
  it("finds links and images, inline, by reference and in HTML, without their titles and anchors", () => {
    const page = `[a](a.md) ![b](b/c.svg "a title") [d](<d e.md>) [\`f\`](../f.ts#L3) [g%20h](g%20h.md)\n[i]: i.md\n<img src="j.svg"> <a href="k.md">k</a>`;

    expect(relativeLinksIn(page)).toEqual(["a.md", "b/c.svg", "d e.md", "../f.ts", "g h.md", "i.md", "j.svg", "k.md"]);
  });

  it("leaves alone other sites, anchors and code", () => {
    const page = "[a](https://host/a) [b](#b) [c](mailto:c@host) [d](//host/d)\n```js\nf[0](g)\n```\nand `h[1](i)`";

    expect(relativeLinksIn(page)).toEqual([]);
  });
});

/** Paths that a Markdown page links to, relative to its folder, in order. */
function relativeLinksIn(page: string): string[] {
  const prose = page.replace(/^ *(```|~~~)[\s\S]*?^ *\1/gm, "").replace(/`[^`\n]*`/g, "");
  const links = prose.matchAll(/\]\(\s*(?:<([^>\n]*)>|([^)\s]+))|^ {0,3}\[[^\]\n]+\]:\s*(\S+)|\b(?:href|src)="([^"]*)"/gm);
  return [...links]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? match[4])
    .filter((link) => !/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(link))
    .map((link) => decodeURIComponent(link.replace(/[?#].*$/, "")));
}
