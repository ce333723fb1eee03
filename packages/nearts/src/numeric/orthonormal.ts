import { NearError } from "../core/errors.js";
import type { Seed } from "../core/random.js";
import { fillNormal } from "./normal.js";

/**
 * Makes rows from … to − 1 of a row-major matrix orthonormal, in order: each loses what lies along those before it, twice, and gets length 1 (Gram–Schmidt with
 * reorthogonalisation; Golub & Van Loan, "Matrix Computations", section 5.2.8). E_BAD_VECTOR where one of them depends on those before it.
 */
export function orthonormalise(matrix: Float64Array, dim: number, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const own = matrix.subarray(row * dim, (row + 1) * dim);
    const before = lengthOf(own);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = from; other < row; other++) subtractAlong(own, matrix.subarray(other * dim, (other + 1) * dim));
    }
    const length = lengthOf(own);
    if (!(length > before * 1e-12)) throw new NearError("E_BAD_VECTOR", `row ${row} depends on the rows before it`, { row });
    for (let i = 0; i < dim; i++) own[i] /= length;
  }
}

/** `count` rows of `dim` standard normal values; more rows of a seed begin with the same ones. */
export function normalMatrix(seed: Seed, count: number, dim: number): Float64Array {
  const row = new Float32Array(dim);
  const matrix = new Float64Array(count * dim);
  for (let r = 0; r < count; r++) {
    fillNormal(seed, r, 0, dim, row, 0);
    matrix.set(row, r * dim);
  }
  return matrix;
}

function subtractAlong(x: Float64Array, unit: Float64Array): void {
  let product = 0;
  for (let i = 0; i < x.length; i++) product += x[i] * unit[i];
  for (let i = 0; i < x.length; i++) x[i] -= product * unit[i];
}

function lengthOf(x: Float64Array): number {
  let square = 0;
  for (let i = 0; i < x.length; i++) square += x[i] * x[i];
  return Math.sqrt(square);
}
