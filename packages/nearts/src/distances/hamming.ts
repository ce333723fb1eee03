import type { Distance } from "../core/contracts.js";
import type { BitVector } from "../core/rows.js";
import { popcount32 } from "../numeric/bits.js";

/** The number of bits in which two bit vectors differ. */
export class HammingDistance implements Distance<"bits"> {
  readonly name = "hamming";
  readonly kinds = ["bits"] as const;
  readonly metric = "hamming";

  toRank(distance: number): number {
    return distance;
  }

  between(x: BitVector, y: BitVector): number {
    let sum = 0;
    for (let i = 0; i < x.words.length; i++) sum += popcount32(x.words[i] ^ y.words[i]);
    return sum;
  }
}
