// The least values of sets under random orders: what MinHash keeps of them. It is stored, so every operation is that of the plain twin.

/** Bins of a permutation. */
const bins: u32 = 128;
/** What a bin without members holds; no member has it. */
const none: u32 = 0xffffffff;

/** Bytes of the first tables: 4 × 256 entries of two words, a derived word, and 0. */
const derivedAt: usize = 16_384;

/** Two random words for a member, by mixed tabulation (Dahlgaard et al. 2015, section 1.1). */
// @ts-ignore: decorator
@inline
function mixed(tables: usize, x: u32): u64 {
  let v = v128.load(tables + ((<usize>(x & 255)) << 4));
  v = v128.xor(v, v128.load(tables + ((<usize>((x >> 8) & 255)) << 4), 4096));
  v = v128.xor(v, v128.load(tables + ((<usize>((x >> 16) & 255)) << 4), 8192));
  v = v128.xor(v, v128.load(tables + ((<usize>(x >> 24)) << 4), 12_288));
  const d: u32 = i32x4.extract_lane(v, 2);
  const derived = tables + derivedAt;
  let w = <u64>i64x2.extract_lane(v, 0) ^ load<u64>(derived + ((<usize>(d & 255)) << 3));
  w ^= load<u64>(derived + ((<usize>((d >> 8) & 255)) << 3), 2048);
  w ^= load<u64>(derived + ((<usize>((d >> 16) & 255)) << 3), 4096);
  return w ^ load<u64>(derived + ((<usize>(d >> 24)) << 3), 6144);
}

/** One permutation for each block of 128 values: see the contract. */
export function minHashFast(tables: usize, keys: usize, blocks: u32, members: usize, offsets: usize, count: u32, out: usize): void {
  const bytes = (<usize>blocks) * bins * 4;
  for (let r: u32 = 0; r < count; r++, out += bytes, offsets += 4) {
    memory.fill(out, 255, bytes);
    const end = members + ((<usize>load<u32>(offsets, 4)) << 2);
    let at = members + ((<usize>load<u32>(offsets)) << 2);
    if (at == end) continue;
    for (; at < end; at += 4) {
      const z = mixed(tables, load<u32>(at));
      const low = <u32>z;
      const high = <u32>(z >> 32);
      let block = out;
      for (let key = keys; key < keys + ((<usize>blocks) << 4); key += 16, block += bins * 4) {
        const bin = ((low ^ load<u32>(key)) * load<u32>(key, 4)) >> 25;
        let value = (high ^ load<u32>(key, 8)) * load<u32>(key, 12);
        value = min<u32>((value ^ (value >> 15)) * 0x2c1b3c6d, none - 1);
        const place = block + ((<usize>bin) << 2);
        if (value < load<u32>(place)) store<u32>(place, value);
      }
    }
    for (let b: u32 = 0; b < blocks; b++) fillEmpty(out + (<usize>b) * bins * 4, load<u32>(keys + ((<usize>b) << 4)));
  }
}

/** Bins with members give their values to those without, in rounds, each to a random one, until all have some (Mai et al. 2020, section 4). */
function fillEmpty(block: usize, key: u32): void {
  let empty: u32 = 0;
  let low: u64 = 0;
  let high: u64 = 0;
  for (let i: u32 = 0; i < bins; i++) {
    const full = load<u32>(block + ((<usize>i) << 2)) != none;
    empty += <u32>!full;
    if (i < 64) low |= (<u64>full) << i;
    else high |= (<u64>full) << (i - 64);
  }
  for (let round: u32 = 1; empty > 0; round++) {
    for (let half: u32 = 0; half < 2; half++) {
      for (let left = half == 0 ? low : high; left != 0 && empty > 0; left &= left - 1) {
        const from = <u32>ctz<u64>(left) + (half << 6);
        const to = block + ((<usize>target(round, from, key)) << 2);
        if (load<u32>(to) != none) continue;
        store<u32>(to, load<u32>(block + ((<usize>from) << 2)));
        empty--;
      }
    }
  }
}

/** A random bin for bin `from` in a round (the finalizer of MurmurHash3). */
// @ts-ignore: decorator
@inline
function target(round: u32, from: u32, key: u32): u32 {
  let h = ((round << 7) | from) ^ key;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h >> 25;
}

/** A permutation for each value: see the contract. */
export function minHashClassic(tables: usize, keys: usize, values: u32, members: usize, offsets: usize, count: u32, out: usize): void {
  const bytes = (<usize>values) << 2;
  const stir = i32x4.splat(0x2c1b3c6d);
  for (let r: u32 = 0; r < count; r++, out += bytes, offsets += 4) {
    memory.fill(out, 255, bytes);
    const end = members + ((<usize>load<u32>(offsets, 4)) << 2);
    for (let at = members + ((<usize>load<u32>(offsets)) << 2); at < end; at += 4) {
      const z = i32x4.splat(<u32>mixed(tables, load<u32>(at)));
      for (let v: usize = 0; v < bytes; v += 16) {
        const h = i32x4.mul(v128.xor(z, v128.load(keys + v)), v128.load(keys + bytes + v));
        const value = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 15)), stir);
        v128.store(out + v, i32x4.min_u(v128.load(out + v), value));
      }
    }
  }
}
