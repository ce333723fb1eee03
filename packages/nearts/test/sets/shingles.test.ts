import { describe, expect, test } from "vitest";
import { Engine, NearError, shingles } from "../../src/index.js";

describe("shingles", () => {
  test.each<[string, string, Parameters<typeof shingles>[1], string[]]>([
    ["words", "To be, or not to be!", { words: 2 }, ["to be", "be or", "or not", "not to"]],
    ["words with their marks and apostrophes", "l’été n'est pas ९८", { words: 1 }, ["l’été", "n'est", "pas", "९८"]],
    ["a text shorter than one", "To be", { words: 3 }, ["to be"]],
    ["nothing but signs", " … !", { words: 3 }, []],
    ["characters", "abcd", { characters: 3 }, ["abc", "bcd"]],
    ["characters as readers see them", "🇫🇷👨‍👩‍👧é", { characters: 1 }, ["🇫🇷", "👨‍👩‍👧", "é"]],
    ["characters, white space as one space", " a \n\t b ", { characters: 2 }, ["a ", " b"]],
    ["code", "let x = f(1.5); // twice", { code: 2 }, ["let x", "x =", "= f", "f (", "( 1.5", "1.5 )", ") ;"]],
    [
      "code, texts in quotes as one",
      'say(\'a b\', "c\\"d") /* never */',
      { code: 3 },
      ["say ( 'a b'", "( 'a b' ,", '\'a b\' , "c\\"d"', ', "c\\"d" )'],
    ],
    ["letters by case, where asked to", "Be be", { words: 1, caseSensitive: true }, ["Be", "be"]],
    ["a language's own lower case", "DIŞ", { words: 1, locale: "tr" }, ["dış"]],
  ])("are made of %s", (_, text, options, expected) => {
    expect(shingles(text, options)).toEqual(expected);
  });

  test("of what looks the same are the same, unless they are to be taken as they are", () => {
    expect(shingles("cafe\u0301", { words: 1 })).toEqual(shingles("caf\u00e9", { words: 1 }));
    expect(shingles("cafe\u0301", { words: 1, normalise: false })).not.toEqual(shingles("caf\u00e9", { words: 1, normalise: false }));
    expect(shingles("ﬁn２", { words: 1, normalise: "NFKC" })).toEqual(["fin2"]);
    expect(shingles("ﬁn２", { words: 1 })).toEqual(["ﬁn２"]);
  });

  test("hold NULs and lone surrogates, and differ by them", async () => {
    const texts = ["ab", "a\0b", "a\ud800b", "a\udc00b", "a\ufffdb"];
    const made = texts.map((text) => shingles(text, { characters: 5 }));
    expect(new Set(made.map((list) => JSON.stringify(list))).size).toBe(texts.length);
    const engine = new Engine({ kind: "set" });
    await engine.storeManyVectors(made);
    for (const [id, set] of made.entries()) expect((await engine.neighbours(set, { within: 1 })).map((found) => found.id)).toEqual([id]);
    expect(shingles("a\0b\ud800c", { words: 1 })).toEqual(["a", "b", "c"]);
  });

  test.each<[string, unknown, unknown, string, RegExp]>([
    ["no options", "text", undefined, "E_BAD_OPTION", /options/],
    ["no kind", "text", {}, "E_BAD_OPTION", /give one, such as \{ words: 3 \}/],
    ["two kinds", "text", { words: 1, code: 1 }, "E_BAD_OPTION", /words and code/],
    ["no words", "text", { words: 0 }, "E_BAD_OPTION", /words is 0/],
    ["another form", "text", { words: 1, normalise: "NFD" }, "E_BAD_OPTION", /"NFD"/],
    ["an option that there is not", "text", { words: 1, size: 2 }, "E_BAD_OPTION", /size/],
    ["no text", 7, { words: 1 }, "E_BAD_VECTOR", /text is 7/],
    ["no language", "text", { words: 1, locale: "not a tag" }, "E_BAD_OPTION", /locale/],
  ])("are refused of %s", (_, text, options, code, message) => {
    const refusal = (() => {
      try {
        return shingles(text as string, options as { words: number });
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(NearError);
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
