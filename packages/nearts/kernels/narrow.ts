// Products in 16-bit integers: half the bytes and half the instructions of float32, for queries, whose coordinates only choose what is read.
// Nothing that is stored comes from here.

/** out[i] (i16) = values[i] · scale, rounded to nearest even and saturated; `count` is a multiple of 8. */
export function narrow(values: usize, count: u32, scale: f32, out: usize): void {
  const factor = f32x4.splat(scale);
  const end = values + ((<usize>count) << 2);
  for (; values < end; values += 32, out += 16) {
    const a = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(values), factor)));
    const b = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(values, 16), factor)));
    v128.store(out, i16x8.narrow_i32x4_s(a, b));
  }
}

// @ts-ignore: decorator
@inline
function total(lanes: v128): f32 {
  return <f32>(i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3));
}

/** The totals of four vectors, a lane each. */
// @ts-ignore: decorator
@inline
function totals(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const a = i32x4.add(v128.shuffle<i32>(s0, s1, 0, 4, 1, 5), v128.shuffle<i32>(s0, s1, 2, 6, 3, 7));
  const b = i32x4.add(v128.shuffle<i32>(s2, s3, 0, 4, 1, 5), v128.shuffle<i32>(s2, s3, 2, 6, 3, 7));
  return f32x4.convert_i32x4_s(i32x4.add(v128.shuffle<i64>(a, b, 0, 2), v128.shuffle<i64>(a, b, 1, 3)));
}

// @ts-ignore: decorator
@inline
function added(sum: v128, x: v128, y: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(x, y));
}

/** out[p] (f32) = scale · Σ q·matrix[p], of i16 rows `stride` values (a multiple of 8) apart; the caller sees to it that no sum leaves 32 bits. */
export function projectNarrow(q: usize, matrix: usize, planes: u32, stride: u32, scale: f32, out: usize): void {
  const bytes = (<usize>stride) << 1;
  const pairs = bytes & ~31;
  let p: u32 = 0;
  for (; p + 4 <= planes; p += 4) {
    const a0 = matrix + <usize>p * bytes;
    const a1 = a0 + bytes;
    const a2 = a1 + bytes;
    const a3 = a2 + bytes;
    let s0 = i32x4.splat(0);
    let s1 = i32x4.splat(0);
    let s2 = i32x4.splat(0);
    let s3 = i32x4.splat(0);
    let i: usize = 0;
    // Two steps at a time: the second needs no addresses of its own.
    for (; i < pairs; i += 32) {
      const x = v128.load(q + i);
      const y = v128.load(q + i, 16);
      s0 = added(added(s0, x, v128.load(a0 + i)), y, v128.load(a0 + i, 16));
      s1 = added(added(s1, x, v128.load(a1 + i)), y, v128.load(a1 + i, 16));
      s2 = added(added(s2, x, v128.load(a2 + i)), y, v128.load(a2 + i, 16));
      s3 = added(added(s3, x, v128.load(a3 + i)), y, v128.load(a3 + i, 16));
    }
    if (i < bytes) {
      const x = v128.load(q + i);
      s0 = added(s0, x, v128.load(a0 + i));
      s1 = added(s1, x, v128.load(a1 + i));
      s2 = added(s2, x, v128.load(a2 + i));
      s3 = added(s3, x, v128.load(a3 + i));
    }
    v128.store(out + ((<usize>p) << 2), f32x4.mul(totals(s0, s1, s2, s3), f32x4.splat(scale)));
  }
  for (; p < planes; p++) {
    const a = matrix + <usize>p * bytes;
    let sum = i32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) sum = added(sum, v128.load(q + i), v128.load(a + i));
    f32.store(out + ((<usize>p) << 2), total(sum) * scale);
  }
}

/** As {@link projectNarrow} for `count` queries, a row of i16 each: scales[r] and out[r·planes + p] are of query r. The matrix is read once for four of them. */
export function projectManyNarrow(queries: usize, count: u32, matrix: usize, planes: u32, stride: u32, scales: usize, out: usize): void {
  const bytes = (<usize>stride) << 1;
  const row = (<usize>planes) << 2;
  let r: u32 = 0;
  for (; r + 4 <= count; r += 4) {
    fourQueries(queries, matrix, planes, bytes, scales, out);
    queries += 4 * bytes;
    scales += 16;
    out += 4 * row;
  }
  for (; r < count; r++) {
    projectNarrow(queries, matrix, planes, stride, f32.load(scales), out);
    queries += bytes;
    scales += 4;
    out += row;
  }
}

function fourQueries(q: usize, matrix: usize, planes: u32, bytes: usize, scales: usize, out: usize): void {
  const row = (<usize>planes) << 2;
  const q1 = q + bytes;
  const q2 = q1 + bytes;
  const q3 = q2 + bytes;
  let p: u32 = 0;
  for (; p + 2 <= planes; p += 2) {
    const b = matrix + bytes;
    let s00 = i32x4.splat(0);
    let s01 = i32x4.splat(0);
    let s02 = i32x4.splat(0);
    let s03 = i32x4.splat(0);
    let s10 = i32x4.splat(0);
    let s11 = i32x4.splat(0);
    let s12 = i32x4.splat(0);
    let s13 = i32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = v128.load(matrix + i);
      const y = v128.load(b + i);
      const a = v128.load(q + i);
      s00 = added(s00, x, a);
      s10 = added(s10, y, a);
      const c = v128.load(q1 + i);
      s01 = added(s01, x, c);
      s11 = added(s11, y, c);
      const d = v128.load(q2 + i);
      s02 = added(s02, x, d);
      s12 = added(s12, y, d);
      const e = v128.load(q3 + i);
      s03 = added(s03, x, e);
      s13 = added(s13, y, e);
    }
    fourSums(s00, s01, s02, s03, scales, row, out);
    fourSums(s10, s11, s12, s13, scales, row, out + 4);
    matrix += 2 * bytes;
    out += 8;
  }
  if (p == planes) return;
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  let s3 = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(matrix + i);
    s0 = added(s0, x, v128.load(q + i));
    s1 = added(s1, x, v128.load(q1 + i));
    s2 = added(s2, x, v128.load(q2 + i));
    s3 = added(s3, x, v128.load(q3 + i));
  }
  fourSums(s0, s1, s2, s3, scales, row, out);
}

// @ts-ignore: decorator
@inline
function fourSums(s0: v128, s1: v128, s2: v128, s3: v128, scales: usize, row: usize, out: usize): void {
  const sums = f32x4.mul(totals(s0, s1, s2, s3), v128.load(scales));
  f32.store(out, f32x4.extract_lane(sums, 0));
  f32.store(out + row, f32x4.extract_lane(sums, 1));
  f32.store(out + 2 * row, f32x4.extract_lane(sums, 2));
  f32.store(out + 3 * row, f32x4.extract_lane(sums, 3));
}

/** Whether `count` (a multiple of 4) f32 are bit for bit the same, but for NaN and the sign of 0. */
export function same(x: usize, y: usize, count: u32): bool {
  const bytes = (<usize>count) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    if (!i32x4.all_true(f32x4.eq(v128.load(x + i), v128.load(y + i)))) return false;
  }
  return true;
}

/** out = x·scale − origin over `count` f32 (a multiple of 4); returns the sum of squares of that. For `unit` the scale is 1/‖x‖ (1 for the zero vector), else 1. */
export function centre(x: usize, origin: usize, count: u32, unit: bool, out: usize): f32 {
  const bytes = (<usize>count) << 2;
  let scale: f32 = 1;
  if (unit) {
    const square = squareOf(x, bytes);
    if (square > 0) scale = 1 / sqrt<f32>(square);
  }
  const factor = f32x4.splat(scale);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, f32x4.sub(f32x4.mul(v128.load(x + i), factor), v128.load(origin + i)));
  return squareOf(out, bytes);
}

function squareOf(x: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const u = v128.load(x + i);
    a = f32x4.add(a, f32x4.mul(u, u));
  }
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}
