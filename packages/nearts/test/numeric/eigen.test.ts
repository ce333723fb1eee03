import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { NearError } from "../../src/core/errors.js";
import { Random } from "../../src/core/random.js";
import { symmetricEigen } from "../../src/numeric/eigen.js";

/** A random symmetric matrix with entries in (−½, ½). */
function randomSymmetric(seed: number, n: number): Float64Array {
  const random = new Random(seed);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.uniform() - 0.5;
  }
  return matrix;
}

function rowsDot(a: Float64Array, i: number, b: Float64Array, j: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[i * n + k] * b[j * n + k];
  return sum;
}

/** The largest entry of |V·Vᵀ − I|. */
function orthogonalityError(vectors: Float64Array, n: number): number {
  let worst = 0;
  const count = vectors.length / n;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) worst = Math.max(worst, Math.abs(rowsDot(vectors, i, vectors, j, n) - (i === j ? 1 : 0)));
  }
  return worst;
}

/** The largest entry of |A·v − λ·v| over all pairs. */
function residual(matrix: Float64Array, n: number, values: Float64Array, vectors: Float64Array): number {
  let worst = 0;
  for (let p = 0; p < values.length; p++) {
    for (let i = 0; i < n; i++) {
      worst = Math.max(worst, Math.abs(rowsDot(matrix, i, vectors, p, n) - values[p] * vectors[p * n + i]));
    }
  }
  return worst;
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof NearError ? error.code : `not a NearError: ${String(error)}`;
  }
  return undefined;
}

describe("symmetricEigen", () => {
  it("agrees with ml-matrix in every eigenvalue, and in every eigenvector up to sign", () => {
    for (const n of [2, 3, 5, 33, 70]) {
      const matrix = randomSymmetric(n, n);
      const { values, vectors } = symmetricEigen(matrix, n);
      const theirs = new EigenvalueDecomposition(Matrix.from1DArray(n, n, matrix), { assumeSymmetric: true });
      for (let i = 0; i < n; i++) {
        expect(Math.abs(values[i] - theirs.realEigenvalues[n - 1 - i]), `n = ${n}`).toBeLessThan(1e-13);
        const column = Float64Array.from(theirs.eigenvectorMatrix.getColumn(n - 1 - i));
        expect(Math.abs(rowsDot(vectors, i, column, 0, n)), `n = ${n}`).toBeGreaterThan(1 - 1e-10);
      }
    }
  });

  it("gives orthonormal vectors that rebuild the matrix, A = Vᵀ·Λ·V", () => {
    const n = 120;
    const matrix = randomSymmetric(1, n);
    const { values, vectors } = symmetricEigen(matrix, n);
    expect(orthogonalityError(vectors, n)).toBeLessThan(1e-13);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let p = 0; p < n; p++) sum += values[p] * vectors[p * n + i] * vectors[p * n + j];
        worst = Math.max(worst, Math.abs(sum - matrix[i * n + j]));
      }
    }
    expect(worst).toBeLessThan(1e-13);
    expect(Array.from(values)).toEqual(Array.from(values).sort((a, b) => b - a));
  });

  it("gives the first pairs alone, bit for bit, when only some are wanted", () => {
    const n = 75;
    const matrix = randomSymmetric(2, n);
    const all = symmetricEigen(matrix, n);
    for (const count of [1, 31, 32, 33, 75]) {
      const some = symmetricEigen(matrix, n, count);
      expect(some.values).toEqual(all.values.slice(0, count));
      expect(some.vectors).toEqual(all.vectors.slice(0, count * n));
    }
  });

  it("finds an orthonormal basis where eigenvalues repeat", () => {
    // 3·I + 2·(blocks of ones of size 5): 13 once a block, 3 for the rest.
    const n = 20;
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const i = Math.floor(at / n);
      const j = at % n;
      return (i === j ? 3 : 0) + (Math.floor(i / 5) === Math.floor(j / 5) ? 2 : 0);
    });
    const { values, vectors } = symmetricEigen(matrix, n);
    for (let i = 0; i < n; i++) expect(values[i]).toBeCloseTo(i < 4 ? 13 : 3, 12);
    expect(orthogonalityError(vectors, n)).toBeLessThan(1e-13);
    expect(residual(matrix, n, values, vectors)).toBeLessThan(1e-12);
  });

  it("answers the zero matrix, n = 1, a diagonal and a matrix of rank one exactly or nearly so", () => {
    const zero = symmetricEigen(new Float64Array(9), 3);
    expect(zero.values).toEqual(new Float64Array(3));
    expect(zero.vectors).toEqual(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
    expect(symmetricEigen(Float64Array.of(-7), 1)).toEqual({ values: Float64Array.of(-7), vectors: Float64Array.of(1) });
    const diagonal = symmetricEigen(Float64Array.of(2, 0, 0, 0, -5, 0, 0, 0, 3), 3);
    expect(diagonal).toEqual({ values: Float64Array.of(3, 2, -5), vectors: Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0) });
    const ones = symmetricEigen(new Float64Array(100 * 100).fill(1), 100);
    expect(ones.values[0]).toBeCloseTo(100, 11);
    expect(Math.max(...ones.values.slice(1).map(Math.abs))).toBeLessThan(1e-12);
    expect(orthogonalityError(ones.vectors, 100)).toBeLessThan(1e-13);
  });

  it("keeps its accuracy at both ends of the range of numbers and on graded matrices", () => {
    const n = 12;
    const matrix = randomSymmetric(3, n);
    const plain = symmetricEigen(matrix, n);
    for (const scale of [2 ** 1020, 2 ** -900]) {
      const scaled = symmetricEigen(
        matrix.map((entry) => entry * scale),
        n,
      );
      expect(scaled.vectors).toEqual(plain.vectors);
      expect(scaled.values).toEqual(plain.values.map((value) => value * scale));
    }
    const graded = matrix.map((entry, at) => entry * 10 ** (-30 * (Math.floor(at / n) + (at % n))));
    const { values, vectors } = symmetricEigen(graded, n);
    expect(orthogonalityError(vectors, n)).toBeLessThan(1e-13);
    expect(residual(graded, n, values, vectors)).toBeLessThan(1e-15);
  });

  it("stays orthonormal where the squares of small entries underflow", () => {
    for (const tiny of [1e-162, 3e-158, 1e-141, 1e-130]) {
      const matrix = Float64Array.of(1, 0, 0, 0, 2, 0, 3 * tiny, tiny, 3);
      const { values, vectors } = symmetricEigen(matrix, 3);
      expect(values).toEqual(Float64Array.of(3, 2, 1));
      expect(orthogonalityError(vectors, 3), `${tiny}`).toBeLessThan(1e-15);
    }
  });

  it("makes the component of largest magnitude positive, the first of equal ones", () => {
    const pair = symmetricEigen(Float64Array.of(0, 1, 1, 0), 2);
    expect(pair.vectors[0]).toBeGreaterThan(0);
    expect(pair.vectors[1]).toBeGreaterThan(0);
    expect(pair.vectors[2]).toBeGreaterThan(0);
    expect(pair.vectors[3]).toBeLessThan(0);
    const n = 40;
    const { vectors } = symmetricEigen(randomSymmetric(4, n), n);
    for (let i = 0; i < n; i++) {
      const vector = vectors.subarray(i * n, (i + 1) * n);
      expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
    }
  });

  it("reads the lower triangle only and leaves the matrix as it was", () => {
    const n = 6;
    const matrix = randomSymmetric(5, n);
    const lower = matrix.map((entry, at) => (at % n > Math.floor(at / n) ? NaN : entry));
    const before = lower.slice();
    expect(symmetricEigen(lower, n)).toEqual(symmetricEigen(matrix, n));
    expect(lower).toEqual(before);
  });

  it("gives the bits it always gave", () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(4, 1, -2, 1, 2, 0, -2, 0, 3), 3, 2);
    expect([...values]).toMatchInlineSnapshot(`
      [
        5.732050807568878,
        2.2679491924311224,
      ]
    `);
    expect([...vectors]).toMatchInlineSnapshot(`
      [
        0.788675134594813,
        0.21132486540518705,
        -0.5773502691896257,
        0.21132486540518694,
        0.7886751345948132,
        0.5773502691896256,
      ]
    `);
  });

  it("refuses what is not finite, not square, or an impossible count", () => {
    for (const bad of [NaN, Infinity, -Infinity])
      expect(codeOf(() => symmetricEigen(Float64Array.of(1, 0, bad, 1), 2))).toBe("E_BAD_VECTOR");
    for (const n of [0, -1, 1.5, 3]) expect(codeOf(() => symmetricEigen(new Float64Array(4), n))).toBe("E_BAD_OPTION");
    for (const count of [0, -1, 1.5, 3, NaN]) expect(codeOf(() => symmetricEigen(new Float64Array(4), 2, count))).toBe("E_BAD_OPTION");
  });
});
