// The nearest among rows whose ranks are likely not below a bound each: measured in the order of their bounds, until the next bound is over the worst
// rank held. A few are sorted by counting, four comparisons at a time, which is sooner than any heap. Of more, bounds and row numbers are a binary min-heap;
// those taken off it lie behind it, where their ranks then replace their bounds.
import { ranksOfGroup, together } from "./rank-rows";
import { offer } from "./select";

/** No row's number. */
// @ts-ignore: decorator
@inline const none: u32 = 0xffffffff;

/** Most pairs that are sorted by counting. */
// @ts-ignore: decorator
@inline const mostCounted: u32 = 128;

/** Sinks a pair that belongs at `start` or below it, among the first `count`. */
function sink(bounds: usize, rows: usize, start: u32, count: u32, bound: f32, row: u32): void {
  let at = start;
  while (true) {
    let child: u32 = 2 * at + 1;
    if (child >= count) break;
    let c = (<usize>child) << 2;
    if (child + 1 < count && f32.load(bounds + c, 4) < f32.load(bounds + c)) {
      child++;
      c += 4;
    }
    if (!(f32.load(bounds + c) < bound)) break;
    const a = (<usize>at) << 2;
    f32.store(bounds + a, f32.load(bounds + c));
    store<u32>(rows + a, load<u32>(rows + c));
    at = child;
  }
  f32.store(bounds + ((<usize>at) << 2), bound);
  store<u32>(rows + ((<usize>at) << 2), row);
}

/** Moves up to `most` pairs of bound ≤ `worst` from the heap's top behind it, and returns how many the heap keeps. */
function take(bounds: usize, rows: usize, count: u32, most: u32, worst: f32): u32 {
  let left = count;
  for (; left > 0 && count - left < most && f32.load(bounds) <= worst; ) {
    const row = load<u32>(rows);
    left--;
    const last = (<usize>left) << 2;
    sink(bounds, rows, 0, left, f32.load(bounds + last), load<u32>(rows + last));
    store<u32>(rows + last, row);
  }
  return left;
}

/** Asks for the first bytes of rows `from … to)`, all at once: address translation and the first cache miss of each are then under way together. */
// @ts-ignore: decorator
@inline
function touch(base: usize, rowBytes: usize, rows: usize, from: u32, to: u32, out: usize): void {
  let sum: u32 = 0;
  for (let c = from; c < to; c++) sum += load<u32>(base + <usize>load<u32>(rows + ((<usize>c) << 2)) * rowBytes);
  store<u32>(out, sum); // or the loads would be left out
}

/** Sorts pairs by their bounds to where they are given, behind them: a pair's place is how many bounds are less, or the next free one. Bounds are padded to a multiple of 4. */
function sort(bounds: usize, rows: usize, count: u32, toBounds: usize, toRows: usize): void {
  const end = (<usize>count) << 2;
  for (let i = end; i & 15; i += 4) f32.store(bounds + i, Infinity);
  memory.fill(toRows, 0xff, end);
  for (let c: usize = 0; c < end; c += 4) {
    const bound = f32.load(bounds + c);
    const mine = f32x4.splat(bound);
    let less = i32x4.splat(0);
    for (let i: usize = 0; i < end; i += 16) less = i32x4.sub(less, f32x4.lt(v128.load(bounds + i), mine));
    const place = i32x4.extract_lane(less, 0) + i32x4.extract_lane(less, 1) + (i32x4.extract_lane(less, 2) + i32x4.extract_lane(less, 3));
    let to = (<usize>place) << 2;
    while (load<u32>(toRows + to) != none) to += 4;
    f32.store(toBounds + to, bound);
    store<u32>(toRows + to, load<u32>(rows + c));
  }
}

/** As {@link nearestBounded} for pairs that are sorted. */
function nearestSorted(
  metric: u32,
  format: u32,
  q: usize,
  values: u32,
  base: usize,
  rowBytes: u32,
  rows: usize,
  bounds: usize,
  count: u32,
  heap: usize,
  held: u32,
  limit: u32,
  within: f32,
): u32 {
  let from: u32 = 0;
  while (true) {
    const worst = held == limit ? min<f32>(within, f32.load(heap)) : within;
    const most = min<u32>(count, from + max<u32>(limit - held, together));
    let to = from;
    while (to < most && f32.load(bounds + ((<usize>to) << 2)) <= worst) to++;
    if (to == from) return held;
    if (to - from > together) touch(base, rowBytes, rows, from, to, bounds + ((<usize>from) << 2));
    for (; from < to; from += together) {
      const n = min<u32>(together, to - from);
      const at = (<usize>from) << 2;
      ranksOfGroup(metric, format, q, values, base, rowBytes, rows + at, n, bounds + at);
      held = offer(bounds + at, rows + at, n, heap, held, limit, within);
    }
    from = to;
  }
}

/** Metric, format, query and rows as in `rankRows`; heap, limit and within as in `offer`; `rows` and `bounds` (f32) are used up, and up to 136 words behind each. Returns how many the heap holds. */
export function nearestBounded(
  metric: u32,
  format: u32,
  q: usize,
  values: u32,
  base: usize,
  rowBytes: u32,
  rows: usize,
  bounds: usize,
  count: u32,
  heap: usize,
  held: u32,
  limit: u32,
  within: f32,
): u32 {
  if (count <= mostCounted) {
    const bytes = ((<usize>count + 3) & ~3) << 2;
    sort(bounds, rows, count, bounds + bytes, rows + bytes);
    return nearestSorted(metric, format, q, values, base, rowBytes, rows + bytes, bounds + bytes, count, heap, held, limit, within);
  }
  for (let i = count >> 1; i > 0; i--) {
    const at = (<usize>(i - 1)) << 2;
    sink(bounds, rows, i - 1, count, f32.load(bounds + at), load<u32>(rows + at));
  }
  let left = count;
  let from = take(bounds, rows, left, max<u32>(limit - held, together), within);
  while (from < left) {
    if (left - from > together) touch(base, rowBytes, rows, from, left, bounds + ((<usize>from) << 2));
    while (left > from) {
      const n = min<u32>(together, left - from);
      left -= n;
      const at = (<usize>left) << 2;
      ranksOfGroup(metric, format, q, values, base, rowBytes, rows + at, n, bounds + at);
      held = offer(bounds + at, rows + at, n, heap, held, limit, within);
    }
    const worst = held == limit ? min<f32>(within, f32.load(heap)) : within;
    from = take(bounds, rows, left, max<u32>(limit - held, together), worst);
  }
  return held;
}
