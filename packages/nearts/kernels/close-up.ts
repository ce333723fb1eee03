/** All ones in a NaN or ±∞, and in no finite f32. */
const exponent: u32 = 0x7f800000;
/** Carries into the sign bit from an exponent of all ones, and from no other. */
const carry: u32 = 0x00800000;

/**
 * Moves `count` rows of `words` 4-byte words together, in place: each starts with `lead` words, 0 or 1, that go, and must be `dim` where there is one. Where
 * `floats` is 1 the words must be finite f32. Returns `count`; else the first row r that starts with another word, or −1 − r for the first with a value that is not
 * finite, which has been moved like all before it.
 */
export function closeUp(rows: usize, count: u32, words: u32, lead: u32, dim: u32, floats: bool): i32 {
  const bytes = (<usize>words) << 2;
  const whole = bytes & ~15;
  let from = rows;
  let to = rows;
  for (let r: u32 = 0; r < count; r++) {
    if (lead) {
      if (load<u32>(from) != dim) return r;
      from += 4;
    }
    // Rows move towards lower addresses by a word at least, and each word is read before one is written over it.
    let seen = i32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const x = v128.load(from + i);
      seen = v128.or(seen, i32x4.add(v128.and(x, i32x4.splat(exponent)), i32x4.splat(carry)));
      v128.store(to + i, x);
    }
    let last: u32 = 0;
    for (let i = whole; i < bytes; i += 4) {
      const x = load<u32>(from + i);
      last |= (x & exponent) + carry;
      store<u32>(to + i, x);
    }
    if (floats && (i32x4.bitmask(seen) != 0 || <i32>last < 0)) return -1 - <i32>r;
    from += bytes;
    to += bytes;
  }
  return count;
}
