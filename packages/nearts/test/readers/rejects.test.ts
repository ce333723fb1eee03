import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { type Reject, readAll } from "../../src/readers/index.js";
import { utf8 } from "./files.js";

async function read(text: string | Uint8Array, format: "jsonl" | "svmlight") {
  const rejects: Reject[] = [];
  const bytes = typeof text === "string" ? utf8(text) : text;
  const { rows, ids } = await readAll(bytes, { format, onReject: (reject) => rejects.push(reject) });
  return { values: [...(rows.kind === "dense" ? rows.values : rows.indices)], count: rows.count, ids, rejects };
}

describe("lines that hold no row", () => {
  it("are handed over with their number, text and reason, and the rows around them are read", async () => {
    const { values, count, ids, rejects } = await read('{"id":"a","vector":[1,2]}\n[3,"x"]\nno json\n[4,5]\n[6]\n', "jsonl");

    expect({ values, count, ids }).toEqual({ values: [1, 2, 4, 5], count: 2, ids: ["a", undefined] });
    expect(rejects.map(({ line, text, error }) => [line, text, error.code])).toEqual([
      [2, '[3,"x"]', "E_BAD_FILE"],
      [3, "no json", "E_BAD_FILE"],
      [5, "[6]", "E_BAD_FILE"],
    ]);
  });

  it("decide nothing for the rows after them", async () => {
    expect((await read('{"vector":[1,2,"x"]}\n[4,5]\n', "jsonl")).values).toEqual([4, 5]);
    expect((await read('{"indices":[1],"values":["x"]}\n[4,5]\n', "jsonl")).values).toEqual([4, 5]);
  });

  it("may be of svmlight, and not of UTF-8", async () => {
    const bytes = new Uint8Array([...utf8("1 1:1\n1 3:1 2:1\n"), 0xff, 0x0a, ...utf8("1 4:1\n")]);
    const { values, rejects } = await read(bytes, "svmlight");

    expect(values).toEqual([0, 3]);
    expect(rejects.map(({ line }) => line)).toEqual([2, 3]);
  });

  it("end the reading where nobody takes them", async () => {
    await expect(readAll(utf8("[1]\nx\n[2]\n"), { format: "jsonl" })).rejects.toMatchObject({ code: "E_BAD_FILE", details: { line: 2 } });
  });

  it("and rows are as many as there are lines, whatever was damaged", async () => {
    const random = new Random(9);
    for (let round = 0; round < 300; round++) {
      const lines = Array.from({ length: 8 }, (_, i) => utf8(`[${i},${i * 2}]`));
      for (let flips = 0; flips < 3; flips++) lines[random.below(8)][random.below(4)] = 32 + random.below(90);
      const { count, rejects } = await read(utf8(lines.map((line) => new TextDecoder().decode(line)).join("\n")), "jsonl");

      expect(count + rejects.length, `seed 9, round ${round}`).toBe(8);
    }
  });
});
