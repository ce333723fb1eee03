// The nearest centroid of rows: sought by products in 16-bit integers, at a third of the cost of float32, and confirmed by those of `project` for all that may be the
// nearest. What is stored depends on it, so it finds what `project` and `nearest` find, bit for bit.

import { projectManyNarrow } from "./narrow";
import { single } from "./project";

/** Length of the rows in 16 bits. With what rounding adds no value is then over 16 bits, and by Cauchy–Schwarz no sum of products over 32. */
const longest16: f64 = 32_700;
/** By how much a value is off that was multiplied in float32 and rounded. */
const rounding: f64 = 0.502;
/** Of a sum in float32, by a few times its rounding. */
const roundingShare: f64 = 1 / 2 ** 21;
/** Lengths whose squares, and products by what makes them so long, float32 holds with all digits. */
const leastLength: f64 = 1e-10;
const mostLength: f64 = 1e18;

/** Rows in 16 bits, of `longest` the one that becomes {@link longest16} long; zeros up to a multiple of 8 values. */
export function narrowRows(rows: usize, rowCount: u32, stride: u32, longest: f32, out: usize): void {
  const factor = f32x4.splat(<f32>(longest16 / <f64>longest));
  const bytes = (<usize>stride) << 2;
  for (let r: u32 = 0; r < rowCount; r++) {
    narrowRow(rows, bytes, factor, out);
    rows += bytes;
    out += ((bytes + 31) & ~31) >> 1;
  }
}

// @ts-ignore: decorator
@inline
function rounded(values: usize, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(values), factor)));
}

function narrowRow(row: usize, bytes: usize, factor: v128, out: usize): void {
  const end = row + bytes;
  for (; row + 32 <= end; row += 32, out += 16) v128.store(out, i16x8.narrow_i32x4_s(rounded(row, factor), rounded(row + 16, factor)));
  if (row < end) v128.store(out, i16x8.narrow_i32x4_s(rounded(row, factor), i32x4.splat(0)));
}

/** See the contract. */
export function nearestRows(
  rows: usize,
  rowCount: u32,
  stride: u32,
  centroids: usize,
  squares: usize,
  count: u32,
  narrowed: usize,
  longest: f32,
  scratch: usize,
  chosen: usize,
  gaps: usize,
): void {
  const bytes = (<usize>stride) << 2;
  const narrowBytes = ((bytes + 31) & ~31) >> 1;
  const scales = scratch + <usize>rowCount * narrowBytes;
  const products = scales + (((<usize>rowCount + 3) & ~3) << 2);
  const far = <f64>longest;
  const known = far > leastLength && far < mostLength;
  for (let r: u32 = 0; r < rowCount && known; r++) {
    const length = lengthOf(rows + <usize>r * bytes, bytes);
    const fits = length > leastLength && length < mostLength;
    if (fits) narrowRow(rows + <usize>r * bytes, bytes, f32x4.splat(<f32>(longest16 / length)), scratch + <usize>r * narrowBytes);
    f32.store(scales + ((<usize>r) << 2), fits ? <f32>((length * far) / (longest16 * longest16)) : 0);
  }
  if (known) projectManyNarrow(scratch, rowCount, narrowed, count, <u32>(narrowBytes >> 1), scales, products);
  const share = errorShare(stride);
  for (let r: u32 = 0; r < rowCount; r++) {
    const scale: f64 = known ? <f64>f32.load(scales + ((<usize>r) << 2)) : 0;
    if (scale > 0) {
      const product = scale * longest16 * longest16; // of the lengths
      const own = products + ((<usize>r * count) << 2);
      const within = 4 * product * share + (far * far + product) * roundingShare;
      confirm(rows, bytes, centroids, squares, count, own, least(own, squares, count), <f32>within, chosen, gaps);
    } else search(rows, bytes, centroids, squares, count, chosen, gaps);
    rows += bytes;
    chosen += 4;
    gaps += 4;
  }
}

/** By how much of the product of the lengths a product in 16 bits, and one in float32, may be off. */
function errorShare(stride: u32): f64 {
  const one = (rounding * sqrt<f64>(<f64>stride)) / longest16;
  return 1.01 * (one * (2 + one) + (<f64>stride + 32) * roundingShare);
}

function lengthOf(row: usize, bytes: usize): f64 {
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(row + i);
    sum = f32x4.add(sum, f32x4.mul(x, x));
  }
  return sqrt<f64>(<f64>(f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))));
}

/** Makes gaps of products, in their place; returns the least. */
function least(products: usize, squares: usize, count: u32): f32 {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  const two = f32x4.splat(2);
  let lowest = f32x4.splat(Infinity);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const gap = f32x4.sub(v128.load(squares + i), f32x4.mul(two, v128.load(products + i)));
    v128.store(products + i, gap);
    lowest = f32x4.pmin(lowest, gap);
  }
  let best = min<f32>(
    min<f32>(f32x4.extract_lane(lowest, 0), f32x4.extract_lane(lowest, 1)),
    min<f32>(f32x4.extract_lane(lowest, 2), f32x4.extract_lane(lowest, 3)),
  );
  for (; i < bytes; i += 4) {
    const gap = f32.load(squares + i) - 2 * f32.load(products + i);
    f32.store(products + i, gap);
    best = min<f32>(best, gap);
  }
  return best;
}

/** The nearest of the centroids whose gaps are about the least. */
function confirm(
  row: usize,
  bytes: usize,
  centroids: usize,
  squares: usize,
  count: u32,
  about: usize,
  lowest: f32,
  within: f32,
  chosen: usize,
  gaps: usize,
): void {
  const end = (<usize>count) << 2;
  const whole = end & ~15;
  const limit = lowest + within;
  const limits = f32x4.splat(limit);
  let best: f32 = Infinity;
  let number: u32 = count;
  let i: usize = 0;
  for (; i < whole; i += 16) {
    let some = i32x4.bitmask(f32x4.le(v128.load(about + i), limits));
    for (; some !== 0; some &= some - 1) {
      const c: u32 = (<u32>i >> 2) + ctz(some);
      const gap = f32.load(squares + ((<usize>c) << 2)) - 2 * single(row, centroids + <usize>c * bytes, bytes);
      if (gap < best) {
        best = gap;
        number = c;
      }
    }
  }
  for (; i < end; i += 4) {
    if (f32.load(about + i) > limit) continue;
    const gap = f32.load(squares + i) - 2 * single(row, centroids + (i >> 2) * bytes, bytes);
    if (gap < best) {
      best = gap;
      number = <u32>(i >> 2);
    }
  }
  store<u32>(chosen, number);
  f32.store(gaps, best);
}

/** The nearest of all. */
function search(row: usize, bytes: usize, centroids: usize, squares: usize, count: u32, chosen: usize, gaps: usize): void {
  let best: f32 = Infinity;
  let number: u32 = count;
  for (let c: u32 = 0; c < count; c++) {
    const gap = f32.load(squares + ((<usize>c) << 2)) - 2 * single(row, centroids + <usize>c * bytes, bytes);
    if (gap < best && gap > -Infinity) {
      best = gap;
      number = c;
    }
  }
  store<u32>(chosen, number);
  f32.store(gaps, best);
}
