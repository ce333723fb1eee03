import { blockEntries, type Codes } from "../../core/codes.js";
import { room } from "../../core/columns.js";
import type { Lists } from "./buckets.js";
import type { CodeMemory } from "./code-memory.js";
import { noExtent } from "./extents.js";
import type { KeyTable } from "./key-table.js";
import { pageBlocks, RecordPages } from "./record-pages.js";
import type { ScanJobs } from "./scan-jobs.js";

/** A bucket of so many entries is kept in blocks, and one of fewer than `recordsBelow` in records again: not the same, so that it does not change to and fro. */
export const blocksFrom = 16;
const recordsBelow = 8;
/** Blocks of a bucket that are kept in one run. Those of a larger one lie in a few long runs, which cost a reader no more. */
const mostTogether = 64;

/** Where a bucket's entries are: nowhere, in a list of records, in a chain of blocks, or in blocks that were made before their entries came. */
const nowhere = 0;
const inRecords = 1;
const inBlocks = 2;
const prepared = 3;

/**
 * Rows with codes of one table's buckets. Few entries are a list of records, more are blocks in one run, and both move as they grow; the blocks of many are a chain of
 * extents, and stay. All blocks but the last used one are full; at most one extent behind it waits for more.
 */
export class CodedLists implements Lists {
  readonly #keys: KeyTable;
  readonly #memory: CodeMemory;
  #kinds: Uint8Array = new Uint8Array(0);
  /** The list of records, or the first extent. */
  #starts: Uint32Array = new Uint32Array(0);
  /** The extent with the last entry, and how many entries are in those before it. */
  #tails: Uint32Array = new Uint32Array(0);
  #before: Uint32Array = new Uint32Array(0);

  constructor(keys: KeyTable, memory: CodeMemory) {
    this.#keys = keys;
    this.#memory = memory;
  }

  get bytes(): number {
    return this.#kinds.byteLength + this.#starts.byteLength + this.#tails.byteLength + this.#before.byteLength;
  }

  /** Makes room for `more` entries, in one piece with blocks made now. E_MEMORY where there is none, and then no entry changed. */
  reserve(bucket: number, more: number): void {
    this.#fit(bucket);
    const kind = this.#kinds[bucket];
    const wanted = this.#keys.lengths[bucket] + more;
    if (kind >= inBlocks) this.#extend(bucket, wanted);
    else if (wanted >= blocksFrom) this.#toBlocks(bucket, wanted);
    else if (kind === nowhere || this.#memory.records.capacity(this.#starts[bucket]) < wanted) this.#toRecords(bucket, wanted);
  }

  /** Makes room for the first `entries` entries of an empty bucket; it stays until its last block is begun, or {@link CodedLists.settle}. */
  prepare(bucket: number, entries: number): void {
    if (entries > 0) this.reserve(bucket, entries);
    if (this.#keys.lengths[bucket] === 0 && this.#kinds[bucket] === inBlocks) this.#kinds[bucket] = prepared;
  }

  /** Takes back what was made before its entries came and is still not used. */
  settle(): void {
    const { lengths, count } = this.#keys;
    for (let bucket = 0; bucket < Math.min(count, this.#kinds.length); bucket++) {
      if (this.#kinds[bucket] === prepared) this.#kinds[bucket] = inBlocks;
      if (lengths[bucket] === 0) this.#release(bucket);
      else if (this.#kinds[bucket] === inBlocks) this.#trim(bucket, 0);
    }
  }

  /** Appends a row with entry `c` of `codes`; there must be room. */
  append(bucket: number, row: number, codes: Codes, c: number): void {
    const { arena, layout, records, runs, extents } = this.#memory;
    const length = this.#keys.lengths[bucket]++;
    if (length === 0) this.#keys.empty--;
    if (this.#kinds[bucket] === inRecords) {
      layout.writeRecord(arena.views(), records.at(this.#starts[bucket]) + length * layout.recordBytes, row, codes, c);
      return;
    }
    if (length - this.#before[bucket] === extents.blocks(this.#tails[bucket]) * blockEntries) {
      this.#tails[bucket] = extents.next(this.#tails[bucket]);
      this.#before[bucket] = length;
    }
    const tail = this.#tails[bucket];
    const offset = length - this.#before[bucket];
    const block = offset >>> 5;
    if (this.#kinds[bucket] === prepared && block === extents.blocks(tail) - 1) this.#kinds[bucket] = inBlocks;
    layout.writeLane(arena.views(), runs.at(extents.first(tail) + block), offset & 31, row, codes, c);
  }

  rows(bucket: number): Uint32Array {
    const length = this.#keys.lengths[bucket];
    const rows = this.#memory.rows.take(length);
    if (length === 0) return rows.subarray(0, 0);
    const { arena, layout, records } = this.#memory;
    const { u32 } = arena.views();
    if (this.#kinds[bucket] === inRecords) {
      const at = records.at(this.#starts[bucket]) >>> 2;
      for (let i = 0; i < length; i++) rows[i] = u32[at + i * (layout.recordBytes >>> 2)];
    } else {
      const blocks = this.#blocksOf(bucket);
      for (let i = 0; i < length; i += blockEntries) {
        const at = layout.rowsOf(blocks[i >>> 5]);
        rows.set(u32.subarray(at, at + Math.min(blockEntries, length - i)), i);
      }
    }
    return rows.subarray(0, length);
  }

  /** Adds jobs for the entries of a bucket, all but the first with an order of −∞, as a bucket is read whole. */
  scan(bucket: number, jobs: ScanJobs, centre: number, spread: number, order: number): void {
    const { records, runs, extents } = this.#memory;
    let left = this.#keys.lengths[bucket];
    if (left === 0) return;
    if (this.#kinds[bucket] === inRecords) {
      jobs.add(records.at(this.#starts[bucket]), left, centre, spread, order, 1);
      return;
    }
    let first = order;
    for (let extent = this.#starts[bucket]; left > 0; extent = extents.next(extent)) {
      const count = Math.min(left, extents.blocks(extent) * blockEntries);
      jobs.add(runs.at(extents.first(extent)), count, centre, spread, first, 0);
      first = Number.NEGATIVE_INFINITY;
      left -= count;
    }
  }

  /** The last entry moves to the place of the removed. */
  remove(bucket: number, row: number): void {
    const { arena, layout } = this.#memory;
    const i = this.rows(bucket).indexOf(row);
    const blocks = this.#kinds[bucket] === inRecords ? null : this.#blocksOf(bucket);
    const last = --this.#keys.lengths[bucket];
    if (blocks === null) this.#moveRecord(bucket, last, i);
    else if (i < last) layout.laneToLane(arena.views(), blocks[last >>> 5], last & 31, blocks[i >>> 5], i & 31);
    this.#shrink(bucket);
  }

  /** Entries from the end move to the places of those dropped. */
  filter(bucket: number, stays: (row: number) => boolean): void {
    const rows = this.rows(bucket);
    const { arena, layout } = this.#memory;
    const blocks = this.#kinds[bucket] === inRecords ? null : this.#blocksOf(bucket);
    let kept = rows.length;
    for (let i = rows.length - 1; i >= 0; i--) {
      if (stays(rows[i])) continue;
      kept--;
      if (blocks === null) this.#moveRecord(bucket, kept, i);
      else if (i < kept) layout.laneToLane(arena.views(), blocks[kept >>> 5], kept & 31, blocks[i >>> 5], i & 31);
    }
    this.#keys.lengths[bucket] = kept;
    if (kept < rows.length) this.#shrink(bucket);
  }

  compact(kept: Uint32Array): void {
    let n = 0;
    for (let bucket = 0; bucket < this.#kinds.length; bucket++) {
      if (kept[n] === bucket) n++;
      else this.#release(bucket);
    }
    this.#kinds = Uint8Array.from(kept, (bucket) => this.#kinds[bucket]);
    this.#starts = kept.map((bucket) => this.#starts[bucket]);
    this.#tails = kept.map((bucket) => this.#tails[bucket]);
    this.#before = kept.map((bucket) => this.#before[bucket]);
  }

  #fit(bucket: number): void {
    if (bucket < this.#kinds.length) return;
    this.#kinds = room(this.#kinds, bucket + 1);
    this.#starts = room(this.#starts, bucket + 1);
    this.#tails = room(this.#tails, bucket + 1);
    this.#before = room(this.#before, bucket + 1);
  }

  /** Byte offsets of the blocks that hold entries, in order: borrowed until the next call. */
  #blocksOf(bucket: number): Uint32Array {
    return this.#memory.blocksFrom(this.#starts[bucket], Math.ceil(this.#keys.lengths[bucket] / blockEntries));
  }

  /** Makes room for `wanted` entries in blocks. A single block at a time would scatter a large bucket over memory, so it grows by up to a half. */
  #extend(bucket: number, wanted: number): void {
    const { runs, extents } = this.#memory;
    const tail = this.#tails[bucket];
    const held = this.#before[bucket] / blockEntries + extents.blocksBehind(tail);
    const missing = Math.ceil(wanted / blockEntries) - held;
    if (missing <= 0) return;
    const half = held >>> 1;
    const blocks = Math.max(missing, half < 2 ? 1 : 2 ** (31 - Math.clz32(half)));
    const together = held + blocks;
    if (together <= mostTogether && this.#kinds[bucket] === inBlocks && runs.holds(together)) return this.#move(bucket, together);
    const first = missing === 1 ? runs.allocateAbout(blocks) : runs.allocate(blocks);
    extents.add(first, missing === 1 ? runs.given : blocks, extents.last(tail));
  }

  /** Moves a bucket's blocks into one run of `blocks`, for which there is memory: of blocks that lie scattered a reader waits for every single one. */
  #move(bucket: number, blocks: number): void {
    const { arena, layout, runs, extents } = this.#memory;
    const first = runs.allocate(blocks);
    const { u8 } = arena.views();
    let to = runs.at(first);
    for (const from of this.#blocksOf(bucket)) {
      u8.copyWithin(to, from, from + layout.blockBytes);
      to += layout.blockBytes;
    }
    extents.release(this.#starts[bucket]);
    this.#begin(bucket, first, blocks);
  }

  #toBlocks(bucket: number, wanted: number): void {
    const { arena, layout, records, runs } = this.#memory;
    const blocks = Math.ceil(wanted / blockEntries);
    const first = runs.allocate(blocks);
    if (this.#kinds[bucket] === inRecords) {
      const from = records.at(this.#starts[bucket]);
      const views = arena.views();
      for (let i = 0; i < this.#keys.lengths[bucket]; i++) layout.recordToLane(views, from + i * layout.recordBytes, runs.at(first), i);
      records.release(this.#starts[bucket]);
    }
    this.#kinds[bucket] = inBlocks;
    this.#begin(bucket, first, blocks);
  }

  /** Makes a run the only extent of a bucket. */
  #begin(bucket: number, first: number, blocks: number): void {
    this.#starts[bucket] = this.#memory.extents.add(first, blocks);
    this.#tails[bucket] = this.#starts[bucket];
    this.#before[bucket] = 0;
  }

  /** Moves what a bucket holds, at most 16 entries, into a list of records with room for `wanted`. */
  #toRecords(bucket: number, wanted: number): void {
    const { arena, layout, records } = this.#memory;
    const list = records.allocate(wanted);
    const length = this.#keys.lengths[bucket];
    const to = records.at(list);
    const views = arena.views();
    if (this.#kinds[bucket] === inRecords) {
      const from = records.at(this.#starts[bucket]);
      views.u8.copyWithin(to, from, from + length * layout.recordBytes);
    } else if (length > 0) {
      const [block] = this.#blocksOf(bucket);
      for (let i = 0; i < length; i++) layout.laneToRecord(views, block, i, to + i * layout.recordBytes);
    }
    this.#release(bucket);
    this.#kinds[bucket] = inRecords;
    this.#starts[bucket] = list;
  }

  #moveRecord(bucket: number, from: number, to: number): void {
    const { arena, layout, records } = this.#memory;
    const at = (i: number) => records.at(this.#starts[bucket]) + i * layout.recordBytes;
    if (from !== to) arena.views().u8.copyWithin(at(to), at(from), at(from + 1));
  }

  /** Gives back what a bucket no longer needs after entries were removed. */
  #shrink(bucket: number): void {
    const { records, runs } = this.#memory;
    const length = this.#keys.lengths[bucket];
    const kind = this.#kinds[bucket];
    if (length === 0) {
      if (kind !== prepared) this.#release(bucket);
      this.#keys.empty++;
    } else if (kind === inBlocks) {
      // Removing must not fail for want of memory: without some at hand blocks stay blocks.
      if (length < recordsBelow && runs.holds(pageBlocks)) this.#toRecords(bucket, length + 1);
      else this.#trim(bucket, 1);
    } else if (kind === inRecords) {
      // A third of a list may stay free, so that it does not move to and fro.
      const capacity = RecordPages.capacityFor(Math.min(16, length + ((length + 1) >>> 1)));
      if (capacity < records.capacity(this.#starts[bucket]) && runs.holds(pageBlocks)) this.#toRecords(bucket, capacity);
    }
  }

  /** Gives back the extents behind the last entry but `spare` of them, and the rest of its own extent where that is much: over half of the bucket, which is more than it grows by. */
  #trim(bucket: number, spare: 0 | 1): void {
    const { extents } = this.#memory;
    const length = this.#keys.lengths[bucket];
    while (length <= this.#before[bucket]) {
      extents.releaseAfter(this.#tails[bucket]);
      this.#tails[bucket] = extents.previous(this.#tails[bucket]);
      this.#before[bucket] -= extents.blocks(this.#tails[bucket]) * blockEntries;
    }
    const tail = this.#tails[bucket];
    const used = Math.ceil((length - this.#before[bucket]) / blockEntries);
    const free = extents.blocks(tail) - used;
    const much = free > 1 && free * blockEntries * 2 > length;
    const next = extents.next(tail);
    if (spare === 0 || much) extents.releaseAfter(tail);
    else if (next !== noExtent) extents.releaseAfter(next);
    if (free > 0 && (spare === 0 || much)) extents.shorten(tail, used);
  }

  /** Gives back all memory of a bucket; it is nowhere then. */
  #release(bucket: number): void {
    const { records, extents } = this.#memory;
    if (this.#kinds[bucket] === inRecords) records.release(this.#starts[bucket]);
    else if (this.#kinds[bucket] >= inBlocks) extents.release(this.#starts[bucket]);
    this.#kinds[bucket] = nowhere;
  }
}
