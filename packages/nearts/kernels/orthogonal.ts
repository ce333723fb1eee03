// What makes directions orthonormal, in float64. What these give is stored, so every operation is that of the plain twin, sums in its order.

/** to[c · length + r] = from[r · columns + c] for r < rows, c < columns (f32). */
export function transpose(from: usize, rows: u32, columns: u32, to: usize, length: u32): void {
  const down = (<usize>length) << 2;
  // A few rows at a time: what is written of a line of the cache is written together.
  for (let first: u32 = 0; first < rows; first += 16) {
    const last = min<u32>(rows, first + 16);
    for (let c: u32 = 0; c < columns; c++) {
      let at = to + <usize>c * down + ((<usize>first) << 2);
      for (let r = first; r < last; r++, at += 4) store<u32>(at, load<u32>(from + ((<usize>r * columns + c) << 2)));
    }
  }
}

/** As {@link transpose} of f64. */
export function transposeWide(from: usize, rows: u32, columns: u32, to: usize, length: u32): void {
  const down = (<usize>length) << 3;
  for (let first: u32 = 0; first < rows; first += 8) {
    const last = min<u32>(rows, first + 8);
    for (let c: u32 = 0; c < columns; c++) {
      let at = to + <usize>c * down + ((<usize>first) << 3);
      for (let r = first; r < last; r++, at += 8) store<u64>(at, load<u64>(from + ((<usize>r * columns + c) << 3)));
    }
  }
}

/** out[m · count + n] = the product of columns m and n of `rows` rows, `apart` f64 apart, for n ≤ m and m from … to − 1; `from` and `apart` are multiples of 4. */
export function gram(values: usize, rows: u32, apart: u32, count: u32, from: u32, to: u32, out: usize): void {
  for (let m = from; m < to; m += 4) {
    for (let n: u32 = 0; n <= m; n += 4) gramOf(values, rows, (<usize>apart) << 3, count, m, to, n, out);
  }
}

function gramOf(values: usize, rows: u32, bytes: usize, count: u32, m: u32, to: u32, n: u32, out: usize): void {
  let x = values + ((<usize>m) << 3);
  let y = values + ((<usize>n) << 3);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  let t0 = f64x2.splat(0);
  let t1 = f64x2.splat(0);
  let t2 = f64x2.splat(0);
  let t3 = f64x2.splat(0);
  for (let i: u32 = 0; i < rows; i++) {
    const a = v128.load(y);
    const b = v128.load(y, 16);
    const v0 = v128.load64_splat(x);
    s0 = f64x2.add(s0, f64x2.mul(v0, a));
    t0 = f64x2.add(t0, f64x2.mul(v0, b));
    const v1 = v128.load64_splat(x, 8);
    s1 = f64x2.add(s1, f64x2.mul(v1, a));
    t1 = f64x2.add(t1, f64x2.mul(v1, b));
    const v2 = v128.load64_splat(x, 16);
    s2 = f64x2.add(s2, f64x2.mul(v2, a));
    t2 = f64x2.add(t2, f64x2.mul(v2, b));
    const v3 = v128.load64_splat(x, 24);
    s3 = f64x2.add(s3, f64x2.mul(v3, a));
    t3 = f64x2.add(t3, f64x2.mul(v3, b));
    x += bytes;
    y += bytes;
  }
  keep(s0, t0, m, to, n, count, out);
  keep(s1, t1, m + 1, to, n, count, out);
  keep(s2, t2, m + 2, to, n, count, out);
  keep(s3, t3, m + 3, to, n, count, out);
}

// @ts-ignore: decorator
@inline
function keep(a: v128, b: v128, m: u32, to: u32, n: u32, count: u32, out: usize): void {
  if (m >= to) return;
  const at = out + ((<usize>m * count + n) << 3);
  if (n <= m) f64.store(at, f64x2.extract_lane(a, 0));
  if (n + 1 <= m) f64.store(at, f64x2.extract_lane(a, 1), 8);
  if (n + 2 <= m) f64.store(at, f64x2.extract_lane(b, 0), 16);
  if (n + 3 <= m) f64.store(at, f64x2.extract_lane(b, 1), 24);
}

/** Rows from … to − 1 of L⁻¹ times the rows, in their place, the ones before them done: `stride` f64 each (a multiple of 4), L lower triangular, `count` f64 a row. Where its diagonal is 0 the row becomes 0. */
export function substitute(rows: usize, stride: u32, factor: usize, count: u32, from: u32, to: u32): void {
  const bytes = (<usize>stride) << 3;
  for (let m = from; m < to; m++) {
    const own = rows + <usize>m * bytes;
    const weights = factor + ((<usize>m * count) << 3);
    let n: u32 = 0;
    for (; n + 4 <= m; n += 4) subtractFour(own, rows + <usize>n * bytes, bytes, weights + ((<usize>n) << 3));
    for (; n < m; n++) {
      const row = rows + <usize>n * bytes;
      const weight = v128.load64_splat(weights + ((<usize>n) << 3));
      for (let i: usize = 0; i < bytes; i += 16) v128.store(own + i, f64x2.sub(v128.load(own + i), f64x2.mul(weight, v128.load(row + i))));
    }
    const left = f64.load(weights + ((<usize>m) << 3));
    const scale = f64x2.splat(left > 0 ? 1 / left : 0);
    for (let i: usize = 0; i < bytes; i += 16) v128.store(own + i, f64x2.mul(v128.load(own + i), scale));
  }
}

function subtractFour(own: usize, a: usize, bytes: usize, weights: usize): void {
  const b = a + bytes;
  const c = b + bytes;
  const d = c + bytes;
  const s = v128.load64_splat(weights);
  const t = v128.load64_splat(weights, 8);
  const u = v128.load64_splat(weights, 16);
  const v = v128.load64_splat(weights, 24);
  for (let i: usize = 0; i < bytes; i += 16) {
    const first = f64x2.add(f64x2.mul(s, v128.load(a + i)), f64x2.mul(t, v128.load(b + i)));
    const second = f64x2.add(f64x2.mul(u, v128.load(c + i)), f64x2.mul(v, v128.load(d + i)));
    v128.store(own + i, f64x2.sub(v128.load(own + i), f64x2.add(first, second)));
  }
}
