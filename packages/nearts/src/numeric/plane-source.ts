import { derive, type Seed } from "../core/random.js";
import { fillNormal } from "./normal.js";

/** Planes through the origin, given by their normals: entry (plane p, column i), float32, the same at every call. */
export interface PlaneSource {
  /** How many planes there are. */
  readonly planes: number;
  /** Writes column i of all planes, plane 0 first, to `out` from `offset` on. */
  column(i: number, out: Float32Array, offset: number): void;
}

/**
 * Independent standard normal entries, each a pure function of (seed, column, plane): no matrix is stored anywhere, dimensions go up to 2³² − 1,
 * and more planes of the same seed begin with the same planes.
 */
export function normalPlanes(seed: Seed, planes: number): PlaneSource {
  return { planes, column: (i, out, offset) => fillNormal(seed, i, 0, planes, out, offset) };
}

/**
 * As {@link normalPlanes} with standard Cauchy entries, each the quotient of two normal ones: projections differ by the Manhattan distance times a Cauchy number
 * (1-stable; Datar et al. 2004, section 3.2).
 */
export function cauchyPlanes(seed: Seed, planes: number): PlaneSource {
  const [above, below] = [derive(seed, "above"), derive(seed, "below")];
  const divisors = new Float32Array(planes);
  const column: PlaneSource["column"] = (i, out, offset) => {
    fillNormal(above, i, 0, planes, out, offset);
    fillNormal(below, i, 0, planes, divisors, 0);
    for (let p = 0; p < planes; p++) out[offset + p] /= divisors[p]; // which is never 0
  };
  return { planes, column };
}

/** The planes whose normals are the rows of `matrix`, row-major, `dim` values each. The matrix is kept, not copied. */
export function explicitPlanes(matrix: Float32Array, dim: number): PlaneSource {
  const planes = matrix.length / dim;
  const column: PlaneSource["column"] = (i, out, offset) => {
    for (let p = 0; p < planes; p++) out[offset + p] = matrix[p * dim + i];
  };
  return { planes, column };
}
