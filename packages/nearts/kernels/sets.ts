// Stored sets compared with a query: how many members two ascending lists of u32 have in common, and the distance that makes.

/** A list so many times as long as the other is searched for its members, instead of being read whole. */
const muchLonger: usize = 24;

/** How many of the members `a … aEnd)` are among `b … bEnd)`, both ascending, each once. */
function common(a: usize, aEnd: usize, b: usize, bEnd: usize): u32 {
  if (aEnd - a > bEnd - b) return common(b, bEnd, a, aEnd);
  if (muchLonger * (aEnd - a) < bEnd - b) return sought(a, aEnd, b, bEnd);
  // Four members of each against each other; the four that end lower, or both, make room for the next (Lemire et al. 2016, section 4).
  let equal = i32x4.splat(0);
  while (a + 16 <= aEnd && b + 16 <= bEnd) {
    const x = v128.load(a);
    const y = v128.load(b);
    const straight = v128.or(i32x4.eq(x, y), i32x4.eq(x, v128.shuffle<u32>(y, y, 1, 2, 3, 0)));
    const crossed = v128.or(i32x4.eq(x, v128.shuffle<u32>(y, y, 2, 3, 0, 1)), i32x4.eq(x, v128.shuffle<u32>(y, y, 3, 0, 1, 2)));
    equal = i32x4.sub(equal, v128.or(straight, crossed));
    const lastA = load<u32>(a, 12);
    const lastB = load<u32>(b, 12);
    a += (<usize>(lastA <= lastB)) << 4;
    b += (<usize>(lastB <= lastA)) << 4;
  }
  let count: u32 = i32x4.extract_lane(equal, 0) + i32x4.extract_lane(equal, 1) + i32x4.extract_lane(equal, 2) + i32x4.extract_lane(equal, 3);
  while (a < aEnd && b < bEnd) {
    const x = load<u32>(a);
    const y = load<u32>(b);
    count += <u32>(x == y);
    a += (<usize>(x <= y)) << 2;
    b += (<usize>(y <= x)) << 2;
  }
  return count;
}

/** The same where the second list is much the longer: each member is sought from where the last was, in steps that double (Bentley and Yao 1976). */
function sought(a: usize, aEnd: usize, b: usize, bEnd: usize): u32 {
  let count: u32 = 0;
  for (; a < aEnd && b < bEnd; a += 4) {
    const x = load<u32>(a);
    let step: usize = 4;
    while (step < bEnd - b && load<u32>(b + step) < x) step <<= 1;
    // Below b + step/2 all are less; at b + step, or beyond the end, none is.
    let low = b + ((step >> 1) & ~3);
    let high = min<usize>(b + step, bEnd);
    while (low < high) {
      const middle = low + (((high - low) >> 1) & ~3);
      if (load<u32>(middle) < x) low = middle + 4;
      else high = middle;
    }
    b = low;
    count += <u32>(b < bEnd && load<u32>(b) == x);
  }
  return count;
}

/** out[c] (f64): see the contract. */
export function setRank(metric: u32, q: usize, qCount: u32, starts: usize, lengths: usize, count: u32, out: usize): void {
  const qEnd = q + ((<usize>qCount) << 2);
  for (let c: u32 = 0; c < count; c++) {
    const at = (<usize>c) << 2;
    const x = <usize>load<u32>(starts + at);
    const length = load<u32>(lengths + at);
    const both = common(q, qEnd, x, x + ((<usize>length) << 2));
    const all = metric == 0 ? qCount + length - both : qCount;
    f64.store(out + (at << 1), all == 0 ? 0 : <f64>(all - both) / <f64>all);
  }
}
