import { bits64, derive, type Seed, seedFrom } from "../core/random.js";
import type { DenseRows, SparseRows } from "../core/rows.js";

/** Dimensions of hashed vectors. */
export const hashedDim = 1024;

/**
 * Makes vectors of 1,024 dimensions of sparse ones of any number: component i is added to a random place with a random sign, which keeps inner products on
 * average (Weinberger et al. 2009, lemma 2); then each is given the length that it had. So lengths are exact, products of like vectors nearly, and of
 * vectors with cosine c the variance is about ‖x‖²‖y‖²(1 − c²)²/1,024, for a bias in the order of 1/1,024.
 * Vectors of no more dimensions than that are only spread out.
 */
export class FeatureHashing {
  /** Dimensions of what it makes. */
  readonly dim: number;
  readonly #exact: boolean;
  readonly #seed: Seed;
  readonly #word = new Uint32Array(2);

  constructor(dim: number, seed: number | string) {
    this.#exact = dim <= hashedDim;
    this.dim = Math.min(dim, hashedDim);
    this.#seed = derive(seedFrom(seed), "features");
  }

  /** Whether components share places, so that products vary. */
  get lossy(): boolean {
    return !this.#exact;
  }

  /** Rows from … to − 1, hashed: new rows. */
  hashed({ offsets, indices, values }: SparseRows, from: number, to: number): DenseRows {
    const { dim } = this;
    const out = new Float32Array((to - from) * dim);
    for (let r = from; r < to; r++) {
      const start = (r - from) * dim;
      let square = 0;
      for (let e = offsets[r]; e < offsets[r + 1]; e++) {
        if (this.#exact) out[start + indices[e]] = values[e];
        else this.#add(out, start, indices[e], values[e]);
        square += values[e] * values[e];
      }
      if (!this.#exact) stretch(out, start, square);
    }
    return { kind: "dense", dim, count: to - from, values: out };
  }

  #add(out: Float32Array, start: number, index: number, value: number): void {
    bits64(this.#seed, index, 0, this.#word);
    const place = start + (this.#word[0] & (hashedDim - 1));
    out[place] += (this.#word[1] & 1) === 0 ? value : -value;
  }
}

function stretch(out: Float32Array, start: number, square: number): void {
  let hashed = 0;
  for (let i = start; i < start + hashedDim; i++) hashed += out[i] * out[i];
  const factor = hashed > 0 ? Math.sqrt(square / hashed) : 0;
  for (let i = start; i < start + hashedDim; i++) out[i] *= factor;
}
