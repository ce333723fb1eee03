// Ranks of stored rows against queries. Row c lies at base + rows[c]·stride·4. Every row is summed in two accumulators of four lanes
// (i mod 8) whichever way rows and queries are blocked, so that equal vectors get equal ranks and ties fall to the row number.
// Rows that follow one another are read one by one: the hardware's prefetcher follows one stream at full bandwidth and several at half of it.
// Scattered rows are read four at a time, which keeps four cache misses under way instead of one.

// What is summed. Constants all the way down: inlined, each kernel keeps one branch only.
// @ts-ignore: decorator
@inline const squares: i32 = 0;
// @ts-ignore: decorator
@inline const products: i32 = 1;
// @ts-ignore: decorator
@inline const absolutes: i32 = 2;

// @ts-ignore: decorator
@inline
function add(what: i32, sum: v128, q: v128, x: v128): v128 {
  if (what == products) return f32x4.add(sum, f32x4.mul(q, x));
  const d = f32x4.sub(q, x);
  return f32x4.add(sum, what == squares ? f32x4.mul(d, d) : f32x4.abs(d));
}

/**
 * As `add`, in one rounding where the build and the machine have such an instruction: a fifth to a third faster on rows in the cache. One query at a time gains
 * nothing by it and its sums go into codes, which must not depend on the machine: there it is not used.
 */
// @ts-ignore: decorator
@inline
function addFused(what: i32, sum: v128, q: v128, x: v128): v128 {
  if (!ASC_FEATURE_RELAXED_SIMD || what == absolutes) return add(what, sum, q, x);
  if (what == products) return f32x4.relaxed_madd(q, x, sum);
  const d = f32x4.sub(q, x);
  return f32x4.relaxed_madd(d, d, sum);
}

// @ts-ignore: decorator
@inline
function total(a: v128, b: v128): f32 {
  return close(f32x4.add(a, b));
}

// @ts-ignore: decorator
@inline
function close(s: v128): f32 {
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}

// @ts-ignore: decorator
@inline
function rowAt(base: usize, rows: usize, c: u32, bytes: usize): usize {
  return base + <usize>load<u32>(rows + ((<usize>c) << 2)) * bytes;
}

// @ts-ignore: decorator
@inline
function scattered(rows: usize, c: u32): bool {
  const at = rows + ((<usize>c) << 2);
  return load<u32>(at, 4) != load<u32>(at) + 1;
}

// @ts-ignore: decorator
@inline
function sumOfOne(what: i32, q: usize, x: usize, bytes: usize): f32 {
  const even = bytes & ~31;
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let i: usize = 0;
  for (; i < even; i += 32) {
    a = add(what, a, v128.load(q + i), v128.load(x + i));
    b = add(what, b, v128.load(q + i, 16), v128.load(x + i, 16));
  }
  if (i < bytes) a = add(what, a, v128.load(q + i), v128.load(x + i));
  return total(a, b);
}

/** Sums of a query with four rows, into four consecutive floats. */
// @ts-ignore: decorator
@inline
function sumsOfFour(what: i32, q: usize, x0: usize, x1: usize, x2: usize, x3: usize, bytes: usize, out: usize): void {
  const even = bytes & ~31;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  let i: usize = 0;
  for (; i < even; i += 32) {
    const u = v128.load(q + i);
    a0 = add(what, a0, u, v128.load(x0 + i));
    a1 = add(what, a1, u, v128.load(x1 + i));
    a2 = add(what, a2, u, v128.load(x2 + i));
    a3 = add(what, a3, u, v128.load(x3 + i));
    const v = v128.load(q + i, 16);
    b0 = add(what, b0, v, v128.load(x0 + i, 16));
    b1 = add(what, b1, v, v128.load(x1 + i, 16));
    b2 = add(what, b2, v, v128.load(x2 + i, 16));
    b3 = add(what, b3, v, v128.load(x3 + i, 16));
  }
  if (i < bytes) {
    const u = v128.load(q + i);
    a0 = add(what, a0, u, v128.load(x0 + i));
    a1 = add(what, a1, u, v128.load(x1 + i));
    a2 = add(what, a2, u, v128.load(x2 + i));
    a3 = add(what, a3, u, v128.load(x3 + i));
  }
  f32.store(out, total(a0, b0));
  f32.store(out, total(a1, b1), 4);
  f32.store(out, total(a2, b2), 8);
  f32.store(out, total(a3, b3), 12);
}

// @ts-ignore: decorator
@inline
function rank(what: i32, q: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let c: u32 = 0; c < count; ) {
    const at = out + ((<usize>c) << 2);
    if (c + 4 <= count && scattered(rows, c)) {
      const x1 = rowAt(base, rows, c + 1, bytes);
      const x2 = rowAt(base, rows, c + 2, bytes);
      sumsOfFour(what, q, rowAt(base, rows, c, bytes), x1, x2, rowAt(base, rows, c + 3, bytes), bytes, at);
      c += 4;
    } else {
      f32.store(at, sumOfOne(what, q, rowAt(base, rows, c, bytes), bytes));
      c++;
    }
  }
}

/**
 * Four queries, one after the other: out[j · outStride + c]. Two rows and four queries at a time: six loads for eight products.
 * One accumulator a pair, for a single last row too, so that equal vectors get equal ranks here as well.
 */
// @ts-ignore: decorator
@inline
function rankMany(what: i32, queries: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize, outStride: u32): void {
  const bytes = (<usize>stride) << 2;
  const line = (<usize>outStride) << 2;
  const q1 = queries + bytes;
  const q2 = q1 + bytes;
  const q3 = q2 + bytes;
  for (let c: u32 = 0; c < count; c += 2) {
    const x = rowAt(base, rows, c, bytes);
    // A last single row goes twice; its second result is not stored.
    const y = c + 1 < count ? rowAt(base, rows, c + 1, bytes) : x;
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const u = v128.load(x + i);
      const v = v128.load(y + i);
      const w0 = v128.load(queries + i);
      a0 = addFused(what, a0, w0, u);
      b0 = addFused(what, b0, w0, v);
      const w1 = v128.load(q1 + i);
      a1 = addFused(what, a1, w1, u);
      b1 = addFused(what, b1, w1, v);
      const w2 = v128.load(q2 + i);
      a2 = addFused(what, a2, w2, u);
      b2 = addFused(what, b2, w2, v);
      const w3 = v128.load(q3 + i);
      a3 = addFused(what, a3, w3, u);
      b3 = addFused(what, b3, w3, v);
    }
    const at = out + ((<usize>c) << 2);
    f32.store(at, close(a0));
    f32.store(at + line * 1, close(a1));
    f32.store(at + line * 2, close(a2));
    f32.store(at + line * 3, close(a3));
    if (c + 1 == count) break;
    f32.store(at, close(b0), 4);
    f32.store(at + line * 1, close(b1), 4);
    f32.store(at + line * 2, close(b2), 4);
    f32.store(at + line * 3, close(b3), 4);
  }
}

// @ts-ignore: decorator
@inline
function scaleNegated(values: usize, scale: usize, count: u32): void {
  for (let c: u32 = 0; c < count; c++) {
    const at = (<usize>c) << 2;
    f32.store(values + at, -f32.load(values + at) * f32.load(scale + at));
  }
}

/** out[c] = Σ (q − x)². */
export function squaredEuclidean(q: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize): void {
  rank(squares, q, base, stride, rows, count, out);
}

/** out[c] = −Σ q·x · scale[c]. */
export function dot(q: usize, base: usize, stride: u32, rows: usize, scale: usize, count: u32, out: usize): void {
  rank(products, q, base, stride, rows, count, out);
  scaleNegated(out, scale, count);
}

/** out[c] = Σ |q − x|. */
export function manhattan(q: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize): void {
  rank(absolutes, q, base, stride, rows, count, out);
}

/** As `squaredEuclidean` for four queries: out[j · outStride + c]. */
export function squaredEuclideanMany(queries: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize, outStride: u32): void {
  rankMany(squares, queries, base, stride, rows, count, out, outStride);
}

/** As `dot` for four queries: out[j · outStride + c]. */
export function dotMany(queries: usize, base: usize, stride: u32, rows: usize, scale: usize, count: u32, out: usize, outStride: u32): void {
  rankMany(products, queries, base, stride, rows, count, out, outStride);
  for (let j: u32 = 0; j < 4; j++) scaleNegated(out + <usize>(j * outStride) * 4, scale, count);
}

/** out[c] = number of bits in which q and x differ. */
export function hamming(q: usize, base: usize, words: u32, rows: usize, count: u32, out: usize): void {
  const bytes = (<usize>words) << 2;
  for (let c: u32 = 0; c < count; c++) {
    const x = rowAt(base, rows, c, bytes);
    let sum = i32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const ones = i8x16.popcnt(v128.xor(v128.load(q + i), v128.load(x + i)));
      sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(ones)));
    }
    const bits = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
    f32.store(out + ((<usize>c) << 2), <f32>bits);
  }
}
