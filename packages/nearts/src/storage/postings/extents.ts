import { room } from "../../core/columns.js";

/** No extent: the end of a chain. */
export const noExtent = 0xffffffff;

/** Runs of blocks, linked both ways into chains, as columns. */
export class Extents {
  /** First block of each, how many there are, and its neighbours in the chain. */
  first: Uint32Array = new Uint32Array(0);
  blocks: Uint32Array = new Uint32Array(0);
  next: Uint32Array = new Uint32Array(0);
  previous: Uint32Array = new Uint32Array(0);
  #count = 0;
  #unused = noExtent;

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

  /** Forgets the last extent of a chain; its blocks are the caller's. */
  drop(extent: number): void {
    const previous = this.previous[extent];
    if (previous !== noExtent) this.next[previous] = noExtent;
    this.next[extent] = this.#unused;
    this.#unused = extent;
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
