// Tables of one query for codes of 4 bits a group: what each of the 16 values of a group adds to a product with the query, in f32 and rounded to u8.
// The order of operations is that of the plain twin, so that scans by the table give the same rows in every build.

// @ts-ignore: decorator
@inline
function scaled(factor: v128, sum: v128, out: usize): void {
  v128.store(out, f32x4.mul(factor, sum));
}

/** out[16 g + j] = factor · Σᵢ q[g·width + i] · books[(g·width + i)·16 + j], the sum in ascending i. */
export function lookup(q: usize, books: usize, width: u32, groups: u32, factor: f32, out: usize): void {
  const f = f32x4.splat(factor);
  for (let g: u32 = 0; g < groups; g++) {
    const first = v128.load32_splat(q);
    let a = f32x4.mul(first, v128.load(books));
    let b = f32x4.mul(first, v128.load(books, 16));
    let c = f32x4.mul(first, v128.load(books, 32));
    let d = f32x4.mul(first, v128.load(books, 48));
    for (let i: u32 = 1; i < width; i++) {
      q += 4;
      books += 64;
      const x = v128.load32_splat(q);
      a = f32x4.add(a, f32x4.mul(x, v128.load(books)));
      b = f32x4.add(b, f32x4.mul(x, v128.load(books, 16)));
      c = f32x4.add(c, f32x4.mul(x, v128.load(books, 32)));
      d = f32x4.add(d, f32x4.mul(x, v128.load(books, 48)));
    }
    q += 4;
    books += 64;
    scaled(f, a, out);
    scaled(f, b, out + 16);
    scaled(f, c, out + 32);
    scaled(f, d, out + 48);
    out += 64;
  }
}

/** In all four lanes. The `p` forms are one instruction each; they differ from the others in NaN and the sign of 0, which do not matter here. */
// @ts-ignore: decorator
@inline
function leastOf(group: usize): v128 {
  const m = f32x4.pmin(f32x4.pmin(v128.load(group), v128.load(group, 16)), f32x4.pmin(v128.load(group, 32), v128.load(group, 48)));
  const n = f32x4.pmin(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.pmin(n, v128.shuffle<f32>(n, n, 1, 0, 3, 2));
}

// @ts-ignore: decorator
@inline
function largestOf(group: usize): v128 {
  const m = f32x4.pmax(f32x4.pmax(v128.load(group), v128.load(group, 16)), f32x4.pmax(v128.load(group, 32), v128.load(group, 48)));
  const n = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.pmax(n, v128.shuffle<f32>(n, n, 1, 0, 3, 2));
}

// @ts-ignore: decorator
@inline
function rounded(entries: v128, least: v128, step: v128, most: v128): v128 {
  // Division may end a little over the last level, and far over it where the step is subnormal.
  const level = f32x4.pmin(f32x4.div(f32x4.sub(entries, least), step), most);
  // From 2²³ on the last bit of a float is worth 1: adding rounds to the nearest, ties to even, and leaves the level in the low bits.
  return v128.and(f32x4.add(level, f32x4.splat(8388608)), i32x4.splat(255));
}

/** table8[e] = nearest((t[e] − least of its group)/step); step (f32) and Σ of the groups' least (summed in f64, stored as f32) to `out`. */
export function quantise(table: usize, groups: u32, levels: u32, table8: usize, out: usize): void {
  let ranges = f32x4.splat(0);
  let bias: f64 = 0;
  for (let g: u32 = 0; g < groups; g++) {
    const group = table + ((<usize>g) << 6);
    const least = leastOf(group);
    ranges = f32x4.pmax(ranges, f32x4.sub(largestOf(group), least));
    bias += <f64>f32x4.extract_lane(least, 0);
  }
  let step = f32x4.extract_lane(ranges, 0) / <f32>levels;
  if (!(step > 0)) step = 1;
  const s = f32x4.splat(step);
  const most = f32x4.splat(<f32>levels);
  for (let g: u32 = 0; g < groups; g++) {
    const group = table + ((<usize>g) << 6);
    const least = leastOf(group);
    const a = rounded(v128.load(group), least, s, most);
    const b = rounded(v128.load(group, 16), least, s, most);
    const c = rounded(v128.load(group, 32), least, s, most);
    const d = rounded(v128.load(group, 48), least, s, most);
    v128.store(table8 + ((<usize>g) << 4), i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
  }
  f32.store(out, step);
  f32.store(out, <f32>bias, 4);
}

/** out[c] = squares[c] − 2·products[c]. */
export function gaps(products: usize, squares: usize, count: u32, out: usize): void {
  const bytes = (<usize>count) << 2;
  const whole = bytes & ~15;
  const two = f32x4.splat(2);
  let i: usize = 0;
  for (; i < whole; i += 16) v128.store(out + i, f32x4.sub(v128.load(squares + i), f32x4.mul(two, v128.load(products + i))));
  for (; i < bytes; i += 4) f32.store(out + i, f32.load(squares + i) - 2 * f32.load(products + i));
}
