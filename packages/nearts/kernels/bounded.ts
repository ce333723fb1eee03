// The nearest rows among candidates whose ranks are bounded from below: read in the order of their bounds, until the bound is over what is held already.

import { bytesOf, codes, eight, four, halves, high, low, scaleAt, singles, valuesAt } from "./formats";
import { offer } from "./select";

// What is summed.
// @ts-ignore: decorator
@inline const squares: i32 = 0;
// @ts-ignore: decorator
@inline const products: i32 = 1;
// @ts-ignore: decorator
@inline const cosines: i32 = 2;

// @ts-ignore: decorator
@inline
function close(s: v128): f32 {
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}

// @ts-ignore: decorator
@inline
function add(what: i32, format: i32, sum: v128, q: v128, x: v128, scale: v128): v128 {
  if (what != squares) return f32x4.add(sum, f32x4.mul(q, x));
  const d = f32x4.sub(q, format == codes ? f32x4.mul(scale, x) : x);
  return f32x4.add(sum, f32x4.mul(d, d));
}

// @ts-ignore: decorator
@inline
function rankOf(what: i32, format: i32, sum: v128, norm: v128, row: usize): f32 {
  const total = close(sum);
  if (what == squares) return total;
  if (what == products) return -(total * scaleAt(format, row));
  const square = close(norm);
  return square > 0 ? -(total / Mathf.sqrt(square)) : 0;
}

// @ts-ignore: decorator
@inline
function rankFour(what: i32, format: i32, q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  const r0 = base + <usize>load<u32>(rows) * rowBytes;
  const r1 = base + <usize>load<u32>(rows, 4) * rowBytes;
  const r2 = base + <usize>load<u32>(rows, 8) * rowBytes;
  const r3 = base + <usize>load<u32>(rows, 12) * rowBytes;
  let x0 = valuesAt(format, r0);
  let x1 = valuesAt(format, r1);
  let x2 = valuesAt(format, r2);
  let x3 = valuesAt(format, r3);
  const s0 = f32x4.splat(scaleAt(format, r0));
  const s1 = f32x4.splat(scaleAt(format, r1));
  const s2 = f32x4.splat(scaleAt(format, r2));
  const s3 = f32x4.splat(scaleAt(format, r3));
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let n0 = f32x4.splat(0);
  let n1 = f32x4.splat(0);
  let n2 = f32x4.splat(0);
  let n3 = f32x4.splat(0);
  const end = q + (count << 2);
  const even = q + ((count & ~7) << 2);
  const half = q + ((count >> 4) << 5);
  const step = bytesOf(format, 8);
  let touched: u32 = 0;
  let y = base + <usize>load<u32>(rows, 64) * rowBytes;
  let z = base + <usize>load<u32>(rows, 68) * rowBytes;
  let until = half;
  while (true) {
    while (q < until) {
      touched |= load<u32>(y) | load<u32>(z);
      y += step << 1;
      z += step << 1;
      const u = v128.load(q);
      const v = v128.load(q, 16);
      const e0 = eight(format, x0);
      const l0 = low(format, x0, e0);
      const h0 = high(format, x0, e0);
      a0 = add(what, format, a0, u, l0, s0);
      a0 = add(what, format, a0, v, h0, s0);
      const e1 = eight(format, x1);
      const l1 = low(format, x1, e1);
      const h1 = high(format, x1, e1);
      a1 = add(what, format, a1, u, l1, s1);
      a1 = add(what, format, a1, v, h1, s1);
      const e2 = eight(format, x2);
      const l2 = low(format, x2, e2);
      const h2 = high(format, x2, e2);
      a2 = add(what, format, a2, u, l2, s2);
      a2 = add(what, format, a2, v, h2, s2);
      const e3 = eight(format, x3);
      const l3 = low(format, x3, e3);
      const h3 = high(format, x3, e3);
      a3 = add(what, format, a3, u, l3, s3);
      a3 = add(what, format, a3, v, h3, s3);
      if (what == cosines) {
        n0 = f32x4.add(f32x4.add(n0, f32x4.mul(l0, l0)), f32x4.mul(h0, h0));
        n1 = f32x4.add(f32x4.add(n1, f32x4.mul(l1, l1)), f32x4.mul(h1, h1));
        n2 = f32x4.add(f32x4.add(n2, f32x4.mul(l2, l2)), f32x4.mul(h2, h2));
        n3 = f32x4.add(f32x4.add(n3, f32x4.mul(l3, l3)), f32x4.mul(h3, h3));
      }
      q += 32;
      x0 += step;
      x1 += step;
      x2 += step;
      x3 += step;
    }
    if (until == even) break;
    until = even;
    y = base + <usize>load<u32>(rows, 72) * rowBytes;
    z = base + <usize>load<u32>(rows, 76) * rowBytes;
  }
  store<u32>(rows, touched, 128);
  if (q < end) {
    const u = v128.load(q);
    const l0 = four(format, x0);
    const l1 = four(format, x1);
    const l2 = four(format, x2);
    const l3 = four(format, x3);
    a0 = add(what, format, a0, u, l0, s0);
    a1 = add(what, format, a1, u, l1, s1);
    a2 = add(what, format, a2, u, l2, s2);
    a3 = add(what, format, a3, u, l3, s3);
    if (what == cosines) {
      n0 = f32x4.add(n0, f32x4.mul(l0, l0));
      n1 = f32x4.add(n1, f32x4.mul(l1, l1));
      n2 = f32x4.add(n2, f32x4.mul(l2, l2));
      n3 = f32x4.add(n3, f32x4.mul(l3, l3));
    }
  }
  f32.store(out, rankOf(what, format, a0, n0, r0));
  f32.store(out, rankOf(what, format, a1, n1, r1), 4);
  f32.store(out, rankOf(what, format, a2, n2, r2), 8);
  f32.store(out, rankOf(what, format, a3, n3, r3), 12);
}

function squaresOfSingles(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(squares, singles, q, count, rows, base, rowBytes, out);
}
function productsOfSingles(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(products, singles, q, count, rows, base, rowBytes, out);
}
function cosinesOfSingles(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(cosines, singles, q, count, rows, base, rowBytes, out);
}
function squaresOfHalves(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(squares, halves, q, count, rows, base, rowBytes, out);
}
function productsOfHalves(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(products, halves, q, count, rows, base, rowBytes, out);
}
function cosinesOfHalves(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(cosines, halves, q, count, rows, base, rowBytes, out);
}
function squaresOfCodes(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(squares, codes, q, count, rows, base, rowBytes, out);
}
function productsOfCodes(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(products, codes, q, count, rows, base, rowBytes, out);
}
function cosinesOfCodes(q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  rankFour(cosines, codes, q, count, rows, base, rowBytes, out);
}

export function ranksOfFour(what: i32, format: i32, q: usize, count: usize, rows: usize, base: usize, rowBytes: usize, out: usize): void {
  switch (what * 3 + format) {
    case 0:
      return squaresOfSingles(q, count, rows, base, rowBytes, out);
    case 1:
      return squaresOfHalves(q, count, rows, base, rowBytes, out);
    case 2:
      return squaresOfCodes(q, count, rows, base, rowBytes, out);
    case 3:
      return productsOfSingles(q, count, rows, base, rowBytes, out);
    case 4:
      return productsOfHalves(q, count, rows, base, rowBytes, out);
    case 5:
      return productsOfCodes(q, count, rows, base, rowBytes, out);
    case 6:
      return cosinesOfSingles(q, count, rows, base, rowBytes, out);
    case 7:
      return cosinesOfHalves(q, count, rows, base, rowBytes, out);
    default:
      return cosinesOfCodes(q, count, rows, base, rowBytes, out);
  }
}

/** Sinks the pair (bound, row) from the top of the first `count` pairs, a binary min-heap by bound. */
function sink(bounds: usize, rows: usize, start: u32, count: u32, bound: f32, row: u32): void {
  let at = start;
  while (true) {
    let child: u32 = 2 * at + 1;
    if (child >= count) break;
    let c = (<usize>child) << 2;
    if (child + 1 < count && f32.load(bounds + c, 4) < f32.load(bounds + c)) {
      child++;
      c += 4;
    }
    if (!(f32.load(bounds + c) < bound)) break;
    const a = (<usize>at) << 2;
    f32.store(bounds + a, f32.load(bounds + c));
    store<u32>(rows + a, load<u32>(rows + c));
    at = child;
  }
  f32.store(bounds + ((<usize>at) << 2), bound);
  store<u32>(rows + ((<usize>at) << 2), row);
}

/** Takes up to four rows of bound ≤ `most` off the heap into `group`; returns how many. */
function take(bounds: usize, rows: usize, count: u32, most: f32, group: usize): u32 {
  let taken: u32 = 0;
  while (taken < 4 && taken < count && f32.load(bounds) <= most) {
    store<u32>(group + ((<usize>taken) << 2), load<u32>(rows));
    taken++;
    const last = (<usize>(count - taken)) << 2;
    sink(bounds, rows, 0, count - taken, f32.load(bounds + last), load<u32>(rows + last));
  }
  return taken;
}

export function nearestBounded(what: i32, format: i32, q: usize, values: u32, base: usize, rowBytes: usize, rows: usize, bounds: usize, count: u32, heap: usize, held: u32, limit: u32, within: f32, group: usize, mode: u32): u32 {
  for (let i = count >> 1; i > 0; i--) {
    const at = (<usize>(i - 1)) << 2;
    sink(bounds, rows, i - 1, count, f32.load(bounds + at), load<u32>(rows + at));
  }
  let left = count;
  let n = take(bounds, rows, left, within, group);
  left -= n;
  while (n > 0) {
    // next group, guess
    let m: u32 = 0;
    const next = group + 64;
    for (let j = n; j < 4; j++) store<u32>(group + ((<usize>j) << 2), load<u32>(group));
    v128.store(next, v128.load(group));
    let worst = held == limit ? min(within, f32.load(heap)) : within;
    m = take(bounds, rows, left, worst, next);
    left -= m;
    ranksOfFour(what, format, q, values, group, base, rowBytes, group + 16);
    held = offer(group + 16, group, n, heap, held, limit, within);
    v128.store(group, v128.load(next));
    n = m;
  }
  return held;
}
