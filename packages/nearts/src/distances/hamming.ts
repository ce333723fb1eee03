import type { Distance } from "../core/contracts.js";
import type { BitVector } from "../core/rows.js";

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
    for (let i = 0; i < x.words.length; i++) sum += ones(x.words[i] ^ y.words[i]);
    return sum;
  }
}

function ones(word: number): number {
  let count = 0;
  for (let w = word; w !== 0; w &= w - 1) count++;
  return count;
}
