import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDecimal, parseIndex } from "../../src/readers/decimal.js";
import { utf8 } from "./files.js";

const SEED = 20260801;

function decimal(text: string): number {
  return parseDecimal(utf8(`x${text}y`), 1, text.length + 1);
}

function index(text: string): number {
  return parseIndex(utf8(`x${text}y`), 1, text.length + 1);
}

test(`numbers as programs write them are read as Number reads them (seed ${SEED})`, () => {
  const written = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x.toPrecision(9)),
    fc.tuple(fc.integer(), fc.nat(30)).map(([x, digits]) => (x / 1000).toFixed(digits)),
    fc.tuple(fc.bigInt(), fc.integer({ min: -330, max: 330 })).map(([x, exponent]) => `${x}e${exponent}`),
  );

  fc.assert(
    fc.property(written, (text) => {
      expect(decimal(text)).toBe(Number(text));
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

test.each([
  "0",
  "-0",
  "+7",
  "5.",
  ".5",
  "-.25",
  "1e3",
  "1E+3",
  "9007199254740993",
  "0.1000000000000000055511151231257827",
  "1e-400",
  "1e400",
])("%s is the number it looks like", (text) => {
  expect(decimal(text)).toBe(Number(text));
});

test.each(["", "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "--1", "+-1", "1 ", " 1", "0x10", "1_0", "nan", "inf", "Infinity", "1,5", "١"])(
  "%j is no number",
  (text) => {
    expect(parseDecimal(utf8(text), 0, utf8(text).length)).toBeNaN();
  },
);

test("a number of more digits than any float64 has is no number", () => {
  expect(decimal(`0.${"1".repeat(2000)}`)).toBe(1 / 9);
  expect(decimal("1".repeat(5000))).toBeNaN();
});

test("an index is digits only, and −1 where it is none or beyond 2^32", () => {
  expect(["0", "17", "007", "4294967296"].map(index)).toEqual([0, 17, 7, 4294967296]);
  expect(["", "-1", "+1", "1.0", "1e3", "4294967297", "9".repeat(400)].map(index)).toEqual([-1, -1, -1, -1, -1, -1, -1]);
});
