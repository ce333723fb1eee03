import { describe, expect, it } from "vitest";
import { bar, table } from "../../src/terminal/table.js";

describe("table", () => {
  it("aligns columns by their widest cell, titles of several lines on the rule", () => {
    const lines = table(
      [{ title: "name", align: "left" }, { title: "queries\n/s" }],
      [
        ["a", "1,234"],
        ["long name", "5"],
      ],
      { indent: " " },
    );

    expect(lines).toEqual([
      "            queries",
      " name            /s",
      " ─────────  ───────",
      " a            1,234",
      " long name        5",
    ]); // biome-ignore format: as it looks
  });

  it("without rows is its titles", () => {
    expect(table([{ title: "a" }, { title: "bc" }], [])).toEqual(["a  bc", "─  ──"]);
  });
});

describe("bar", () => {
  it("is as long as the share, in eighths, and never empty for a share above 0", () => {
    expect([0, 1e-9, 0.25, 0.5, 0.53125, 1].map((share) => bar(share, 4))).toEqual(["", "▏", "█", "██", "██▏", "████"]);
  });
});
