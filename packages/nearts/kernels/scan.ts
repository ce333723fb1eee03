// Ranks of bucket entries estimated from codes of 4 bits a group, by a table of 16 bytes for each group (André et al., "Cache locality is not enough",
// VLDB 2015; FAISS calls it fast scan). Layouts of plan, jobs, blocks and records: src/kernels/contract.ts. Floating point follows the plain
// twin operation by operation, so that every build finds the same rows.

import { begin, bound, compacted, find, threshold } from "./found";
import { scanRecords } from "./records";
import { swizzle } from "./swizzle";

/** In the plan: scratch for the sums of a block. */
// @ts-ignore: decorator
@inline const sumsAt: usize = 80;

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
  const factors = block + bytes;
  let t = table;
  // Two groups at a time: more of them would not fit the registers.
  for (let end = table + (bytes & ~31); t < end; t += 32) {
    const first = v128.load(t);
    const code = v128.load(block);
    const x = swizzle(first, v128.and(code, low));
    const y = swizzle(first, v128.and(i16x8.shr_u(code, 4), low));
    a0 = i16x8.add(a0, x);
    a1 = i16x8.add(a1, y);
    b0 = i16x8.add(b0, i16x8.shr_u(x, 8));
    b1 = i16x8.add(b1, i16x8.shr_u(y, 8));
    const next = v128.load(t, 16);
    const nextCode = v128.load(block, 16);
    const nextX = swizzle(next, v128.and(nextCode, low));
    const nextY = swizzle(next, v128.and(i16x8.shr_u(nextCode, 4), low));
    a0 = i16x8.add(a0, nextX);
    a1 = i16x8.add(a1, nextY);
    b0 = i16x8.add(b0, i16x8.shr_u(nextX, 8));
    b1 = i16x8.add(b1, i16x8.shr_u(nextY, 8));
    block += 32;
  }
  if (bytes & 16) {
    const last = v128.load(t);
    const code = v128.load(block);
    const x = swizzle(last, v128.and(code, low));
    const y = swizzle(last, v128.and(i16x8.shr_u(code, 4), low));
    a0 = i16x8.add(a0, x);
    a1 = i16x8.add(a1, y);
    b0 = i16x8.add(b0, i16x8.shr_u(x, 8));
    b1 = i16x8.add(b1, i16x8.shr_u(y, 8));
  }
  const below0 = i16x8.sub(a0, i16x8.shl(b0, 8));
  const below1 = i16x8.sub(a1, i16x8.shl(b1, 8));
  const s0 = v128.shuffle<u16>(below0, b0, 0, 8, 1, 9, 2, 10, 3, 11);
  const s1 = v128.shuffle<u16>(below0, b0, 4, 12, 5, 13, 6, 14, 7, 15);
  const s2 = v128.shuffle<u16>(below1, b1, 0, 8, 1, 9, 2, 10, 3, 11);
  const s3 = v128.shuffle<u16>(below1, b1, 4, 12, 5, 13, 6, 14, 7, 15);
  const low16 = sixteen(plan, factors, s0, s1, centre, width);
  const high16 = sixteen(plan, factors + 64, s2, s3, centre, width);
  const mask = (low16 | (high16 << 16)) & filled;
  if (mask == 0) return;
  v128.store(plan, s0, sumsAt);
  v128.store(plan, s1, sumsAt + 16);
  v128.store(plan, s2, sumsAt + 32);
  v128.store(plan, s3, sumsAt + 48);
  passed(plan, factors, mask, centre, width);
}

// @ts-ignore: decorator
@inline
function estimated(plan: usize, sums: v128, factors: usize, centre: v128): v128 {
  const u = f32x4.add(f32x4.mul(f32x4.splat(f32.load(plan, 8)), f32x4.convert_i32x4_s(sums)), f32x4.splat(f32.load(plan, 12)));
  return f32x4.add(f32x4.add(v128.load(factors), f32x4.mul(v128.load(factors, 128), u)), centre);
}

/** Of half a block, 16 sums as u16 in two vectors: whose lower bounds are not over the bound, a bit each. */
// @ts-ignore: decorator
@inline
function sixteen(plan: usize, factors: usize, first: v128, second: v128, centre: f32, width: f32): u32 {
  const c = f32x4.splat(centre);
  const w = f32x4.splat(width);
  const limit = f32x4.splat(bound);
  const p0 = under(plan, i32x4.extend_low_i16x8_u(first), factors, c, w, limit);
  const p1 = under(plan, i32x4.extend_high_i16x8_u(first), factors + 16, c, w, limit);
  const p2 = under(plan, i32x4.extend_low_i16x8_u(second), factors + 32, c, w, limit);
  const p3 = under(plan, i32x4.extend_high_i16x8_u(second), factors + 48, c, w, limit);
  return <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(p0, p1), i16x8.narrow_i32x4_s(p2, p3)));
}

// @ts-ignore: decorator
@inline
function under(plan: usize, sums: v128, factors: usize, c: v128, w: v128, limit: v128): v128 {
  return f32x4.le(f32x4.sub(estimated(plan, sums, factors, c), f32x4.mul(w, v128.load(factors, 256))), limit);
}

/** The entries of `mask`, whose lower bounds were under the bound when their block began; their sums are in the plan's scratch. */
function passed(plan: usize, factors: usize, mask: u32, centre: f32, width: f32): void {
  const step = f32.load(plan, 8);
  const bias = f32.load(plan, 12);
  for (; mask != 0; mask &= mask - 1) {
    const lane = <usize>ctz(mask);
    const entry = factors + (lane << 2);
    const u = step * <f32>(<u32>load<u16>(plan + (lane << 1), sumsAt)) + bias;
    const estimate = f32.load(entry) + f32.load(entry, 128) * u + centre;
    const lower = estimate - width * f32.load(entry, 256);
    if (lower <= bound) find(load<u32>(entry, 384), lower, estimate);
  }
}
