import { expect, test } from "vitest";
import { readAll, readVectors } from "../../src/readers/index.js";
import { complaint, concat, failure, hex, npy, npyDict, plain, utf8 } from "./files.js";

/** numpy.save of array([[0, 1, -2], [0.5, 3, 100]], dtype="<f4"), NumPy 2.4, byte for byte. */
const GOLDEN =
  "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgIC" +
  "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAMAAAAA/AABAQAAAyEI=";

test("the file that numpy.save writes gives its rows, known by its content", async () => {
  const { rows } = await readAll(Uint8Array.from(Buffer.from(GOLDEN, "base64")));

  expect(plain({ rows })).toEqual({ dim: 3, count: 2, values: [0, 1, -2, 0.5, 3, 100] });
});

// Written by NumPy 2.4 from array([[0, 1, -2], [0.5, 3, 100]]) cast to each type.
test.each([
  ["<f4", "00000000 0000803f 000000c0 0000003f 00004040 0000c842", [0, 1, -2, 0.5, 3, 100]],
  [">f4", "00000000 3f800000 c0000000 3f000000 40400000 42c80000", [0, 1, -2, 0.5, 3, 100]],
  ["<f8", "0000000000000000 000000000000f03f 00000000000000c0 000000000000e03f 0000000000000840 0000000000005940", [0, 1, -2, 0.5, 3, 100]],
  [">f8", "0000000000000000 3ff0000000000000 c000000000000000 3fe0000000000000 4008000000000000 4059000000000000", [0, 1, -2, 0.5, 3, 100]],
  ["<f2", "0000 003c 00c0 0038 0042 4056", [0, 1, -2, 0.5, 3, 100]],
  [">f2", "0000 3c00 c000 3800 4200 5640", [0, 1, -2, 0.5, 3, 100]],
  ["|i1", "00 01 fe 00 03 64", [0, 1, -2, 0, 3, 100]],
  ["<i2", "0000 0100 feff 0000 0300 6400", [0, 1, -2, 0, 3, 100]],
  [">i2", "0000 0001 fffe 0000 0003 0064", [0, 1, -2, 0, 3, 100]],
  ["<i4", "00000000 01000000 feffffff 00000000 03000000 64000000", [0, 1, -2, 0, 3, 100]],
  [">i4", "00000000 00000001 fffffffe 00000000 00000003 00000064", [0, 1, -2, 0, 3, 100]],
  ["<i8", "0000000000000000 0100000000000000 feffffffffffffff 0000000000000000 0300000000000000 6400000000000000", [0, 1, -2, 0, 3, 100]],
  [">i8", "0000000000000000 0000000000000001 fffffffffffffffe 0000000000000000 0000000000000003 0000000000000064", [0, 1, -2, 0, 3, 100]],
  ["|u1", "00 01 02 03 64 c8", [0, 1, 2, 3, 100, 200]],
  ["<u2", "0000 0100 0200 0300 6400 c800", [0, 1, 2, 3, 100, 200]],
  [">u2", "0000 0001 0002 0003 0064 00c8", [0, 1, 2, 3, 100, 200]],
  ["<u4", "00000000 01000000 02000000 03000000 64000000 c8000000", [0, 1, 2, 3, 100, 200]],
  [">u4", "00000000 00000001 00000002 00000003 00000064 000000c8", [0, 1, 2, 3, 100, 200]],
])("numbers of type %s are read as they are", async (descr, data, values) => {
  expect(plain(await readAll(npy(npyDict(descr, "(2, 3)"), hex(data))))).toEqual({ dim: 3, count: 2, values });
});

test("half precision covers subnormal, largest and rounded values as NumPy converts them", async () => {
  const file = npy(npyDict("<f2", "(1, 6)"), hex("0000 0100 ff03 ff7b 00be 5435"));

  expect(Array.from((await readAll(file)).rows.values)).toEqual([0, 1 / 2 ** 24, 1023 / 2 ** 24, 65504, -1.5, 341 / 1024]);
});

test("an array in Fortran order gives the same rows as in C order", async () => {
  const file = npy(npyDict("<f4", "(2, 3)", "True"), hex("00000000 0000003f 0000803f 00004040 000000c0 0000c842"));

  expect(plain(await readAll(file))).toEqual({ dim: 3, count: 2, values: [0, 1, -2, 0.5, 3, 100] });
  expect(plain(await readAll(file, { limit: 1 }))).toEqual({ dim: 3, count: 1, values: [0, 1, -2] });
});

test("an array of one axis is one row", async () => {
  const file = npy(npyDict("<f4", "(3,)"), hex("0000803f 00000040 00004040"));

  expect(plain(await readAll(file))).toEqual({ dim: 3, count: 1, values: [1, 2, 3] });
});

test("versions 2.0 and 3.0 have a longer header", async () => {
  const dict = utf8(`${npyDict("|u1", "(1, 2)")}\n`);
  for (const version of ["0200", "0300"]) {
    const file = concat(hex(`934e554d5059 ${version}`), Uint8Array.of(dict.length, 0, 0, 0), dict, hex("05 06"));
    expect(plain(await readAll(file))).toEqual({ dim: 2, count: 1, values: [5, 6] });
  }
});

test("the header may have its keys in any order, double quotes, no spaces and Python 2 integers", async () => {
  const file = npy(`{"shape":(1L,2L),'fortran_order':False,"descr":'|u1'}`, hex("05 06"));

  expect(plain(await readAll(file))).toEqual({ dim: 2, count: 1, values: [5, 6] });
});

test("an array without rows gives no chunk", async () => {
  const chunks: unknown[] = [];
  for await (const chunk of readVectors(npy(npyDict("<f4", "(0, 3)"), hex("")))) chunks.push(chunk);

  expect(chunks).toEqual([]);
});

test.each([
  ["a structured type", "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "its header continues with \"[('a', '<f4')]"],
  ["complex numbers", npyDict("<c8", "(1, 2)"), 'its numbers are "<c8", expected u1, i1, u2, i2, u4, i4, i8, f2, f4 or f8'],
  ["truths", npyDict("|b1", "(1, 2)"), 'its numbers are "|b1", expected u1'],
  ["text", npyDict("<U2", "(1, 1)"), 'its numbers are "<U2", expected u1'],
  ["Python objects", npyDict("|O", "(1, 1)"), 'its numbers are "|O", expected u1'],
  ["no byte order where one is needed", npyDict("|f4", "(1, 1)"), 'its numbers are "|f4", expected u1'],
  [
    "three axes",
    npyDict("<f4", "(1, 2, 2)"),
    "its shape is (1, 2, 2), expected (rows, dim) or (dim,); save the array with .reshape(len(array), -1)",
  ],
  ["no axis", npyDict("<f4", "()"), "its shape is (), expected (rows, dim) or (dim,)"],
  ["rows of no values", npyDict("<f4", "(3, 0)"), "each row has 0 values, expected 1 to 1048576"],
  ["rows of too many values", npyDict("<f4", "(1, 99999999)"), "each row has 99999999 values, expected 1 to 1048576"],
  ["a missing key", "{'descr': '<f4', 'shape': (1, 1), }", "its header is"],
  ["a key too many", `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), 'x': 'y'}`, "its header is"],
  ["a key twice", "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }", "its header continues with"],
  ["an expression", "{'descr': '<f4', 'fortran_order': False, 'shape': (1+1, 1), }", 'its header continues with "+1, 1), }"'],
  ["a call", "__import__('os').system('true')", 'its header continues with "__import__'],
  ["an escape", "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (1, 1), }", "its header continues with"],
  ["an axis beyond 2^53", npyDict("<f4", "(99999999999999999999, 1)"), "its header continues with"],
  ["something after the dict", `${npyDict("<f4", "(1, 1)")} + 1`, 'its header continues with "+ 1"'],
  ["an open dict", "{'descr': '<f4'", "its header continues with"],
])("a header with %s is refused", async (_what, dict, sentence) => {
  expect(await complaint(readAll(npy(dict, hex("00000000"))))).toContain(`E_BAD_FILE npy input: ${sentence}`);
});

test.each([
  ["fewer rows than promised", npy(npyDict("<f4", "(3, 1)"), hex("00000000 00000000")), "the header promises 3 rows, the file holds 2"],
  [
    "a thousand million million rows",
    npy(npyDict("<f4", "(1000000000000000, 1)"), hex("00000000")),
    "the header promises 1000000000000000 rows, the file holds 1",
  ],
  [
    "fewer columns than promised",
    npy(npyDict("<f4", "(2, 2)", "True"), hex("00000000 00000000")),
    "the header promises 2 rows, the file holds 1",
  ],
  [
    "bytes after the rows",
    npy(npyDict("<f4", "(1, 1)"), hex("00000000 00")),
    "the header promises 1 rows, more bytes follow them at byte 74",
  ],
  [
    "bytes after the columns",
    npy(npyDict("<f4", "(2, 1)", "True"), hex("00000000 00000000 00")),
    "the header promises 8 bytes of rows, more bytes follow them",
  ],
  ["another version", hex("934e554d5059 0900 0000 00000000"), "its npy version is 9.0, expected 1.0, 2.0 or 3.0"],
  ["a header of 4 GiB", hex("934e554d5059 0200 ffffffff 7b7b"), "its header takes 4294967295 bytes, at most 10000 are expected"],
  ["half a header", hex("934e554d5059 0100 7600 7b27"), "its header takes 128 bytes, the file has 12; it is cut off"],
  ["a magic and nothing else", hex("934e554d5059"), "its header takes more than 12 bytes, the file has 6; it is cut off"],
  [
    "a value beyond float32",
    npy(npyDict("<f8", "(1, 2)"), hex("0000000000000000 9c7500883ce4377e")),
    "row 0, position 1 is 1e+300, which is Infinity as float32",
  ],
  [
    "an unsafe integer",
    npy(npyDict("<i8", "(1, 2)"), hex("ffffffffffff1f00 0000000000002000")),
    "row 0, position 1 is about 9007199254740992, expected a safe integer",
  ],
  ["a half infinity", npy(npyDict("<f2", "(2, 1)"), hex("0000 007c")), "row 1, position 0 is Infinity, expected a finite number"],
])("a file with %s is refused", async (_what, file, sentence) => {
  expect(await complaint(readAll(file))).toContain(`E_BAD_FILE npy input: ${sentence}`);
});

test("Fortran order beyond 256 MiB is refused before its bytes are read, with the remedy", async () => {
  const error = await failure(readAll(npy(npyDict("<f4", "(70000000, 1000)", "True"), hex("00"))));

  expect(error.code).toBe("E_LIMIT");
  expect(error.message).toContain("takes 280000000000 bytes, at most 268435456 are read so; save numpy.ascontiguousarray(array) instead");
});

test("something else under the format npy is refused by its first bytes", async () => {
  expect(await complaint(readAll(utf8("PK\u0003\u0004 an archive"), { format: "npy" }))).toContain(
    "it starts with bytes 80 75 3 4 32 97, npy with 147 78 85 77 80 89; the file is damaged or not npy",
  );
});
