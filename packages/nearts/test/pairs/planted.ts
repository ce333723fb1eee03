import { Random } from "nearts";

/** Vectors of which some are near others, in random order of their numbers. */
export interface Planted {
  readonly dim: number;
  readonly vectors: Float32Array[];
}

/** `count` random vectors, of which every eighth is another one moved by up to `most` of its length. */
export function planted(count: number, dim: number, most: number, seed: number): Planted {
  const random = new Random(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const vectors: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 8 !== 7) {
      vectors.push(Float32Array.from({ length: dim }, () => normal()));
      continue;
    }
    const original = vectors[random.below(i)];
    const step = random.uniform() * most;
    vectors.push(original.map((x) => x + step * normal()));
  }
  return { dim, vectors };
}

/** Pairs `a` < `b` at most so far apart by a plain double loop, as "a b" with their distances. */
export function truePairs(count: number, within: number, between: (a: number, b: number) => number): Map<string, number> {
  const pairs = new Map<string, number>();
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const distance = between(a, b);
      if (distance <= within) pairs.set(`${a} ${b}`, distance);
    }
  }
  return pairs;
}
