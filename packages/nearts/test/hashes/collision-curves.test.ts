import { describe, expect, it } from "vitest";
import { Keys } from "../../src/core/columns.js";
import type { Hash } from "../../src/core/contracts.js";
import { Random } from "../../src/core/random.js";
import type { BitRows, DenseRows, Rows } from "../../src/core/rows.js";
import { BitSampling } from "../../src/hashes/bit-sampling.js";
import { CrossPolytope } from "../../src/hashes/cross-polytope.js";
import { PStableProjections } from "../../src/hashes/p-stable-projections.js";
import { RandomBinaryProjections } from "../../src/hashes/random-binary-projections.js";
import { RandomDiscretizedProjections } from "../../src/hashes/random-discretized-projections.js";
import { quantileNormal } from "../../src/numeric/normal.js";

const seed = 20_261_122;
const tables = 512;
const seeds = [1, 2, 3, 4, 5];
const trials = tables * seeds.length;
const steps = 16;

/** A family, pairs of vectors at a given part (0 to 1) of its whole range of distances, and how far apart they are. */
interface Curve {
  readonly make: (seed: number) => Hash;
  readonly pair: (part: number) => { readonly rows: Rows; readonly distance: number };
}

const curves: Readonly<Record<string, Curve>> = {
  "hyperplanes, 3 bits": {
    make: (s) => new RandomBinaryProjections({ name: "h", projections: 3, tables, seed: s }),
    pair: (part) => atAngle(16, part * Math.PI),
  },
  "bins with offsets": {
    make: (s) => new RandomDiscretizedProjections({ name: "h", projections: 2, binWidth: 4, offset: true, tables, seed: s }),
    pair: (part) => apart(12, 12 * part, "euclidean"),
  },
  "p-stable, Euclidean": {
    make: (s) => new PStableProjections({ name: "h", projections: 3, binWidth: 4, tables, seed: s }),
    pair: (part) => apart(12, 12 * part, "euclidean"),
  },
  "p-stable, Manhattan": {
    make: (s) => new PStableProjections({ name: "h", distance: "manhattan", projections: 2, binWidth: 4, tables, seed: s }),
    pair: (part) => apart(12, 16 * part, "manhattan"),
  },
  "bit sampling": {
    make: (s) => new BitSampling({ name: "h", projections: 6, tables, seed: s }),
    pair: (part) => differing(70, Math.round(70 * part)),
  },
  "cross-polytope, one of all values": {
    make: (s) => new CrossPolytope({ name: "h", bits: 8, tables, seed: s }),
    pair: (part) => atAngle(128, part * Math.PI),
  },
  "cross-polytope, several of a few values": {
    make: (s) => new CrossPolytope({ name: "h", bits: 8, dimension: 4, tables, seed: s }),
    pair: (part) => atAngle(128, part * Math.PI),
  },
};

describe("Keys agree as often as theory says, over the whole range of distances, in a simultaneous 99.9 % band", () => {
  it.each(Object.entries(curves))("%s", (_name, { make, pair }) => {
    for (let step = 0; step <= steps; step++) {
      const { rows, distance } = pair(step / steps);
      const first = make(seeds[0]);
      first.open(rows);
      const probability = first.collision?.probability(distance) ?? Number.NaN;
      const shared = sharedBy(make, rows);
      const chance = tail(shared, probability);

      expect(chance, `${shared} of ${trials} keys agree at ${distance}, theory says ${probability} (seed ${seed})`).toBeGreaterThan(
        0.001 / (steps + 1),
      );
    }
  });

  it("would tell a law that is wrong by a tenth", () => {
    const { make, pair } = curves["hyperplanes, 3 bits"];
    const { rows } = pair(0.2);
    expect(tail(sharedBy(make, rows), 0.9 * 0.8 ** 3)).toBeLessThan(0.001 / (steps + 1));
  });
});

/** How many keys of two vectors agree, over all tables of all seeds. */
function sharedBy(make: (seed: number) => Hash, rows: Rows): number {
  let shared = 0;
  for (const s of seeds) {
    const hash = make(s);
    hash.open(rows);
    const keys = new Keys();
    hash.keys(rows, keys);
    for (let t = 0; t < tables; t++) if (keys.hi[t] === keys.hi[tables + t] && keys.lo[t] === keys.lo[tables + t]) shared++;
  }
  return shared;
}

/** The probability that a binomial number of `trials` is as far out as `count` or further, on either side. */
function tail(count: number, probability: number): number {
  if (probability <= 0 || probability >= 1) return count === (probability >= 1 ? trials : 0) ? 1 : 0;
  let [below, above] = [0, 0];
  let term = trials * Math.log1p(-probability);
  for (let i = 0; i <= trials; i++) {
    if (i <= count) below += Math.exp(term);
    if (i >= count) above += Math.exp(term);
    term += Math.log((trials - i) / (i + 1)) + Math.log(probability) - Math.log1p(-probability);
  }
  return Math.min(1, 2 * Math.min(below, above));
}

/** Two unit vectors at an angle, in a random plane. */
function atAngle(dim: number, angle: number) {
  const [x, y] = [normal(dim, 1), normal(dim, 2)];
  const along = x.reduce((sum, value, i) => sum + value * y[i], 0) / x.reduce((sum, value) => sum + value * value, 0);
  const across = unit(y.map((value, i) => value - along * x[i]));
  const first = unit(x);
  return {
    rows: rowsOf(
      first,
      first.map((value, i) => Math.cos(angle) * value + Math.sin(angle) * across[i]),
    ),
    distance: angle,
  };
}

/** Two vectors so far apart in a random direction. */
function apart(dim: number, distance: number, by: "euclidean" | "manhattan") {
  const [x, step] = [normal(dim, 3), normal(dim, 4)];
  const length = by === "euclidean" ? Math.hypot(...step) : step.reduce((sum, value) => sum + Math.abs(value), 0);
  return {
    rows: rowsOf(
      x,
      x.map((value, i) => value + (step[i] * distance) / length),
    ),
    distance,
  };
}

function differing(dim: number, bits: number): { readonly rows: BitRows; readonly distance: number } {
  const random = new Random(seed + 5);
  const width = Math.ceil(dim / 32);
  const words = new Uint32Array(2 * width);
  for (let i = 0; i < dim; i++) if (random.uniform() < 0.5) for (const row of [0, 1]) words[row * width + (i >>> 5)] |= 1 << (i & 31);
  for (const i of random.choose(dim, bits)) words[width + (i >>> 5)] ^= 1 << (i & 31);
  return { rows: { kind: "bits", dim, count: 2, words }, distance: bits };
}

function normal(dim: number, purpose: number): number[] {
  const random = new Random(seed + purpose);
  return Array.from({ length: dim }, () => quantileNormal(random.uniform() * 0.999 + 0.0005));
}

function unit(x: readonly number[]): number[] {
  const length = Math.hypot(...x);
  return x.map((value) => value / length);
}

function rowsOf(x: readonly number[], y: readonly number[]): DenseRows {
  return { kind: "dense", dim: x.length, count: 2, values: Float32Array.from([...x, ...y]) };
}
