import { expect, test } from "vitest";
import { OPEN_DIM, readAll, readVectors, type VectorOptions } from "../../src/readers/index.js";
import { complaint, concat, gzip, hex, plain, utf8 } from "./files.js";

function read(text: string | Uint8Array, options: VectorOptions = {}): Promise<unknown> {
  return readAll(typeof text === "string" ? utf8(text) : text, { format: "jsonl", ...options }).then(plain);
}

test("arrays of numbers are dense rows; empty lines are passed over", async () => {
  expect(await read("[1, -2.5, 1e2]\n\n \t\r\n[0.1, 0, -0]")).toEqual({
    dim: 3,
    count: 2,
    values: [1, -2.5, 100, Math.fround(0.1), 0, -0],
  });
});

test("objects bring ids and data, each where it has one", async () => {
  const lines = ['{"vector": [1, 2], "id": "a", "data": {"x": [null]}}', "[3, 4]", '{"data": null, "id": 7, "vector": [5, 6]}'].join("\n");

  expect(await read(lines)).toEqual({
    dim: 2,
    count: 3,
    values: [1, 2, 3, 4, 5, 6],
    ids: ["a", undefined, 7],
    data: [{ x: [null] }, undefined, null],
  });
});

test("gzipped lines with a byte order mark and no last line feed give the same rows", async () => {
  expect(await read(gzip(utf8("\ufeff[1]\r\n[2]")))).toEqual({ dim: 1, count: 2, values: [1, 2] });
});

test("indices and values are sparse rows from 0, their dim the first row's", async () => {
  const lines = '{"indices": [0, 7], "values": [1, 2], "dim": 9}\n{"indices": [], "values": [], "id": 1}\n{"indices": [8], "values": [3]}';

  expect(await read(lines)).toEqual({
    dim: 9,
    count: 3,
    offsets: [0, 2, 2, 3],
    indices: [0, 7, 8],
    values: [1, 2, 3],
    ids: [undefined, 1, undefined],
  });
});

test("without any dim a stream's sparse rows are open, and readAll has the largest index + 1", async () => {
  const lines = utf8('{"indices": [4], "values": [1]}\n{"indices": [2], "values": [1]}');
  const dims: number[] = [];
  for await (const { rows } of readVectors(lines, { format: "jsonl" })) dims.push(rows.dim);

  expect(dims).toEqual([OPEN_DIM]);
  expect(await read(lines)).toMatchObject({ dim: 5 });
  expect(await read(lines, { dim: 50 })).toMatchObject({ dim: 50 });
});

test("__proto__ inside data is plain data and changes no object", async () => {
  const { data } = await readAll(utf8('{"vector": [1], "data": {"__proto__": {"polluted": true}}}'), { format: "jsonl" });

  expect(JSON.stringify(data)).toBe('[{"__proto__":{"polluted":true}}]');
  expect(Object.getPrototypeOf(data?.[0])).toBe(Object.prototype);
  expect("polluted" in {}).toBe(false);
});

test.each([
  ["an unknown key", '{"vector": [1], "text": "x"}', 'line 1 has the key "text", expected vector, id, data; put other values under data'],
  ["__proto__ as a key", '{"vector": [1], "__proto__": {"id": 5}}', 'line 1 has the key "__proto__", expected vector, id, data'],
  ["a dense and sparse row at once", '{"vector": [1], "indices": [1]}', 'line 1 has the key "indices", expected vector, id, data'],
  ["a sparse row after dense ones", '[1]\n{"indices": [0], "values": [1]}', "line 2 is sparse, the rows before it dense"],
  ["a dense row after sparse ones", '{"indices": [0], "values": [1]}\n[1]', "line 2 is dense, the rows before it sparse"],
  ["another dimension", "[1, 2]\n[1]", "line 2 has 1 values, the rows before it 2; give every row the same dimension"],
  ["no values", "[]", "line 1 has 0 values, expected 1 to 1048576"],
  ["a text for a number", '[1, "2"]', 'line 1 has "2" at position 1 of vector, expected a number'],
  ["null for a number", "[null]", "line 1 has null at position 0 of vector, expected a number"],
  ["an array of arrays", "[[1, 2]]", "line 1 has Array(2) at position 0 of vector, expected a number"],
  ["a number beyond float64", "[1, 1e999]", "line 1, position 1 of vector, is Infinity, expected a finite number"],
  ["a number beyond float32", "[-3.5e38]", "line 1, position 0 of vector, is -3.5e+38, which is -Infinity as float32"],
  ["NaN", "[NaN]", 'line 1 is no JSON: "[NaN]"; write one array or object a line'],
  ["half a line", '{"vector": [1', "line 1 is no JSON"],
  ["two values on a line", "[1] [2]", "line 1 is no JSON"],
  ["one array over all lines", "[\n[1]\n]", "line 1 is no JSON"],
  ["a number", "7", "line 1 is 7, expected an array of numbers or an object"],
  ["null", "null", "line 1 is null, expected an array of numbers or an object"],
  ["an empty object", "{}", "line 1 has undefined as indices, expected an array of numbers"],
  ["a vector that is no array", '{"vector": {"0": 1, "length": 1}}', "line 1 has Object(1) as vector, expected an array of numbers"],
  ["an empty id", '{"vector": [1], "id": ""}', 'line 1 has id "", expected a non-empty string or a safe integer'],
  ["a broken id", '{"vector": [1], "id": 1.5}', "line 1 has id 1.5, expected"],
  ["an unsafe id", '{"vector": [1], "id": 9007199254740993}', "line 1 has id 9007199254740992, expected"],
  ["null for an id", '{"vector": [1], "id": null}', "line 1 has id null, expected"],
  ["fewer values than indices", '{"indices": [1, 2], "values": [1]}', "line 1 has 2 indices and 1 values; give one value for each index"],
  [
    "a repeated index",
    '{"indices": [2, 2], "values": [1, 1]}',
    "line 1 has index 2 after 2; sort the indices of each row and name each once",
  ],
  ["a negative index", '{"indices": [-1], "values": [1]}', "line 1 has index -1, expected whole indices from 0 to 4294967294"],
  ["a broken index", '{"indices": [0.5], "values": [1]}', "line 1 has index 0.5, expected whole indices"],
  ["an index of 2^32 - 1", '{"indices": [4294967295], "values": [1]}', "line 1 has index 4294967295, expected whole indices"],
  [
    "an index beyond dim",
    '{"indices": [9], "values": [1], "dim": 9}',
    "line 1 has index 9, the rows have dim 9; raise dim on the first row",
  ],
  ["a dim of 0", '{"indices": [], "values": [], "dim": 0}', "line 1 has dim 0, expected a whole number from 1 to 4294967295"],
  ["two dims", '{"indices": [], "values": [], "dim": 5}\n{"indices": [], "values": [], "dim": 6}', "line 2 has dim 6, the first row 5"],
  ["a late dim", '{"indices": [], "values": []}\n{"indices": [], "values": [], "dim": 6}', "line 2 has dim 6, the first row none"],
])("%s is refused with its line", async (_what, text, sentence) => {
  expect(await complaint(read(text))).toContain(`E_BAD_FILE jsonl input: ${sentence}`);
});

test("bytes that are no UTF-8 are refused", async () => {
  expect(await complaint(read(concat(utf8('[1]\n{"vector": [1], "id": "'), hex("c328"), utf8('"}'))))).toContain("line 2 is not UTF-8");
});

test.each([
  ["[1, 2]", "line 1 has 2 values"],
  ['{"indices": [4], "values": [1]}', "line 1 has index 4"],
  ['{"indices": [], "values": [], "dim": 4}', "line 1 has dim 4"],
])("%s is refused where the option dim is 3", async (line, claim) => {
  expect(await complaint(read(line, { dim: 3 }))).toBe(
    `E_DIM_MISMATCH jsonl input: ${claim}, the option dim is 3; pass the file's own dimension or no dim`,
  );
});

test("a hundred thousand brackets are refused, not followed", async () => {
  expect(await complaint(read("[".repeat(100_000)))).toContain("line 1 is no JSON");
  expect(await complaint(read(`${"[".repeat(100_000)}${"]".repeat(100_000)}`))).toContain("line 1 has Array(1) at position 0 of vector");
});
