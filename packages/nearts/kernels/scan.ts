// Ranks of bucket entries estimated from codes of 4 bits a group, by a table of 16 bytes for each group (André et al., "Cache locality is not enough",
// VLDB 2015; FAISS calls it fast scan). Layouts of plan, jobs, blocks and records: src/kernels/contract.ts. Floating point follows the plain
// twin operation by operation, so that every build finds the same rows.

import { begin, bound, compacted, find, threshold } from "./found";
import { scanRecords } from "./records";
import { swizzle } from "./swizzle";

/** Scans jobs in order; returns the number of rows found. */
export function scan(plan: usize, jobs: usize, jobCount: u32, found: usize): u32 {
  begin(plan, found);
  const stops = load<u32>(plan, 36) != 0;
  const factor = f32.load(plan, 28);
  const offset = f32.load(plan, 32);
  const deviations = f32.load(plan, 16);
  let entries: u32 = 0;
  let j: u32 = 0;
  for (; j < jobCount; j++) {
    const job = jobs + <usize>j * 24;
    const kind = load<u32>(job, 20);
    f32.store(job, threshold, 20);
    if (stops && threshold != Infinity && f32.load(job, 16) > factor * threshold + offset) break;
    const n = load<u32>(job, 4);
    const start = <usize>load<u32>(job);
    const width = deviations * f32.load(job, 12);
    if (kind == 0) scanBlocks(plan, start, n, f32.load(job, 8), width);
    else scanRecords(plan, start, n, f32.load(job, 8), width);
    entries += n;
  }
  store<u32>(plan, j, 64);
  store<u32>(plan, entries, 68);
  f32.store(plan, threshold, 72);
  return compacted();
}

function scanBlocks(plan: usize, block: usize, entries: u32, centre: f32, width: f32): void {
  const bytes = ((<usize>load<u32>(plan, 4)) << 4) + 512;
  for (; entries > 32; entries -= 32) {
    scanBlock(plan, block, 0xffffffff, centre, width);
    block += bytes;
  }
  if (entries > 0) scanBlock(plan, block, <u32>0xffffffff >> (32 - entries), centre, width);
}

/** One block, of which the entries in the mask `filled` count. */
function scanBlock(plan: usize, block: usize, filled: u32, centre: f32, width: f32): void {
  const table = <usize>load<u32>(plan);
  const bytes = (<usize>load<u32>(plan, 4)) << 4;
  const low = i8x16.splat(15);
  // Sums of 16 entries each as u16: `a` of whole pairs of bytes, `b` of their high bytes, which are the odd entries'.
  let a0 = i16x8.splat(0);
  let b0 = i16x8.splat(0);
  let a1 = i16x8.splat(0);
  let b1 = i16x8.splat(0);
  let i: usize = 0;
  const even = bytes & ~31;
  // Two groups at a time: more of them would not fit the registers.
  for (; i < even; i += 32) {
    const t = v128.load(table + i);
    const code = v128.load(block + i);
    const x = swizzle(t, v128.and(code, low));
    const y = swizzle(t, v128.and(i16x8.shr_u(code, 4), low));
    a0 = i16x8.add(a0, x);
    a1 = i16x8.add(a1, y);
    b0 = i16x8.add(b0, i16x8.shr_u(x, 8));
    b1 = i16x8.add(b1, i16x8.shr_u(y, 8));
    const nextT = v128.load(table + i, 16);
    const nextCode = v128.load(block + i, 16);
    const nextX = swizzle(nextT, v128.and(nextCode, low));
    const nextY = swizzle(nextT, v128.and(i16x8.shr_u(nextCode, 4), low));
    a0 = i16x8.add(a0, nextX);
    a1 = i16x8.add(a1, nextY);
    b0 = i16x8.add(b0, i16x8.shr_u(nextX, 8));
    b1 = i16x8.add(b1, i16x8.shr_u(nextY, 8));
  }
  if (i < bytes) {
    const t = v128.load(table + i);
    const code = v128.load(block + i);
    const x = swizzle(t, v128.and(code, low));
    const y = swizzle(t, v128.and(i16x8.shr_u(code, 4), low));
    a0 = i16x8.add(a0, x);
    a1 = i16x8.add(a1, y);
    b0 = i16x8.add(b0, i16x8.shr_u(x, 8));
    b1 = i16x8.add(b1, i16x8.shr_u(y, 8));
  }
  const factors = block + bytes;
  const below0 = i16x8.sub(a0, i16x8.shl(b0, 8));
  const below1 = i16x8.sub(a1, i16x8.shl(b1, 8));
  sixteen(plan, factors, v128.shuffle<u16>(below0, b0, 0, 8, 1, 9, 2, 10, 3, 11), v128.shuffle<u16>(below0, b0, 4, 12, 5, 13, 6, 14, 7, 15), filled, centre, width);
  sixteen(plan, factors + 64, v128.shuffle<u16>(below1, b1, 0, 8, 1, 9, 2, 10, 3, 11), v128.shuffle<u16>(below1, b1, 4, 12, 5, 13, 6, 14, 7, 15), filled >> 16, centre, width);
}

// @ts-ignore: decorator
@inline
function estimated(plan: usize, sums: v128, factors: usize, centre: v128): v128 {
  const u = f32x4.add(f32x4.mul(f32x4.splat(f32.load(plan, 8)), f32x4.convert_i32x4_s(sums)), f32x4.splat(f32.load(plan, 12)));
  return f32x4.add(f32x4.add(v128.load(factors), f32x4.mul(v128.load(factors, 128), u)), centre);
}

/** Half a block: 16 sums as u16 in two vectors. */
// @ts-ignore: decorator
@inline
function sixteen(plan: usize, factors: usize, first: v128, second: v128, filled: u32, centre: f32, width: f32): void {
  const c = f32x4.splat(centre);
  const w = f32x4.splat(width);
  const limit = f32x4.splat(bound);
  const e0 = estimated(plan, i32x4.extend_low_i16x8_u(first), factors, c);
  const e1 = estimated(plan, i32x4.extend_high_i16x8_u(first), factors + 16, c);
  const e2 = estimated(plan, i32x4.extend_low_i16x8_u(second), factors + 32, c);
  const e3 = estimated(plan, i32x4.extend_high_i16x8_u(second), factors + 48, c);
  const l0 = f32x4.sub(e0, f32x4.mul(w, v128.load(factors, 256)));
  const l1 = f32x4.sub(e1, f32x4.mul(w, v128.load(factors, 272)));
  const l2 = f32x4.sub(e2, f32x4.mul(w, v128.load(factors, 288)));
  const l3 = f32x4.sub(e3, f32x4.mul(w, v128.load(factors, 304)));
  const p0 = f32x4.le(l0, limit);
  const p1 = f32x4.le(l1, limit);
  const p2 = f32x4.le(l2, limit);
  const p3 = f32x4.le(l3, limit);
  if (!v128.any_true(v128.or(v128.or(p0, p1), v128.or(p2, p3)))) return;
  const rows = factors + 384;
  four(<u32>i32x4.bitmask(p0) & filled, rows, l0, e0);
  four(<u32>i32x4.bitmask(p1) & (filled >> 4), rows + 16, l1, e1);
  four(<u32>i32x4.bitmask(p2) & (filled >> 8), rows + 32, l2, e2);
  four(<u32>i32x4.bitmask(p3) & (filled >> 12), rows + 48, l3, e3);
}

// @ts-ignore: decorator
@inline
function four(mask: u32, rows: usize, lower: v128, estimate: v128): void {
  if (mask & 15) passed(mask & 15, rows, lower, estimate);
}

/** The entries of `mask`, whose lower bounds were under the bound when their block began. */
function passed(mask: u32, rows: usize, lower: v128, estimate: v128): void {
  for (; mask != 0; mask &= mask - 1) {
    const lane = ctz(mask);
    // A lane known only now is brought to the front: byte i of lane n is byte 4 n + i.
    const front = i32x4.splat(0x03020100 + lane * 0x04040404);
    const l = f32x4.extract_lane(i8x16.swizzle(lower, front), 0);
    if (l <= bound) find(load<u32>(rows + ((<usize>lane) << 2)), l, f32x4.extract_lane(i8x16.swizzle(estimate, front), 0));
  }
}
