// Distances in float64 from float32 vectors: what results are given with. Two lanes each for even and odd pairs; `count` is a multiple of 4.

// @ts-ignore: decorator
@inline
function total(a: v128, b: v128): f64 {
  const s = f64x2.add(a, b);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

// @ts-ignore: decorator
@inline
function firstPair(x: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(x));
}

/** Σ (a·x − b·y)². */
function squaredDifference(x: usize, y: usize, a: f64, b: f64, count: u32): f64 {
  const end = (<usize>count) << 2;
  const va = f64x2.splat(a);
  const vb = f64x2.splat(b);
  let s = f64x2.splat(0);
  let t = f64x2.splat(0);
  for (let i: usize = 0; i < end; i += 16) {
    const d = f64x2.sub(f64x2.mul(va, firstPair(x + i)), f64x2.mul(vb, firstPair(y + i)));
    const e = f64x2.sub(f64x2.mul(va, firstPair(x + i + 8)), f64x2.mul(vb, firstPair(y + i + 8)));
    s = f64x2.add(s, f64x2.mul(d, d));
    t = f64x2.add(t, f64x2.mul(e, e));
  }
  return total(s, t);
}

/** out[c] (f64) = ½ Σ (x/‖x‖ − q/length)², which keeps the digits of small angles; 1 where a length is 0. */
export function exactCosines(q: usize, length: f64, base: usize, stride: u32, rows: usize, count: u32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let c: u32 = 0; c < count; c++) {
    const x = base + <usize>load<u32>(rows + ((<usize>c) << 2)) * bytes;
    const norm = sqrt<f64>(exactDot(x, x, stride));
    const distance: f64 = norm == 0 || length == 0 ? 1 : squaredDifference(x, q, 1 / norm, 1 / length, stride) / 2;
    f64.store(out + ((<usize>c) << 3), distance);
  }
}

/** out[c] (f64) = Σ (x − q)², of two rows at a time, which share the query's half of the work. */
export function exactSquares(q: usize, base: usize, stride: u32, rows: usize, count: u32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let c: u32 = 0; c < count; c += 2) {
    const x = base + <usize>load<u32>(rows + ((<usize>c) << 2)) * bytes;
    const y = base + <usize>load<u32>(rows + ((<usize>min<u32>(c + 1, count - 1)) << 2)) * bytes;
    let s = f64x2.splat(0);
    let t = f64x2.splat(0);
    let u = f64x2.splat(0);
    let v = f64x2.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const first = firstPair(q + i);
      const second = firstPair(q + i + 8);
      const a = f64x2.sub(firstPair(x + i), first);
      const b = f64x2.sub(firstPair(x + i + 8), second);
      const d = f64x2.sub(firstPair(y + i), first);
      const e = f64x2.sub(firstPair(y + i + 8), second);
      s = f64x2.add(s, f64x2.mul(a, a));
      t = f64x2.add(t, f64x2.mul(b, b));
      u = f64x2.add(u, f64x2.mul(d, d));
      v = f64x2.add(v, f64x2.mul(e, e));
    }
    f64.store(out + ((<usize>c) << 3), total(s, t));
    if (c + 1 < count) f64.store(out + ((<usize>c) << 3), total(u, v), 8);
  }
}

/** Σ x·y. */
export function exactDot(x: usize, y: usize, count: u32): f64 {
  const end = (<usize>count) << 2;
  let s = f64x2.splat(0);
  let t = f64x2.splat(0);
  for (let i: usize = 0; i < end; i += 16) {
    s = f64x2.add(s, f64x2.mul(firstPair(x + i), firstPair(y + i)));
    t = f64x2.add(t, f64x2.mul(firstPair(x + i + 8), firstPair(y + i + 8)));
  }
  return total(s, t);
}
