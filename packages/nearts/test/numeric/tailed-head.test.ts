import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.js";
import { type DenseRows, rowAt, slice } from "../../src/core/rows.js";
import { learnTail } from "../../src/numeric/learn-tail.js";
import { PrincipalHead } from "../../src/numeric/principal-head.js";
import { runSteps } from "../../src/numeric/steps.js";
import { squaredDifference } from "../../src/numeric/sums.js";
import { TailedHead } from "../../src/numeric/tailed-head.js";

const [dim, size] = [24, 8];

describe("a head with the length of the tail", () => {
  it("has the head's values and one more, and what remains outside makes up ρ(s − t)² + (1 − ρ)(s² + t²) of a pair of tails", () => {
    const rows = rowsOf(40, 3);
    const tail = { mean: 0.9, likeness: 0.3 };
    const [head, tailed] = [headOf(), new TailedHead(headOf(), tail)];
    const plain = head.map(rows, 0, rows.count).slice();
    const squares = head.squares.slice(0, rows.count);
    const mapped = tailed.map(rows, 0, rows.count);
    const tails = Array.from(squares, (square, r) => Math.sqrt(square - squareOf(plain.subarray(r * size, (r + 1) * size))));

    for (let r = 0; r < rows.count; r++) {
      const own = mapped.subarray(r * (size + 1), (r + 1) * (size + 1));
      expect(own.subarray(0, size)).toEqual(plain.subarray(r * size, (r + 1) * size));
      expect(own[size]).toBeCloseTo(Math.sqrt(tail.likeness) * (tails[r] - tail.mean), 5);
      expect(tailed.squares[r] - squareOf(own)).toBeCloseTo((1 - tail.likeness) * tails[r] ** 2, 5);
    }
    for (let r = 1; r < rows.count; r++) {
      const between = squaredDifference(mapped.slice(0, size + 1), mapped.slice(r * (size + 1), (r + 1) * (size + 1)));
      expect(between).toBeLessThanOrEqual(squaredDifference(rowAt<"dense">(rows, 0), rowAt<"dense">(rows, r)) + 1e-5);
    }
  });

  it("maps a query as a row, and one whose square is no float32 without a word about its tail", () => {
    const rows = rowsOf(5, 4);
    const tailed = new TailedHead(headOf(), { mean: 1, likeness: 0.5 });
    const mapped = tailed.map(rows, 3, 4).slice(0, size + 1);
    for (const [i, value] of tailed.mapQuery(slice(rows, 3, 4) as DenseRows).entries()) expect(value).toBeCloseTo(mapped[i], 3);

    const long = { ...slice(rows, 0, 1), values: rows.values.slice(0, dim).fill(1e30) } as DenseRows;
    expect(tailed.mapQuery(long)[size]).toBe(0);
    expect(tailed.squares[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([0, 0.4, 0.8])("is learned with the cosine between tails of near rows: %d", (likeness) => {
    const { mean, likeness: learned } = runSteps(learnTail(headOf(), pairs(400, likeness))) ?? { mean: 0, likeness: 0 };

    expect(learned).toBeGreaterThan(likeness - 0.1);
    expect(learned).toBeLessThan(likeness + 0.1);
    if (learned > 0) expect(mean).toBeCloseTo(2, 1);
  });

  it("is not learned where there are no tails, or nothing but copies of one row", () => {
    const flat = rowsOf(50, 5);
    for (let i = 0; i < flat.values.length; i++) if (i % dim >= size) flat.values[i] = 0;
    const same = { ...rowsOf(50, 5), values: rowsOf(50, 5).values.map((_, i, all) => all[i % dim]) };

    expect(runSteps(learnTail(headOf(), flat))).toBeNull();
    expect(runSteps(learnTail(headOf(), same))).toBeNull();
    expect(runSteps(learnTail(headOf(), rowsOf(1, 5)))).toBeNull();
  });
});

/** The first `size` coordinates. */
function headOf(): PrincipalHead {
  const directions = new Float32Array(size * dim);
  for (let d = 0; d < size; d++) directions[d * dim + d] = 1;
  return new PrincipalHead({ origin: new Float32Array(dim), directions, unit: false });
}

function rowsOf(count: number, seed: number): DenseRows {
  const random = new Random(seed);
  return { kind: "dense", dim, count, values: Float32Array.from({ length: count * dim }, () => random.uniform() - 0.5) };
}

/** Pairs of rows that are near in the head, far from all others, with tails of length 2 and this cosine between those of a pair. */
function pairs(count: number, cosine: number): DenseRows {
  const random = new Random(6);
  const values = new Float32Array(2 * count * dim);
  for (let p = 0; p < count; p++) {
    const [a, b] = [2 * p * dim, (2 * p + 1) * dim];
    const [first, second] = [unitTail(random), unitTail(random)];
    const shared = first.reduce((sum, x, i) => sum + x * second[i], 0);
    const across = second.map((x, i) => x - shared * first[i]);
    const length = Math.sqrt(squareOf(across));
    for (let i = 0; i < size; i++) {
      values[a + i] = 100 * random.uniform();
      values[b + i] = values[a + i] + 0.01;
    }
    for (let i = 0; i < dim - size; i++) {
      values[a + size + i] = 2 * first[i];
      values[b + size + i] = 2 * (cosine * first[i] + (Math.sqrt(1 - cosine * cosine) * across[i]) / length);
    }
  }
  return { kind: "dense", dim, count: 2 * count, values };
}

function unitTail(random: Random): number[] {
  const tail = Array.from({ length: dim - size }, () => random.uniform() - 0.5);
  const length = Math.sqrt(squareOf(tail));
  return tail.map((x) => x / length);
}

function squareOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, x) => sum + x * x, 0);
}
