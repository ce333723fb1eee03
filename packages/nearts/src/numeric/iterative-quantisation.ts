import { asDense } from "../core/convert.js";
import type { Seed } from "../core/random.js";
import { type Rows, slice } from "../core/rows.js";
import { symmetricEigen } from "./eigen.js";
import { normalMatrix, orthonormalise } from "./orthonormal.js";

/** Rows of a sample that are looked at. */
const mostRows = 4096;

/**
 * Rotates `bits` directions (row-major) so that the projections of a sample lie near the corners of a cube: from a random rotation, `rounds` times the signs of the
 * rotated projections and then the rotation nearest to them (Gong & Lazebnik 2011, "Iterative Quantization", section 2.2). The same bits on every runtime.
 */
export function quantisingDirections(
  directions: Float32Array,
  sample: Rows<"dense" | "sparse">,
  mean: Float64Array,
  seed: Seed,
  rounds: number,
): Float32Array {
  const dim = mean.length;
  const bits = directions.length / dim;
  const projections = projected(directions, asDense(slice<"dense" | "sparse">(sample, 0, Math.min(sample.count, mostRows))).values, mean);
  let rotation = normalMatrix(seed, bits, bits);
  orthonormalise(rotation, bits, 0, bits);
  for (let round = 0; round < rounds; round++) rotation = nearestRotation(againstSigns(projections, rotation, bits), bits);
  return turned(directions, rotation, bits, dim);
}

/** Row r of the result is the centred row r along each direction. */
function projected(directions: Float32Array, values: Float32Array, mean: Float64Array): Float64Array {
  const dim = mean.length;
  const bits = directions.length / dim;
  const count = values.length / dim;
  const out = new Float64Array(count * bits);
  for (let r = 0; r < count; r++) {
    for (let j = 0; j < bits; j++) {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += directions[j * dim + i] * (values[r * dim + i] - mean[i]);
      out[r * bits + j] = sum;
    }
  }
  return out;
}

/** M = Σ over rows z of z·sign(z·R)ᵀ, with row j of `rotation` holding what projection j adds to each rotated value. */
function againstSigns(projections: Float64Array, rotation: Float64Array, bits: number): Float64Array {
  const sums = new Float64Array(bits * bits);
  const rotated = new Float64Array(bits);
  for (let at = 0; at < projections.length; at += bits) {
    rotated.fill(0);
    for (let j = 0; j < bits; j++) {
      const z = projections[at + j];
      for (let i = 0; i < bits; i++) rotated[i] += z * rotation[j * bits + i];
    }
    for (let j = 0; j < bits; j++) {
      const z = projections[at + j];
      for (let i = 0; i < bits; i++) sums[j * bits + i] += rotated[i] > 0 ? z : -z;
    }
  }
  return sums;
}

/** The orthogonal matrix nearest to M, its polar factor M·(MᵀM)^−½ (Schönemann 1966); where M is all but singular, made orthonormal in the end. */
function nearestRotation(m: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(product(transposed(m, n), m, n), n);
  const least = values[0] * 1e-14;
  if (!(values[0] > 0)) return identity(n); // all projections are 0: any rotation is as near
  const scaled = vectors.map((value, i) => value / Math.sqrt(Math.max(values[Math.floor(i / n)], least)));
  const rotation = product(m, product(transposed(scaled, n), vectors, n), n);
  orthonormalise(rotation, n, 0, n);
  return rotation;
}

/** Direction i of the result is Σ over j of rotation[j, i]·direction j. */
function turned(directions: Float32Array, rotation: Float64Array, bits: number, dim: number): Float32Array {
  const out = new Float64Array(directions.length);
  for (let j = 0; j < bits; j++) {
    for (let i = 0; i < bits; i++) {
      const share = rotation[j * bits + i];
      for (let c = 0; c < dim; c++) out[i * dim + c] += share * directions[j * dim + c];
    }
  }
  return Float32Array.from(out);
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < n; j++) out[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
  return out;
}

function transposed(a: Float64Array, n: number): Float64Array {
  return Float64Array.from(a, (_, i) => a[(i % n) * n + Math.floor(i / n)]);
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}
