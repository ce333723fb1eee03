import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { complaint } from "../folder.js";
import { fileOf, readApart, readWhole } from "./files.js";
import { Dice, mutate } from "./mutate.js";

type Columns = Parameters<typeof parquetWriteBuffer>[0];

const listSchema: Columns["schema"] = [
  { name: "root", num_children: 3 },
  { name: "id", type: "INT64", repetition_type: "OPTIONAL" },
  { name: "emb", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", type: "FLOAT", repetition_type: "OPTIONAL" },
  { name: "title", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];

const lists = (vectors: unknown[], codec: Columns["codec"] = "SNAPPY") =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "id", data: vectors.map((_, i) => BigInt(i + 10)) },
        { name: "emb", data: vectors },
        { name: "title", data: vectors.map((_, i) => `t${i}`) },
      ],
      schema: listSchema,
      codec,
      rowGroupSize: 3,
    }),
  );

const numbered = Array.from({ length: 8 }, (_, i) => [i, i + 0.5, -i]);
const rows = { kind: "dense", dim: 3, count: 8, values: Float32Array.from(numbered.flat()) };

describe("Parquet files", () => {
  it.each(["SNAPPY", "UNCOMPRESSED"] as const)("give their one column of lists, with ids, over several row groups (%s)", async (codec) => {
    const told: number[] = [];
    const bytes = lists(numbered, codec);
    const path = await fileOf("a.parquet", bytes);
    const ids = numbered.map((_, i) => i + 10);
    expect(await readWhole(path, { onProgress: (progress) => told.push(progress.bytes) })).toEqual({ rows, ids });
    expect(told.at(-1)).toBeGreaterThan(0);
    expect(told.at(-1)).toBeLessThan(bytes.length);
  });

  it("give the other columns as data where that is wanted, and as many rows", async () => {
    const path = await fileOf("a.parquet", lists(numbered));
    const { data, rows } = await readWhole(path, { data: true, limit: 4 });
    expect(rows.count).toBe(4);
    expect(data).toEqual(["t0", "t1", "t2", "t3"].map((title) => ({ title })));
  });

  it("give a column for each dimension where there are no lists", async () => {
    const columnData: Columns["columnData"] = [
      { name: "x", data: [1, 2], type: "DOUBLE" },
      { name: "name", data: ["a", "b"], type: "STRING" },
      { name: "y", data: [3, 4], type: "INT32" },
    ];
    const path = await fileOf("a.parquet", new Uint8Array(parquetWriteBuffer({ columnData })));
    expect((await readWhole(path)).rows).toMatchObject({ dim: 2, values: Float32Array.of(1, 3, 2, 4) });
    expect((await readWhole(path, { column: "y" })).rows).toMatchObject({ dim: 1, values: Float32Array.of(3, 4) });
    expect(await complaint(readWhole(path, { column: "name" }))).toMatch(/^E_BAD_OPTION .*"name" is no column of numbers/);
  });

  it.each([
    [
      [
        [1, 2, 3],
        [1, 2],
      ],
      /row 1 has 2 values, the rows before it 3/,
    ],
    [[[1, 2, 3], null], /row 1 has no list of numbers in emb/],
    [[[1, null, 3]], /row 0 has nothing at position 1/],
    [[[1, Number.NaN, 3]], /row 0 has NaN at position 1/],
  ])("with rows like %j are refused", async (vectors, message) => {
    const said = await complaint(readWhole(await fileOf("a.parquet", lists(vectors))));
    expect(said).toMatch(/^E_BAD_FILE .*a.parquet/);
    expect(said).toMatch(message);
  });

  it("that are cut off, empty, or none at all are refused", async () => {
    const whole = lists(numbered);
    for (const bytes of [whole.slice(0, -1), whole.slice(0, 8), new Uint8Array(0), Buffer.from("no parquet file")])
      expect(await complaint(readWhole(await fileOf("a.parquet", bytes)))).toMatch(/^E_BAD_FILE .*a.parquet/);
    const long = whole.slice();
    new DataView(long.buffer).setUint32(long.length - 8, 0x7fffffff, true);
    expect(await complaint(readWhole(await fileOf("a.parquet", long)))).toMatch(/^E_BAD_FILE .*footer claims 2147483647 bytes/);
  });

  it("are read on a thread of their own, which an aborted signal ends", async () => {
    const path = await fileOf("a.parquet", lists(numbered));
    expect((await readApart(path)).rows).toEqual(rows);
    const stop = new AbortController();
    const reading = readApart(path, { signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) });
    await expect(reading).rejects.toThrow("enough");
  });

  it("of any damage are read or refused, never anything else (seed 11)", async () => {
    const dice = new Dice(11);
    const bytes = lists(numbered);
    let refused = 0;
    for (let i = 0; i < 6; i++) {
      const outcome = await readApart(await fileOf("a.parquet", mutate({ bytes }, dice))).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) continue;
      expect(outcome, outcome.stack).toMatchObject({ name: "NearError" });
      refused++;
    }
    expect(refused).toBeGreaterThan(1);
  });
});
