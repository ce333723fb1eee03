/**
 * The natural logarithm of x, from + − × ÷ and bit moves alone, so the same bits on every runtime (Math.log may differ by one in the last place).
 * Relative error below 5e-16; ±0 gives −∞, negative numbers and NaN give NaN.
 *
 * x = 2ᵏ·m with m in [√½, √2); ln m = 2·artanh(s), s = (m − 1)/(m + 1), |s| ≤ 3 − 2√2, by its Taylor series up to s²³ (the rest is below 2⁻⁵⁸ of ln m).
 */
export function naturalLog(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const normal = x < SMALLEST_NORMAL ? x * TWO_54 : x;
  float[0] = normal;
  const exponent = words[HIGH] >>> 20;
  let k = exponent - 1023;
  let m = normal * SCALE[exponent];
  if (m >= Math.SQRT2) {
    m *= 0.5;
    k++;
  }
  if (x < SMALLEST_NORMAL) k -= 54;
  const s = (m - 1) / (m + 1);
  return k * LN2_HIGH + (2 * s + (k * LN2_LOW + 2 * s * tail(s * s)));
}

const SMALLEST_NORMAL = 2.2250738585072014e-308;
const TWO_54 = 18014398509481984;
const LN2_HIGH = 0.6931471803691238; // ln 2 with its low 32 bits cleared, so that k·LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10; // ln 2 − LN2_HIGH

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0]; // the high word's place: 1 where the low byte comes first

/** SCALE[e] = 2^(1023 − e): a multiplication is quicker than writing the exponent, which the processor would wait to read back. */
const SCALE: Float64Array = scales();

function scales(): Float64Array {
  const scale = new Float64Array(2047);
  scale[1023] = 1;
  for (let e = 1022; e >= 0; e--) scale[e] = scale[e + 1] * 2;
  for (let e = 1024; e < 2047; e++) scale[e] = scale[e - 1] * 0.5;
  return scale;
}

/** artanh(s)/s − 1 as a series in z = s². */
function tail(z: number): number {
  let sum = 1 / 23;
  sum = 1 / 21 + z * sum;
  sum = 1 / 19 + z * sum;
  sum = 1 / 17 + z * sum;
  sum = 1 / 15 + z * sum;
  sum = 1 / 13 + z * sum;
  sum = 1 / 11 + z * sum;
  sum = 1 / 9 + z * sum;
  sum = 1 / 7 + z * sum;
  sum = 1 / 5 + z * sum;
  sum = 1 / 3 + z * sum;
  return z * sum;
}
