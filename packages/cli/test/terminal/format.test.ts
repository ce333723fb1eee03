import { describe, expect, it } from "vitest";
import { distance, percent, plural, shorten, span, times, wrap } from "../../src/terminal/format.js";

describe("numbers for people", () => {
  it("keep about three digits and never round to nothing or to a wrong unit", () => {
    expect([0.0004, 0.9994, 0.9996, 9.94, 9.96, 99.4, 200].map(span)).toEqual([
      "0 ms",
      "999 ms",
      "1.0 s",
      "9.9 s",
      "10 s",
      "99 s",
      "3 min 20 s",
    ]);
    expect([0, 0.004, 0.0994, 0.0996, 1].map(percent)).toEqual(["0 %", "0.4 %", "9.9 %", "10 %", "100 %"]);
    expect([0, 0.02131, -0.5, 12.345, 1830.4].map(distance)).toEqual(["0", "0.0213", "-0.5000", "12.35", "1830"]);
    expect([0.72, 9.94, 9.96, 1234.5].map(times)).toEqual(["0.7×", "9.9×", "10×", "1,235×"]);
  });

  it("go with the right form of their noun", () => {
    expect([plural(1, "row"), plural(0, "row"), plural(1, "query"), plural(1200, "query")]).toEqual([
      "1 row",
      "0 rows",
      "1 query",
      "1,200 queries",
    ]);
  });
});

describe("texts for a width", () => {
  it("are cut in the middle, exactly to it", () => {
    expect(shorten("a/short/path", 12)).toBe("a/short/path");
    expect(shorten("packages/nearts/src/index.ts", 15)).toBe("packa…/index.ts");
    expect(shorten("packages/nearts/src/index.ts", 15)).toHaveLength(15);
  });

  it("are wrapped between words, and a word that is too long stands alone", () => {
    expect(wrap(["one ", "two ", "three ", "a-very-long-word ", "x"], 9, " ")).toEqual(["one two", " three", " a-very-long-word", " x"]);
  });
});
