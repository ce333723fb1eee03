// Rows compared with centroids and added to them, and rows centred before they are mapped. What these give is stored, so every operation is that of the plain twin.

/** For each row of products with `count` centroids the number of the one with the least squares[c] − 2·products[c], ties to the smaller, and that gap; `count` where none is finite. */
export function nearest(products: usize, rows: u32, squares: usize, count: u32, chosen: usize, gaps: usize): void {
  const bytes = (<usize>count) << 2;
  for (let r: u32 = 0; r < rows; r++) {
    nearestOne(products, squares, count, chosen, gaps);
    products += bytes;
    chosen += 4;
    gaps += 4;
  }
}

function nearestOne(products: usize, squares: usize, count: u32, chosen: usize, gaps: usize): void {
  const bytes = (<usize>count) << 2;
  const lowest = f32x4.splat(-Infinity);
  const two = f32x4.splat(2);
  const four = i32x4.splat(4);
  const whole = bytes & ~15;
  let least = f32x4.splat(Infinity);
  let which = i32x4.splat(count);
  let numbers = i32x4(0, 1, 2, 3);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const gap = f32x4.sub(v128.load(squares + i), f32x4.mul(two, v128.load(products + i)));
    const less = v128.and(f32x4.lt(gap, least), f32x4.gt(gap, lowest));
    least = v128.bitselect(gap, least, less);
    which = v128.bitselect(numbers, which, less);
    numbers = i32x4.add(numbers, four);
  }
  let best = f32x4.extract_lane(least, 0);
  let number: u32 = i32x4.extract_lane(which, 0);
  for (let lane = 1; lane < 4; lane++) {
    least = v128.shuffle<f32>(least, least, 1, 2, 3, 0);
    which = v128.shuffle<u32>(which, which, 1, 2, 3, 0);
    const gap = f32x4.extract_lane(least, 0);
    const other: u32 = i32x4.extract_lane(which, 0);
    if (gap < best || (gap == best && other < number)) {
      best = gap;
      number = other;
    }
  }
  for (; i < bytes; i += 4) {
    const gap = f32.load(squares + i) - 2 * f32.load(products + i);
    if (gap < best && gap > -Infinity) {
      best = gap;
      number = <u32>(i >> 2);
    }
  }
  store<u32>(chosen, number);
  f32.store(gaps, best);
}

/** sums[chosen[r]·stride + i] (f64) += rows[r·stride + i]. */
export function accumulate(rows: usize, count: u32, stride: u32, chosen: usize, sums: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let r: u32 = 0; r < count; r++) {
    const sum = sums + (<usize>load<u32>(chosen + ((<usize>r) << 2))) * (bytes << 1);
    for (let i: usize = 0; i < bytes; i += 16) {
      const at = sum + (i << 1);
      const x = v128.load(rows + i);
      v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(x)));
      v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 0))), 16);
    }
    rows += bytes;
  }
}

/** Rows of `count` values times `scale`, or of length 1 where that is 0, less the origin: see the contract. */
export function centreRows(rows: usize, rowCount: u32, count: u32, origin: usize, scale: f32, out: usize, squares: usize): void {
  const bytes = (<usize>count) << 2;
  const factor = f32x4.splat(scale == 0 ? 1 : scale);
  for (let r: u32 = 0; r < rowCount; r++) {
    if (scale == 0) scaled(rows, bytes, out);
    const from = scale == 0 ? out : rows;
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = f32x4.sub(f32x4.mul(v128.load(from + i), factor), v128.load(origin + i));
      v128.store(out + i, x);
      sum = f32x4.add(sum, f32x4.mul(x, x));
    }
    f32.store(squares, f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)));
    rows += bytes;
    out += bytes;
    squares += 4;
  }
}

/** x/‖x‖, or 0 where x is 0; in float64, so that no length is too long or too short. */
function scaled(x: usize, bytes: usize, out: usize): void {
  let sum = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 8) {
    const u = f64x2.promote_low_f32x4(v128.load64_zero(x + i));
    sum = f64x2.add(sum, f64x2.mul(u, u));
  }
  const square = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  const scale = f64x2.splat(square > 0 ? 1 / sqrt<f64>(square) : 1);
  for (let i: usize = 0; i < bytes; i += 8) {
    const u = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x + i)), scale);
    v128.store64_lane(out + i, f32x4.demote_f64x2_zero(u), 0);
  }
}
