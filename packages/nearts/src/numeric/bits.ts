/**
 * Keys are 64 bits in two u32s, `hi` and `lo`; where a function writes one, `out[0]` is hi and `out[1]` is lo. Bit 0 of a key, the first
 * character of its string form, is the most significant bit of hi, so that keys sort as their strings do and a prefix is a range.
 */

/** How many bits of the 32-bit word `x` are set (Warren, "Hacker's Delight", section 5-1). */
export function popcount32(x: number): number {
  let count = x - ((x >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The first `bits` ≤ 64 bits of a key as a string of 0 and 1. */
export function keyToString(hi: number, lo: number, bits: number): string {
  const text = (hi >>> 0).toString(2).padStart(32, "0") + (lo >>> 0).toString(2).padStart(32, "0");
  return text.slice(0, bits);
}

/** Keeps the first `prefixBits` bits of a key, from 0 to 64, and clears the rest. */
export function maskPrefix(hi: number, lo: number, prefixBits: number, out: Uint32Array): void {
  out[0] = prefixBits >= 32 ? hi : hi & highBits(prefixBits);
  out[1] = prefixBits >= 64 ? lo : prefixBits <= 32 ? 0 : lo & highBits(prefixBits - 32);
}

/** Turns bit `j` of a key, from 0 to 63. */
export function flipBit(hi: number, lo: number, j: number, out: Uint32Array): void {
  const bit = 0x80000000 >>> (j & 31);
  out[0] = j < 32 ? hi ^ bit : hi;
  out[1] = j < 32 ? lo : lo ^ bit;
}

/** In how many bits two keys differ. */
export function hamming(hi1: number, lo1: number, hi2: number, lo2: number): number {
  return popcount32(hi1 ^ hi2) + popcount32(lo1 ^ lo2);
}

/** How many leading bits two keys share, 64 if they are equal. */
export function sharedPrefix(hi1: number, lo1: number, hi2: number, lo2: number): number {
  const high = Math.clz32(hi1 ^ hi2);
  return high < 32 ? high : 32 + Math.clz32(lo1 ^ lo2);
}

/** Negative, 0 or positive as the first key sorts before, with or after the second: as unsigned 64-bit numbers, and as their strings. */
export function compareKeys(hi1: number, lo1: number, hi2: number, lo2: number): number {
  const high = (hi1 >>> 0) - (hi2 >>> 0);
  return high !== 0 ? high : (lo1 >>> 0) - (lo2 >>> 0);
}

/**
 * A 64-bit hash of `count` safe integers, negative ones too, from `values[from]` on: the key of a discretised hash. Not against an adversary.
 *
 * A chain of permutations: the length, then each value as the two words of its 64-bit two's complement, is added to a pair of lanes which a
 * bijective round then mixes; one round flips every output bit with probability ½ for each input bit. So two sequences that differ in
 * one place never collide, and others do as often as random functions would. The multipliers are those of MurmurHash3 and of Wellons's hash prospector.
 */
export function mixInts(values: ArrayLike<number>, count: number, out: Uint32Array, from = 0): void {
  let a = 0;
  let b = 0;
  for (let i = -1; i < count; i++) {
    const value = i < 0 ? count : values[from + i];
    a ^= value;
    b ^= Math.floor(value * TWO_MINUS_32);
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
    b = (b + a) | 0;
    b = Math.imul(b ^ (b >>> 15), 0xc2b2ae35);
    a ^= (b << 13) | (b >>> 19);
    a = Math.imul(a ^ (a >>> 13), 0x2c1b3c6d);
    b = (b + a) | 0;
    b = Math.imul(b ^ (b >>> 16), 0x297a2d39);
    a = (a + (b ^ (b >>> 15))) | 0;
  }
  out[0] = a;
  out[1] = b;
}

const TWO_MINUS_32 = 1 / 4294967296;

/** A word whose first n bits are set, for n from 0 to 31. */
function highBits(n: number): number {
  return ~(0xffffffff >>> n);
}
