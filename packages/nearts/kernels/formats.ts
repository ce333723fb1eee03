// How the values of stored rows are read, four or eight at a time: f32; IEEE halves; or a scale (f32) and then i8 codes, each value being scale · code.
// Everything is inlined with a constant format, so that each loop keeps one way of reading.

// @ts-ignore: decorator
@inline export const singles: i32 = 0;
// @ts-ignore: decorator
@inline export const halves: i32 = 1;
// @ts-ignore: decorator
@inline export const codes: i32 = 2;

/** Where a row's values start. */
// @ts-ignore: decorator
@inline
export function valuesAt(format: i32, row: usize): usize {
  return format == codes ? row + 4 : row;
}

/** What a row's values are to be multiplied by. */
// @ts-ignore: decorator
@inline
export function scaleAt(format: i32, row: usize): f32 {
  return format == codes ? f32.load(row) : 1;
}

/** Bytes of `count` values. */
// @ts-ignore: decorator
@inline
export function bytesOf(format: i32, count: usize): usize {
  if (format == singles) return count << 2;
  return format == halves ? count << 1 : count;
}

/**
 * Halves in four u32 as f32, exactly: exponent and fraction shifted into place and the exponent's bias adjusted, which is all for normal halves. A
 * subnormal one, fraction · 2⁻²⁴, has become t = 2⁻¹⁵ + fraction · 2⁻²⁵, so 2t − 2⁻¹⁴ is what it should be; of the two the smaller is right for both.
 * No step meets a subnormal f32, which some processors are slow with.
 */
// @ts-ignore: decorator
@inline
function widened(half: v128): v128 {
  const magnitude = i32x4.shl(v128.and(half, i32x4.splat(0x7fff)), 13);
  const t = i32x4.add(magnitude, i32x4.splat(112 << 23));
  const value = f32x4.pmin(t, f32x4.sub(f32x4.add(t, t), f32x4.splat(6.103515625e-5)));
  return v128.or(value, i32x4.shl(v128.and(half, i32x4.splat(0x8000)), 16));
}

/** Four values, without the row's scale. */
// @ts-ignore: decorator
@inline
export function four(format: i32, x: usize): v128 {
  if (format == singles) return v128.load(x);
  if (format == halves) return widened(v128.load16x4_u(x));
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(x))));
}

/** What the two halves of eight values are made of, read once: for {@link low} and {@link high}. */
// @ts-ignore: decorator
@inline
export function eight(format: i32, x: usize): v128 {
  return format == codes ? v128.load8x8_s(x) : i32x4.splat(0);
}

// @ts-ignore: decorator
@inline
export function low(format: i32, x: usize, read: v128): v128 {
  return format == codes ? f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(read)) : four(format, x);
}

// @ts-ignore: decorator
@inline
export function high(format: i32, x: usize, read: v128): v128 {
  return format == codes ? f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(read)) : four(format, x + bytesOf(format, 4));
}
