// The smallest of many values in order, by counting how many lie in each of 256 equal parts of their range: two passes, and hardly anything to sort.
import { drain, offer } from "./select";

/** Above so many values in one part the parts tell too little. */
const crowded: u32 = 32;

/** The number of the part that each of four values lies in, counted from `low`. */
// @ts-ignore: decorator
@inline
function partsOf(values: usize, low: v128, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.sub(v128.load(values), low), factor));
}

/** Numbers of parts as bytes, for values up to a multiple of 16. */
function divide(values: usize, count: u32, low: f32, factor: f32, parts: usize): void {
  const l = f32x4.splat(low);
  const f = f32x4.splat(factor);
  for (let i: u32 = 0; i < count; i += 16) {
    const at = values + ((<usize>i) << 2);
    const a = i16x8.narrow_i32x4_s(partsOf(at, l, f), partsOf(at + 16, l, f));
    const b = i16x8.narrow_i32x4_s(partsOf(at + 32, l, f), partsOf(at + 48, l, f));
    v128.store(parts + i, i8x16.narrow_i16x8_u(a, b));
  }
}

// @ts-ignore: decorator
@inline
function least(lanes: v128): f32 {
  const a = min<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  return min<f32>(a, min<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)));
}

/** Counts how many values lie in each part. */
function tally(parts: usize, count: u32, counts: usize): void {
  // Loops: what the engine calls for a fill or a copy takes longer than so few bytes.
  for (let part: usize = 0; part < 1024; part += 16) v128.store(counts + part, i32x4.splat(0));
  for (let i: u32 = 0; i < count; i++) {
    const at = counts + ((<usize>load<u8>(parts + i)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

function copy(from: usize, count: u32, to: usize): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) store<u32>(to + i, load<u32>(from + i));
}

/** Turns the numbers of values in each part into where those of the part begin; returns the last part that is wanted, 256 where one is crowded. */
function begin(counts: usize, wanted: u32): u32 {
  let sum: u32 = 0;
  for (let part: u32 = 0; part < 256; part++) {
    const at = counts + ((<usize>part) << 2);
    const own = load<u32>(at);
    if (own > crowded) return 256;
    store<u32>(at, sum);
    sum += own;
    if (sum >= wanted) return part;
  }
  return 256;
}

/** Sorts pairs that are in the order of their parts already. */
function sort(values: usize, numbers: usize, count: u32): void {
  for (let i: u32 = 1; i < count; i++) {
    const from = (<usize>i) << 2;
    const value = f32.load(values + from);
    const number = load<u32>(numbers + from);
    let at = from;
    // Those of a part are in the order of their numbers, so that equal values stay so.
    for (; at > 0 && f32.load(values + at - 4) > value; at -= 4) {
      f32.store(values + at, f32.load(values + at - 4));
      store<u32>(numbers + at, load<u32>(numbers + at - 4));
    }
    f32.store(values + at, value);
    store<u32>(numbers + at, number);
  }
}

/** As `offer` of all to an empty heap and `drain`: values at `heap`, their numbers behind, smallest first. */
export function smallest(values: usize, numbers: usize, count: u32, heap: usize, limit: u32, scratch: usize): u32 {
  if (limit < count && count >= 4) {
    // The quick forms of least and largest are no good for NaN, which is looked for by itself.
    let lows = v128.load(values);
    let highs = lows;
    let none = f32x4.ne(lows, lows);
    for (let i: u32 = 4; i < count; i += 4) {
      // The last four are read together, some of them twice.
      const four = v128.load(values + ((<usize>min<u32>(i, count - 4)) << 2));
      lows = f32x4.pmin(lows, four);
      highs = f32x4.pmax(highs, four);
      none = v128.or(none, f32x4.ne(four, four));
    }
    const low = least(lows);
    const factor = v128.any_true(none) ? <f32>0 : <f32>255 / (-least(f32x4.neg(highs)) - low);
    // Not with values that are equal, infinite, or none.
    if (factor > 0 && factor < Infinity) {
      const counts = scratch;
      const parts = scratch + 1024;
      divide(values, count, low, factor, parts);
      tally(parts, count, counts);
      const last = begin(counts, limit);
      if (last < 256) {
        const kept = parts + ((<usize>count + 15) & ~15);
        const keptNumbers = kept + ((<usize>limit + crowded) << 2);
        sort(kept, keptNumbers, gather(values, numbers, count, counts, parts, last, kept, keptNumbers));
        copy(kept, limit, heap);
        copy(keptNumbers, limit, heap + ((<usize>limit) << 2));
        return limit;
      }
    }
  }
  const held = offer(values, numbers, count, heap, 0, limit, Infinity);
  drain(heap, held, limit);
  return held;
}

/** Puts the values of the parts up to `last` where those of their part begin; returns how many there are. */
function gather(values: usize, numbers: usize, count: u32, counts: usize, parts: usize, last: u32, kept: usize, keptNumbers: usize): u32 {
  const most = i8x16.splat(<i8>last);
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i += 16) {
    let mask = <u32>i8x16.bitmask(i8x16.le_u(v128.load(parts + i), most));
    if (count - i < 16) mask &= (1 << (count - i)) - 1;
    for (; mask != 0; mask &= mask - 1) {
      const from = <usize>(i + ctz(mask));
      const begins = counts + ((<usize>load<u8>(parts + from)) << 2);
      const to = load<u32>(begins);
      store<u32>(begins, to + 1);
      f32.store(kept + ((<usize>to) << 2), f32.load(values + (from << 2)));
      store<u32>(keptNumbers + ((<usize>to) << 2), load<u32>(numbers + (from << 2)));
      sum++;
    }
  }
  return sum;
}
