// Rows of whole numbers from 0 to 255, a byte each (images, counts, SIFT descriptors), and queries of the same kind: sums of squares in integers, which are
// exact, by a quarter of the memory that f32 takes.

/** out[i] (u8) = values[i] (f32) for `count` of them (a multiple of 4); whether all are whole numbers from 0 to 255, −0 not being one, else some bytes are wrong. */
export function pack(values: usize, count: u32, out: usize): bool {
  const end = values + ((<usize>count) << 2);
  let other = i32x4.splat(0);
  for (; values < end; values += 16, out += 4) {
    const x = v128.load(values);
    const whole = i32x4.trunc_sat_f32x4_s(x);
    // Bits, not values, are compared, so that −0 differs; and of a byte's bits none may lie beyond it.
    other = v128.or(other, v128.or(v128.xor(x, f32x4.convert_i32x4_s(whole)), v128.andnot(whole, i32x4.splat(255))));
    const words = i16x8.narrow_i32x4_s(whole, whole);
    store<u32>(out, i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
  }
  return !v128.any_true(other);
}

/** sum + the squares of the differences of 16 bytes each, in four lanes. */
// @ts-ignore: decorator
@inline
function added(sum: v128, q: v128, x: v128): v128 {
  const d = v128.or(i8x16.sub_sat_u(q, x), i8x16.sub_sat_u(x, q));
  const low = i16x8.extend_low_i8x16_u(d);
  const high = i16x8.extend_high_i8x16_u(d);
  return i32x4.add(i32x4.add(sum, i32x4.dot_i16x8_s(low, low)), i32x4.dot_i16x8_s(high, high));
}

// @ts-ignore: decorator
@inline
function total(s: v128): i32 {
  return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + (i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3));
}

/** Σ (q − x)² over `values` bytes (a multiple of 4). */
// @ts-ignore: decorator
@inline
function squareOf(q: usize, x: usize, values: usize): i32 {
  const whole = values & ~15;
  let sum = i32x4.splat(0);
  let i: usize = 0;
  for (; i < whole; i += 16) sum = added(sum, v128.load(q + i), v128.load(x + i));
  for (; i < values; i += 4) sum = added(sum, v128.load32_zero(q + i), v128.load32_zero(x + i));
  return total(sum);
}

/** out[c] (f64) = Σ (q − x)² of `count` packed rows of `values` bytes (a multiple of 4, up to 32,768), `rowBytes` apart, and a packed query: exactly. */
export function packedSquares(q: usize, values: u32, base: usize, rowBytes: u32, rows: usize, count: u32, out: usize): void {
  for (let c: u32 = 0; c < count; c++) {
    f64.store(out + ((<usize>c) << 3), squareOf(q, base + <usize>load<u32>(rows + ((<usize>c) << 2)) * rowBytes, values));
  }
}

/** The same of up to six rows at the addresses given, as f32, of which `count` are stored. */
export function squaresOfPacked(
  q: usize,
  values: usize,
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  r4: usize,
  r5: usize,
  count: u32,
  out: usize,
): void {
  const whole = values & ~15;
  let a0 = i32x4.splat(0);
  let a1 = i32x4.splat(0);
  let a2 = i32x4.splat(0);
  let a3 = i32x4.splat(0);
  let a4 = i32x4.splat(0);
  let a5 = i32x4.splat(0);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const u = v128.load(q + i);
    a0 = added(a0, u, v128.load(r0 + i));
    a1 = added(a1, u, v128.load(r1 + i));
    a2 = added(a2, u, v128.load(r2 + i));
    a3 = added(a3, u, v128.load(r3 + i));
    a4 = added(a4, u, v128.load(r4 + i));
    a5 = added(a5, u, v128.load(r5 + i));
  }
  for (; i < values; i += 4) {
    const u = v128.load32_zero(q + i);
    a0 = added(a0, u, v128.load32_zero(r0 + i));
    a1 = added(a1, u, v128.load32_zero(r1 + i));
    a2 = added(a2, u, v128.load32_zero(r2 + i));
    a3 = added(a3, u, v128.load32_zero(r3 + i));
    a4 = added(a4, u, v128.load32_zero(r4 + i));
    a5 = added(a5, u, v128.load32_zero(r5 + i));
  }
  f32.store(out, <f32>total(a0));
  if (count > 1) f32.store(out, <f32>total(a1), 4);
  if (count > 2) f32.store(out, <f32>total(a2), 8);
  if (count > 3) f32.store(out, <f32>total(a3), 12);
  if (count > 4) f32.store(out, <f32>total(a4), 16);
  if (count > 5) f32.store(out, <f32>total(a5), 20);
}
