import { describe, expect, it } from "vitest";
import { NearError } from "../../src/core/errors.js";
import { bits64, derive, Random, type Seed, seedFrom } from "../../src/core/random.js";

function block(seed: Seed, i: number, j: number): number[] {
  const out = new Uint32Array(2);
  bits64(seed, i, j, out);
  return [...out];
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof NearError ? error.code : `not a NearError: ${String(error)}`;
  }
  return undefined;
}

function ones(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Each cell's count against the mean, squared and summed: about `cells − 1`, give or take √(2·cells). */
function chiSquare(counts: ArrayLike<number>): number {
  const cells = Array.from(counts);
  const mean = cells.reduce((sum, count) => sum + count, 0) / cells.length;
  return cells.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

describe("bits64", () => {
  it("answers the three known questions of Random123 (tests/kat_vectors, threefry2x32 20)", () => {
    expect(block({ lo: 0, hi: 0 }, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
    expect(block({ lo: 0xffffffff, hi: 0xffffffff }, 0xffffffff, 0xffffffff)).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(block({ lo: 0x13198a2e, hi: 0x03707344 }, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
  });

  it("writes at the place it is given and nowhere else", () => {
    const out = new Uint32Array(6);
    bits64({ lo: 0, hi: 0 }, 0, 0, out, 3);
    expect([...out]).toEqual([0, 0, 0, 0x6b200159, 0x99ba4efe, 0]);
  });

  it("changes about half of its bits when any one bit of seed, i or j changes", () => {
    const words = [0x12345678, 0x9abcdef0, 77, 12];
    const [a, b] = block({ lo: words[0], hi: words[1] }, words[2], words[3]);
    for (let bit = 0; bit < 128; bit++) {
      const changed = words.slice();
      changed[bit >> 5] = (changed[bit >> 5] ^ (1 << (bit & 31))) >>> 0;
      const [c, d] = block({ lo: changed[0], hi: changed[1] }, changed[2], changed[3]);
      const distance = ones(a ^ c) + ones(b ^ d);
      expect(distance, `bit ${bit}`).toBeGreaterThan(12);
      expect(distance, `bit ${bit}`).toBeLessThan(52);
    }
  });
});

describe("seeds", () => {
  it("keep their values for ever", () => {
    expect([0, 1, -1, 2 ** 53 - 1].map((seed) => seedFrom(seed))).toMatchInlineSnapshot(`
      [
        {
          "hi": 2398387037,
          "lo": 380003557,
        },
        {
          "hi": 567345247,
          "lo": 773565879,
        },
        {
          "hi": 2270181415,
          "lo": 1129292810,
        },
        {
          "hi": 3909975602,
          "lo": 2069883416,
        },
      ]
    `);
    expect(["", "nearts", "ünï 🌱"].map((seed) => seedFrom(seed))).toMatchInlineSnapshot(`
      [
        {
          "hi": 2108559743,
          "lo": 3693976016,
        },
        {
          "hi": 2010898007,
          "lo": 3623861973,
        },
        {
          "hi": 1620339028,
          "lo": 3126614017,
        },
      ]
    `);
    expect([derive(seedFrom(1), "planes"), derive(seedFrom(1), 0)]).toMatchInlineSnapshot(`
      [
        {
          "hi": 486373456,
          "lo": 716166689,
        },
        {
          "hi": 3488812701,
          "lo": 628630328,
        },
      ]
    `);
  });

  it('differ for different integers, texts, labels and parents, and between 7 and "7"', () => {
    const root = seedFrom(0);
    const all: Seed[] = [];
    for (let n = -2000; n < 2000; n++)
      all.push(seedFrom(n), seedFrom(n * 2 ** 32), seedFrom(String(n)), derive(root, n), derive(root, `${n}`));
    for (let n = 1; n < 2000; n++) all.push(derive(seedFrom(n), "planes"));
    for (let n = 0; n < 100; n++) all.push(seedFrom("a".repeat(n)), seedFrom("\0".repeat(n)));
    const names = new Set(all.map(({ lo, hi }) => `${lo} ${hi}`));
    expect(names.size).toBe(all.length - 2); // 0 and 0·2³² are one seed, "" was made twice
  });

  it("treat −0 as 0", () => {
    expect(seedFrom(-0)).toEqual(seedFrom(0));
  });

  it("give unrelated streams to neighbouring integers", () => {
    let distance = 0;
    for (let n = 0; n < 4000; n++) {
      const [a, b] = block(seedFrom(n), 0, 0);
      const [c, d] = block(seedFrom(n + 1), 0, 0);
      distance += ones(a ^ c) + ones(b ^ d);
    }
    expect(Math.abs(distance / 4000 - 32)).toBeLessThan(5 * (4 / Math.sqrt(4000)));
  });

  it("refuse numbers that are no safe integers", () => {
    for (const bad of [0.5, NaN, Infinity, 2 ** 53]) {
      expect(codeOf(() => seedFrom(bad))).toBe("E_BAD_OPTION");
      expect(codeOf(() => derive(seedFrom(1), bad))).toBe("E_BAD_OPTION");
    }
  });
});

describe("Random", () => {
  it("repeats itself from the same seed, and goes on from (seed, counter) at any point, odd or even", () => {
    for (const stop of [0, 1, 2, 7, 100]) {
      const random = new Random("state");
      for (let i = 0; i < stop; i++) random.uint32();
      const copy = new Random(JSON.parse(JSON.stringify(random.seed)) as Seed, random.counter); // the JSON of a Seed is a Seed
      expect([copy.uint32(), copy.uint32(), copy.uint32()]).toEqual([random.uint32(), random.uint32(), random.uint32()]);
    }
  });

  it("goes on beyond 2³² blocks without repeating the first", () => {
    const late = new Random(5, 2 ** 33);
    expect(late.uint32()).not.toBe(new Random(5).uint32());
    expect(late.counter).toBe(2 ** 33 + 1);
  });

  it("draws below n evenly, for n that do and do not divide 2³²", () => {
    for (const n of [1, 2, 3, 10, 64, 100]) {
      const random = new Random(n);
      const counts = new Uint32Array(n);
      for (let i = 0; i < 200 * n; i++) counts[random.below(n)]++;
      expect(chiSquare(counts), `n = ${n}`).toBeLessThan(n + 5 * Math.sqrt(2 * n));
    }
  });

  it("draws below n without bias where taking the remainder alone would be badly biased", () => {
    const random = new Random(6);
    const n = 3 * 2 ** 30; // the remainder alone would fall into the first third half of the time
    let low = 0;
    for (let i = 0; i < 30_000; i++) low += random.below(n) < 2 ** 30 ? 1 : 0;
    expect(Math.abs(low - 10_000)).toBeLessThan(5 * Math.sqrt((30_000 * 2) / 9));
  });

  it("draws uniforms in [0, 1) with 53 bits", () => {
    const random = new Random(7);
    const cells = new Uint32Array(100);
    let odd = 0;
    let inside = 0;
    for (let i = 0; i < 50_000; i++) {
      const u = random.uniform();
      inside += u >= 0 && u < 1 ? 1 : 0;
      cells[Math.floor(u * 100)]++;
      odd += (u * 2 ** 53) % 2;
    }
    expect(inside).toBe(50_000);
    expect(chiSquare(cells)).toBeLessThan(100 + 5 * Math.sqrt(200));
    expect(Math.abs(odd - 25_000)).toBeLessThan(5 * Math.sqrt(12_500));
  });

  it("makes permutations, each of the 24 orders of four equally often", () => {
    const random = new Random(8);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24 * 500; i++) {
      const order = random.permutation(4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(24 + 5 * Math.sqrt(48));
    expect([...random.permutation(1000)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...random.permutation(0)]).toEqual([]);
  });

  it("shuffles plain arrays and typed arrays alike", () => {
    const plain = ["a", "b", "c", "d", "e", "f"];
    const typed = new Uint32Array([0, 1, 2, 3, 4, 5]);
    new Random(9).shuffle(plain);
    new Random(9).shuffle(typed);
    expect(plain.map((letter) => letter.charCodeAt(0) - 97)).toEqual([...typed]);
  });

  it("refuses impossible sizes and counters", () => {
    const random = new Random(1);
    for (const bad of [0, -1, 1.5, NaN, 2 ** 32 + 1]) expect(codeOf(() => random.below(bad))).toBe("E_BAD_OPTION");
    for (const bad of [-1, 1.5, NaN, 2 ** 32]) expect(codeOf(() => random.permutation(bad))).toBe("E_BAD_OPTION");
    for (const bad of [-1, 1.5, NaN, 2 ** 53]) expect(codeOf(() => new Random(1, bad))).toBe("E_BAD_OPTION");
    expect(random.below(2 ** 32)).toBe(new Random(1).uint32());
  });
});
