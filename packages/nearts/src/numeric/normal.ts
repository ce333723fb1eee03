import type { Seed } from "../core/random.js";
import { bits64 } from "../core/random.js";
import { naturalLog } from "./log.js";

/**
 * Entry (row, column), both u32, of the endless matrix of independent standard normals named by `seed`: a pure function,
 * rounded to float32, the same bits on every runtime. Its largest magnitude is Φ⁻¹(1 − 2⁻⁵³) ≈ 8.21.
 */
export function normalAt(seed: Seed, row: number, column: number): number {
  bits64(seed, row, column, bits);
  return Math.fround(quantileOfOffset(offsetOf(bits[0], bits[1])));
}

/** Writes the entries (row, from) … (row, to − 1) of {@link normalAt} to `out` from `offset` on. */
export function fillNormal(seed: Seed, row: number, from: number, to: number, out: Float32Array, offset: number): void {
  for (let start = from; start < to; start += RUN) {
    fillRun(seed, row, start, Math.min(RUN, to - start), out, offset + start - from);
  }
}

/**
 * Φ⁻¹(p), the standard normal quantile, to about 1 part in 10¹⁶ (Wichura 1988, "Algorithm AS 241", PPND16) and the same bits
 * on every runtime. 0 and 1 give ∓∞; anything outside [0, 1] gives NaN.
 */
export function quantileNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= CENTRE) return central(q);
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  return q < 0 ? -outer(p) : outer(1 - p);
}

const CENTRE = 0.425;
const TWO_MINUS_52 = 1 / 4503599627370496;
const RUN = 256;
const bits = new Uint32Array(2 * RUN);
const offsets = new Float64Array(RUN);
const outside = new Uint32Array(RUN);

/** A run is made in three loops, bits, centre, tails, so that the processor never guesses which entry lies in a tail. */
function fillRun(seed: Seed, row: number, start: number, count: number, out: Float32Array, offset: number): void {
  for (let i = 0; i < count; i++) bits64(seed, row, start + i, bits, 2 * i);
  let tails = 0;
  for (let i = 0; i < count; i++) {
    const q = offsetOf(bits[2 * i], bits[2 * i + 1]);
    offsets[i] = q;
    out[offset + i] = central(q); // meaningless where q lies in a tail: written again below
    outside[tails] = i;
    tails += Math.abs(q) > CENTRE ? 1 : 0;
  }
  for (let t = 0; t < tails; t++) {
    const i = outside[t];
    out[offset + i] = quantileOfOffset(offsets[i]);
  }
}

/**
 * q = p − ½ for p = (m + ½)·2⁻⁵², m being the 52 high bits of (high, low): p is an odd multiple of 2⁻⁵³, hence strictly inside (0, 1)
 * and symmetric about ½, and p, 1 − p and q are all exact.
 */
function offsetOf(high: number, low: number): number {
  return (high * 1048576 + (low >>> 12) - 2251799813685248 + 0.5) * TWO_MINUS_52;
}

/** Φ⁻¹(½ + q) for an exact q. */
function quantileOfOffset(q: number): number {
  const magnitude = Math.abs(q);
  if (magnitude <= CENTRE) return central(q);
  const tail = outer(0.5 - magnitude);
  return q < 0 ? -tail : tail;
}

/** Φ⁻¹(½ + q) for |q| ≤ 0.425. */
function central(q: number): number {
  const r = 0.180625 - q * q;
  let a = 2509.0809287301227;
  a = a * r + 33430.57558358813;
  a = a * r + 67265.7709270087;
  a = a * r + 45921.95393154987;
  a = a * r + 13731.69376550946;
  a = a * r + 1971.5909503065513;
  a = a * r + 133.14166789178438;
  a = a * r + 3.3871328727963665;
  let b = 5226.495278852854;
  b = b * r + 28729.085735721943;
  b = b * r + 39307.89580009271;
  b = b * r + 21213.794301586597;
  b = b * r + 5394.196021424751;
  b = b * r + 687.1870074920579;
  b = b * r + 42.31333070160091;
  b = b * r + 1;
  return (q * a) / b;
}

/** −Φ⁻¹(p) for 0 < p < 0.075. */
function outer(p: number): number {
  const r = Math.sqrt(-naturalLog(p));
  return r <= 5 ? near(r - 1.6) : far(r - 5);
}

function near(r: number): number {
  let c = 0.0007745450142783414;
  c = c * r + 0.022723844989269184;
  c = c * r + 0.2417807251774506;
  c = c * r + 1.2704582524523684;
  c = c * r + 3.6478483247632045;
  c = c * r + 5.769497221460691;
  c = c * r + 4.630337846156546;
  c = c * r + 1.4234371107496835;
  let d = 1.0507500716444169e-9;
  d = d * r + 0.0005475938084995345;
  d = d * r + 0.015198666563616457;
  d = d * r + 0.14810397642748008;
  d = d * r + 0.6897673349851;
  d = d * r + 1.6763848301838038;
  d = d * r + 2.053191626637759;
  d = d * r + 1;
  return c / d;
}

function far(r: number): number {
  let e = 2.0103343992922881e-7;
  e = e * r + 0.000027115555687434876;
  e = e * r + 0.0012426609473880784;
  e = e * r + 0.026532189526576124;
  e = e * r + 0.29656057182850487;
  e = e * r + 1.7848265399172913;
  e = e * r + 5.463784911164114;
  e = e * r + 6.657904643501103;
  let f = 2.0442631033899397e-15;
  f = f * r + 1.421511758316446e-7;
  f = f * r + 0.000018463183175100548;
  f = f * r + 0.0007868691311456133;
  f = f * r + 0.014875361290850615;
  f = f * r + 0.1369298809227358;
  f = f * r + 0.599832206555888;
  f = f * r + 1;
  return e / f;
}
