import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { createArena } from "../../src/kernels/arena.js";
import { balancedPlaces, type CodeBooks, fixedBooks, learnedBooks, type Width } from "../../src/numeric/code-books.js";
import { runSteps } from "../../src/numeric/steps.js";
import { trainBooks } from "../../src/numeric/train-books.js";

const seed = 8;
const widths: readonly Width[] = [1, 2, 4];

function bell(random: Random): number {
  return 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5);
}

/** What the kernel chooses for the values, the same in both builds. */
function choose({ groups, width, choice }: CodeBooks, values: Float64Array, factor: number): Uint8Array {
  const table = values.length * 4;
  const out = table + (choice?.values.length ?? 0) * 4;
  const [simd, plain] = (["simd", "reference"] as const).map((build) => {
    const arena = createArena(build);
    arena.ensure(out + groups);
    arena.views().f32.set(values);
    arena.views().f32.set(choice?.values ?? [], table >>> 2);
    const by = factor * (choice?.factor ?? 1);
    arena.kernels.choose(0, 1, values.length, choice === null ? 0 : table, width, groups, by, out);
    return arena.views().u8.slice(out, out + groups);
  });
  expect(simd).toEqual(plain);
  return simd;
}

/** The squared distance of each group of values from entry `chosen` of the group, or from its nearest entry. */
function gaps({ groups, width, entries }: CodeBooks, values: Float64Array, factor: number, chosen?: Uint8Array): number[] {
  return Array.from({ length: groups }, (_, g) => {
    const all = Array.from({ length: 16 }, (_entry, j) => {
      let gap = 0;
      for (let k = g * width; k < (g + 1) * width; k++) gap += (values[k] * factor - entries[k * 16 + j]) ** 2;
      return gap;
    });
    return chosen === undefined ? Math.min(...all) : all[chosen[g]];
  });
}

function expectNearest(books: CodeBooks, factor: number): void {
  const random = new Random(seed);
  for (let round = 0; round < 50; round++) {
    const values = Float64Array.from({ length: books.groups * books.width }, () => bell(random) / factor);
    const [got, least] = [gaps(books, values, factor, choose(books, values, factor)), gaps(books, values, factor)];
    for (let g = 0; g < books.groups; g++) expect(got[g], `group ${g}, round ${round}, seed ${seed}`).toBeCloseTo(least[g], 5);
  }
}

describe("code books", () => {
  it.each([1, 2, 4] as const)("of %i bits choose the nearest entry of each group", (bits) => {
    expectNearest(fixedBooks(bits, 64), 0.37);
  });

  it.each(widths)("learned for %i values a group choose the nearest entry of each group", (width) => {
    const random = new Random(seed);
    const groups = 7;
    const entries = new Float32Array(groups * width * 16).map(() => bell(random));
    for (let g = 0; width === 1 && g < groups; g++) entries.subarray(g * 16, g * 16 + 16).sort();

    expectNearest(learnedBooks(width, groups * width, entries), 1);
  });

  it("learned for values at either end of float32 choose the nearest entry", () => {
    for (const scale of [2 ** -100, 2 ** 90]) {
      const entries = Float32Array.from({ length: 32 }, (_, e) => (e % 16) * scale);
      const values = Float64Array.of(3.2 * scale, 14.9 * scale);

      expect([...choose(learnedBooks(1, 2, entries), values, 1)]).toEqual([3, 15]);
    }
  });

  it.each(widths)("for %i values a group give each value a place of its own, and each group values from both ends", (width) => {
    for (const size of [1, 2, 5, 8, 30]) {
      const places = balancedPlaces(width, size);

      expect(new Set(places).size, `size ${size}`).toBe(size);
      expect(Math.max(...places)).toBeLessThan(Math.ceil(size / width) * width);
    }
    const groupOf = Array.from(balancedPlaces(width, 16), (place) => Math.floor(place / width));
    const expected = {
      1: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
      2: [0, 1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1, 0],
      4: [0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0],
    };

    expect(groupOf).toEqual(expected[width]);
  });

  it("say of fixed entries what share of a normal vector they miss", () => {
    const random = new Random(seed);
    for (const bits of [1, 2, 4] as const) {
      const books = fixedBooks(bits, 64);
      let [square, along, own] = [0, 0, 0];
      for (let round = 0; round < 300; round++) {
        // Nearly normal: twelve uniforms.
        const values = Float64Array.from(
          { length: 64 },
          () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b) - 6,
        );
        const chosen = choose(books, values, 1);
        for (let k = 0; k < 64; k++) {
          const value = books.entries[k * 16 + chosen[Math.floor(k / books.width)]];
          square += values[k] ** 2;
          along += values[k] * value;
          own += value ** 2;
        }
      }
      const missed = Math.sqrt(1 - along ** 2 / (square * own)) * Math.sqrt(own / (300 * 64));

      expect(missed / (books.stretched ?? 0), `${bits} bits`).toBeCloseTo(1, 1);
    }
  });
});

describe("trained books", () => {
  it.each(widths)("of %i values a group come close to what 16 entries can do, and are the same every time", (width) => {
    const random = new Random(seed);
    const [count, groups] = [2000, 3];
    // One value of each group varies a hundred times as much as the others: all entries belong along it.
    const rows = Float32Array.from({ length: count * groups * width }, (_, at) => bell(random) * (at % width === 0 ? 10 : 0.1));
    const entries = runSteps(trainBooks(rows, count, width, groups));
    const books = learnedBooks(width, groups * width, entries);
    let missed = 0;
    for (let r = 0; r < count; r++) {
      const values = Float64Array.from(rows.subarray(r * groups * width, (r + 1) * groups * width));
      missed += gaps(books, values, 1).reduce((a, b) => a + b);
    }
    const perGroup = missed / (count * groups);

    // Of a bell of deviation 10 16 levels leave about a hundredth of the variance, 100; the other values keep theirs.
    expect(perGroup).toBeLessThan(1.3 + (width - 1) * 0.0101);
    expect(runSteps(trainBooks(rows, count, width, groups))).toEqual(entries);
  });

  it("of rows that are all equal hold that row, and no value that is none", () => {
    const entries = runSteps(trainBooks(new Float32Array(40).fill(3), 10, 2, 2));

    expect(Array.from(entries).every((value) => value === 3)).toBe(true);
  });
});
