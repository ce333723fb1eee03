import { expect, it } from "vitest";
import { built, run } from "./run.js";

it.skipIf(!built)(
  "the example of filters finds and removes what fits, and nothing else (skipped where the library is not built)",
  async () => {
    const printed = await run("examples/05-filters.mjs");
    const found = new Map(
      Array.from(printed.matchAll(/^(\w.*?): (.+)\n {2}where: /gm), ([, what, list]) => [
        what,
        list.split(", ").map((item) => /^(\w+) at (\d+)$/.exec(item)?.slice(1)),
      ]),
    );

    expect([...found.keys()]).toEqual(["cheap books", "books and lamps", "rare, or a cheap shoe", "by a function", "rare chairs"]);
    for (const list of [...found.values()].slice(0, 4)) expect(list).toHaveLength(5);
    expect(found.get("cheap books")?.every((item) => item?.[0] === "book" && Number(item[1]) < 50)).toBe(true);
    expect(found.get("books and lamps")?.every((item) => item?.[0] === "book" || item?.[0] === "lamp")).toBe(true);
    expect(found.get("by a function")?.every((item) => Number(item?.[1]) % 7 === 0)).toBe(true);
    expect(found.get("rare chairs")).toEqual([["chair", "1"]]);
    expect(printed).toMatch(/^removed \d{4} of 10001$/m);
  },
);
