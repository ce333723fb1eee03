// Ranks of stored rows against queries. Row c lies at base + rows[c]·stride·4. Every row is summed in two accumulators of four lanes
// (i mod 8) whichever way rows and queries are blocked, so that equal vectors get equal ranks and ties fall to the row number.
// Rows that follow one another are read one by one: the hardware's prefetcher follows one stream at full bandwidth and several at half of it.
// Scattered rows are read four at a time, which keeps four cache misses under way instead of one.

// @ts-ignore: decorator
@inline
function total(a: v128, b: v128): f32 {
  const s = f32x4.add(a, b);
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}

// @ts-ignore: decorator
@inline
function addSquare(sum: v128, q: v128, x: v128): v128 {
  const d = f32x4.sub(q, x);
  return f32x4.add(sum, f32x4.mul(d, d));
}

// @ts-ignore: decorator
@inline
function addProduct(sum: v128, q: v128, x: v128): v128 {
  return f32x4.add(sum, f32x4.mul(q, x));
}

// @ts-ignore: decorator
@inline
function addAbsolute(sum: v128, q: v128, x: v128): v128 {
  return f32x4.add(sum, f32x4.abs(f32x4.sub(q, x)));
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

/** out[c] = Σ (q − x)². */
export function squaredEuclidean(q: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  let c: u32 = 0;
  while (c < count) {
    const at = out + ((<usize>c) << 2);
    if (c + 4 <= count && scattered(rows, c)) {
      squaredOfFour(q, rowAt(base, rows, c, bytes), rowAt(base, rows, c + 1, bytes), rowAt(base, rows, c + 2, bytes), rowAt(base, rows, c + 3, bytes), bytes, at);
      c += 4;
    } else {
      f32.store(at, squaredOfOne(q, rowAt(base, rows, c, bytes), bytes));
      c++;
    }
  }
}

/** out[c] = −Σ q·x · scale[c]. */
export function dot(q: usize, base: usize, stride: u32, rows: usize, scale: usize, count: u32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  let c: u32 = 0;
  while (c < count) {
    const at = out + ((<usize>c) << 2);
    if (c + 4 <= count && scattered(rows, c)) {
      productOfFour(q, rowAt(base, rows, c, bytes), rowAt(base, rows, c + 1, bytes), rowAt(base, rows, c + 2, bytes), rowAt(base, rows, c + 3, bytes), bytes, at);
      c += 4;
    } else {
      f32.store(at, productOfOne(q, rowAt(base, rows, c, bytes), bytes));
      c++;
    }
  }
  for (c = 0; c < count; c++) {
    const at = (<usize>c) << 2;
    f32.store(out + at, -f32.load(out + at) * f32.load(scale + at));
  }
}

/** out[c] = Σ |q − x|. */
export function manhattan(q: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  let c: u32 = 0;
  while (c < count) {
    const at = out + ((<usize>c) << 2);
    if (c + 4 <= count && scattered(rows, c)) {
      absoluteOfFour(q, rowAt(base, rows, c, bytes), rowAt(base, rows, c + 1, bytes), rowAt(base, rows, c + 2, bytes), rowAt(base, rows, c + 3, bytes), bytes, at);
      c += 4;
    } else {
      f32.store(at, absoluteOfOne(q, rowAt(base, rows, c, bytes), bytes));
      c++;
    }
  }
}

function squaredOfOne(q: usize, x: usize, bytes: usize): f32 {
  const even = bytes & ~31;
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let i: usize = 0;
  for (; i < even; i += 32) {
    a = addSquare(a, v128.load(q + i), v128.load(x + i));
    b = addSquare(b, v128.load(q + i, 16), v128.load(x + i, 16));
  }
  if (i < bytes) a = addSquare(a, v128.load(q + i), v128.load(x + i));
  return total(a, b);
}

/** Sums of four scattered rows into four consecutive floats. */
function squaredOfFour(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, bytes: usize, out: usize): void {
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
    a0 = addSquare(a0, u, v128.load(x0 + i));
    a1 = addSquare(a1, u, v128.load(x1 + i));
    a2 = addSquare(a2, u, v128.load(x2 + i));
    a3 = addSquare(a3, u, v128.load(x3 + i));
    const v = v128.load(q + i, 16);
    b0 = addSquare(b0, v, v128.load(x0 + i, 16));
    b1 = addSquare(b1, v, v128.load(x1 + i, 16));
    b2 = addSquare(b2, v, v128.load(x2 + i, 16));
    b3 = addSquare(b3, v, v128.load(x3 + i, 16));
  }
  if (i < bytes) {
    const u = v128.load(q + i);
    a0 = addSquare(a0, u, v128.load(x0 + i));
    a1 = addSquare(a1, u, v128.load(x1 + i));
    a2 = addSquare(a2, u, v128.load(x2 + i));
    a3 = addSquare(a3, u, v128.load(x3 + i));
  }
  f32.store(out, total(a0, b0));
  f32.store(out, total(a1, b1), 4);
  f32.store(out, total(a2, b2), 8);
  f32.store(out, total(a3, b3), 12);
}

function productOfOne(q: usize, x: usize, bytes: usize): f32 {
  const even = bytes & ~31;
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let i: usize = 0;
  for (; i < even; i += 32) {
    a = addProduct(a, v128.load(q + i), v128.load(x + i));
    b = addProduct(b, v128.load(q + i, 16), v128.load(x + i, 16));
  }
  if (i < bytes) a = addProduct(a, v128.load(q + i), v128.load(x + i));
  return total(a, b);
}

/** Sums of four scattered rows into four consecutive floats. */
function productOfFour(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, bytes: usize, out: usize): void {
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
    a0 = addProduct(a0, u, v128.load(x0 + i));
    a1 = addProduct(a1, u, v128.load(x1 + i));
    a2 = addProduct(a2, u, v128.load(x2 + i));
    a3 = addProduct(a3, u, v128.load(x3 + i));
    const v = v128.load(q + i, 16);
    b0 = addProduct(b0, v, v128.load(x0 + i, 16));
    b1 = addProduct(b1, v, v128.load(x1 + i, 16));
    b2 = addProduct(b2, v, v128.load(x2 + i, 16));
    b3 = addProduct(b3, v, v128.load(x3 + i, 16));
  }
  if (i < bytes) {
    const u = v128.load(q + i);
    a0 = addProduct(a0, u, v128.load(x0 + i));
    a1 = addProduct(a1, u, v128.load(x1 + i));
    a2 = addProduct(a2, u, v128.load(x2 + i));
    a3 = addProduct(a3, u, v128.load(x3 + i));
  }
  f32.store(out, total(a0, b0));
  f32.store(out, total(a1, b1), 4);
  f32.store(out, total(a2, b2), 8);
  f32.store(out, total(a3, b3), 12);
}

function absoluteOfOne(q: usize, x: usize, bytes: usize): f32 {
  const even = bytes & ~31;
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let i: usize = 0;
  for (; i < even; i += 32) {
    a = addAbsolute(a, v128.load(q + i), v128.load(x + i));
    b = addAbsolute(b, v128.load(q + i, 16), v128.load(x + i, 16));
  }
  if (i < bytes) a = addAbsolute(a, v128.load(q + i), v128.load(x + i));
  return total(a, b);
}

/** Sums of four scattered rows into four consecutive floats. */
function absoluteOfFour(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, bytes: usize, out: usize): void {
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
    a0 = addAbsolute(a0, u, v128.load(x0 + i));
    a1 = addAbsolute(a1, u, v128.load(x1 + i));
    a2 = addAbsolute(a2, u, v128.load(x2 + i));
    a3 = addAbsolute(a3, u, v128.load(x3 + i));
    const v = v128.load(q + i, 16);
    b0 = addAbsolute(b0, v, v128.load(x0 + i, 16));
    b1 = addAbsolute(b1, v, v128.load(x1 + i, 16));
    b2 = addAbsolute(b2, v, v128.load(x2 + i, 16));
    b3 = addAbsolute(b3, v, v128.load(x3 + i, 16));
  }
  if (i < bytes) {
    const u = v128.load(q + i);
    a0 = addAbsolute(a0, u, v128.load(x0 + i));
    a1 = addAbsolute(a1, u, v128.load(x1 + i));
    a2 = addAbsolute(a2, u, v128.load(x2 + i));
    a3 = addAbsolute(a3, u, v128.load(x3 + i));
  }
  f32.store(out, total(a0, b0));
  f32.store(out, total(a1, b1), 4);
  f32.store(out, total(a2, b2), 8);
  f32.store(out, total(a3, b3), 12);
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

/** As `squaredEuclidean` for four queries, one after the other at `queries`: out[j · outStride + c]. Each row is loaded once. */
export function squaredEuclideanMany(queries: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize, outStride: u32): void {
  const bytes = (<usize>stride) << 2;
  const even = bytes & ~31;
  const q1 = queries + bytes;
  const q2 = q1 + bytes;
  const q3 = q2 + bytes;
  const line = (<usize>outStride) << 2;
  for (let c: u32 = 0; c < count; c++) {
    const x = rowAt(base, rows, c, bytes);
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
      const u = v128.load(x + i);
      a0 = addSquare(a0, v128.load(queries + i), u);
      a1 = addSquare(a1, v128.load(q1 + i), u);
      a2 = addSquare(a2, v128.load(q2 + i), u);
      a3 = addSquare(a3, v128.load(q3 + i), u);
      const v = v128.load(x + i, 16);
      b0 = addSquare(b0, v128.load(queries + i, 16), v);
      b1 = addSquare(b1, v128.load(q1 + i, 16), v);
      b2 = addSquare(b2, v128.load(q2 + i, 16), v);
      b3 = addSquare(b3, v128.load(q3 + i, 16), v);
    }
    if (i < bytes) {
      const u = v128.load(x + i);
      a0 = addSquare(a0, v128.load(queries + i), u);
      a1 = addSquare(a1, v128.load(q1 + i), u);
      a2 = addSquare(a2, v128.load(q2 + i), u);
      a3 = addSquare(a3, v128.load(q3 + i), u);
    }
    let at = out + ((<usize>c) << 2);
    f32.store(at, total(a0, b0));
    at += line;
    f32.store(at, total(a1, b1));
    at += line;
    f32.store(at, total(a2, b2));
    at += line;
    f32.store(at, total(a3, b3));
  }
}

/** As `dot` for four queries, one after the other at `queries`: out[j · outStride + c]. Each row is loaded once. */
export function dotMany(queries: usize, base: usize, stride: u32, rows: usize, scale: usize, count: u32, out: usize, outStride: u32): void {
  const bytes = (<usize>stride) << 2;
  const even = bytes & ~31;
  const q1 = queries + bytes;
  const q2 = q1 + bytes;
  const q3 = q2 + bytes;
  const line = (<usize>outStride) << 2;
  for (let c: u32 = 0; c < count; c++) {
    const x = rowAt(base, rows, c, bytes);
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
      const u = v128.load(x + i);
      a0 = addProduct(a0, v128.load(queries + i), u);
      a1 = addProduct(a1, v128.load(q1 + i), u);
      a2 = addProduct(a2, v128.load(q2 + i), u);
      a3 = addProduct(a3, v128.load(q3 + i), u);
      const v = v128.load(x + i, 16);
      b0 = addProduct(b0, v128.load(queries + i, 16), v);
      b1 = addProduct(b1, v128.load(q1 + i, 16), v);
      b2 = addProduct(b2, v128.load(q2 + i, 16), v);
      b3 = addProduct(b3, v128.load(q3 + i, 16), v);
    }
    if (i < bytes) {
      const u = v128.load(x + i);
      a0 = addProduct(a0, v128.load(queries + i), u);
      a1 = addProduct(a1, v128.load(q1 + i), u);
      a2 = addProduct(a2, v128.load(q2 + i), u);
      a3 = addProduct(a3, v128.load(q3 + i), u);
    }
    const s = f32.load(scale + ((<usize>c) << 2));
    let at = out + ((<usize>c) << 2);
    f32.store(at, -total(a0, b0) * s);
    at += line;
    f32.store(at, -total(a1, b1) * s);
    at += line;
    f32.store(at, -total(a2, b2) * s);
    at += line;
    f32.store(at, -total(a3, b3) * s);
  }
}
