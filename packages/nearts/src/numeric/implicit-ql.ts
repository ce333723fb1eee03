import { NearError } from "../core/errors.js";

/** Rotation r acts in the plane of axes `planes[r]` and `planes[r] + 1`. */
export interface Rotations {
  count: number;
  planes: Uint32Array;
  sines: Float64Array;
  cosines: Float64Array;
}

const EPSILON = 2.220446049250313e-16;
const MOST_SWEEPS = 100;

/**
 * Turns the diagonal of a symmetric tridiagonal matrix into its eigenvalues, in no order, and gives the rotations that do it; `beside` is used up.
 * Implicit QL with Wilkinson's shift: Golub & Van Loan, section 8.3.5; imtql2 of EISPACK. `E_LIMIT` if it does not converge, which is not known to happen.
 */
export function diagonalise(diagonal: Float64Array, beside: Float64Array, n: number): Rotations {
  const rotations: Rotations = {
    count: 0,
    planes: new Uint32Array(4 * n),
    sines: new Float64Array(4 * n),
    cosines: new Float64Array(4 * n),
  };
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(diagonal[i]) + Math.abs(beside[i]));
  for (let first = 0; first < n - 1; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first;
      while (last < n - 1 && Math.abs(beside[last]) > EPSILON * norm) last++;
      if (last === first) break;
      if (sweep === MOST_SWEEPS)
        throw new NearError("E_LIMIT", `eigenvalue ${first} of ${n} did not converge in ${MOST_SWEEPS} sweeps`, { n });
      chase(diagonal, beside, first, last, rotations);
    }
  }
  return rotations;
}

/** One implicit QL sweep over the unreduced block `first … last`: a rotation in each of its planes, from its bottom to its top. */
function chase(diagonal: Float64Array, beside: Float64Array, first: number, last: number, rotations: Rotations): void {
  reserve(rotations, last - first);
  let g = diagonal[last] - shift(diagonal[first], diagonal[first + 1], beside[first]);
  let sine = 1;
  let cosine = 1;
  let carried = 0;
  for (let i = last - 1; i >= first; i--) {
    const f = sine * beside[i];
    const b = cosine * beside[i];
    const length = hypotenuse(f, g);
    beside[i + 1] = length;
    if (length === 0) {
      diagonal[i + 1] -= carried; // the block has come apart here: what is below is done, what is above as it was
      beside[last] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = diagonal[i + 1] - carried;
    const r = (diagonal[i] - g) * sine + 2 * cosine * b;
    carried = sine * r;
    diagonal[i + 1] = g + carried;
    g = cosine * r - b;
    record(rotations, i, sine, cosine);
  }
  diagonal[first] -= carried;
  beside[first] = g;
  beside[last] = 0;
}

/** Wilkinson's shift: the eigenvalue of [[a, e], [e, b]] nearer to a. */
function shift(a: number, b: number, e: number): number {
  const half = (b - a) / (2 * e);
  const root = hypotenuse(half, 1);
  return a - e / (half + (half < 0 ? -root : root));
}

/** √(a² + b²) without overflow or loss to underflow. */
function hypotenuse(a: number, b: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  const large = x > y ? x : y;
  if (large === 0) return 0;
  const ratio = (x > y ? y : x) / large;
  return large * Math.sqrt(1 + ratio * ratio);
}

function reserve(rotations: Rotations, more: number): void {
  const { count, planes, sines, cosines } = rotations;
  if (count + more <= planes.length) return;
  const size = Math.max(count + more, 2 * planes.length);
  rotations.planes = new Uint32Array(size);
  rotations.planes.set(planes);
  rotations.sines = new Float64Array(size);
  rotations.sines.set(sines);
  rotations.cosines = new Float64Array(size);
  rotations.cosines.set(cosines);
}

function record(rotations: Rotations, plane: number, sine: number, cosine: number): void {
  rotations.planes[rotations.count] = plane;
  rotations.sines[rotations.count] = sine;
  rotations.cosines[rotations.count++] = cosine;
}

/** Writes to the rows of `panel` the eigenvectors of the tridiagonal matrix that stand in columns `columns` of the product of all rotations. */
export function rotateBack(rotations: Rotations, columns: Uint32Array, n: number, panel: Float64Array): void {
  const { planes, sines, cosines } = rotations;
  const width = columns.length;
  const turned = new Float64Array(n * width); // column by column, so that a rotation meets two runs
  for (let v = 0; v < width; v++) turned[columns[v] * width + v] = 1;
  for (let r = rotations.count - 1; r >= 0; r--) {
    const sine = sines[r];
    const cosine = cosines[r];
    const from = planes[r] * width;
    for (let at = from; at < from + width; at++) {
      const x = turned[at];
      const y = turned[at + width];
      turned[at] = cosine * x + sine * y;
      turned[at + width] = cosine * y - sine * x;
    }
  }
  for (let v = 0; v < width; v++) {
    for (let i = 0; i < n; i++) panel[v * n + i] = turned[i * width + v];
  }
}
