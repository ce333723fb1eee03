import { expect, test } from "vitest";
import { readAll, readIntegers } from "../../src/readers/index.js";
import { complaint, concat, failure, gzip, hex, plain } from "./files.js";

const FVECS = hex("02000000 0000803f 000000c0   02000000 0000003f 0000c842");
const BVECS = hex("03000000 00 01 ff   03000000 02 80 7f");
const IVECS = hex("02000000 07000000 ffffffff   02000000 ffffff7f 00000080");

test("fvecs rows are their float32 values", async () => {
  expect(plain(await readAll(FVECS, { format: "fvecs" }))).toEqual({ dim: 2, count: 2, values: [1, -2, 0.5, 100] });
});

test("bvecs rows are their bytes as numbers from 0 to 255", async () => {
  expect(plain(await readAll(BVECS, { format: "bvecs" }))).toEqual({ dim: 3, count: 2, values: [0, 1, 255, 2, 128, 127] });
});

test("ivecs rows as vectors are rounded to float32", async () => {
  expect(plain(await readAll(IVECS, { format: "ivecs" }))).toEqual({ dim: 2, count: 2, values: [7, -1, 2147483648, -2147483648] });
});

test("readIntegers keeps the integers of ivecs exactly", async () => {
  const { dim, count, values } = await readIntegers(IVECS);

  expect({ dim, count }).toEqual({ dim: 2, count: 2 });
  expect(values).toEqual(Int32Array.of(7, -1, 2147483647, -2147483648));
});

test("readIntegers reads gzip, stops at the limit and checks the dimension", async () => {
  expect(await readIntegers(gzip(IVECS), { limit: 1 })).toEqual({ dim: 2, count: 1, values: Int32Array.of(7, -1) });
  expect(await complaint(readIntegers(IVECS, { dim: 3 }))).toBe(
    "E_DIM_MISMATCH ivecs input: row 0 has 2 values, the option dim is 3; pass the file's own dimension or no dim",
  );
});

test("readIntegers refuses an input without rows", async () => {
  expect(await complaint(readIntegers(hex("")))).toBe(
    "E_BAD_FILE ivecs input: it has 0 rows, expected at least 1; check that it is the right file",
  );
});

test("a gzipped file gives the rows of the plain one", async () => {
  // printf '\x02\0\0\0\0\0\x80\x3f\0\0\0\xc0' | gzip -n
  const golden = Uint8Array.from(Buffer.from("H4sIAAAAAAAAA2NiAIEGeyBxAADPoUsxDAAAAA==", "base64"));

  expect(plain(await readAll(golden, { format: "fvecs" }))).toEqual({ dim: 2, count: 1, values: [1, -2] });
});

test("a row of another dimension is refused with both dimensions", async () => {
  const mixed = concat(FVECS, hex("03000000 00000000 00000000 00000000"));

  const error = await failure(readAll(mixed, { format: "fvecs" }));

  expect(error.message).toBe("fvecs input: row 2 has 3 values, row 0 has 2; the file is damaged, not fvecs, or mixes dimensions");
  expect(error.details).toMatchObject({ format: "fvecs", row: 2, got: 3, expected: 2 });
});

test.each([
  ["a negative count", "ffffffff 00000000", "row 0 has -1 values, expected 1 to 1048576; the file is damaged or not fvecs"],
  ["a count of 0", "00000000", "row 0 has 0 values, expected 1 to 1048576; the file is damaged or not fvecs"],
  [
    "a count of two thousand million",
    "ffffff7f 00000000",
    "row 0 has 2147483647 values, expected 1 to 1048576; the file is damaged or not fvecs",
  ],
  ["half a count", "0100", "row 0 needs a count of 4 bytes, the file has 2; it is cut off"],
  ["half a row", "02000000 00000000", "row 0 takes 12 bytes, the file has 8 left; it is cut off, fetch or write it again"],
  ["half a later row", "01000000 00000000 0100", "row 1 takes 8 bytes, the file has 2 left; it is cut off, fetch or write it again"],
  ["NaN", "01000000 0000c07f", "row 0, position 0 is NaN, expected a finite number; repair or rescale the value, or leave the row out"],
  [
    "infinity",
    "02000000 00000000 000080ff",
    "row 0, position 1 is -Infinity, expected a finite number; repair or rescale the value, or leave the row out",
  ],
])("fvecs with %s is refused", async (_what, digits, sentence) => {
  expect(await complaint(readAll(hex(digits), { format: "fvecs" }))).toBe(`E_BAD_FILE fvecs input: ${sentence}`);
});

test("damage beyond the limit is not looked at", async () => {
  const damaged = concat(FVECS, hex("09000000 00"));

  expect(plain(await readAll(damaged, { format: "fvecs", limit: 2 }))).toEqual({ dim: 2, count: 2, values: [1, -2, 0.5, 100] });
  expect((await failure(readAll(damaged, { format: "fvecs", limit: 3 }))).code).toBe("E_BAD_FILE");
});

test("an input without rows is refused by readAll", async () => {
  expect(await complaint(readAll(hex(""), { format: "fvecs" }))).toBe(
    "E_BAD_FILE the input has 0 rows, expected at least 1; check that it is the right file",
  );
});
