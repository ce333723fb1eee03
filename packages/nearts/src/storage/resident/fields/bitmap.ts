import { popcount32 } from "../../../numeric/bits.js";

/** Words that hold a bit for each of `rows` rows: bit `row & 31` of word `row >> 5`. */
export function wordsFor(rows: number): number {
  return (rows + 31) >>> 5;
}

export function hasBit(words: Uint32Array, row: number): boolean {
  return ((words[row >>> 5] >>> (row & 31)) & 1) === 1;
}

export function setBit(words: Uint32Array, row: number): void {
  words[row >>> 5] |= 1 << (row & 31);
}

export function clearBit(words: Uint32Array, row: number): void {
  words[row >>> 5] &= ~(1 << (row & 31));
}

export function countBits(words: Uint32Array): number {
  let count = 0;
  for (let w = 0; w < words.length; w++) if (words[w] !== 0) count += popcount32(words[w]);
  return count;
}

/** out = out ∩ words; false if that is empty. `words` may be longer, here and below. */
export function intersect(out: Uint32Array, words: Uint32Array): boolean {
  let any = 0;
  for (let w = 0; w < out.length; w++) {
    out[w] &= words[w];
    any |= out[w];
  }
  return any !== 0;
}

/** out = out ∪ words. */
export function unite(out: Uint32Array, words: Uint32Array): void {
  for (let w = 0; w < out.length; w++) out[w] |= words[w];
}

/** out = all \ out. */
export function complement(out: Uint32Array, all: Uint32Array): void {
  for (let w = 0; w < out.length; w++) out[w] = all[w] & ~out[w];
}

/** out = out ∪ (all \ words). */
export function uniteComplement(out: Uint32Array, all: Uint32Array, words: Uint32Array): void {
  for (let w = 0; w < out.length; w++) out[w] |= all[w] & ~words[w];
}
