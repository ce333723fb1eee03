import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { NearError } from "../../../../src/core/errors.js";
import { entryOf, type NearPyEntry } from "../../../../src/storage/redis/nearpy/entry.js";
import { concat, utf8 } from "../../../readers/files.js";
import { Dice, mutate, type Specimen } from "../../../readers/mutate.js";

const SEED = 11;
const CASES = 20_000 * Number(process.env["NEARTS_CAMPAIGN"] ?? 1);

interface Made {
  readonly name: string;
  readonly protocol: number;
  readonly bytes: string;
  readonly vector: number[] | { dim: number; pairs: [number, number][] };
  readonly data: unknown;
}

const made = ["entries-numpy-1.jsonl", "entries-numpy-2.jsonl"].flatMap((file) =>
  readFileSync(new URL(file, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ file, ...(JSON.parse(line) as Made) })),
);

/** An entry whose only field besides its vector is data pickled so: protocol-2 dict of `vector` (no bytes) and `data`. */
const withData = (...pickled: Uint8Array[]): Uint8Array =>
  concat(latin1("\x80\x02}(U\x06vectorU\x08\0\0\0\0\0\0\xf0?U\x05dtypeU\x07float64U\x04data"), ...pickled, latin1("u."));
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

function refusalOf(bytes: Uint8Array): string {
  try {
    entryOf(bytes);
  } catch (error) {
    if (error instanceof NearError && error.code === "E_CORRUPT") return error.message;
    throw error;
  }
  throw new Error("it was read");
}

/** The vector as the script notes it. */
function noted({ vector }: NearPyEntry): Made["vector"] {
  if (vector instanceof Float64Array) return [...vector];
  return { dim: vector.dim, pairs: Array.from(vector.indices, (index, i) => [index, vector.values[i]]) };
}

describe("an entry of NearPy", () => {
  it.each(made)("$name of $file, protocol $protocol, is read as Python wrote it", ({ bytes, vector, data }) => {
    const entry = entryOf(Uint8Array.from(Buffer.from(bytes, "base64")));

    const sorted = Array.isArray(vector) ? vector : { ...vector, pairs: vector.pairs.toSorted(([a], [b]) => a - b) };
    expect(noted(entry)).toEqual(sorted);
    expect(entry.data ?? null).toEqual(data);
  });

  it("of Python 2, whose strings are bytes, is read in protocols 0 and 2", () => {
    const zero = latin1(
      "(dp0\nS'vector'\np1\nS'\\x00\\x00\\x00\\x00\\x00\\x00\\xf0?'\np2\nsS'dtype'\np3\nS'float64'\np4\nsS'data'\np5\nS'it\\'s'\np6\ns.",
    );

    expect(entryOf(zero)).toEqual({ vector: Float64Array.of(1), data: "it's" });
    expect(entryOf(withData(latin1("U\x04\xc3\xbcL2")))).toEqual({ vector: Float64Array.of(1), data: "üL2" });
    expect(entryOf(withData(latin1("T\x02\0\0\0\xc3\xbc")))).toEqual({ vector: Float64Array.of(1), data: "ü" });
    expect(entryOf(withData(latin1("L7L\n")))).toEqual({ vector: Float64Array.of(1), data: 7 });
  });

  it("of NearPy's first versions is JSON, dense and sparse", () => {
    expect(entryOf(utf8('{"vector": [1, 2.5], "dtype": "float64", "data": {"a": [null]}}'))).toEqual({
      vector: Float64Array.of(1, 2.5),
      data: { a: [null] },
    });
    expect(entryOf(utf8('{"sparse": 1, "nonzeros": [[4, 2], [1, 3], [4, 1]], "dim": 5}'))).toEqual({
      vector: { indices: Uint32Array.of(1, 4), values: Float64Array.of(3, 3), dim: 5 },
    });
  });

  it("keeps a key __proto__ as a key", () => {
    const { data } = entryOf(withData(latin1("}U\x09__proto__}U\x01aK\x01ss")));

    expect(Object.getOwnPropertyNames(data)).toEqual(["__proto__"]);
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});

describe("a hostile pickle", () => {
  it.each([
    ["os.system by name", "cos\nsystem\n(U\x02ls\x85R"],
    ["eval", "c__builtin__\neval\n(U\x011tR"],
    ["subprocess by text on the stack", "\x8c\x0asubprocess\x8c\x05Popen\x93)R"],
    ["a name in a whitelisted module", "cnumpy\nload\n(U\x01atR"],
    ["a name of the language's own objects", "cconstructor\nprototype\n)R"],
    ["numpy's own unpickling of objects", "cnumpy\ndtype\n(U\x01OI0\nI1\ntR"],
    ["a codec that is no text", "c_codecs\nencode\n(X\x01\0\0\0aU\x03hextR"],
  ])("with %s is refused, and what it asks for is named", (_, code) => {
    expect(refusalOf(withData(latin1(code)))).toMatch(
      /refers to "(os\.system|__builtin__\.eval|subprocess\.Popen|numpy\.load|constructor\.prototype)"|type "O"|latin1/,
    );
  });

  it.each([
    ["INST", "(ios\nsystem\n"],
    ["OBJ", "(cnumpy\ndtype\no"],
    ["NEWOBJ", "cnumpy\ndtype\n)\x81"],
    ["NEWOBJ_EX", "cnumpy\ndtype\n)}\x92"],
    ["PERSID", "Pa\n"],
    ["BINPERSID", "NQ"],
    ["EXT1", "\x82\x01"],
    ["an empty set", "\x8f"],
    ["a buffer from outside", "\x97"],
    ["no operation at all", "\xff"],
  ])("with the operation %s is refused by its name", (_, code) => {
    expect(refusalOf(withData(latin1(code)))).toMatch(/^an entry of the NearPy index has the operation .* it is refused$/);
  });

  it.each([
    ["a list in itself", "]q\0h\0a"],
    [
      "parts shared so that they stand for 2^40 values",
      `]${Array.from({ length: 40 }, (_, i) => `q${String.fromCharCode(i)}]h${String.fromCharCode(i)}ah${String.fromCharCode(i)}a`).join("")}`,
    ],
    ["lists 100 deep", `${"]".repeat(101)}${"a".repeat(100)}`],
    ["a length of 4 GiB", "X\xff\xff\xff\xff"],
    ["a length of 2^63", "\x8d\0\0\0\0\0\0\0\x80"],
    ["a whole number of 2^31 bytes", "\x8b\xff\xff\xff\x7f"],
    ["a whole number of 200 digits", `L${"9".repeat(200)}L\n`],
    ["a recall of what was not noted", "h\x07"],
    ["a mark that is not there", "t"],
    ["an empty stack", "00000000"],
    [
      "an array of 2^40 numbers in 8 bytes",
      "cnumpy.core.numeric\n_frombuffer\n(U\x08\0\0\0\0\0\0\0\0cnumpy\ndtype\n(U\x02f8tR\x8a\x06\0\0\0\0\0\x01\x85U\x01CtR",
    ],
    [
      "an array of a negative length",
      "cnumpy.core.numeric\n_frombuffer\n(U\x08\0\0\0\0\0\0\0\0cnumpy\ndtype\n(U\x02f8tRJ\xff\xff\xff\xff\x85U\x01CtR",
    ],
  ])("with %s is refused in bounded time and memory", (_, code) => {
    const [start, before] = [performance.now(), process.memoryUsage().rss];
    expect(refusalOf(withData(latin1(code)))).toMatch(/^an entry of the NearPy index /);

    expect(performance.now() - start).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  it("that asks for the same work again and again is refused", () => {
    const noted = `X\0\0\x01\0${"a".repeat(1 << 16)}q\0c_codecs\nencode\nq\x01X\x06\0\0\0latin1q\x02`;

    expect(refusalOf(withData(latin1(noted + "h\x01h\0h\x02\x86R0".repeat(2000))))).toMatch(/more work than its bytes are worth/);
  });

  it(`${CASES} damaged entries give an entry or E_CORRUPT, and leave the language's objects alone (seed ${SEED})`, () => {
    const dice = new Dice(SEED);
    const specimens: Specimen[] = made.map(({ bytes }) => ({ bytes: Uint8Array.from(Buffer.from(bytes, "base64")) }));
    const names = Object.getOwnPropertyNames(Object.prototype);
    let [read, refused] = [0, 0];
    for (let i = 0; i < CASES; i++) {
      try {
        noted(entryOf(mutate(dice.pick(specimens), dice)));
        read++;
      } catch (error) {
        if (!(error instanceof NearError) || error.code !== "E_CORRUPT") throw error;
        refused++;
      }
    }

    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(names);
    expect(Math.min(read, refused)).toBeGreaterThan(CASES / 100);
  });
});
