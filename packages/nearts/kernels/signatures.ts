// Signatures of a byte a value, compared with a query's: all of them, one after the other.

/** Writes number and count of equal bytes of each signature that has at least so many in common with the query; returns how many: see the contract. */
export function signatures(q: usize, bytes: u32, base: usize, count: u32, least: u32, found: usize): u32 {
  let kept: u32 = 0;
  let x = base;
  for (let r: u32 = 0; r < count; r++) {
    let equal = i8x16.splat(0);
    const end = x + bytes;
    for (let at = q; x < end; x += 16, at += 16) equal = i8x16.sub(equal, i8x16.eq(v128.load(x), v128.load(at)));
    const pairs = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(equal));
    const halves = i32x4.add(pairs, v128.shuffle<u32>(pairs, pairs, 2, 3, 0, 1));
    const sum: u32 = i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1);
    // Written always and kept if it counts: no branch to be foretold.
    const place = found + ((<usize>kept) << 3);
    store<u32>(place, r);
    store<u32>(place, sum, 4);
    kept += <u32>(sum >= least);
  }
  return kept;
}
