// The nearest among rows whose ranks are likely not below a bound each: measured in the order of their bounds, until the next bound is over the worst
// rank held. Bounds and row numbers are a binary min-heap; those taken off it lie behind it, where their ranks then replace their bounds.
import { ranksOfGroup, together } from "./rank-rows";
import { offer } from "./select";

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

/** Metric, format, query and rows as in `rankRows`; heap, limit and within as in `offer`; `rows` and `bounds` (f32) are used up. Returns how many the heap holds. */
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
