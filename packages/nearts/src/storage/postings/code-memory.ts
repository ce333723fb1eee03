import type { Arena } from "../../kernels/contract.js";
import { BlockRuns } from "./block-runs.js";
import { EntryLayout } from "./entry-layout.js";
import { Extents } from "./extents.js";
import { RecordPages } from "./record-pages.js";

/** Bytes of the largest arena: what 32 bits address, less a page, so that no end of a range wraps around to 0. */
export const arenaLimit: number = 2 ** 32 - 65_536;
/** Bytes at the head of the arena, for the plan of a scan. */
const head = 192;

/** The one arena of a hash's entries: blocks and records of all its tables, and regions of scratch for scans, which are runs of blocks as well. */
export class CodeMemory {
  /** Where the plan of a scan is. */
  readonly plan: number = 64;
  readonly arena: Arena;
  readonly layout: EntryLayout;
  readonly runs: BlockRuns;
  readonly records: RecordPages;
  readonly extents: Extents;
  /** For whoever reads a bucket: its rows, and where its blocks are. */
  readonly rows: Scratch = new Scratch();
  readonly blocks: Scratch = new Scratch();

  constructor(groups: number, arena: Arena, limit: number) {
    this.arena = arena;
    this.layout = new EntryLayout(groups);
    this.runs = new BlockRuns(arena, head, this.layout.blockBytes, limit);
    this.extents = new Extents(this.runs);
    this.records = new RecordPages(arena, this.runs, this.layout);
  }

  get bytes(): number {
    return this.arena.size + this.extents.bytes + this.records.bytes + this.rows.bytes + this.blocks.bytes;
  }
}

/** A column to be filled and read at once. */
export class Scratch {
  #column: Uint32Array = new Uint32Array(64);

  get bytes(): number {
    return this.#column.byteLength;
  }

  /** Room for `count` values: borrowed until the next call. */
  take(count: number): Uint32Array {
    if (count > this.#column.length) this.#column = new Uint32Array(count + (count >>> 3));
    return this.#column;
  }
}

/** Scratch in a {@link CodeMemory} that grows with what is asked of it; its content is lost when it does. */
export class Region {
  /** Byte offset, a multiple of 16. */
  at = 0;
  /** Bytes there are. */
  bytes = 0;
  #block = 0;
  #blocks = 0;

  /** Makes room for `bytes` and a little more; true where it moved. Views are stale. */
  fit(memory: CodeMemory, bytes: number): boolean {
    const { blockBytes } = memory.layout;
    if (this.at !== 0 && bytes <= this.bytes) return false;
    const blocks = Math.ceil((bytes + (bytes >>> 3) + 1) / blockBytes);
    const block = memory.runs.allocate(blocks);
    if (this.at !== 0) memory.runs.release(this.#block, this.#blocks);
    this.#block = block;
    this.#blocks = blocks;
    this.at = memory.runs.at(block);
    this.bytes = blocks * blockBytes;
    return true;
  }
}
