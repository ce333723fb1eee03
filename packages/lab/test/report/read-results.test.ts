import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readResults } from "nearts-lab";
import { describe, expect, it } from "vitest";
import { folderOfFile } from "../folder.js";
import { madeResult, madeResults } from "./results.js";

const folder = folderOfFile();

function file(name: string, ...lines: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
  return path;
}

describe("reading results", () => {
  it("gives what was written, in order, of several files", async () => {
    const results = madeResults(7);
    const paths = [file("a.jsonl", ...results.slice(0, 4)), file("b.jsonl", "", ...results.slice(4), "")];

    expect(await readResults(paths)).toEqual(results);
  });

  it("names the lines that are damaged, and what is wrong with each", async () => {
    const good = madeResult();
    const { machine: _, ...homeless } = good;
    const wrong = { ...good, measures: { recall: { value: "much", unit: "", better: null } } };
    const cut = JSON.stringify(good).slice(0, 300);
    const path = file("damaged.jsonl", good, "{}}", homeless, good, wrong, cut);

    await expect(readResults([path])).rejects.toMatchObject({ code: "E_BAD_FILE", details: { lines: [2, 3, 5, 6] } });
    await expect(readResults([path])).rejects.toThrow(
      /damaged\.jsonl: 4 of 6 .* line 2 \(not JSON\), line 3 \(machine: .*\), line 5 \(measures\.recall\.value: .*\), line 6 \(not JSON: cut short\?\)/,
    );
  });

  it("names five of many damaged lines and counts the others", async () => {
    await expect(readResults([file("many.jsonl", ...Array.from({ length: 9 }, () => "nonsense"))])).rejects.toThrow(
      /line 5 \(not JSON: cut short\?\), and 4 more/,
    );
  });

  it("refuses a histogram whose edges do not fit its counts", async () => {
    const histograms = { bad: { title: "bad", unit: "", edges: [0, 1], counts: [1, 2] } };

    await expect(readResults([file("edges.jsonl", madeResult({ histograms }))])).rejects.toThrow(
      /line 1 \(histograms\.bad: .*one more than counts/,
    );
  });

  it("refuses results of another version, and files that are not there", async () => {
    await expect(readResults([file("new.jsonl", { ...madeResult(), version: 2 })])).rejects.toMatchObject({ code: "E_VERSION" });
    await expect(readResults([join(folder, "none.jsonl")])).rejects.toMatchObject({ code: "E_IO" });
  });
});
