import { gzipSync } from "node:zlib";
import type { Reject } from "nearts/readers";
import { describe, expect, it } from "vitest";
import { complaint } from "../folder.js";
import { fileOf, readWhole } from "./files.js";

const dense = (dim: number, ...values: number[]) => ({ kind: "dense", dim, count: values.length / dim, values: Float32Array.from(values) });

describe("CSV files", () => {
  it("without a head are all numbers", async () => {
    expect(await readWhole(await fileOf("a.csv", "1,2.5\n-3,4e2\n"))).toEqual({ rows: dense(2, 1, 2.5, -3, 400) });
  });

  it("with a head have an id, and the other columns as vectors", async () => {
    const path = await fileOf("a.csv", "\uFEFFx,id,y\r\n1,a,2\r\n3,07,4\r\n5,7,6");
    expect(await readWhole(path)).toEqual({ rows: dense(2, 1, 2, 3, 4, 5, 6), ids: ["a", "07", 7] });
  });

  it("may be separated by tabs, and gzipped", async () => {
    expect(await readWhole(await fileOf("a.tsv", "1\t2\n"))).toEqual({ rows: dense(2, 1, 2) });
    const told: number[] = [];
    const path = await fileOf("a.csv.gz", gzipSync("1,2\n3,4\n"));
    expect((await readWhole(path, { onProgress: ({ bytes }) => told.push(bytes) })).rows).toEqual(dense(2, 1, 2, 3, 4));
    expect(told.at(-1)).toBeGreaterThan(20);
  });

  it("give the columns that are asked for, and the rest as data where it is wanted", async () => {
    const path = await fileOf("a.csv", 'word,x1,x2,year\n"tea, green",1,2,1999\n');
    expect(await readWhole(path, { column: "x*", data: true })).toEqual({
      rows: dense(2, 1, 2),
      data: [{ word: "tea, green", year: 1999 }],
    });
    expect(await readWhole(path, { column: "year" })).toEqual({ rows: dense(1, 1999) });
    expect(await complaint(readWhole(path, { column: "z" }))).toMatch(/^E_BAD_OPTION .*columns word, x1, x2, year; column is "z"/);
  });

  it("may hold vectors as JSON in one column", async () => {
    const path = await fileOf("a.csv", 'id,vector,name\n1,"[1, 2.5]",one\n');
    expect(await readWhole(path, { data: true })).toEqual({ rows: dense(2, 1, 2.5), ids: [1], data: [{ name: "one" }] });
    const bad = await fileOf("b.csv", 'vector\n"[1, 2"\n');
    expect(await complaint(readWhole(bad))).toMatch(/^E_BAD_FILE .*line 2 has "\[1, 2" for a vector/);
  });

  it("stop after as many rows as are wanted", async () => {
    expect((await readWhole(await fileOf("a.csv", "1\n2\n3\nnot a number\n"), { limit: 2 })).rows).toEqual(dense(1, 1, 2));
  });

  it.each([
    ["1,2\n3\n", /line 2 has 1 columns, the first line 2/],
    ["a,b\n1,x\n", /line 2 has "x" at position 1, expected a number/],
    ["a,b\n1,\n", /line 2 has "" at position 1/],
    ["a,b\n1,0x10\n", /line 2 has "0x10" at position 1/],
    ["1\n1e39\n", /line 2 has 1e\+39 at position 0, which is not finite/],
    ["a,a\n1,2\n", /two columns "a"/],
    ['a,b\n"1,2\n', /it is no CSV: Quote Not Closed/],
    ["", /has 0 rows/],
  ])("as wrong as %j are refused", async (text, message) => {
    const said = await complaint(readWhole(await fileOf("a.csv", text)));
    expect(said).toMatch(/^E_BAD_FILE .*a.csv/);
    expect(said).toMatch(message);
  });

  it("hand over lines that hold no row where that is wanted", async () => {
    const rejects: Reject[] = [];
    const { rows } = await readWhole(await fileOf("a.csv", "1,2\n3\n5,6\n"), { onReject: (reject) => rejects.push(reject) });
    expect(rows).toEqual(dense(2, 1, 2, 5, 6));
    expect(rejects).toMatchObject([{ line: 2, text: "3", error: { code: "E_BAD_FILE" } }]);
  });

  it("that are damaged gzip or absent are told as such", async () => {
    expect(await complaint(readWhole(await fileOf("a.csv.gz", "1,2\n")))).toMatch(/^E_BAD_FILE .*a.csv.gz/);
    expect(await complaint(readWhole("/nowhere.csv"))).toMatch(/^E_IO /);
  });

  it("close when reading is aborted", async () => {
    const path = await fileOf("a.csv", "1,2\n".repeat(1000));
    await expect(readWhole(path, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});
