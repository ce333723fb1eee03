import { room } from "../../core/columns.js";
import type { BlockRuns } from "./block-runs.js";

/** No extent: the end of a chain. */
export const noExtent = 0xffffffff;

/** Runs of blocks, linked both ways into chains, as columns. */
export class Extents {
  /** First block of each, how many there are, and its neighbours in the chain. */
  first: Uint32Array = new Uint32Array(0);
  blocks: Uint32Array = new Uint32Array(0);
  next: Uint32Array = new Uint32Array(0);
  previous: Uint32Array = new Uint32Array(0);
  readonly #runs: BlockRuns;
  #count = 0;
  #unused = noExtent;

  constructor(runs: BlockRuns) {
    this.#runs = runs;
  }

  get bytes(): number {
    return this.first.byteLength * 4;
  }

  /** An extent for a run, at the end of the chain whose last one is `after`, or in a chain of its own. */
  add(first: number, blocks: number, after: number = noExtent): number {
    const extent = this.#number();
    this.first[extent] = first;
    this.blocks[extent] = blocks;
    this.next[extent] = noExtent;
    this.previous[extent] = after;
    if (after !== noExtent) this.next[after] = extent;
    return extent;
  }

  /** Gives back an extent, its blocks, and all extents behind it. */
  release(extent: number): void {
    const previous = this.previous[extent];
    if (previous !== noExtent) this.next[previous] = noExtent;
    for (let at = extent; at !== noExtent; ) {
      const next = this.next[at];
      this.#runs.release(this.first[at], this.blocks[at]);
      this.next[at] = this.#unused;
      this.#unused = at;
      at = next;
    }
  }

  /** Gives back all extents behind this one. */
  releaseAfter(extent: number): void {
    if (this.next[extent] !== noExtent) this.release(this.next[extent]);
  }

  /** Keeps the first `blocks` blocks of an extent and gives back the others. */
  shorten(extent: number, blocks: number): void {
    this.#runs.release(this.first[extent] + blocks, this.blocks[extent] - blocks);
    this.blocks[extent] = blocks;
  }

  /** The last extent of the chain that goes on from here. */
  last(extent: number): number {
    let at = extent;
    while (this.next[at] !== noExtent) at = this.next[at];
    return at;
  }

  #number(): number {
    const unused = this.#unused;
    if (unused !== noExtent) {
      this.#unused = this.next[unused];
      return unused;
    }
    const wanted = ++this.#count;
    this.first = room(this.first, wanted);
    this.blocks = room(this.blocks, wanted);
    this.next = room(this.next, wanted);
    this.previous = room(this.previous, wanted);
    return wanted - 1;
  }
}
