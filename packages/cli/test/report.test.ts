import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { madeResults } from "../../lab/test/report/results.js";
import { nearts, wideLines } from "./command.js";
import { Folder } from "./files.js";

const folder = Folder.ofFile();

function write(name: string, lines: readonly string[]): string {
  return folder.write(name, `${lines.join("\n")}\n`);
}

const lines = madeResults(15).map((result) => JSON.stringify(result));

describe("nearts report", () => {
  it("draws a page beside the first file where nothing else is asked for", async () => {
    const path = write("made.jsonl", lines);
    const { code, out, err } = await nearts([
      "report",
      path,
      "--title",
      "Fifteen & more",
      "--definition",
      write("made.jsonc", ["// the definition"]),
    ]);

    const page = path.replace(/jsonl$/, "html");
    expect({ code, out, err }).toEqual({ code: 0, out: "", err: `wrote ${page}\n` });
    const text = readFileSync(page, "utf8");
    expect(text).toContain("<h1>Fifteen &#38; more</h1>");
    expect(text).toContain("// the definition");
  });

  it("prints for the terminal, and Markdown, without writing a page", async () => {
    const path = write("printed.jsonl", lines);
    const { code, out, err } = await nearts(["report", path, "--terminal", "--markdown"]);

    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [view, markdown] = out.split("\n# sweep\n");
    expect(wideLines(view)).toEqual([]);
    expect(markdown.match(/^\| learned \|/gm)).toHaveLength(3);
  });

  it("names the damaged lines of a file", async () => {
    const { code, err } = await nearts(["report", write("damaged.jsonl", [lines[0], "{", lines[1], lines[2].slice(0, 99)])]);

    expect(code).toBe(1);
    expect(err).toMatch(/^nearts: E_BAD_FILE: .*damaged\.jsonl: 2 of 4 results cannot be read: line 2 .* line 4 /);
  });

  it("shows examples in its help, within 100 columns", async () => {
    const { out } = await nearts(["report", "--help"]);

    expect(out).toContain("$ nearts report results.jsonl --svg figures");
    expect(wideLines(out)).toEqual([]);
  });
});
