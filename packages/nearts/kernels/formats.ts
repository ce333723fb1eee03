// How the values of stored rows are read, four or eight at a time: f32; IEEE halves; a scale (f32) and then i8 codes, each value being scale · code; or whole
// numbers, a byte each, which a query that is packed as they are is compared with in integers (packed.ts).
// Everything is inlined with a constant format, so that each loop keeps one way of reading.

// @ts-ignore: decorator
@inline export const singles: u32 = 0;
// @ts-ignore: decorator
@inline export const halves: u32 = 1;
// @ts-ignore: decorator
@inline export const codes: u32 = 2;
// @ts-ignore: decorator
@inline export const wholes: u32 = 3;
// @ts-ignore: decorator
@inline export const packed: u32 = 4;

/** Where a row's values start. */
// @ts-ignore: decorator
@inline
export function valuesAt(format: u32, row: usize): usize {
  return format == codes ? row + 4 : row;
}

/** What a row's values are to be multiplied by. */
// @ts-ignore: decorator
@inline
export function scaleAt(format: u32, row: usize): f32 {
  return format == codes ? f32.load(row) : 1;
}

/** Bytes of `count` values. */
// @ts-ignore: decorator
@inline
export function bytesOf(format: u32, count: usize): usize {
  if (format == singles) return count << 2;
  return format == halves ? count << 1 : count;
}

/** Halves in four i32 as f32, exactly, subnormal ones too: sign, exponent and fraction shifted into place, and 2¹¹² for the exponents' biases. */
// @ts-ignore: decorator
@inline
function widened(half: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shl(half, 13), i32x4.splat(<i32>0x8fffe000)), f32x4.splat(5.192296858534828e33));
}

/** Four values, without the row's scale. */
// @ts-ignore: decorator
@inline
export function four(format: u32, x: usize): v128 {
  if (format == singles) return v128.load(x);
  if (format == halves) return widened(v128.load16x4_s(x));
  const bytes = v128.load32_zero(x);
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(format == codes ? i16x8.extend_low_i8x16_s(bytes) : i16x8.extend_low_i8x16_u(bytes)));
}

/** What {@link low} and {@link high} four of eight values are made of, where it pays to read it once. */
// @ts-ignore: decorator
@inline
export function eight(format: u32, x: usize): v128 {
  if (format == codes) return v128.load8x8_s(x);
  return format == wholes ? v128.load8x8_u(x) : i32x4.splat(0);
}

// @ts-ignore: decorator
@inline
export function low(format: u32, x: usize, read: v128): v128 {
  return format == codes || format == wholes ? f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(read)) : four(format, x);
}

// @ts-ignore: decorator
@inline
export function high(format: u32, x: usize, read: v128): v128 {
  return format == codes || format == wholes ? f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(read)) : four(format, x + bytesOf(format, 4));
}

// @ts-ignore: decorator
@inline
function widenAs(format: u32, row: usize, values: usize, out: usize): void {
  const scale = f32x4.splat(scaleAt(format, row));
  const x = valuesAt(format, row);
  for (let i: usize = 0; i < values; i += 4) {
    const read = four(format, x + bytesOf(format, i));
    v128.store(out + (i << 2), format == codes ? f32x4.mul(scale, read) : read);
  }
}

/** The row's `values` values (a multiple of 4) as f32 at `out`. */
export function widen(format: u32, row: usize, values: u32, out: usize): void {
  if (format == singles) widenAs(singles, row, values, out);
  else if (format == halves) widenAs(halves, row, values, out);
  else if (format == codes) widenAs(codes, row, values, out);
  else widenAs(wholes, row, values, out);
}
