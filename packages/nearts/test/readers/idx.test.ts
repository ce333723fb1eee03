import { expect, test } from "vitest";
import { readAll } from "../../src/readers/index.js";
import { complaint, hex, plain } from "./files.js";

test.each([
  ["bytes", "00000802 00000002 00000003  00 01 02 03 64 c8", [0, 1, 2, 3, 100, 200]],
  ["signed bytes", "00000902 00000002 00000003  00 01 fe 03 64 80", [0, 1, -2, 3, 100, -128]],
  ["int16", "00000b02 00000002 00000003  0000 0001 fffe 0003 0064 8000", [0, 1, -2, 3, 100, -32768]],
  ["int32", "00000c02 00000002 00000003  00000000 00000001 fffffffe 00000003 00000064 80000000", [0, 1, -2, 3, 100, -2147483648]],
  ["float32", "00000d02 00000002 00000003  00000000 3f800000 c0000000 3f000000 40400000 42c80000", [0, 1, -2, 0.5, 3, 100]],
  [
    "float64",
    "00000e02 00000002 00000003  0000000000000000 3ff0000000000000 c000000000000000 3fe0000000000000 4008000000000000 4059000000000000",
    [0, 1, -2, 0.5, 3, 100],
  ],
])("big-endian %s are read, the format known by its content", async (_what, digits, values) => {
  expect(plain(await readAll(hex(digits)))).toEqual({ dim: 3, count: 2, values });
});

test("the axes after the first are flattened", async () => {
  expect(plain(await readAll(hex("00000803 00000002 00000002 00000002  01020304 05060708")))).toEqual({
    dim: 4,
    count: 2,
    values: [1, 2, 3, 4, 5, 6, 7, 8],
  });
});

test("one axis makes rows of one value, as labels are stored", async () => {
  expect(plain(await readAll(hex("00000801 00000003  09 00 07")))).toEqual({ dim: 1, count: 3, values: [9, 0, 7] });
});

test.each([
  ["another type", "00000702 00000001 00000001 00", "it starts with bytes 0 0 7, idx with 0 0 and a type of 8, 9, 11, 12, 13 or 14"],
  ["another magic", "01000801 00000001 00", "it starts with bytes 1 0 8, idx with 0 0"],
  ["no axis", "00000800 00", "it has 0 axes, expected at least 1"],
  ["half a magic", "0000", "the header takes 4 bytes, the file has 2; it is cut off or not idx"],
  ["half its axes", "000008ff 00000001 00000001", "the header takes 1024 bytes, the file has 12; it is cut off or not idx"],
  ["rows of no values", "00000802 00000001 00000000", "each row has 0 values, expected 1 to 1048576"],
  ["rows of 2^64 values", "00000803 00000001 ffffffff ffffffff 00", "each row has 18446744065119617000 values, expected 1 to 1048576"],
  ["four thousand million rows", "00000801 ffffffff 00", "the header promises 4294967295 rows, the file holds 1"],
  ["bytes after the rows", "00000801 00000001 00 00", "the header promises 1 rows, more bytes follow them at byte 9"],
  ["NaN", "00000d01 00000001 7fc00000", "row 0, position 0 is NaN, expected a finite number"],
])("idx with %s is refused", async (_what, digits, sentence) => {
  expect(await complaint(readAll(hex(digits), { format: "idx" }))).toContain(`E_BAD_FILE idx input: ${sentence}`);
});
