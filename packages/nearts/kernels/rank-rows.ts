// Ranks of scattered rows of any format, six at a time: a row that comes from memory is waited for, and six at once keep as many cache misses under way
// as there can be, while their sums still fit in registers. Four lanes a row, each in ascending order (i mod 4), whichever rows are measured together, so
// that equal vectors get equal ranks.
import { bytesOf, codes, eight, four, halves, high, low, packed, scaleAt, singles, valuesAt, wholes } from "./formats";
import { squaresOfPacked } from "./packed";

/** Rows measured together. */
// @ts-ignore: decorator
@inline export const together: u32 = 6;

/** Bytes of each row, at most, that are asked for before the first is used: whoever reads on in memory is foreseen, but not by then. */
// @ts-ignore: decorator
@inline const ahead: usize = 512;

// What is summed: (q − x)², q·x, or q·x and x².
// @ts-ignore: decorator
@inline const squares: u32 = 0;
// @ts-ignore: decorator
@inline const products: u32 = 1;
// @ts-ignore: decorator
@inline const cosines: u32 = 2;

// @ts-ignore: decorator
@inline
function close(s: v128): f32 {
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}

// @ts-ignore: decorator
@inline
function add(what: u32, format: u32, sum: v128, q: v128, x: v128, row: usize): v128 {
  if (what != squares) return f32x4.add(sum, f32x4.mul(q, x));
  const d = f32x4.sub(q, format == codes ? f32x4.mul(v128.load32_splat(row), x) : x);
  return f32x4.add(sum, f32x4.mul(d, d));
}

// @ts-ignore: decorator
@inline
function squared(what: u32, sum: v128, x: v128): v128 {
  return what == cosines ? f32x4.add(sum, f32x4.mul(x, x)) : sum;
}

// @ts-ignore: decorator
@inline
function rankOf(what: u32, format: u32, sum: v128, square: v128, row: usize): f32 {
  const total = close(sum);
  if (what == squares) return total;
  // A code's scale is its vector's too, so that the cosine does not depend on it.
  if (what == products) return format == codes ? -(total * scaleAt(format, row)) : -total;
  const length = Mathf.sqrt(close(square));
  return length > 0 ? -(total / length) : 0;
}

/** Where the row of the i-th number is, or the last one's where there are fewer. */
// @ts-ignore: decorator
@inline
function rowAt(base: usize, rowBytes: usize, rows: usize, i: u32, count: u32): usize {
  return base + <usize>load<u32>(rows + ((<usize>min<u32>(i, count - 1)) << 2)) * rowBytes;
}

/** Asks for the first `bytes` of six rows. */
// @ts-ignore: decorator
@inline
function touch(bytes: usize, r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, r5: usize, out: usize): void {
  let sum: u32 = 0;
  for (let line: usize = 0; line < bytes; line += 64) {
    sum += load<u32>(r0 + line) + load<u32>(r1 + line) + load<u32>(r2 + line) + load<u32>(r3 + line) + load<u32>(r4 + line) + load<u32>(r5 + line);
  }
  store<u32>(out, sum); // or the loads would be left out
}

/** Ranks of up to six rows; where there are fewer, the last is read for the others, whose ranks are not stored. */
// @ts-ignore: decorator
@inline
function rankSix(what: u32, format: u32, q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  const r0 = rowAt(base, rowBytes, rows, 0, count);
  const r1 = rowAt(base, rowBytes, rows, 1, count);
  const r2 = rowAt(base, rowBytes, rows, 2, count);
  const r3 = rowAt(base, rowBytes, rows, 3, count);
  const r4 = rowAt(base, rowBytes, rows, 4, count);
  const r5 = rowAt(base, rowBytes, rows, 5, count);
  touch(min<usize>(bytesOf(format, values), ahead), r0, r1, r2, r3, r4, r5, out);
  if (format == packed) return squaresOfPacked(q, values, r0, r1, r2, r3, r4, r5, count, out);
  let x0 = valuesAt(format, r0);
  let x1 = valuesAt(format, r1);
  let x2 = valuesAt(format, r2);
  let x3 = valuesAt(format, r3);
  let x4 = valuesAt(format, r4);
  let x5 = valuesAt(format, r5);
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let a4 = f32x4.splat(0);
  let a5 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  let b4 = f32x4.splat(0);
  let b5 = f32x4.splat(0);
  const end = q + (values << 2);
  const even = q + ((values & ~7) << 2);
  const step = bytesOf(format, 8);
  for (; q < even; q += 32) {
    const u = v128.load(q);
    const v = v128.load(q, 16);
    const e0 = eight(format, x0);
    const l0 = low(format, x0, e0);
    const h0 = high(format, x0, e0);
    a0 = add(what, format, add(what, format, a0, u, l0, r0), v, h0, r0);
    b0 = squared(what, squared(what, b0, l0), h0);
    x0 += step;
    const e1 = eight(format, x1);
    const l1 = low(format, x1, e1);
    const h1 = high(format, x1, e1);
    a1 = add(what, format, add(what, format, a1, u, l1, r1), v, h1, r1);
    b1 = squared(what, squared(what, b1, l1), h1);
    x1 += step;
    const e2 = eight(format, x2);
    const l2 = low(format, x2, e2);
    const h2 = high(format, x2, e2);
    a2 = add(what, format, add(what, format, a2, u, l2, r2), v, h2, r2);
    b2 = squared(what, squared(what, b2, l2), h2);
    x2 += step;
    const e3 = eight(format, x3);
    const l3 = low(format, x3, e3);
    const h3 = high(format, x3, e3);
    a3 = add(what, format, add(what, format, a3, u, l3, r3), v, h3, r3);
    b3 = squared(what, squared(what, b3, l3), h3);
    x3 += step;
    const e4 = eight(format, x4);
    const l4 = low(format, x4, e4);
    const h4 = high(format, x4, e4);
    a4 = add(what, format, add(what, format, a4, u, l4, r4), v, h4, r4);
    b4 = squared(what, squared(what, b4, l4), h4);
    x4 += step;
    const e5 = eight(format, x5);
    const l5 = low(format, x5, e5);
    const h5 = high(format, x5, e5);
    a5 = add(what, format, add(what, format, a5, u, l5, r5), v, h5, r5);
    b5 = squared(what, squared(what, b5, l5), h5);
    x5 += step;
  }
  if (q < end) {
    const u = v128.load(q);
    const l0 = four(format, x0);
    a0 = add(what, format, a0, u, l0, r0);
    b0 = squared(what, b0, l0);
    const l1 = four(format, x1);
    a1 = add(what, format, a1, u, l1, r1);
    b1 = squared(what, b1, l1);
    const l2 = four(format, x2);
    a2 = add(what, format, a2, u, l2, r2);
    b2 = squared(what, b2, l2);
    const l3 = four(format, x3);
    a3 = add(what, format, a3, u, l3, r3);
    b3 = squared(what, b3, l3);
    const l4 = four(format, x4);
    a4 = add(what, format, a4, u, l4, r4);
    b4 = squared(what, b4, l4);
    const l5 = four(format, x5);
    a5 = add(what, format, a5, u, l5, r5);
    b5 = squared(what, b5, l5);
  }
  f32.store(out, rankOf(what, format, a0, b0, r0));
  if (count > 1) f32.store(out, rankOf(what, format, a1, b1, r1), 4);
  if (count > 2) f32.store(out, rankOf(what, format, a2, b2, r2), 8);
  if (count > 3) f32.store(out, rankOf(what, format, a3, b3, r3), 12);
  if (count > 4) f32.store(out, rankOf(what, format, a4, b4, r4), 16);
  if (count > 5) f32.store(out, rankOf(what, format, a5, b5, r5), 20);
}

function squaresOfSingles(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(squares, singles, q, values, base, rowBytes, rows, count, out);
}

function squaresOfHalves(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(squares, halves, q, values, base, rowBytes, rows, count, out);
}

function squaresOfCodes(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(squares, codes, q, values, base, rowBytes, rows, count, out);
}

function squaresOfWholes(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(squares, wholes, q, values, base, rowBytes, rows, count, out);
}

function squaresOfPackedRows(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(squares, packed, q, values, base, rowBytes, rows, count, out);
}

function productsOfSingles(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(products, singles, q, values, base, rowBytes, rows, count, out);
}

function productsOfHalves(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(products, halves, q, values, base, rowBytes, rows, count, out);
}

function productsOfCodes(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(products, codes, q, values, base, rowBytes, rows, count, out);
}

function productsOfWholes(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(products, wholes, q, values, base, rowBytes, rows, count, out);
}

function cosinesOfSingles(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(cosines, singles, q, values, base, rowBytes, rows, count, out);
}

function cosinesOfHalves(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(cosines, halves, q, values, base, rowBytes, rows, count, out);
}

function cosinesOfCodes(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(cosines, codes, q, values, base, rowBytes, rows, count, out);
}

function cosinesOfWholes(q: usize, values: usize, base: usize, rowBytes: usize, rows: usize, count: u32, out: usize): void {
  rankSix(cosines, wholes, q, values, base, rowBytes, rows, count, out);
}

/** out[c] of up to {@link together} rows. */
export function ranksOfGroup(
  metric: u32,
  format: u32,
  q: usize,
  values: usize,
  base: usize,
  rowBytes: usize,
  rows: usize,
  count: u32,
  out: usize,
): void {
  switch (metric * 5 + format) {
    case 0:
      return squaresOfSingles(q, values, base, rowBytes, rows, count, out);
    case 1:
      return squaresOfHalves(q, values, base, rowBytes, rows, count, out);
    case 2:
      return squaresOfCodes(q, values, base, rowBytes, rows, count, out);
    case 3:
      return squaresOfWholes(q, values, base, rowBytes, rows, count, out);
    case 4:
      return squaresOfPackedRows(q, values, base, rowBytes, rows, count, out);
    case 5:
      return productsOfSingles(q, values, base, rowBytes, rows, count, out);
    case 6:
      return productsOfHalves(q, values, base, rowBytes, rows, count, out);
    case 7:
      return productsOfCodes(q, values, base, rowBytes, rows, count, out);
    case 8:
      return productsOfWholes(q, values, base, rowBytes, rows, count, out);
    case 10:
      return cosinesOfSingles(q, values, base, rowBytes, rows, count, out);
    case 11:
      return cosinesOfHalves(q, values, base, rowBytes, rows, count, out);
    case 12:
      return cosinesOfCodes(q, values, base, rowBytes, rows, count, out);
    default:
      return cosinesOfWholes(q, values, base, rowBytes, rows, count, out);
  }
}

/** out[c] = Σ (q − x)² | −Σ q·x | −Σ q·x / ‖x‖ (0 where x is 0), by `metric` 0 | 1 | 2, of `count` rows of `values` values (a multiple of 4), `rowBytes` apart. */
export function rankRows(
  metric: u32,
  format: u32,
  q: usize,
  values: u32,
  base: usize,
  rowBytes: u32,
  rows: usize,
  count: u32,
  out: usize,
): void {
  for (let c: u32 = 0; c < count; c += together) {
    const at = (<usize>c) << 2;
    ranksOfGroup(metric, format, q, values, base, rowBytes, rows + at, min<u32>(together, count - c), out + at);
  }
}
