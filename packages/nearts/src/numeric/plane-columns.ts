import type { Rows } from "../core/rows.js";
import type { PlaneSource } from "./plane-source.js";

const { fround } = Math;
const wholeBytes = 2 ** 26;
const cacheBytes = 2 ** 24;

/**
 * Planes column by column, for rows with few values that are not 0: the columns met last are kept, all of them where they fit in 64 MiB, else 16 MiB.
 * Projections are those of the dense kernel bit for bit: the same four lanes (index mod 4) in ascending order, closed alike. What a 0 would add
 * is +0 or −0, and no lane is ever −0 (it starts at +0, and a rounded sum is −0 only where both terms are), so leaving it out changes nothing.
 */
export class PlaneColumns {
  readonly #source: PlaneSource;
  readonly #planes: number;
  readonly #slots: number;
  readonly #cache: Float32Array;
  /** What each slot holds: the column's index + 1, or 0. */
  readonly #held: Uint32Array;
  readonly #lanes: Float32Array;

  constructor(source: PlaneSource, dim: number) {
    const bytes = source.planes * 4;
    this.#source = source;
    this.#planes = source.planes;
    this.#slots = dim * bytes <= wholeBytes ? dim : Math.min(dim, Math.max(1, Math.floor(cacheBytes / bytes)));
    this.#cache = new Float32Array(this.#slots * source.planes);
    this.#held = new Uint32Array(this.#slots);
    this.#lanes = new Float32Array(4 * source.planes);
  }

  /** Writes the projection of row r on plane p to `out[(r − from) · planes + p]`, for the rows from … to − 1. */
  project(rows: Rows<"dense" | "sparse">, from: number, to: number, out: Float32Array): void {
    for (let r = from; r < to; r++) {
      this.#lanes.fill(0);
      if (rows.kind === "sparse") {
        for (let e = rows.offsets[r]; e < rows.offsets[r + 1]; e++) this.#add(rows.indices[e], rows.values[e]);
      } else {
        const start = r * rows.dim;
        for (let i = 0; i < rows.dim; i++) if (rows.values[start + i] !== 0) this.#add(i, rows.values[start + i]);
      }
      this.#close(out, (r - from) * this.#planes);
    }
  }

  #add(index: number, value: number): void {
    const column = this.#columnAt(index);
    const first = (index & 3) * this.#planes;
    addScaled(this.#lanes, first, this.#cache, column, this.#planes, value);
  }

  /** Where column `index` begins in the cache. */
  #columnAt(index: number): number {
    const slot = index % this.#slots;
    const at = slot * this.#planes;
    if (this.#held[slot] !== index + 1) {
      this.#source.column(index, this.#cache, at);
      this.#held[slot] = index + 1;
    }
    return at;
  }

  #close(out: Float32Array, at: number): void {
    const m = this.#planes;
    const lanes = this.#lanes;
    for (let p = 0; p < m; p++) {
      out[at + p] = fround(fround(lanes[p] + lanes[m + p]) + fround(lanes[2 * m + p] + lanes[3 * m + p]));
    }
  }
}

function addScaled(lanes: Float32Array, first: number, columns: Float32Array, column: number, planes: number, value: number): void {
  for (let p = 0; p < planes; p++) lanes[first + p] = fround(lanes[first + p] + fround(value * columns[column + p]));
}
