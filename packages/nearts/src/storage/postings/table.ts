import { room } from "../../core/columns.js";
import { capacityOf, type Slab } from "./slab.js";

const minimumSlots = 16;

/**
 * Buckets of one table: key → list of rows. Buckets are numbered in order of first appearance; an emptied one keeps its number,
 * without memory for rows, until `compact` renumbers the rest.
 */
export class BucketTable {
  /** How many numbers have been given out. */
  count = 0;
  /** Buckets with no row left. */
  empty = 0;
  hi: Uint32Array = new Uint32Array(0);
  lo: Uint32Array = new Uint32Array(0);
  /** Where each bucket's rows start in the slab, and how many there are. */
  starts: Uint32Array = new Uint32Array(0);
  lengths: Uint32Array = new Uint32Array(0);
  #ranks: Uint8Array = new Uint8Array(0);
  /** Open addressing: number of a bucket plus one, 0 where free. */
  #slots: Uint32Array = new Uint32Array(minimumSlots);
  #sorted: Uint32Array = new Uint32Array(0);
  #sortedCount = 0;

  get bytes(): number {
    const columns = this.hi.byteLength + this.lo.byteLength + this.starts.byteLength + this.lengths.byteLength + this.#ranks.byteLength;
    return columns + this.#slots.byteLength + this.#sorted.byteLength;
  }

  /** Number of the bucket with this key, or −1. */
  find(hi: number, lo: number): number {
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
    this.#reserve(this.count);
    this.hi[bucket] = hi;
    this.lo[bucket] = lo;
    this.lengths[bucket] = 0;
    this.empty++;
    if (this.count * 3 > this.#slots.length * 2) this.#rehash(this.#slots.length * 2);
    else this.#place(bucket);
    return bucket;
  }

  /** Appends a row to a bucket. */
  append(slab: Slab, bucket: number, row: number): void {
    const length = this.lengths[bucket];
    if (length === 0) {
      this.#ranks[bucket] = 0;
      this.starts[bucket] = slab.allocate(0);
      this.empty--;
    } else if (length === capacityOf(this.#ranks[bucket])) this.#move(slab, bucket, this.#ranks[bucket] + 1);
    slab.words[this.starts[bucket] + length] = row;
    this.lengths[bucket] = length + 1;
  }

  /** Takes a row that is there out of a bucket; the last one moves to its place. */
  remove(slab: Slab, bucket: number, row: number): void {
    const start = this.starts[bucket];
    const last = --this.lengths[bucket];
    slab.words[slab.words.indexOf(row, start)] = slab.words[start + last];
    if (last === 0) {
      slab.release(start, this.#ranks[bucket]);
      this.empty++;
    } else if (this.#ranks[bucket] > 1 && last <= capacityOf(this.#ranks[bucket] - 2)) this.#move(slab, bucket, this.#ranks[bucket] - 1);
  }

  /** Keeps the rows of a bucket for which `stays` says so, in their order. */
  filter(slab: Slab, bucket: number, stays: (row: number) => boolean): void {
    const start = this.starts[bucket];
    let kept = 0;
    for (let i = start; i < start + this.lengths[bucket]; i++) if (stays(slab.words[i])) slab.words[start + kept++] = slab.words[i];
    this.lengths[bucket] = kept;
    if (kept === 0) {
      slab.release(start, this.#ranks[bucket]);
      this.empty++;
      return;
    }
    let rank = this.#ranks[bucket];
    while (rank > 1 && kept <= capacityOf(rank - 2)) rank--;
    if (rank !== this.#ranks[bucket]) this.#move(slab, bucket, rank);
  }

  /** Numbers of the buckets by ascending key, empty ones included. Borrowed until the next write. */
  sorted(): Uint32Array {
    if (this.#sortedCount < this.count) this.#sortNew();
    return this.#sorted;
  }

  /** Whether more buckets are empty than not, and enough to be worth renumbering. */
  get wantsCompaction(): boolean {
    return this.empty > 64 && this.empty * 2 > this.count;
  }

  /** Drops empty buckets and renumbers the rest in their order; returns the old number of each. */
  compact(): Uint32Array {
    const kept = new Uint32Array(this.count - this.empty);
    let n = 0;
    for (let bucket = 0; bucket < this.count; bucket++) if (this.lengths[bucket] > 0) kept[n++] = bucket;
    this.hi = kept.map((bucket) => this.hi[bucket]);
    this.lo = kept.map((bucket) => this.lo[bucket]);
    this.starts = kept.map((bucket) => this.starts[bucket]);
    this.lengths = kept.map((bucket) => this.lengths[bucket]);
    this.#ranks = Uint8Array.from(kept, (bucket) => this.#ranks[bucket]);
    this.count = n;
    this.empty = 0;
    this.#sorted = new Uint32Array(0);
    this.#sortedCount = 0;
    let slots = minimumSlots;
    while (n * 3 > slots * 2) slots *= 2;
    this.#rehash(slots);
    return kept;
  }

  #move(slab: Slab, bucket: number, rank: number): void {
    const from = this.starts[bucket];
    const to = slab.allocate(rank);
    slab.words.copyWithin(to, from, from + this.lengths[bucket]);
    slab.release(from, this.#ranks[bucket]);
    this.starts[bucket] = to;
    this.#ranks[bucket] = rank;
  }

  #reserve(count: number): void {
    this.hi = room(this.hi, count);
    this.lo = room(this.lo, count);
    this.starts = room(this.starts, count);
    this.lengths = room(this.lengths, count);
    this.#ranks = room(this.#ranks, count);
  }

  #rehash(slots: number): void {
    this.#slots = new Uint32Array(slots);
    for (let bucket = 0; bucket < this.count; bucket++) this.#place(bucket);
  }

  #place(bucket: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(this.hi[bucket], this.lo[bucket]) & mask;
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

/** Spreads a key over the slots (the finaliser of MurmurHash3, Appleby 2011): keys of few bits differ only in their highest. */
function spread(hi: number, lo: number): number {
  let h = hi ^ Math.imul(lo, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
