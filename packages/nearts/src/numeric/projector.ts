import type { Shape } from "../core/contracts.js";
import { NearError } from "../core/errors.js";
import { derive, seedFrom } from "../core/random.js";
import type { Rows } from "../core/rows.js";
import { Opening } from "./opening.js";
import { refuseLargeMatrix } from "./plane-matrix.js";
import { normalPlanes, type PlaneSource } from "./plane-source.js";
import { Planes } from "./planes.js";

/** The kinds of vector that planes can project. */
export const projectable: readonly ("dense" | "sparse")[] = ["dense", "sparse"];

/** How many rows {@link Projector.project} takes at once. */
export const projectedAtOnce = 64;

/** What a {@link Projector} is made of. */
export interface ProjectorOptions {
  /** Name of the hash, for messages. */
  readonly owner: string;
  /** How many projections each row has. */
  readonly planes: number;
  /** The planes for vectors of `dim`; called once the first rows come. E_NOT_FITTED where they are not known yet. */
  readonly source: (dim: number) => PlaneSource;
}

/** A projector on random planes (standard normal entries) that depend on the seed alone: more planes of a seed begin with the same ones. */
export function randomProjector(owner: string, seed: number | string, planes: number): Projector {
  const entries = derive(seedFrom(seed), "planes");
  return new Projector({ owner, planes, source: () => normalPlanes(entries, planes) });
}

/** The planes of one hash: opened for a shape, made when the first rows come. */
export class Projector {
  readonly opening: Opening;
  readonly #planes: number;
  readonly #source: (dim: number) => PlaneSource;
  #made: Planes | undefined;
  #out: Float32Array = new Float32Array(0);

  constructor({ owner, planes, source }: ProjectorOptions) {
    this.opening = new Opening(owner, projectable);
    this.#planes = planes;
    this.#source = source;
  }

  /** E_CONFIG for a shape it was not made for, E_LIMIT where the planes of dense vectors would be over 1 GiB. */
  open(shape: Shape): void {
    if (shape.kind === "dense") refuseLargeMatrix(this.#planes, shape.dim);
    if (this.opening.open(shape)) this.#made = undefined;
  }

  /** The projections of at most {@link projectedAtOnce} rows, all planes of a row together: borrowed until the next call. The rows are trusted to fit the opening. */
  project(rows: Rows, from: number, to: number): Float32Array {
    if (rows.kind !== "dense" && rows.kind !== "sparse") {
      throw new NearError("E_UNSUPPORTED", `planes project dense and sparse vectors, not ${rows.kind}`, {
        expected: projectable,
        got: rows.kind,
      });
    }
    const made = this.#made ?? this.#make();
    const wanted = (to - from) * this.#planes;
    if (this.#out.length < wanted) this.#out = new Float32Array(wanted);
    made.project(rows, from, to, this.#out);
    return this.#out;
  }

  #make(): Planes {
    const shape = this.opening.shape();
    this.#made = new Planes({ source: this.#source(shape.dim), shape });
    return this.#made;
  }
}
