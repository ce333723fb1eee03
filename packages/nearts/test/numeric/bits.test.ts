import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import * as bits from "../../src/numeric/bits.js";

const out = new Uint32Array(2);

/** The key whose string form begins with `text`, padded with zeros. */
function key(text: string): [number, number] {
  const padded = text.padEnd(64, "0");
  return [Number.parseInt(padded.slice(0, 32), 2), Number.parseInt(padded.slice(32), 2)];
}

function randomBits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.below(2)).join("");
}

describe("popcount32", () => {
  it("counts the bits of any word, signed or unsigned", () => {
    expect([0, 1, 3, 0x80000000, -1, 0xffffffff, -2147483648].map(bits.popcount32)).toEqual([0, 1, 2, 1, 32, 32, 1]);
    const random = new Random("popcount32");
    for (let i = 0; i < 1000; i++) {
      const word = random.uint32() & random.uint32();
      expect(bits.popcount32(word)).toBe((word >>> 0).toString(2).replaceAll("0", "").length);
    }
  });
});

describe("keys", () => {
  it("have their first bit at the top of hi, and their string form comes back", () => {
    expect(key("1")).toEqual([0x80000000, 0]);
    expect(key(`${"0".repeat(32)}1`)).toEqual([0, 0x80000000]);
    expect(key("1".repeat(64))).toEqual([0xffffffff, 0xffffffff]);
    expect(key("")).toEqual([0, 0]);
    const random = new Random("keys 1");
    for (let count = 0; count <= 64; count++) {
      const text = randomBits(random, count);
      expect(bits.keyToString(...key(text), count)).toBe(text);
    }
  });

  it("are masked, flipped, compared and counted as their strings are", () => {
    const random = new Random("keys 2");
    for (let i = 0; i < 2000; i++) {
      const shared = randomBits(random, random.below(65));
      const one = shared + randomBits(random, 64 - shared.length);
      const two = shared + randomBits(random, 64 - shared.length);
      const j = random.below(65);
      bits.maskPrefix(...key(one), j, out);
      expect(bits.keyToString(out[0], out[1], 64)).toBe(one.slice(0, j).padEnd(64, "0"));
      if (j < 64) {
        bits.flipBit(...key(one), j, out);
        expect(bits.keyToString(out[0], out[1], 64)).toBe(one.slice(0, j) + (one[j] === "1" ? "0" : "1") + one.slice(j + 1));
      }
      const different = Array.from(one).filter((bit, b) => bit !== two[b]).length;
      expect(bits.hamming(...key(one), ...key(two))).toBe(different);
      expect(Math.sign(bits.compareKeys(...key(one), ...key(two)))).toBe(one < two ? -1 : one > two ? 1 : 0);
      const first = Array.from(one).findIndex((bit, b) => bit !== two[b]);
      expect(bits.sharedPrefix(...key(one), ...key(two))).toBe(first < 0 ? 64 : first);
    }
  });

  it("take signed words for the unsigned ones they stand for", () => {
    expect(bits.keyToString(-1, -2, 64)).toBe(`${"1".repeat(63)}0`);
    expect(bits.compareKeys(-1, 0, 1, 0)).toBeGreaterThan(0);
    expect(bits.compareKeys(5, -1, 5, 1)).toBeGreaterThan(0);
    expect(bits.compareKeys(-1, -1, 0xffffffff, 0xffffffff)).toBe(0);
  });
});

function hash(values: readonly number[]): string {
  bits.mixInts(values, values.length, out);
  return `${out[0]} ${out[1]}`;
}

describe("mixInts", () => {
  it("gives the bits it always gave", () => {
    expect([[], [0], [1], [-1], [14, -4, 1], [2 ** 53 - 1, -(2 ** 53) + 1]].map(hash)).toMatchInlineSnapshot(`
      [
        "0 0",
        "3352902076 3458513677",
        "3059011053 3327473935",
        "38190381 436868588",
        "1504254242 3715546296",
        "232596468 811706864",
      ]
    `);
  });

  it("hashes the same integers alike in any array and from any place, and −0 as 0", () => {
    const plain = [5, -3, 1_000_000, -0];
    const expected = hash([5, -3, 1_000_000, 0]);
    expect(hash(plain)).toBe(expected);
    for (const typed of [Int32Array.from(plain), Float64Array.from(plain), Float32Array.from([7, 7, ...plain, 7])]) {
      bits.mixInts(typed, 4, out, typed.length === 7 ? 2 : 0);
      expect(`${out[0]} ${out[1]}`).toBe(expected);
    }
  });

  it("never collides on all short sequences of small integers, and its halves collide as random words do", () => {
    const both = new Set<number>();
    const high = new Set<number>();
    const low = new Set<number>();
    let count = 0;
    const add = (values: readonly number[]) => {
      bits.mixInts(values, values.length, out);
      both.add(out[0] * 2 ** 21 + (out[1] >>> 11)); // 53 bits are enough to tell
      high.add(out[0]);
      low.add(out[1]);
      count++;
    };
    for (let a = -150; a <= 150; a++) for (let b = -150; b <= 150; b++) add([a, b]);
    for (let a = -20; a <= 20; a++) for (let b = -20; b <= 20; b++) for (let c = -20; c <= 20; c++) add([a, b, c]);
    for (let i = 0; i < 20_000; i++) add([0, 0, 0, i - 10_000, 0, 0, 0, 1, 0, 0]);
    for (let i = 4; i < 50; i++) add(new Array<number>(i).fill(0));
    expect(both.size).toBe(count);
    const pairs = count ** 2 / 2 ** 33;
    for (const half of [high, low]) expect(Math.abs(count - half.size - pairs)).toBeLessThan(5 * Math.sqrt(pairs) + 1);
  });

  it("flips each output bit half of the time when one bit of one value changes, first or last", () => {
    const random = new Random("mixInts");
    const trials = 1000;
    for (const place of [0, 3]) {
      for (let bit = 0; bit < 53; bit++) {
        const flips = new Uint32Array(64);
        for (let t = 0; t < trials; t++) countFlips(random, place, bit, flips);
        const worst = Math.max(...Array.from(flips, (count) => Math.abs(count / trials - 0.5)));
        expect(worst, `place ${place}, bit ${bit}`).toBeLessThan(6 * Math.sqrt(0.25 / trials));
      }
    }
  });
});

/** Draws four integers, turns one bit of one of them and counts which bits of the hash turn. */
function countFlips(random: Random, place: number, bit: number, flips: Uint32Array): void {
  const values = Array.from({ length: 4 }, () => random.below(2 ** 20));
  bits.mixInts(values, 4, out);
  const [a, b] = out;
  values[place] += Math.floor(values[place] / 2 ** bit) % 2 === 0 ? 2 ** bit : -(2 ** bit);
  bits.mixInts(values, 4, out);
  for (let k = 0; k < 32; k++) {
    flips[k] += ((a ^ out[0]) >>> k) & 1;
    flips[32 + k] += ((b ^ out[1]) >>> k) & 1;
  }
}
