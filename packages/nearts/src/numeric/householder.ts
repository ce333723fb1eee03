import { dot } from "./dot.js";
import type { Steps } from "./steps.js";

/** A symmetric matrix A = Q·T·Qᵀ with T tridiagonal and Q a product of reflections. */
export interface Tridiagonal {
  /** The diagonal of T. */
  readonly diagonal: Float64Array;
  /** `beside[i]` stands between `diagonal[i]` and `diagonal[i + 1]`. */
  readonly beside: Float64Array;
  /** Row i: the i components of the vector u of reflection i, I − u·uᵀ/h. */
  readonly reflections: Float64Array;
  /** h = ‖u‖²/2 of each reflection; 0 where there is none. */
  readonly halves: Float64Array;
}

/** Products between pauses: about a millisecond, and some ten where the machine has yet to compile this. */
const PIECE_PRODUCTS = 200_000;

/** Squared lengths below this lose digits to underflow; beside a largest entry of about 1 they are rounding noise. */
const NEGLIGIBLE = 1e-280;

/**
 * The tridiagonal form of matrix/scale, the matrix being symmetric, n×n, its largest entry about `scale`; only the lower triangle is read.
 * Golub & Van Loan, "Matrix Computations", 4th ed., section 8.3.1; tred2 of EISPACK, from the last row up, with every loop along rows. In pieces.
 */
export function* tridiagonalise(matrix: Float64Array, n: number, scale: number): Steps<Tridiagonal> {
  const work = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) work[i * n + j] = matrix[i * n + j] / scale;
  }
  const beside = new Float64Array(n);
  const halves = new Float64Array(n);
  const product = new Float64Array(n);
  let products = 0;
  for (let i = n - 1; i > 0; i--) {
    const reflection = work.subarray(i * n, i * n + i);
    halves[i] = reflector(reflection, i, beside);
    if (halves[i] > 0) reflectBothSides(work, n, i, reflection, halves[i], product);
    products += 2 * i * i;
    if (products < PIECE_PRODUCTS) continue;
    products = 0;
    yield;
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => work[i * n + i]);
  return { diagonal, beside, reflections: work, halves };
}

/** Replaces every row x of `panel` by Q·x. */
export function reflectBack(reflections: Float64Array, halves: Float64Array, n: number, panel: Float64Array): void {
  for (let i = 0; i < n; i++) {
    if (halves[i] === 0) continue;
    for (let start = 0; start < panel.length; start += n) {
      const share = dot(reflections, i * n, panel, start, i) / halves[i];
      for (let k = 0; k < i; k++) panel[start + k] -= share * reflections[i * n + k];
    }
  }
}

/** Turns the row left of diagonal entry i into the u of the reflection that leaves only its last entry, `beside[i − 1]`; returns h. */
function reflector(u: Float64Array, i: number, beside: Float64Array): number {
  const last = u[i - 1];
  const rest = dot(u, 0, u, 0, i - 1);
  beside[i - 1] = last;
  if (rest < NEGLIGIBLE) return 0;
  const length = Math.sqrt(rest + last * last);
  const left = last > 0 ? -length : length;
  beside[i - 1] = left;
  u[i - 1] = last - left;
  return rest + last * last - last * left;
}

/** A ← (I − uuᵀ/h)·A·(I − uuᵀ/h) for the leading `size` rows and columns of the lower triangle, as A − u·qᵀ − q·uᵀ, q = p − (uᵀp/2h)·u, p = Au/h. */
function reflectBothSides(a: Float64Array, n: number, size: number, u: Float64Array, h: number, q: Float64Array): void {
  for (let j = 0; j < size; j++) {
    const row = j * n;
    const uj = u[j];
    let sum = 0;
    for (let k = 0; k < j; k++) {
      const entry = a[row + k];
      sum += entry * u[k];
      q[k] += entry * uj;
    }
    q[j] = sum + a[row + j] * uj;
  }
  for (let j = 0; j < size; j++) q[j] /= h;
  const share = dot(u, 0, q, 0, size) / (2 * h);
  for (let j = 0; j < size; j++) q[j] -= share * u[j];
  for (let j = 0; j < size; j++) {
    const row = j * n;
    const uj = u[j];
    const qj = q[j];
    for (let k = 0; k <= j; k++) a[row + k] -= uj * q[k] + qj * u[k];
  }
}
