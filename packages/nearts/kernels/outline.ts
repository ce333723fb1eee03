// Upper bounds on the cosine of stored rows with a query, from a record of one cache line (64 bytes) a row: 56 coordinates (i8), then f32 the
// length of what lies outside their directions, f32 the length of their rounding error. See src/storage/vectors/outlines.ts.

// @ts-ignore: decorator
@inline
function low(codes: v128, q: v128): v128 {
  return i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(codes), q);
}

// @ts-ignore: decorator
@inline
function high(codes: v128, q: v128): v128 {
  return i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(codes), q);
}

/** out[c] = step·Σ code·q + error·inside + perpendicular·outside, q being 56 values i16. Record of row r at records + 64·r. */
export function outline(q: usize, step: f32, inside: f32, outside: f32, records: usize, rows: usize, count: u32, out: usize): void {
  const q0 = v128.load(q);
  const q1 = v128.load(q, 16);
  const q2 = v128.load(q, 32);
  const q3 = v128.load(q, 48);
  const q4 = v128.load(q, 64);
  const q5 = v128.load(q, 80);
  const q6 = v128.load(q, 96);
  for (let c: u32 = 0; c < count; c++) {
    const record = records + ((<usize>load<u32>(rows + ((<usize>c) << 2))) << 6);
    const a = v128.load(record);
    const b = v128.load(record, 16);
    const d = v128.load(record, 32);
    const e = v128.load(record, 48);
    const left = i32x4.add(i32x4.add(low(a, q0), high(a, q1)), i32x4.add(low(b, q2), high(b, q3)));
    const sum = i32x4.add(left, i32x4.add(i32x4.add(low(d, q4), high(d, q5)), low(e, q6)));
    const dot = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
    f32.store(out + ((<usize>c) << 2), <f32>dot * step + f32.load(record, 60) * inside + f32.load(record, 56) * outside);
  }
}
