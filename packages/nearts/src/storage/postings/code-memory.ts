import type { Arena } from "../../kernels/contract.js";
import { BlockRuns } from "./block-runs.js";
import { EntryLayout } from "./entry-layout.js";
import { Extents } from "./extents.js";
import { RecordPages } from "./record-pages.js";

/** Bytes of the largest arena: what 32 bits address, less a page, so that no end of a range wraps around to 0. */
export const arenaLimit: number = 2 ** 32 - 65_536;
/** Bytes at the head of the arena, for the plan of a scan. */
const head = 256;

/** Room in an arena that grows with what is asked of it; its content is lost when it does. */
export interface Region {
  /** Byte offset, a multiple of 16. */
  readonly at: number;
  /** Bytes there are. */
  readonly bytes: number;
  /** Makes room for `bytes`; true where it moved. Views are stale. */
  fit(bytes: number): boolean;
}

/** What a scan needs of the arena that the entries are in. */
export interface ScanMemory {
  readonly arena: Arena;
  /** Groups of 4 bits in a code. */
  readonly groups: number;
  /** Where the plan of a scan is: room for {@link planBytes}. */
  readonly plan: number;
  /** Scratch that does not exist yet. */
  region(): Region;
}

/** Bytes of the plan of a scan, as many as align what is behind it. */
export const planBytes = 192;

/** The one arena of a hash's entries: blocks and records of all its tables, and regions of scratch for scans, which are runs of blocks as well. */
export class CodeMemory implements ScanMemory {
  readonly plan: number = 64;
  readonly arena: Arena;
  readonly layout: EntryLayout;
  readonly runs: BlockRuns;
  readonly records: RecordPages;
  readonly extents: Extents;
  /** For whoever reads a bucket: its rows. */
  readonly rows: Scratch = new Scratch();
  readonly #blocks: Scratch = new Scratch();

  constructor(groups: number, arena: Arena, limit: number) {
    this.arena = arena;
    this.layout = new EntryLayout(groups);
    this.runs = new BlockRuns(arena, head, this.layout.blockBytes, limit);
    this.extents = new Extents(this.runs);
    this.records = new RecordPages(arena, this.runs, this.layout);
  }

  get groups(): number {
    return this.layout.groups;
  }

  region(): RunRegion {
    return new RunRegion(this);
  }

  /** Byte offsets of the first `count` blocks of a chain of extents, in order: borrowed until the next call. */
  blocksFrom(extent: number, count: number): Uint32Array {
    const blocks = this.#blocks.take(count);
    for (let at = extent, n = 0; n < count; at = this.extents.next(at)) {
      const first = this.extents.first(at);
      for (let i = 0; i < this.extents.blocks(at) && n < count; i++) blocks[n++] = this.runs.at(first + i);
    }
    return blocks.subarray(0, count);
  }

  get bytes(): number {
    return this.arena.size + this.extents.bytes + this.records.bytes + this.rows.bytes + this.#blocks.bytes;
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

/** A region that is a run of blocks. */
export class RunRegion implements Region {
  at = 0;
  bytes = 0;
  readonly #memory: CodeMemory;
  #block = 0;
  #blocks = 0;

  constructor(memory: CodeMemory) {
    this.#memory = memory;
  }

  /** Makes room for `bytes` and a little more. */
  fit(bytes: number): boolean {
    const { layout, runs } = this.#memory;
    if (this.at !== 0 && bytes <= this.bytes) return false;
    const blocks = Math.ceil((bytes + (bytes >>> 3) + 1) / layout.blockBytes);
    const block = runs.allocate(blocks);
    if (this.at !== 0) runs.release(this.#block, this.#blocks);
    this.#block = block;
    this.#blocks = blocks;
    this.at = runs.at(block);
    this.bytes = blocks * layout.blockBytes;
    return true;
  }

  /** Gives back all room there is. */
  free(): void {
    if (this.at !== 0) this.#memory.runs.release(this.#block, this.#blocks);
    this.at = 0;
    this.bytes = 0;
  }
}
