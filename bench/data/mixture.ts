import { type DenseRows, Random } from "nearts";

/** Normal values that are drawn from: enough that sums of them cannot be told from fresh ones. */
const normals = 2 ** 16;

/**
 * Vectors that resemble embeddings at any number: a mixture of Gaussians, each spread in few directions of its own, and noise in all. Row i is a pure
 * function of (seed, i), so sets of different sizes are prefixes of one another and none need be kept.
 */
export class Mixture {
  readonly dim: number;
  readonly #seed: number;
  readonly #clusters = 256;
  readonly #intrinsic = 16;
  readonly #noise = 0.1;
  readonly #normals: Float32Array;
  readonly #centres: Float32Array;
  /** Per cluster its directions, one after the other. */
  readonly #directions: Float32Array;

  constructor(dim: number, seed: number) {
    const random = new Random(seed);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    this.dim = dim;
    this.#seed = random.uint32();
    this.#normals = Float32Array.from({ length: normals }, normal);
    this.#centres = Float32Array.from({ length: this.#clusters * dim }, normal);
    this.#directions = Float32Array.from({ length: this.#clusters * this.#intrinsic * dim }, () => normal() / Math.sqrt(this.#intrinsic));
  }

  /** Rows `from` to `to`, in a fresh array. */
  rows(from: number, to: number): DenseRows {
    const { dim } = this;
    const values = new Float32Array((to - from) * dim);
    for (let row = from; row < to; row++) this.#row(row, values.subarray((row - from) * dim, (row - from + 1) * dim));
    return { kind: "dense", dim, count: to - from, values };
  }

  /** Rows 0 to `count` in pieces. */
  *chunks(count: number, atOnce = 8192): Generator<{ rows: DenseRows }> {
    for (let from = 0; from < count; from += atOnce) yield { rows: this.rows(from, Math.min(from + atOnce, count)) };
  }

  #row(row: number, out: Float32Array): void {
    const { dim } = this;
    let state = (this.#seed + Math.imul(row, 0x9e3779b1)) | 0;
    state = step(state);
    const cluster = (state >>> 8) % this.#clusters;
    out.set(this.#centres.subarray(cluster * dim, (cluster + 1) * dim));
    for (let direction = 0; direction < this.#intrinsic; direction++) {
      state = step(state);
      const length = this.#normals[state >>> 16];
      const at = (cluster * this.#intrinsic + direction) * dim;
      for (let i = 0; i < dim; i++) out[i] += length * this.#directions[at + i];
    }
    for (let i = 0; i < dim; i++) {
      state = step(state);
      out[i] += this.#noise * this.#normals[state >>> 16];
    }
  }
}

/** One step of a 32-bit generator whose high bits are good enough for data (a Weyl sequence mixed as in splitmix: Steele et al. 2014, figure 18). */
function step(state: number): number {
  let mixed = (state + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
