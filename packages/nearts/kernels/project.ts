// out[r · planes + p] = Σᵢ rows[r·stride + i] · matrix[p·stride + i], the sum kept in four lanes (i mod 4), each in ascending i,
// and closed as (lane0 + lane1) + (lane2 + lane3). This order is part of the stored format: hash bits depend on it.

// @ts-ignore: decorator
@inline
function close(lanes: v128): f32 {
  return f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
}

// @ts-ignore: decorator
@inline
function fma(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

export function project(rows: usize, rowCount: u32, matrix: usize, planes: u32, stride: u32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  const outBytes = (<usize>planes) << 2;
  let r: u32 = 0;
  for (; r + 4 <= rowCount; r += 4) {
    fourRows(rows, bytes, matrix, planes, out, outBytes);
    rows += bytes << 2;
    out += outBytes << 2;
  }
  for (; r < rowCount; r++) {
    oneRow(rows, bytes, matrix, planes, out);
    rows += bytes;
    out += outBytes;
  }
}

function fourRows(rows: usize, bytes: usize, matrix: usize, planes: u32, out: usize, outBytes: usize): void {
  const r1 = rows + bytes;
  const r2 = r1 + bytes;
  const r3 = r2 + bytes;
  const o1 = out + outBytes;
  const o2 = o1 + outBytes;
  const o3 = o2 + outBytes;
  let p: u32 = 0;
  for (; p + 2 <= planes; p += 2) {
    const a = matrix + <usize>p * bytes;
    const b = a + bytes;
    let s0a = f32x4.splat(0);
    let s1a = f32x4.splat(0);
    let s2a = f32x4.splat(0);
    let s3a = f32x4.splat(0);
    let s0b = f32x4.splat(0);
    let s1b = f32x4.splat(0);
    let s2b = f32x4.splat(0);
    let s3b = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const va = v128.load(a + i);
      const vb = v128.load(b + i);
      const x0 = v128.load(rows + i);
      s0a = fma(s0a, x0, va);
      s0b = fma(s0b, x0, vb);
      const x1 = v128.load(r1 + i);
      s1a = fma(s1a, x1, va);
      s1b = fma(s1b, x1, vb);
      const x2 = v128.load(r2 + i);
      s2a = fma(s2a, x2, va);
      s2b = fma(s2b, x2, vb);
      const x3 = v128.load(r3 + i);
      s3a = fma(s3a, x3, va);
      s3b = fma(s3b, x3, vb);
    }
    const at = (<usize>p) << 2;
    f32.store(out + at, close(s0a));
    f32.store(out + at, close(s0b), 4);
    f32.store(o1 + at, close(s1a));
    f32.store(o1 + at, close(s1b), 4);
    f32.store(o2 + at, close(s2a));
    f32.store(o2 + at, close(s2b), 4);
    f32.store(o3 + at, close(s3a));
    f32.store(o3 + at, close(s3b), 4);
  }
  if (p < planes) {
    const at = (<usize>p) << 2;
    const a = matrix + <usize>p * bytes;
    f32.store(out + at, single(rows, a, bytes));
    f32.store(o1 + at, single(r1, a, bytes));
    f32.store(o2 + at, single(r2, a, bytes));
    f32.store(o3 + at, single(r3, a, bytes));
  }
}

function oneRow(row: usize, bytes: usize, matrix: usize, planes: u32, out: usize): void {
  let p: u32 = 0;
  for (; p + 8 <= planes; p += 8) {
    const a0 = matrix + <usize>p * bytes;
    const a1 = a0 + bytes;
    const a2 = a1 + bytes;
    const a3 = a2 + bytes;
    const a4 = a3 + bytes;
    const a5 = a4 + bytes;
    const a6 = a5 + bytes;
    const a7 = a6 + bytes;
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let s4 = f32x4.splat(0);
    let s5 = f32x4.splat(0);
    let s6 = f32x4.splat(0);
    let s7 = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = v128.load(row + i);
      s0 = fma(s0, x, v128.load(a0 + i));
      s1 = fma(s1, x, v128.load(a1 + i));
      s2 = fma(s2, x, v128.load(a2 + i));
      s3 = fma(s3, x, v128.load(a3 + i));
      s4 = fma(s4, x, v128.load(a4 + i));
      s5 = fma(s5, x, v128.load(a5 + i));
      s6 = fma(s6, x, v128.load(a6 + i));
      s7 = fma(s7, x, v128.load(a7 + i));
    }
    const at = out + ((<usize>p) << 2);
    f32.store(at, close(s0));
    f32.store(at, close(s1), 4);
    f32.store(at, close(s2), 8);
    f32.store(at, close(s3), 12);
    f32.store(at, close(s4), 16);
    f32.store(at, close(s5), 20);
    f32.store(at, close(s6), 24);
    f32.store(at, close(s7), 28);
  }
  for (; p < planes; p++) f32.store(out + ((<usize>p) << 2), single(row, matrix + <usize>p * bytes, bytes));
}

export function single(x: usize, y: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sum = fma(sum, v128.load(x + i), v128.load(y + i));
  return close(sum);
}
