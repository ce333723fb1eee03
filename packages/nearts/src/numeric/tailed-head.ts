import type { DenseRows } from "../core/rows.js";
import type { VectorMap } from "./vector-map.js";

/** What is known of the tails of vectors: of what a map leaves out of them. */
export interface Tail {
  /** Mean length of a tail. */
  readonly mean: number;
  /** Cosine between the tails of near vectors, 0 to 1. */
  readonly likeness: number;
}

/** Above this the square of a length does not fit float32. */
const most = 1e18;

/**
 * A map with one value more, for the length of the tail. With tails of lengths s and t and the likeness ρ, what two near vectors differ by in their tails is about
 * s² + t² − 2ρst = ρ(s − t)² + (1 − ρ)s² + (1 − ρ)t²: so the value is √ρ(t − mean), which codes may tell, and the tail that remains has the square (1 − ρ)t².
 * As ρ(s − t)² is never more than the tails differ by, distances between mapped vectors are still never larger than between the vectors.
 */
export class TailedHead implements VectorMap {
  readonly dim: number;
  readonly size: number;
  readonly unit: boolean;
  readonly scale: number;
  squares: Float32Array = new Float32Array(64);
  readonly #head: VectorMap;
  readonly #tail: Tail;
  readonly #share: number;
  readonly #query: Float32Array;
  #out: Float32Array = new Float32Array(0);

  /** The head's dimension is to be over its size by 2 at least, so that something remains. */
  constructor(head: VectorMap, tail: Tail) {
    this.dim = head.dim;
    this.size = head.size + 1;
    this.unit = head.unit;
    this.scale = head.scale;
    this.#head = head;
    this.#tail = tail;
    this.#share = Math.sqrt(tail.likeness);
    this.#query = new Float32Array(this.size);
  }

  map(rows: DenseRows, from: number, to: number): Float32Array {
    const mapped = this.#head.map(rows, from, to);
    const wanted = (to - from) * this.size;
    if (this.#out.length < wanted) this.#out = new Float32Array(wanted);
    if (this.squares.length < to - from) this.squares = new Float32Array(to - from);
    for (let r = 0; r < to - from; r++) this.#put(mapped, r, this.#out);
    return this.#out;
  }

  mapQuery(row: DenseRows): Float32Array {
    this.#put(this.#head.mapQuery(row), 0, this.#query);
    return this.#query;
  }

  /** Writes row `r` of what the head made, its last value, and the square of all with what remains. */
  #put(mapped: Float32Array, r: number, out: Float32Array): void {
    const { size, squares } = this.#head;
    const [from, to] = [r * size, r * this.size];
    let inside = 0;
    for (let i = 0; i < size; i++) {
      const value = mapped[from + i];
      out[to + i] = value;
      inside += value * value;
    }
    const length = Math.sqrt(Math.max(0, squares[r] - inside));
    const known = length < most; // nothing is told of one that is too long, or no number
    const last = known ? Math.fround(this.#share * (length - this.#tail.mean)) : 0;
    out[to + size] = last;
    this.squares[r] = known ? inside + last * last + (1 - this.#tail.likeness) * length * length : squares[r];
  }
}
