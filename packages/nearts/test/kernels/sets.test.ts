import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.js";
import { createArena } from "../../src/kernels/arena.js";

const seed = 20_261_123;

/** `count` distinct members below `bound`, ascending. */
function membersBelow(random: Random, bound: number, count: number): Uint32Array {
  return Uint32Array.from(random.choose(bound, count)).sort();
}

describe("the kernel of sets", () => {
  test.each([
    ["of about one size", 40, 60],
    ["of a few members", 4, 9],
    ["of very different sizes", 3, 400],
  ])("ranks sets %s as the plain twin does, bit for bit", (_, few, many) => {
    const random = new Random(seed);
    for (let round = 0; round < 60; round++) {
      const [arena, twin] = [createArena("simd"), createArena("reference")];
      const bound = many + random.below(3 * many);
      const query = membersBelow(random, bound, random.below(2) === 0 ? random.below(few + 1) : random.below(many + 1));
      const sets = Array.from({ length: 12 }, () => membersBelow(random, bound, random.below(many + 1)));
      const at = { starts: 0, lengths: 64, ranks: 128, query: 256, sets: 256 + query.byteLength };
      for (const { views, kernels, ensure } of [arena, twin].map((one) => ({
        views: () => one.views(),
        kernels: one.kernels,
        ensure: (bytes: number) => one.ensure(bytes),
      }))) {
        ensure(at.sets + sets.reduce((sum, { byteLength }) => sum + byteLength, 0) + 16);
        const { u32 } = views();
        u32.set(query, at.query >>> 2);
        let next = at.sets;
        for (const [c, set] of sets.entries()) {
          u32[(at.starts >>> 2) + c] = next;
          u32[(at.lengths >>> 2) + c] = set.length;
          u32.set(set, next >>> 2);
          next += set.byteLength;
        }
        for (const metric of [0, 1]) {
          kernels.setRank(metric, at.query, query.length, at.starts, at.lengths, sets.length, at.ranks);
          if (kernels !== twin.kernels) continue;
          arena.kernels.setRank(metric, at.query, query.length, at.starts, at.lengths, sets.length, at.ranks);
          const ranks = [arena, twin].map((one) => one.views().f64.slice(at.ranks >>> 3, (at.ranks >>> 3) + sets.length));
          expect(ranks[0], `round ${round}, seed ${seed}`).toEqual(ranks[1]);
        }
      }
    }
  });
});
