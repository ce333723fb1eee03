const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The largest finite half, and the smallest value that rounds beyond it. */
export const largestHalf = 65_504;
export const halfOverflow = 65_520;

/** The IEEE 754 half (binary16) nearest to a float32 value, ties to even, as its 16 bits; an infinity from {@link halfOverflow} on. */
export function toHalf(value: number): number {
  float[0] = value;
  const sign = (word[0] >>> 16) & 0x8000;
  const magnitude = word[0] & 0x7fffffff;
  if (magnitude >= 0x477ff000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  // Below 2⁻¹⁴ halves are multiples of 2⁻²⁴; adding 2⁵² and taking it away rounds to the nearest integer, ties to even.
  if (magnitude < 0x38800000) return sign | (Math.abs(float[0]) * 2 ** 24 + 2 ** 52 - 2 ** 52);
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The value of a half's 16 bits, exactly. */
export function fromHalf(bits: number): number {
  const magnitude = bits & 0x7fff;
  if (magnitude >= 0x7c00) return magnitude > 0x7c00 ? Number.NaN : bits & 0x8000 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  // Sign, exponent and fraction in their places of a float32; its exponent's bias is larger by 112.
  word[0] = ((bits & 0x8000) << 16) | (magnitude << 13);
  return float[0] * 2 ** 112;
}
