import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { memberOf, membersOf } from "../../src/core/tokens.js";

describe("members of tokens", () => {
  test("integers from 0 to 2³² − 1 are members as they are", () => {
    for (const integer of [0, 7, 2 ** 31, 2 ** 32 - 1]) expect(memberOf(integer, "set", 0)).toBe(integer);
    expect(memberOf(-0, "set", 0)).toBe(0);
  });

  test("texts have the member that MurmurHash3_x86_32 gives their UTF-16LE bytes, by another implementation", () => {
    const members = ["", "a", "ab", "日本", "the quick brown fox"].map((text) => memberOf(text, "set", 0));
    expect(members).toEqual([327_721_211, 3_947_465_107, 908_421_099, 3_575_707_965, 20_134_689]);
  });

  test.each([
    ["NULs by how many there are", ["", "\0", "\0\0", "\0\0\0", "a", "a\0", "\0a"]],
    [
      "lone surrogates from each other and from the replacement character",
      ["\ud800", "\ud801", "\udc00", "\ufffd", "\ud83d\ude00", "\ude00\ud83d"],
    ],
    ["forms that only normalise alike", ["é", "e\u0301"]],
    ["integers from their digits", [7, "7", -7, "-7", 2 ** 32, 2 ** 32 + 1, String(2 ** 32), -(2 ** 32), Number.MAX_SAFE_INTEGER]],
  ])("tell apart %s", (_, tokens) => {
    expect(new Set(tokens.map((token) => memberOf(token, "set", 0))).size).toBe(tokens.length);
  });

  test("of many texts about as many collide as of random numbers", () => {
    const members = new Set<number>();
    const count = 300_000;
    for (let i = 0; i < count; i++) members.add(memberOf(`token ${i}`, "set", 0));
    // n²/2³³ = 10.5 are expected; 30 or more have a probability under 10⁻⁶ (Poisson).
    expect(count - members.size).toBeLessThan(30);
  });

  test("every bit of a member depends on every bit of a text", () => {
    const random = new Random(20_261_123);
    const counts = new Float64Array(32);
    const trials = 4000;
    for (let t = 0; t < trials; t++) {
      const units = Array.from({ length: 1 + random.below(12) }, () => random.below(65_536));
      const other = [...units];
      other[random.below(units.length)] ^= 1 << random.below(16);
      const change = memberOf(String.fromCharCode(...units), "set", 0) ^ memberOf(String.fromCharCode(...other), "set", 0);
      for (let bit = 0; bit < 32; bit++) counts[bit] += (change >>> bit) & 1;
    }
    // Five standard deviations of a share of one half.
    for (const count of counts) expect(Math.abs(count / trials - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(trials));
  });

  test("of a set ascend, repeated tokens counting once, whatever iterable gives them", () => {
    const tokens = [9, "b", "a", 3, "b", 9, 9];
    const expected = Uint32Array.from(new Set(tokens.map((token) => memberOf(token, "set", 0)))).sort();
    for (const given of [tokens, new Set(tokens), tokens.values(), Object.assign([...tokens], { extra: 1 })]) {
      expect(membersOf(given, "set")).toEqual(expected);
    }
    expect(membersOf(Uint16Array.of(5, 2, 5), "set")).toEqual(Uint32Array.of(2, 5));
    expect(membersOf([], "set")).toEqual(new Uint32Array(0));
  });

  test.each([[1.5], [Number.NaN], [2 ** 53], [null], [undefined], [["a"]], [true], [7n]])("are refused of %s", (token) => {
    expect(() => membersOf([1, token], "vector")).toThrow(
      expect.objectContaining({ code: "E_BAD_VECTOR", message: expect.stringMatching(/vector has .* at position 1/) }),
    );
  });
});
