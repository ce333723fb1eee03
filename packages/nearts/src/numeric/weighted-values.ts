import { bits64, derive, seedFrom } from "../core/random.js";
import type { SparseRows } from "../core/rows.js";
import { naturalLog } from "./log.js";
import { noValue } from "./min-values.js";

/** Random words of a value: two for r, two for c, one for β. */
const words = 5;

/**
 * Values of weighted sets: two have an equal one with the probability of their weighted Jaccard similarity (Ioffe 2010, "Improved Consistent Sampling, Weighted
 * Minhash and L1 Sketching", section 3). For each value every element i of weight w has r, c ~ Gamma(2, 1) and β ~ U(0, 1) of its own, t = ⌊ln w / r + β⌋ and
 * ln a = ln c − r·(t − β) − r; the element of the least a is chosen, and the value is a hash of it and its t. A negative weight is that of another element (Li
 * 2017, "Linearized GMM Kernels"). From + − × ÷ and bit moves alone, so that all runtimes have the same.
 */
export class WeightedValues {
  readonly count: number;
  /** A word to add and one to multiply with, odd, for each word of each value. */
  readonly #keys: Uint32Array;

  constructor(count: number, seed: number | string) {
    this.count = count;
    this.#keys = new Uint32Array(count * words * 2);
    const root = derive(seedFrom(seed), "weighted min-wise");
    for (let i = 0; i < this.#keys.length; i += 2) {
      bits64(root, i, 0, this.#keys, i);
      this.#keys[i + 1] |= 1;
    }
  }

  /** Writes the values of row `r` to `out`; all {@link noValue} for a zero vector. */
  write({ offsets, indices, values }: SparseRows, r: number, out: Uint32Array): void {
    out.fill(noValue, 0, this.count);
    const [from, to] = [offsets[r], offsets[r + 1]];
    const logs = Float64Array.from({ length: to - from }, (_, e) => naturalLog(Math.abs(values[from + e])));
    for (let v = 0; v < this.count; v++) {
      let least = Number.POSITIVE_INFINITY;
      for (let e = from; e < to; e++) {
        if (values[e] === 0) continue;
        const element = values[e] < 0 ? ~indices[e] : indices[e];
        const r = this.#gamma(v, 0, element);
        const beta = this.#uniform(v, 4, element);
        const t = Math.floor(logs[e - from] / r + beta);
        const rank = naturalLog(this.#gamma(v, 2, element)) - r * (t - beta) - r;
        if (!(rank < least)) continue;
        least = rank;
        out[v] = Math.min(hashed(element ^ Math.imul(t, 0x9e3779b1), this.#keys[v * words * 2]), noValue - 1);
      }
    }
  }

  /** −ln of the product of two uniform numbers. */
  #gamma(v: number, word: number, element: number): number {
    return -naturalLog(this.#uniform(v, word, element) * this.#uniform(v, word + 1, element));
  }

  /** A number between 0 and 1 for a word of a value and an element. */
  #uniform(v: number, word: number, element: number): number {
    const at = (v * words + word) * 2;
    return (hashed(Math.imul(element, this.#keys[at + 1]), this.#keys[at]) + 0.5) * 2 ** -32;
  }
}

/** 32 mixed bits (MurmurHash3's finalizer, with a key before each half). */
function hashed(word: number, key: number): number {
  let h = word ^ key;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) + key;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 16)) >>> 0;
}
