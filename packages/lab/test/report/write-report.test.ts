import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { markdownReport, terminalReport, writeReport } from "nearts-lab";
import { describe, expect, it } from "vitest";
import { folderOfFile } from "../folder.js";
import { madeResult, madeResults, otherMachine } from "./results.js";

const folder = folderOfFile();

const HOSTILE = `<script>alert("1")</script>'&\u0007|`;
const hostile = madeResult({
  experiment: HOSTILE,
  engine: HOSTILE,
  parameters: { [HOSTILE]: HOSTILE },
  plan: HOSTILE,
  data: { ...madeResult().data, name: HOSTILE },
  measures: { ...madeResult().measures, [HOSTILE]: { value: 1, unit: HOSTILE, better: null } },
  histograms: { [HOSTILE]: { title: HOSTILE, unit: HOSTILE, edges: [0, 1], counts: [1] } },
  curves: { [HOSTILE]: { title: HOSTILE, xLabel: HOSTILE, yLabel: HOSTILE, points: [{ x: 0, y: 0 }] } },
  at: HOSTILE,
});

describe("a report as a page", () => {
  it("of 200 results is small, soon written, and has a row for each with all that was run", async () => {
    const results = madeResults(200);
    const out = join(folder, "new", "sweep.html");
    const before = process.cpuUsage();
    const written = await writeReport(results, { out, definitions: ['{ "experiment": "sweep" }'] });
    const { user, system } = process.cpuUsage(before); // not the clock: other tests run beside this

    expect(written).toEqual([out]);
    expect((user + system) / 1e6).toBeLessThan(5);
    expect(statSync(out).size).toBeLessThan(3e6);
    const text = readFileSync(out, "utf8");
    const { document } = parseHTML(text);
    expect(document.querySelectorAll("tbody tr")).toHaveLength(200);
    for (const told of ["Test CPU 3000", "0123456789ab", "ab".repeat(32), "seed", "bits", "{ &#34;experiment&#34;: &#34;sweep&#34; }"])
      expect(text).toContain(told);
  });

  it("refers to nothing outside itself", async () => {
    const out = join(folder, "alone.html");
    await writeReport([...madeResults(10), hostile], { out });
    const { document } = parseHTML(readFileSync(out, "utf8"));

    const references = Array.from(
      document.querySelectorAll("[src], [href], link, iframe, img"),
      (element) => element.getAttribute("href") ?? element.outerHTML,
    );
    expect(references.filter((reference) => !reference.startsWith("#"))).toEqual([]);
    expect(document.querySelector("style")?.textContent).not.toMatch(/@import|url\(/);
  });

  it("shows markup in names as text, wherever a name appears", async () => {
    const out = join(folder, "hostile.html");
    await writeReport([hostile, madeResult({ ...hostile, machine: otherMachine })], { out, title: HOSTILE, definitions: [HOSTILE] });
    const text = readFileSync(out, "utf8");
    const { document } = parseHTML(text);

    expect(document.querySelectorAll("script")).toHaveLength(1); // its own
    expect(text.toLowerCase().split("<script").length).toBe(2);
    expect(document.querySelector("h1")?.textContent).toBe(HOSTILE.replace("\u0007", "\uFFFD"));
    expect(document.querySelectorAll("section")).toHaveLength(2);
    expect(document.querySelector(".note")?.textContent).toContain("2 machines");
  });
});

describe("a report as figures, Markdown and text", () => {
  it("writes an SVG file for each figure, which is whole and without custom properties", async () => {
    const svg = join(folder, "figures");
    const written = await writeReport([...madeResults(40), hostile], { svg });

    expect(written.length).toBeGreaterThan(10);
    expect(readdirSync(svg)).toHaveLength(written.length);
    for (const path of written) {
      const text = readFileSync(path, "utf8");
      expect(text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(text).not.toMatch(/var\(|<script/);
    }
    expect(readFileSync(written[0], "utf8")).toContain(">random planes with codes</text>"); // the legend
  });

  it("writes Markdown in which a name breaks no table", () => {
    const text = markdownReport([madeResult(), { ...hostile, engine: `${hostile.engine}\u001b[31mred` }]);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));

    for (const row of rows.slice(0, 3)) expect(row.split(/(?<!\\)\|/)).toHaveLength(rows[0].split("|").length);
    expect(text).not.toMatch(/(?<!\\)<script/);
    expect(text).not.toContain("\u001b");
    expect(text).toContain("| random planes | 0.");
  });

  it("draws in the terminal within its width, and passes no control signs on", () => {
    const text = terminalReport([...madeResults(40), { ...hostile, engine: "\u001b[31mred" }], { width: 80 });

    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).not.toContain("\u001b");
    expect(text).toMatch(/[⠀-⣿]{20}/);
    expect(text).toContain("principal directions");
    expect(text).toMatch(/\(\d+ of 11 columns do not fit\)/);
  });

  it("refuses to report nothing, to write nowhere, and says what it cannot write", async () => {
    const blocked = join(folder, "file");
    writeFileSync(blocked, "");

    await expect(writeReport([], { out: join(folder, "none.html") })).rejects.toMatchObject({ code: "E_BAD_DATA" });
    await expect(writeReport(madeResults(1), {})).rejects.toMatchObject({ code: "E_BAD_OPTION" });
    await expect(writeReport(madeResults(1), { out: join(blocked, "a.html") })).rejects.toMatchObject({ code: "E_IO" });
  });
});
