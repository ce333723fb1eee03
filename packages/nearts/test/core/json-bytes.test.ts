import fc from "fast-check";
import { expect, it } from "vitest";
import { isJson } from "../../src/core/json-bytes.js";
import { Dice, mutate } from "../readers/mutate.js";

const seed = 12;
const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** By the language's own parser; what it forgives, white space, is not JSON as JSON.stringify writes it. */
function parses(bytes: Uint8Array): boolean {
  try {
    const text = strict.decode(bytes);
    JSON.parse(text);
    return !/\s/.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'));
  } catch {
    return false;
  }
}

it(`takes what JSON.stringify writes, wherever in the bytes it is (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
      const bytes = utf8.encode(`xx${JSON.stringify(value)}yy`);
      expect(isJson(bytes, 2, bytes.length - 2)).toBe(true);
    }),
    { seed, numRuns: 2000 },
  );
});

it(`takes nothing that JSON.parse refuses, and refuses little else, of 40,000 damaged texts (seed ${seed})`, () => {
  const dice = new Dice(seed);
  const texts = [
    '{"a":[1,-0.5e+10,true,null,"ä\\u00e9\\n€😀"],"b":{}}',
    '[[],{"":"\\\\"},false,[0,"\\ud800"],1E5]',
    '"\u0080\u07ff\u0800\ud7ff\ue000\uffff"',
    "-12.25",
  ];
  const words = [
    "01",
    "1.",
    ".5",
    "1e",
    "+1",
    "tru",
    "nul",
    '"',
    "\\",
    "\\u12g4",
    "\xff",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\t",
    "NaN",
    "[1,]",
    '{"a"}',
    "{1:2}",
    "[".repeat(40),
  ];
  let both = 0;
  for (let i = 0; i < 40_000; i++) {
    const bytes = mutate({ bytes: utf8.encode(dice.pick(texts)), words }, dice);
    const taken = isJson(bytes, 0, bytes.length);
    if (taken !== parses(bytes)) throw new Error(`${JSON.stringify(Buffer.from(bytes).toString("latin1"))} is ${taken ? "" : "not "}taken`);
    if (taken) both++;
  }
  expect(both).toBeGreaterThan(1000);
});

it("takes 32 levels, as data may have, and no more", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ]) {
    const nested = (depth: number) => utf8.encode(`${open.repeat(depth)}1${close.repeat(depth)}`);
    expect([isJson(nested(32), 0, nested(32).length), isJson(nested(33), 0, nested(33).length)]).toEqual([true, false]);
  }
});
