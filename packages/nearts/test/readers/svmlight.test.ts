import { expect, test } from "vitest";
import { NearError } from "../../src/core/errors.js";
import { OPEN_DIM, readAll, readVectors, type VectorOptions } from "../../src/readers/index.js";
import { complaint, gzip, plain, utf8 } from "./files.js";

const GOLDEN = `# a comment of its own
-1 1:1 6:0.5 17:-2e1 # the first row

+1\t3:.25\t4:5.
0
2.5 17:1e-3\r
`;

const ROWS = {
  dim: 17,
  count: 4,
  offsets: [0, 3, 5, 5, 6],
  indices: [0, 5, 16, 2, 3, 16],
  values: [1, 0.5, -20, 0.25, 5, Math.fround(0.001)],
  data: [{ label: -1 }, { label: 1 }, { label: 0 }, { label: 2.5 }],
};

function read(text: string, options: VectorOptions = {}): Promise<unknown> {
  return readAll(utf8(text), { format: "svmlight", ...options }).then(plain);
}

test("lines become sparse rows and their labels data; comments and empty lines are passed over", async () => {
  expect(await read(GOLDEN)).toEqual(ROWS);
});

test("gzipped lines give the same rows", async () => {
  expect(plain(await readAll(gzip(utf8(GOLDEN)), { format: "svmlight" }))).toEqual(ROWS);
});

test("a byte order mark and a last line without a line feed are read", async () => {
  expect(await read("\ufeff1 2:3")).toEqual({ dim: 2, count: 1, offsets: [0, 1], indices: [1], values: [3], data: [{ label: 1 }] });
});

test("several labels and a query number are kept in the data", async () => {
  expect(await read("1,4 qid:7 1:1\n2 qid:8\n")).toMatchObject({
    count: 2,
    data: [
      { label: [1, 4], qid: 7 },
      { label: 2, qid: 8 },
    ],
  });
});

test("with zeroBased, index 0 is the first dimension", async () => {
  expect(await read("1 0:5 2:6", { zeroBased: true })).toMatchObject({ dim: 3, indices: [0, 2] });
});

test("the option dim is the rows' dimension; without it a stream's rows are open", async () => {
  const dims: number[] = [];
  for (const options of [{ dim: 500 }, {}]) {
    for await (const { rows } of readVectors(utf8(GOLDEN), { format: "svmlight", ...options })) dims.push(rows.dim);
  }

  expect(dims).toEqual([500, OPEN_DIM]);
  expect(await read(GOLDEN, { dim: 17 })).toEqual(ROWS);
});

test("rows without entries have dimension 1", async () => {
  expect(await read("1\n0\n")).toMatchObject({ dim: 1, count: 2, offsets: [0, 0, 0] });
});

test("the largest index is 2^32 - 2 from 0", async () => {
  expect(await read("1 4294967295:1")).toMatchObject({ dim: OPEN_DIM, indices: [4294967294] });
  expect(await complaint(read("1 4294967296:1"))).toContain(
    'line 1 has "4294967296:1" where index:value with a whole index below 2^32 is expected',
  );
});

test.each([
  ["a repeated index", "1 1:1\n1 3:1 3:2", "line 2 has index 3 after 3; sort the indices of each line and name each once"],
  ["a descending index", "1 5:1 3:2", "line 1 has index 3 after 5; sort the indices of each line and name each once"],
  ["index 0", "1 0:1", "line 1 has index 0, expected 1 or more; pass zeroBased: true if they start at 0"],
  ["a negative index", "1 -1:1", 'line 1 has "-1:1" where index:value with a whole index below 2^32 is expected'],
  ["a broken index", "1 1.5:1", 'line 1 has "1.5:1" where index:value with a whole index'],
  ["no colon", "1 1:1 7", 'line 1 has "7" where index:value is expected; repair or remove the line'],
  ["no value", "1 1:", 'line 1 has "1:" where index:value is expected'],
  ["no number", "1 1:x", 'line 1 has "1:x" where index:value is expected'],
  ["a hexadecimal value", "1 1:0x10", 'line 1 has "1:0x10" where index:value is expected'],
  ["nan", "1 1:nan", 'line 1 has "1:nan" where index:value is expected'],
  ["a value beyond float32", "1 1:1\n1 2:1e39", "line 2, index 2 is 1e+39, which is Infinity as float32, expected a finite number"],
  ["a value beyond float64", "1 2:1e999", "line 1, index 2 is Infinity, expected a finite number"],
  ["no label", "1:1 2:1", 'line 1 has "1:1" where a label, such as 0, is expected'],
  ["half a list of labels", "1, 2:1", 'line 1 has "1," where a label, such as 0, is expected'],
  ["a query that is no number", "1 qid:x 2:1", 'line 1 has "qid:x" where qid and a whole number is expected'],
  ["bytes that are no text", "1 \u0000\u0001:1", "line 1 has"],
])("%s is refused with its line", async (_what, text, sentence) => {
  expect(await complaint(read(text))).toContain(`E_BAD_FILE svmlight input: ${sentence}`);
});

test("an index beyond the option dim is a mismatch of dimensions", async () => {
  expect(await complaint(read("1 1:1 9:1", { dim: 8 }))).toBe(
    "E_DIM_MISMATCH svmlight input: line 1 has index 9, which takes 9 dimensions, the option dim is 8; pass the file's own dimension or no dim",
  );
});

test("a file without line feeds is refused after 32 MiB, not taken whole", async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (; given < 2 ** 27; given += 2 ** 20) yield new Uint8Array(2 ** 20).fill(0x20);
  }

  await expect(readAll(endless(), { format: "svmlight" })).rejects.toThrow("line 1 is longer than 33554432 bytes, the most that is read");
  expect(given).toBeLessThan(2 ** 26);
});

test("rows before a damaged line are handed out when they fill a chunk, and the error follows", async () => {
  const good = "1 1:1 2:2 3:3\n".repeat(50_000);
  let rows = 0;
  const reading = (async () => {
    for await (const chunk of readVectors(utf8(`${good}1 oops\n`), { format: "svmlight" })) rows += chunk.rows.count;
  })();

  await expect(reading).rejects.toThrow(NearError);
  await expect(reading).rejects.toThrow("line 50001");
  expect(rows).toBeGreaterThan(10_000);
});
