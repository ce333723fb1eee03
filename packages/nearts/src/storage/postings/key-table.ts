import { room } from "../../core/columns.js";

const minimumSlots = 16;

/**
 * The keys of one table, numbered in order of first appearance, and how many entries the bucket of each holds. An emptied bucket keeps its number
 * until `compact` renumbers the rest. Whoever keeps the entries counts `lengths` and `empty`.
 */
export class KeyTable {
  /** How many numbers have been given out. */
  count = 0;
  /** Buckets with no entry left. */
  empty = 0;
  hi: Uint32Array = new Uint32Array(0);
  lo: Uint32Array = new Uint32Array(0);
  /** Entries of each bucket. */
  lengths: Uint32Array = new Uint32Array(0);
  /** Number of a bucket plus one, 0 where free: by open addressing, or where no key is over the last slot, as the numbers of a partition's lists, in the key's own. */
  #slots: Uint32Array = new Uint32Array(minimumSlots);
  #direct = true;
  #sorted: Uint32Array = new Uint32Array(0);
  #sortedCount = 0;

  get bytes(): number {
    return this.hi.byteLength + this.lo.byteLength + this.lengths.byteLength + this.#slots.byteLength + this.#sorted.byteLength;
  }

  /** Number of the bucket with this key, or −1. */
  find(hi: number, lo: number): number {
    if (this.#direct) return hi === 0 && lo < this.#slots.length ? this.#slots[lo] - 1 : -1;
    const mask = this.#slots.length - 1;
    for (let slot = spread(hi, lo) & mask; ; slot = (slot + 1) & mask) {
      const bucket = this.#slots[slot] - 1;
      if (bucket < 0 || (this.hi[bucket] === hi && this.lo[bucket] === lo)) return bucket;
    }
  }

  /** Number of the bucket with this key, made if there is none. */
  findOrAdd(hi: number, lo: number): number {
    const found = this.find(hi, lo);
    if (found >= 0) return found;
    const bucket = this.count++;
    this.hi = room(this.hi, this.count);
    this.lo = room(this.lo, this.count);
    this.lengths = room(this.lengths, this.count);
    this.hi[bucket] = hi;
    this.lo[bucket] = lo;
    this.lengths[bucket] = 0;
    this.empty++;
    const crowded = this.count * 3 > this.#slots.length * 2;
    const beyond = this.#direct && (hi > 0 || lo >= this.#slots.length);
    if (crowded || beyond) this.#rehash();
    else this.#place(bucket);
    return bucket;
  }

  /** Takes these keys, of empty buckets, in place of none; −1, or a key that comes twice. The columns are kept. */
  restore(hi: Uint32Array, lo: Uint32Array): number {
    this.hi = hi;
    this.lo = lo;
    this.lengths = new Uint32Array(hi.length);
    this.count = hi.length;
    this.empty = hi.length;
    this.#makeSlots();
    for (let bucket = 0; bucket < hi.length; bucket++) {
      if (this.find(hi[bucket], lo[bucket]) >= 0) return bucket;
      this.#place(bucket);
    }
    return -1;
  }

  /** Numbers of the buckets by ascending key, empty ones included. Borrowed until the next write. */
  sorted(): Uint32Array {
    if (this.#sortedCount < this.count) this.#sortNew();
    return this.#sorted;
  }

  /** Numbers of the buckets whose keys agree with (hi, lo) in their first `bits` bits, by ascending key, empty ones included. Borrowed until the next write. */
  withPrefix(hi: number, lo: number, bits: number): Uint32Array {
    const sorted = this.sorted();
    const from = this.#lowerBound(sorted, masked(hi, bits), masked(lo, bits - 32));
    let to = from;
    while (to < sorted.length && masked(this.hi[sorted[to]] ^ hi, bits) === 0 && masked(this.lo[sorted[to]] ^ lo, bits - 32) === 0) to++;
    return sorted.subarray(from, to);
  }

  /** Whether more buckets are empty than not, and enough to be worth renumbering. */
  get wantsCompaction(): boolean {
    return this.empty > 64 && this.empty * 2 > this.count;
  }

  /** Numbers of the buckets that hold something, ascending. */
  kept(): Uint32Array {
    const kept = new Uint32Array(this.count - this.empty);
    let n = 0;
    for (let bucket = 0; bucket < this.count; bucket++) if (this.lengths[bucket] > 0) kept[n++] = bucket;
    return kept;
  }

  /** Drops all buckets but `kept`, which are those that hold something, and renumbers these in their order. */
  compact(kept: Uint32Array): void {
    this.hi = kept.map((bucket) => this.hi[bucket]);
    this.lo = kept.map((bucket) => this.lo[bucket]);
    this.lengths = kept.map((bucket) => this.lengths[bucket]);
    this.count = kept.length;
    this.empty = 0;
    this.#sorted = new Uint32Array(0);
    this.#sortedCount = 0;
    this.#rehash();
  }

  #lowerBound(sorted: Uint32Array, hi: number, lo: number): number {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const bucket = sorted[middle];
      if (this.hi[bucket] < hi || (this.hi[bucket] === hi && this.lo[bucket] < lo)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #rehash(): void {
    this.#makeSlots();
    for (let bucket = 0; bucket < this.count; bucket++) this.#place(bucket);
  }

  /** Free slots, a power of two, with room for the keys there are. */
  #makeSlots(): void {
    let largest = 0;
    for (let bucket = 0; bucket < this.count; bucket++) largest = Math.max(largest, this.hi[bucket] * 2 ** 32 + this.lo[bucket]);
    let slots = minimumSlots;
    while (this.count * 3 > slots * 2) slots *= 2;
    this.#direct = largest < slots;
    this.#slots = new Uint32Array(slots);
  }

  #place(bucket: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#direct ? this.lo[bucket] : spread(this.hi[bucket], this.lo[bucket])) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = bucket + 1;
  }

  /** Sorts the buckets that came since the last time and merges them in, so that one new key costs no full sort. */
  #sortNew(): void {
    const before = (a: number, b: number) => this.hi[a] - this.hi[b] || this.lo[a] - this.lo[b];
    const fresh = Uint32Array.from({ length: this.count - this.#sortedCount }, (_, i) => this.#sortedCount + i).sort(before);
    const merged = new Uint32Array(this.count);
    let o = 0;
    let f = 0;
    for (let m = 0; m < merged.length; m++) {
      const old = f === fresh.length || (o < this.#sortedCount && before(this.#sorted[o], fresh[f]) < 0);
      merged[m] = old ? this.#sorted[o++] : fresh[f++];
    }
    this.#sorted = merged;
    this.#sortedCount = this.count;
  }
}

/** The first `bits` bits of a word: none below 1, all from 32 on. */
function masked(word: number, bits: number): number {
  if (bits <= 0) return 0;
  return (bits >= 32 ? word : word & (-1 << (32 - bits))) >>> 0;
}

/** Spreads a key over the slots (the finaliser of MurmurHash3, Appleby 2011): keys of few bits differ only in their highest. */
function spread(hi: number, lo: number): number {
  let h = hi ^ Math.imul(lo, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
