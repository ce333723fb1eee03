// Estimates of buckets under 16 entries: records of row, add, scale, error (4 bytes each), then the code.
import { bound, find } from "./found";
import { swizzle } from "./swizzle";

/** From so many entries on, turning their codes so that 16 entries are looked up at once is quicker than to look up one by one. */
const turned: u32 = 4;

export function scanRecords(plan: usize, record: usize, entries: u32, centre: f32, width: f32): void {
  const groups = load<u32>(plan, 4);
  const table = <usize>load<u32>(plan);
  const bytes = ((<usize>(groups + 7) >> 3) << 2) + 16;
  for (; entries > turned; ) {
    const some = min<u32>(entries, 16);
    scanTurned(plan, record, some, bytes, centre, width);
    record += bytes * some;
    entries -= some;
  }
  for (; entries > 0; entries--) {
    estimate(plan, record, <f32>sumOf(record + 16, table, groups), centre, width);
    record += bytes;
  }
}

// @ts-ignore: decorator
@inline
function estimate(plan: usize, record: usize, sum: f32, centre: f32, width: f32): void {
  const u = f32.load(plan, 8) * sum + f32.load(plan, 12);
  const estimate = f32.load(record, 4) + f32.load(record, 8) * u + centre;
  const lower = estimate - width * f32.load(record, 12);
  if (lower <= bound) find(load<u32>(record), lower, estimate);
}

// @ts-ignore: decorator
@inline
function sumOf(code: usize, table: usize, groups: u32): u32 {
  let even: u32 = 0;
  let odd: u32 = 0;
  for (let g: u32 = 1; g < groups; g += 2) {
    const pair = <usize>load<u8>(code);
    even += <u32>load<u8>(table + (pair & 15));
    odd += <u32>load<u8>(table + (pair >> 4), 16);
    code++;
    table += 32;
  }
  if (groups & 1) even += <u32>load<u8>(table + (<usize>load<u8>(code) & 15));
  return even + odd;
}

/** The same word of four records, their bytes sorted: the first bytes of all, then the second, third and fourth. */
// @ts-ignore: decorator
@inline
function words(a: usize, b: usize, c: usize, d: usize): v128 {
  let v = v128.load32_zero(a);
  v = v128.load_lane<u32>(b, v, 1);
  v = v128.load_lane<u32>(c, v, 2);
  v = v128.load_lane<u32>(d, v, 3);
  return v128.shuffle<u8>(v, v, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

/** What a group adds to 16 sums; nothing beyond the last. */
// @ts-ignore: decorator
@inline
function entriesOf(table: usize, code: v128, end: usize): v128 {
  return table < end ? swizzle(v128.load(table), v128.and(code, i8x16.splat(15))) : i8x16.splat(0);
}

/** `entries` records, 16 at most. */
function scanTurned(plan: usize, record: usize, entries: u32, bytes: usize, centre: f32, width: f32): void {
  const last = record + bytes * (entries - 1);
  // Where there are fewer, the last is read again, and what comes of it left alone.
  const r0 = record;
  const r1 = min(r0 + bytes, last);
  const r2 = min(r1 + bytes, last);
  const r3 = min(r2 + bytes, last);
  const r4 = min(r3 + bytes, last);
  const r5 = min(r4 + bytes, last);
  const r6 = min(r5 + bytes, last);
  const r7 = min(r6 + bytes, last);
  const r8 = min(r7 + bytes, last);
  const r9 = min(r8 + bytes, last);
  const r10 = min(r9 + bytes, last);
  const r11 = min(r10 + bytes, last);
  const r12 = min(r11 + bytes, last);
  const r13 = min(r12 + bytes, last);
  const r14 = min(r13 + bytes, last);
  const r15 = min(r14 + bytes, last);
  // As in blocks: sums as u16, `a` of whole pairs of bytes and `b` of their high bytes.
  let a = i16x8.splat(0);
  let b = i16x8.splat(0);
  let table = <usize>load<u32>(plan);
  const end = table + ((<usize>load<u32>(plan, 4)) << 4);
  for (let at: usize = 16; table < end; at += 4) {
    const p = words(r0 + at, r1 + at, r2 + at, r3 + at);
    const q = words(r4 + at, r5 + at, r6 + at, r7 + at);
    const r = words(r8 + at, r9 + at, r10 + at, r11 + at);
    const s = words(r12 + at, r13 + at, r14 + at, r15 + at);
    const pq = v128.shuffle<u32>(p, q, 0, 4, 1, 5);
    const rs = v128.shuffle<u32>(r, s, 0, 4, 1, 5);
    const pqEnd = v128.shuffle<u32>(p, q, 2, 6, 3, 7);
    const rsEnd = v128.shuffle<u32>(r, s, 2, 6, 3, 7);
    // One byte of each record at a time: two groups.
    let code = v128.shuffle<u64>(pq, rs, 0, 2);
    let x = entriesOf(table, code, end);
    let y = entriesOf(table + 16, i16x8.shr_u(code, 4), end);
    a = i16x8.add(a, i16x8.add(x, y));
    b = i16x8.add(b, i16x8.add(i16x8.shr_u(x, 8), i16x8.shr_u(y, 8)));
    code = v128.shuffle<u64>(pq, rs, 1, 3);
    x = entriesOf(table + 32, code, end);
    y = entriesOf(table + 48, i16x8.shr_u(code, 4), end);
    a = i16x8.add(a, i16x8.add(x, y));
    b = i16x8.add(b, i16x8.add(i16x8.shr_u(x, 8), i16x8.shr_u(y, 8)));
    code = v128.shuffle<u64>(pqEnd, rsEnd, 0, 2);
    x = entriesOf(table + 64, code, end);
    y = entriesOf(table + 80, i16x8.shr_u(code, 4), end);
    a = i16x8.add(a, i16x8.add(x, y));
    b = i16x8.add(b, i16x8.add(i16x8.shr_u(x, 8), i16x8.shr_u(y, 8)));
    code = v128.shuffle<u64>(pqEnd, rsEnd, 1, 3);
    x = entriesOf(table + 96, code, end);
    y = entriesOf(table + 112, i16x8.shr_u(code, 4), end);
    a = i16x8.add(a, i16x8.add(x, y));
    b = i16x8.add(b, i16x8.add(i16x8.shr_u(x, 8), i16x8.shr_u(y, 8)));
    table += 128;
  }
  const even = i16x8.sub(a, i16x8.shl(b, 8));
  for (let e: u32 = 0; e < entries; e++) {
    // A lane known only now is brought to the front.
    const sums = i8x16.swizzle(e & 1 ? b : even, i16x8.splat(<i16>(0x0100 + (e >> 1) * 0x0202)));
    estimate(plan, record, <f32>(<u32>i16x8.extract_lane_u(sums, 0)), centre, width);
    record += bytes;
  }
}
