import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { createArena } from "../../src/kernels/arena.js";

const seed = 20_261_123;
const at = 8;
const builds = ["simd", "reference"] as const;

/** Rows of words below 2³¹ that are finite as float32, each after its number where `lead` is 1. */
function rowsOf(count: number, words: number, lead: number): Uint32Array {
  const random = new Random(seed + count + words);
  return Uint32Array.from({ length: count * (lead + words) }, (_, i) =>
    lead === 1 && i % (1 + words) === 0 ? words : random.below(0x7f800000),
  );
}

/** What the kernel of each build returns, and the words it leaves where they were. */
function closed(bytes: Uint32Array, count: number, words: number, lead: number, floats: number) {
  return builds.map((build) => {
    const arena = createArena(build);
    arena.ensure(at + bytes.byteLength);
    arena.views().u32.set(bytes, at >>> 2);
    const result = arena.kernels.closeUp(at, count, words, lead, words, floats);
    return { result, left: arena.views().u32.slice(at >>> 2, (at >>> 2) + bytes.length) };
  });
}

describe("The kernel that closes up rows", () => {
  it.each([1, 2, 3, 4, 5, 8, 17, 128])("leaves the words of all rows, one after the other, without their numbers (%i words)", (words) => {
    for (const lead of [0, 1]) {
      const count = 13;
      const rows = rowsOf(count, words, lead);
      const expected = rows.filter((_, i) => lead === 0 || i % (1 + words) !== 0);
      for (const { result, left } of closed(rows, count, words, lead, 1)) {
        expect(result).toBe(count);
        expect(left.subarray(0, count * words), `seed ${seed}`).toEqual(expected);
      }
    }
  });

  it("stops at the first row with another number, and moves none after it", () => {
    const rows = rowsOf(9, 6, 1);
    rows[5 * 7] = 7;
    const [simd, plain] = closed(rows, 9, 6, 1, 1);

    expect([simd.result, plain.result]).toEqual([5, 5]);
    expect(simd.left).toEqual(plain.left);
    expect(simd.left.subarray(5 * 7)).toEqual(rows.subarray(5 * 7));
  });

  it.each([
    ["NaN", 0x7fc00000],
    ["NaN with other bits", 0xff800001],
    ["infinity", 0x7f800000],
    ["minus infinity", 0xff800000],
  ])("finds the row of %s at every position, unless words may be anything", (_, bits) => {
    for (const lead of [0, 1])
      for (let position = 0; position < 11; position++) {
        const rows = rowsOf(4, 11, lead);
        rows[2 * (lead + 11) + lead + position] = bits;
        const found = closed(rows, 4, 11, lead, 1);

        expect(found.map(({ result }) => result)).toEqual([-3, -3]);
        expect(found.map(({ left }) => left[2 * 11 + position])).toEqual([bits, bits]);
        expect(closed(rows, 4, 11, lead, 0).map(({ result }) => result)).toEqual([4, 4]);
      }
  });

  it("takes the largest finite values, subnormal ones and both zeros", () => {
    const rows = Uint32Array.of(0x7f7fffff, 0xff7fffff, 1, 0x80000001, 0, 0x80000000);
    expect(closed(rows, 1, 6, 0, 1).map(({ result }) => result)).toEqual([1, 1]);
  });
});
