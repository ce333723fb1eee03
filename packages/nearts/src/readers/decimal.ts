const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;

/** Powers of ten that float64 holds exactly. */
const EXACT_TENS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/**
 * The float64 nearest to the decimal number written in ASCII at `from … to`, as `Number` gives it; NaN where it is no such number.
 * Form: optional sign, digits with at most one point, optional exponent. Short numbers need no string: digits below 2⁵³ over a power of ten
 * up to 10²² round once (Clinger 1990, section 3).
 */
export function parseDecimal(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const negative = bytes[at] === MINUS;
  if (at < to && (negative || bytes[at] === PLUS)) at++;
  let mantissa = 0;
  let digits = 0;
  let fraction = 0;
  let point = false;
  for (; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (point) fraction++;
    } else if (bytes[at] === POINT && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (digits === 0) return Number.NaN;
  if (at < to || digits > 15 || fraction > 22) return parseLong(bytes, from, to);
  const value = mantissa / EXACT_TENS[fraction];
  return negative ? -value : value;
}

/** The whole number at `from … to`, digits only; −1 where it is none or beyond 2³². */
export function parseIndex(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
    if (value > 4294967296) return -1;
  }
  return from < to ? value : -1;
}

/** Longest number that is taken seriously; the exact decimal form of any float64 is shorter. */
const MOST_DIGITS = 2048;

const LONG_FORM = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

function parseLong(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > MOST_DIGITS) return Number.NaN;
  const text = asciiText(bytes, from, to);
  return LONG_FORM.test(text) ? Number(text) : Number.NaN;
}

/** The bytes at `from … to` as text, one character a byte. */
export function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]);
  return text;
}
