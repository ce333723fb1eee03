import type { Shape } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { bestBuild } from "../kernels/arena.js";
import type { KernelBuild } from "../kernels/contract.js";
import { PlaneColumns } from "./plane-columns.js";
import { PlaneMatrix } from "./plane-matrix.js";
import type { PlaneSource } from "./plane-source.js";

/** What {@link Planes} are made of. */
export interface PlanesOptions {
  readonly source: PlaneSource;
  /** The rows that will mostly come: dense ones make the planes a matrix (at most 1 GiB), others leave them to be made column by column. */
  readonly shape: Shape;
  /** Build of the kernels; the best that runs here where not given. Projections are the same bits in each. */
  readonly build?: KernelBuild;
}

/** Projections of rows on planes: Σ row·plane in float32, bit-identical for dense and sparse rows, in every build and form. */
export class Planes {
  /** How many projections each row has. */
  readonly count: number;
  readonly #form: PlaneMatrix | PlaneColumns;

  /** E_LIMIT where the matrix would be over 1 GiB, E_MEMORY where the machine has no room for it. */
  constructor({ source, shape, build = bestBuild() }: PlanesOptions) {
    this.count = source.planes;
    this.#form = shape.kind === "dense" ? new PlaneMatrix(source, shape.dim, build) : new PlaneColumns(source, shape.dim);
  }

  /** Writes the projection of row r on plane p to `out[(r − from) · count + p]`, for the rows from … to − 1 of any kind. */
  project(rows: Rows<"dense" | "sparse">, from: number, to: number, out: Float32Array): void {
    this.#form.project(rows, from, to, out);
  }
}
