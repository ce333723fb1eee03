import { closeSync, openSync } from "node:fs";
import { truncate } from "node:fs/promises";
import {
  Dictionary,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { describe, expect, it } from "vitest";
import { placesOf } from "../../src/formats/arrow.js";
import { complaint } from "../folder.js";
import { fileOf, readApart, readWhole } from "./files.js";
import { Dice, mutate } from "./mutate.js";

const numbered = Array.from({ length: 6 }, (_, i) => [i, i + 0.5, -i]);
const rows = { kind: "dense", dim: 3, count: 6, values: Float32Array.from(numbered.flat()) };

function lists(type: Float32 | Float64 | Float16, fixed: boolean, vectors: unknown[] = numbered): Table {
  const item = new Field("item", type, true);
  return new Table({
    id: vectorFromArray(
      vectors.map((_, i) => BigInt(i)),
      new Int64(),
    ),
    emb: vectorFromArray(vectors, fixed ? new FixedSizeList(3, item) : new List(item)),
    title: vectorFromArray(
      vectors.map((_, i) => `t${i}`),
      new Utf8(),
    ),
  });
}

describe("Arrow files", () => {
  for (const form of ["file", "stream"] as const)
    it.each([
      ["fixed lists of float32", new Float32(), true],
      ["lists of float64", new Float64(), false],
      ["fixed lists of float16", new Float16(), true],
    ] as const)(`give %s of a ${form}`, async (_what, type, fixed) => {
      const told: number[] = [];
      const path = await fileOf("a.arrow", tableToIPC(lists(type, fixed), form));
      const ids = numbered.map((_, i) => i);
      expect(await readWhole(path, { onProgress: ({ bytes }) => told.push(bytes) })).toEqual({ rows, ids });
      expect(told.at(-1)).toBeGreaterThan(0);
    });

  it("give batch after batch, the other columns as data, and as many rows as are wanted", async () => {
    const twice = lists(new Float32(), true).concat(lists(new Float32(), true));
    const { rows, data } = await readWhole(await fileOf("a.feather", tableToIPC(twice, "file")), { data: true, limit: 8 });
    expect(rows).toMatchObject({ count: 8, values: Float32Array.from([...numbered, ...numbered.slice(0, 2)].flat()) });
    expect(data?.at(-1)).toEqual({ title: "t1" });
  });

  it("are read no further than their batches are wanted", async () => {
    const batch = lists(
      new Float32(),
      true,
      Array.from({ length: 20_000 }, (_, i) => [i, 0, 0]),
    );
    const bytes = tableToIPC(batch.concat(batch, batch, batch), "file");
    const told: number[] = [];

    const { rows } = await readWhole(await fileOf("a.arrow", bytes), { limit: 5, onProgress: (progress) => told.push(progress.bytes) });

    expect(rows.count).toBe(5);
    expect(told.at(-1)).toBeLessThan(bytes.length / 3);
  });

  it("may have batches that are longer than the system reads at once", async () => {
    // A read of 2 GiB or more was refused: "The value of "length" is out of range".
    const path = await fileOf("a.arrow", new Uint8Array(0));
    await truncate(path, 2 ** 32);
    const file = openSync(path, "r");
    const told: number[] = [];
    try {
      const places = placesOf(path, file, 2 ** 32, (bytes) => told.push(bytes));
      const buffer = new Uint8Array(2 ** 31 + 8);
      const { bytesRead } = await places.read(buffer, 0, buffer.length, 8);
      expect(bytesRead).toBeGreaterThan(0);
      expect(bytesRead).toBeLessThan(2 ** 31);
      expect(told).toEqual([bytesRead]);
    } finally {
      closeSync(file);
    }
  });

  it("give columns whose values are in a dictionary", async () => {
    const title = vectorFromArray(["a", "b", "a"], new Dictionary(new Utf8(), new Int32()));
    const table = new Table({ x: vectorFromArray([1, 2, 3], new Float32()), title });
    const { data } = await readWhole(await fileOf("a.arrow", tableToIPC(table, "file")), { data: true });

    expect(data).toEqual([{ title: "a" }, { title: "b" }, { title: "a" }]);
  });

  it("give a column for each dimension where there are no lists", async () => {
    const table = new Table({ x: vectorFromArray([1, 2], new Float32()), y: vectorFromArray([3, 4], new Float64()) });
    expect((await readWhole(await fileOf("a.arrow", tableToIPC(table, "file")))).rows).toMatchObject({
      dim: 2,
      values: Float32Array.of(1, 3, 2, 4),
    });
  });

  it.each([
    [[[1, 2, 3], null], /row 1 has no list of numbers/],
    [[[1, null, 3]], /row 0 has nothing at position 1/],
    [[[1, 2], [1]], /row 1 has 1 values, the rows before it 2/],
  ])("with rows like %j are refused", async (vectors, message) => {
    const said = await complaint(readWhole(await fileOf("a.arrow", tableToIPC(lists(new Float32(), false, vectors), "file"))));
    expect(said).toMatch(/^E_BAD_FILE .*a.arrow/);
    expect(said).toMatch(message);
  });

  it("that are empty or none at all are refused", async () => {
    for (const bytes of [new Uint8Array(0), Buffer.from("no arrow file at all, but long enough to be one")])
      expect(await complaint(readWhole(await fileOf("a.arrow", bytes)))).toMatch(/^E_BAD_FILE .*a.arrow/);
  });

  it("whose footer lists more than it can hold are refused before anything is gone through", async () => {
    const bytes = tableToIPC(lists(new Float32(), true), "file");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const footer = bytes.length - 10 - view.getInt32(bytes.length - 10, true);
    const table = footer + view.getUint32(footer, true);
    const place = table + view.getUint16(table - view.getInt32(table, true) + 10, true);
    view.setUint32(place + view.getUint32(place, true), 0x7fffffff, true);
    expect(await complaint(readWhole(await fileOf("a.arrow", bytes)))).toMatch(/^E_BAD_FILE .*lists 2147483647 record batches/);
  });

  it.each(["file", "stream"] as const)("of any damage are read or refused, never anything else (%s, seed 18)", async (form) => {
    const dice = new Dice(18);
    const bytes = tableToIPC(lists(new Float32(), true), form);
    let refused = 0;
    for (let i = 0; i < 6; i++) {
      const outcome = await readApart(await fileOf("a.arrow", mutate({ bytes }, dice))).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) continue;
      expect(outcome, outcome.stack).toMatchObject({ name: "NearError" });
      refused++;
    }
    expect(refused).toBeGreaterThan(1);
  });
});
