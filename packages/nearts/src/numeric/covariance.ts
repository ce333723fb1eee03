import { NearError } from "../core/errors.js";
import type { DenseRows, SparseRows } from "../core/rows.js";

/** The mean of some rows (dim values) and their covariance matrix (dim × dim, row-major, both triangles). */
export interface Covariance {
  readonly mean: Float64Array;
  readonly matrix: Float64Array;
}

/**
 * The sample covariance (divisor n − 1) of at least 2 rows, in float64, the same bits on every runtime.
 * Dense rows are centred before they are multiplied; sparse ones, of at most 4,096 dimensions, are multiplied as they are and centred after, which agrees
 * to some 1e-13 unless a mean exceeds its deviation a thousand times. `E_BAD_OPTION` for fewer rows, `E_LIMIT` for more sparse dimensions.
 */
export function covariance(rows: DenseRows | SparseRows): Covariance {
  const { dim, count } = rows;
  if (count < 2) {
    throw new NearError("E_BAD_OPTION", `a covariance needs at least 2 rows, there are ${count}; give a larger sample`, { count });
  }
  if (rows.kind === "dense") return ofDense(rows);
  if (dim > MOST_SPARSE_DIMENSIONS) {
    const remedy = `the covariance matrix of sparse rows is limited to ${MOST_SPARSE_DIMENSIONS}; use random projections instead`;
    throw new NearError("E_LIMIT", `rows have ${dim} dimensions, ${remedy}`, { dim, limit: MOST_SPARSE_DIMENSIONS });
  }
  return ofSparse(rows);
}

const MOST_SPARSE_DIMENSIONS = 4096;
/** Rows centred and multiplied at once: 64 of them at 784 dimensions are 400 KB, in the second-level cache. */
const BLOCK = 64;

function ofDense({ dim, count, values }: DenseRows): Covariance {
  const mean = new Float64Array(dim);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < dim; k++) mean[k] += values[i * dim + k];
  }
  for (let k = 0; k < dim; k++) mean[k] /= count;

  const side = Math.ceil(dim / 4) * 4; // the product works in tiles of 2×4
  const block = new Float64Array(side * BLOCK);
  const sums = new Float64Array(side * side);
  for (let first = 0; first < count; first += BLOCK) {
    const size = Math.min(BLOCK, count - first);
    for (let r = 0; r < size; r++) {
      const row = (first + r) * dim;
      for (let k = 0; k < dim; k++) block[k * BLOCK + r] = values[row + k] - mean[k];
    }
    for (let a = 0; a < side; a += 2) {
      for (let b = 0; b <= a; b += 4) addTile(block, size, a, b, sums, side);
    }
  }

  const matrix = new Float64Array(dim * dim);
  for (let a = 0; a < dim; a++) {
    for (let b = 0; b <= a; b++) matrix[a * dim + b] = matrix[b * dim + a] = sums[a * side + b] / (count - 1);
  }
  return { mean, matrix };
}

/** Adds to the sums the 8 products of the block's columns a, a + 1 with b … b + 3, each summed in order of the rows. */
function addTile(block: Float64Array, size: number, a: number, b: number, sums: Float64Array, side: number): void {
  const x = a * BLOCK;
  const y = b * BLOCK;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let r = 0; r < size; r++) {
    const x0 = block[x + r];
    const x1 = block[x + BLOCK + r];
    const y0 = block[y + r];
    const y1 = block[y + BLOCK + r];
    const y2 = block[y + 2 * BLOCK + r];
    const y3 = block[y + 3 * BLOCK + r];
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
  }
  const upper = a * side + b;
  sums[upper] += s00;
  sums[upper + 1] += s01;
  sums[upper + 2] += s02;
  sums[upper + 3] += s03;
  const lower = upper + side;
  sums[lower] += s10;
  sums[lower + 1] += s11;
  sums[lower + 2] += s12;
  sums[lower + 3] += s13;
}

function ofSparse({ dim, count, offsets, indices, values }: SparseRows): Covariance {
  const mean = new Float64Array(dim);
  const matrix = new Float64Array(dim * dim);
  for (let i = 0; i < count; i++) {
    for (let e = offsets[i]; e < offsets[i + 1]; e++) {
      const value = values[e];
      const row = indices[e] * dim;
      mean[indices[e]] += value;
      for (let f = offsets[i]; f <= e; f++) matrix[row + indices[f]] += value * values[f];
    }
  }
  for (let k = 0; k < dim; k++) mean[k] /= count;
  for (let a = 0; a < dim; a++) {
    for (let b = 0; b <= a; b++) {
      matrix[a * dim + b] = matrix[b * dim + a] = (matrix[a * dim + b] - count * mean[a] * mean[b]) / (count - 1);
    }
  }
  return { mean, matrix };
}
