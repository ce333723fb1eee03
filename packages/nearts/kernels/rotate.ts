// A random rotation in O(size·log size): four rounds of sign flips and a fast Hadamard transform over the largest power of two that fits, over the
// first values in even rounds and the last in odd ones. Where it does not reach all, one butterfly between the halves half-way, without which
// sizes a little under a power of two would hardly be mixed. Codes depend on every bit: the order of operations is the twin's.

// @ts-ignore: decorator
@inline const ROOT_HALF: f32 = 0.70710678;

/** out = rows rotated: `count` rows of `size` values (a multiple of 4, at least 64), `stride` apart in, `size` apart out; signs[4·size], each 1 or −1. */
export function rotate(rows: usize, count: u32, stride: u32, size: u32, signs: usize, out: usize): void {
  const bytes = (<usize>size) << 2;
  const block: usize = (<usize>4) << (31 - clz(size));
  const scale = <f32>(1 / Math.sqrt(<f64>(block >> 2)));
  for (let r: u32 = 0; r < count; r++) {
    flip(rows, signs, bytes, out);
    hadamard(out, block, scale);
    flip(out, signs + bytes, bytes, out);
    hadamard(last(out, bytes, block), block, scale);
    if (block < bytes) halves(out, bytes);
    flip(out, signs + 2 * bytes, bytes, out);
    hadamard(out, block, scale);
    flip(out, signs + 3 * bytes, bytes, out);
    hadamard(last(out, bytes, block), block, scale);
    rows += (<usize>stride) << 2;
    out += bytes;
  }
}

// @ts-ignore: decorator
@inline
function last(at: usize, bytes: usize, block: usize): usize {
  return at + bytes - block;
}

function flip(from: usize, signs: usize, bytes: usize, out: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, f32x4.mul(v128.load(from + i), v128.load(signs + i)));
}

function halves(at: usize, bytes: usize): void {
  const half = (bytes >> 5) << 4;
  const far = at + bytes - half;
  const root = f32x4.splat(ROOT_HALF);
  for (let i: usize = 0; i < half; i += 16) {
    const a = v128.load(at + i);
    const b = v128.load(far + i);
    v128.store(at + i, f32x4.mul(f32x4.add(a, b), root));
    v128.store(far + i, f32x4.mul(f32x4.sub(a, b), root));
  }
}

/** Stages 1 and 2 of the transform, inside one vector: each lane becomes the sum or difference with its partner. */
// @ts-ignore: decorator
@inline
function inside(v: v128): v128 {
  const a = f32x4.add(v128.shuffle<f32>(v, v, 1, 0, 3, 2), f32x4.mul(v, f32x4(1, -1, 1, -1)));
  return f32x4.add(v128.shuffle<f32>(a, a, 2, 3, 0, 1), f32x4.mul(a, f32x4(1, 1, -1, -1)));
}

/** The transform of `bytes`/4 values (a power of two, at least 64), each multiplied by `scale` in the end. */
function hadamard(at: usize, bytes: usize, scale: f32): void {
  for (let p = at; p < at + bytes; p += 64) {
    const a = inside(v128.load(p));
    const b = inside(v128.load(p, 16));
    const c = inside(v128.load(p, 32));
    const d = inside(v128.load(p, 48));
    const e = f32x4.add(a, b);
    const f = f32x4.sub(a, b);
    const g = f32x4.add(c, d);
    const h = f32x4.sub(c, d);
    v128.store(p, f32x4.add(e, g));
    v128.store(p, f32x4.add(f, h), 16);
    v128.store(p, f32x4.sub(e, g), 32);
    v128.store(p, f32x4.sub(f, h), 48);
  }
  let step: usize = 64;
  // Two stages a pass; where their number is odd, one by itself first.
  if ((ctz(<u32>(bytes >> 6)) & 1) == 1) {
    twos(at, bytes, step, step << 1 == bytes ? scale : 1);
    step <<= 1;
  }
  for (; step < bytes; step <<= 2) fours(at, bytes, step, step << 2 == bytes ? scale : 1);
}

function twos(at: usize, bytes: usize, step: usize, scale: f32): void {
  const s = f32x4.splat(scale);
  const end = at + bytes;
  for (let start = at; start < end; start += step << 1) {
    for (let p = start; p < start + step; p += 16) {
      const a = v128.load(p);
      const b = v128.load(p + step);
      v128.store(p, f32x4.mul(f32x4.add(a, b), s));
      v128.store(p + step, f32x4.mul(f32x4.sub(a, b), s));
    }
  }
}

function fours(at: usize, bytes: usize, step: usize, scale: f32): void {
  const s = f32x4.splat(scale);
  const end = at + bytes;
  for (let start = at; start < end; start += step << 2) {
    for (let p = start; p < start + step; p += 16) {
      const a = v128.load(p);
      const b = v128.load(p + step);
      const c = v128.load(p + 2 * step);
      const d = v128.load(p + 3 * step);
      const e = f32x4.add(a, b);
      const f = f32x4.sub(a, b);
      const g = f32x4.add(c, d);
      const h = f32x4.sub(c, d);
      v128.store(p, f32x4.mul(f32x4.add(e, g), s));
      v128.store(p + step, f32x4.mul(f32x4.add(f, h), s));
      v128.store(p + 2 * step, f32x4.mul(f32x4.sub(e, g), s));
      v128.store(p + 3 * step, f32x4.mul(f32x4.sub(f, h), s));
    }
  }
}
