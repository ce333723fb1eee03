import { room } from "../../core/columns.js";
import type { Arena } from "../../kernels/contract.js";
import type { BlockRuns } from "./block-runs.js";
import type { EntryLayout } from "./entry-layout.js";
import { capacityOf } from "./slab.js";

const none = 0xffffffff;
const noSlot = 0xffff;
/** Blocks of a page: enough that lists of 16 records waste little of it. */
export const pageBlocks = 4;
/** Lists of 1, 2, 3, 4, 6, 8, 12 and 16 records. */
const ranks = 8;
/** The smallest rank with room for `records` of at most 16. */
const rankFor = Uint8Array.from({ length: 17 }, (_, records) => {
  let rank = 0;
  while (capacityOf(rank) < records) rank++;
  return rank;
});

/**
 * Room for short lists of records, in pages that each hold lists of one capacity. A page whose lists are all free goes back to the blocks, so that buckets
 * that grew into blocks leave nothing behind. A list goes by a number: page · 256 + slot.
 */
export class RecordPages {
  readonly #arena: Arena;
  readonly #runs: BlockRuns;
  readonly #recordBytes: number;
  /** Lists of each rank in a page. */
  readonly #slots: Uint16Array;
  /** Of each page: first block, rank, lists in use, lists ever given out, first free list. */
  #blocks: Uint32Array = new Uint32Array(0);
  #ranks: Uint8Array = new Uint8Array(0);
  #used: Uint16Array = new Uint16Array(0);
  #carved: Uint16Array = new Uint16Array(0);
  #free: Uint16Array = new Uint16Array(0);
  /** Pages with room, by rank, linked both ways; pages given back, linked by `next`. */
  readonly #open: Uint32Array = new Uint32Array(ranks).fill(none);
  #next: Uint32Array = new Uint32Array(0);
  #previous: Uint32Array = new Uint32Array(0);
  #unused = none;
  #pages = 0;

  constructor(arena: Arena, runs: BlockRuns, { recordBytes, blockBytes }: EntryLayout) {
    this.#arena = arena;
    this.#runs = runs;
    this.#recordBytes = recordBytes;
    this.#slots = Uint16Array.from({ length: ranks }, (_, rank) =>
      Math.floor((pageBlocks * blockBytes) / (capacityOf(rank) * recordBytes)),
    );
  }

  get bytes(): number {
    return this.#blocks.length * 19;
  }

  /** Byte offset of a list's first record. */
  at(list: number): number {
    const page = list >>> 8;
    return this.#runs.at(this.#blocks[page]) + (list & 255) * capacityOf(this.#ranks[page]) * this.#recordBytes;
  }

  /** Records that a list has room for. */
  capacity(list: number): number {
    return capacityOf(this.#ranks[list >>> 8]);
  }

  /** The least capacity for `records` ≤ 16. */
  static capacityFor(records: number): number {
    return capacityOf(rankFor[records]);
  }

  /** A list with room for `records` ≤ 16. E_MEMORY where there is none, and then nothing changed. Views are stale. */
  allocate(records: number): number {
    const rank = rankFor[records];
    let page = this.#open[rank];
    if (page === none) page = this.#begin(rank);
    let slot = this.#free[page];
    if (slot === noSlot) slot = this.#carved[page]++;
    else this.#free[page] = this.#arena.views().u32[this.at(page * 256 + slot) >>> 2];
    if (++this.#used[page] === this.#slots[rank]) this.#unlink(page);
    return page * 256 + slot;
  }

  release(list: number): void {
    const page = list >>> 8;
    const rank = this.#ranks[page];
    if (this.#used[page] === this.#slots[rank]) this.#link(page);
    if (--this.#used[page] === 0) {
      this.#unlink(page);
      this.#runs.release(this.#blocks[page], pageBlocks);
      this.#next[page] = this.#unused;
      this.#unused = page;
      return;
    }
    this.#arena.views().u32[this.at(list) >>> 2] = this.#free[page];
    this.#free[page] = list & 255;
  }

  #begin(rank: number): number {
    const block = this.#runs.allocate(pageBlocks);
    let page = this.#unused;
    if (page === none) {
      page = this.#pages++;
      this.#reserve(this.#pages);
    } else this.#unused = this.#next[page];
    this.#blocks[page] = block;
    this.#ranks[page] = rank;
    this.#used[page] = 0;
    this.#carved[page] = 0;
    this.#free[page] = noSlot;
    this.#link(page);
    return page;
  }

  #link(page: number): void {
    const rank = this.#ranks[page];
    const next = this.#open[rank];
    this.#next[page] = next;
    this.#previous[page] = none;
    if (next !== none) this.#previous[next] = page;
    this.#open[rank] = page;
  }

  #unlink(page: number): void {
    const [next, previous] = [this.#next[page], this.#previous[page]];
    if (next !== none) this.#previous[next] = previous;
    if (previous !== none) this.#next[previous] = next;
    else this.#open[this.#ranks[page]] = next;
  }

  #reserve(pages: number): void {
    this.#blocks = room(this.#blocks, pages);
    this.#ranks = room(this.#ranks, pages);
    this.#used = room(this.#used, pages);
    this.#carved = room(this.#carved, pages);
    this.#free = room(this.#free, pages);
    this.#next = room(this.#next, pages);
    this.#previous = room(this.#previous, pages);
  }
}
