import { NearError, show } from "../core/errors.js";
import { dot } from "./dot.js";
import { reflectBack, tridiagonalise } from "./householder.js";
import { diagonalise, rotateBack } from "./implicit-ql.js";
import { runSteps, type Steps } from "./steps.js";

/** Eigenvalues, descending, and in row i of `vectors` (row-major, n columns) the unit eigenvector of the i-th. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * The `count` (default n) largest eigenvalues of a symmetric n×n matrix and their eigenvectors, with errors of a few units in the last place of the largest one.
 * Only the lower triangle is read, nothing is changed. A vector's largest component, the first of equals, is positive. The same bits on every runtime.
 * `E_BAD_OPTION` for a matrix that is not n·n long or a count outside 1 … n, `E_BAD_VECTOR` for NaN or Infinity in it.
 *
 * Householder tridiagonalisation and implicit QL with Wilkinson's shift (Golub & Van Loan, "Matrix Computations", 4th ed., sections 8.3.1 and 8.3.5;
 * tred2 and imtql2 of EISPACK). Rotations are recorded and applied, last one first, to the wanted unit vectors only, which then pass
 * the reflections: so time is (4/3)·n³ plus about 6·n²·count multiplications.
 */
export function symmetricEigen(matrix: Float64Array, n: number, count: number = n): Eigen {
  return runSteps(eigenSteps(matrix, n, count));
}

/** {@link symmetricEigen} in pieces: for n = 128 of a few milliseconds. */
export function* eigenSteps(matrix: Float64Array, n: number, count: number = n): Steps<Eigen> {
  check(matrix, n, count);
  const scale = powerOfTwoNear(largestMagnitude(matrix, n));
  const { diagonal, beside, reflections, halves } = yield* tridiagonalise(matrix, n, scale);
  yield;
  const rotations = diagonalise(diagonal, beside, n);
  yield;
  const order = descending(diagonal).subarray(0, count);
  const vectors = new Float64Array(count * n);
  for (let first = 0; first < count; first += PANEL) {
    const panel = vectors.subarray(first * n, (first + PANEL) * n);
    rotateBack(rotations, order.subarray(first, first + PANEL), n, panel);
    yield;
    reflectBack(reflections, halves, n, panel);
    yield;
  }
  for (let i = 0; i < count; i++) orient(vectors.subarray(i * n, (i + 1) * n));
  return { values: Float64Array.from(order, (i) => diagonal[i] * scale), vectors };
}

/** Vectors rotated at once: 16 columns of n rows stay in the second-level cache up to n = 4,096. */
const PANEL = 16;

function check(matrix: Float64Array, n: number, count: number): void {
  if (!Number.isInteger(n) || n < 1 || matrix.length !== n * n) {
    const expected = "a square matrix of n at least 1 has n·n entries";
    throw new NearError("E_BAD_OPTION", `matrix has ${matrix.length} entries and n is ${show(n)}; ${expected}`, {
      length: matrix.length,
      n,
    });
  }
  if (!Number.isInteger(count) || count < 1 || count > n) {
    throw new NearError("E_BAD_OPTION", `count is ${show(count)}; it must be an integer from 1 to n = ${n}`, { count, n });
  }
}

function largestMagnitude(matrix: Float64Array, n: number): number {
  let largest = 0;
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      const value = matrix[row * n + column];
      if (!(Math.abs(value) < Infinity)) {
        throw new NearError("E_BAD_VECTOR", `matrix has ${value} at row ${row}, column ${column}; it must be finite`, {
          value,
          row,
          column,
        });
      }
      largest = Math.max(largest, Math.abs(value));
    }
  }
  return largest;
}

/** A power of two within a factor 2 of `largest`: dividing by it is exact, and keeps squares from overflow. */
function powerOfTwoNear(largest: number): number {
  let scale = 1;
  while (scale <= largest * 0.5) scale *= 2;
  while (scale > largest && scale > Number.MIN_VALUE) scale *= 0.5;
  return largest === 0 ? 1 : scale;
}

/** The places of the values in descending order, equal ones by place. */
function descending(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
}

/** Makes the vector exactly as long as rounding allows, and its first component of largest magnitude positive. */
function orient(vector: Float64Array): void {
  let largest = 0;
  for (let k = 1; k < vector.length; k++) {
    if (Math.abs(vector[k]) > Math.abs(vector[largest])) largest = k;
  }
  const length = Math.sqrt(dot(vector, 0, vector, 0, vector.length));
  const signed = vector[largest] < 0 ? -length : length;
  for (let k = 0; k < vector.length; k++) vector[k] /= signed;
}
