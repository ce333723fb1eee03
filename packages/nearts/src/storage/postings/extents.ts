import { room } from "../../core/columns.js";
import type { BlockRuns } from "./block-runs.js";

/** No extent: the end of a chain. */
export const noExtent = 0xffffffff;

/** What is known of an extent, beside one another as whoever follows a chain reads all of it: first block, blocks, and the neighbours in the chain. */
const [FIRST, BLOCKS, NEXT, PREVIOUS, WORDS] = [0, 1, 2, 3, 4];

/** Runs of blocks, linked both ways into chains. */
export class Extents {
  readonly #runs: BlockRuns;
  #words: Uint32Array = new Uint32Array(0);
  #count = 0;
  #unused = noExtent;

  constructor(runs: BlockRuns) {
    this.#runs = runs;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Its first block. */
  first(extent: number): number {
    return this.#words[extent * WORDS + FIRST];
  }

  /** How many blocks it has. */
  blocks(extent: number): number {
    return this.#words[extent * WORDS + BLOCKS];
  }

  next(extent: number): number {
    return this.#words[extent * WORDS + NEXT];
  }

  previous(extent: number): number {
    return this.#words[extent * WORDS + PREVIOUS];
  }

  /** An extent for a run, at the end of the chain whose last one is `after`, or in a chain of its own. */
  add(first: number, blocks: number, after: number = noExtent): number {
    const extent = this.#number();
    const at = extent * WORDS;
    this.#words[at + FIRST] = first;
    this.#words[at + BLOCKS] = blocks;
    this.#words[at + NEXT] = noExtent;
    this.#words[at + PREVIOUS] = after;
    if (after !== noExtent) this.#words[after * WORDS + NEXT] = extent;
    return extent;
  }

  /** Gives back an extent, its blocks, and all extents behind it. */
  release(extent: number): void {
    const previous = this.previous(extent);
    if (previous !== noExtent) this.#words[previous * WORDS + NEXT] = noExtent;
    for (let at = extent; at !== noExtent; ) {
      const next = this.next(at);
      this.#runs.release(this.first(at), this.blocks(at));
      this.#words[at * WORDS + NEXT] = this.#unused;
      this.#unused = at;
      at = next;
    }
  }

  /** Gives back all extents behind this one. */
  releaseAfter(extent: number): void {
    if (this.next(extent) !== noExtent) this.release(this.next(extent));
  }

  /** Keeps the first `blocks` blocks of an extent and gives back the others. */
  shorten(extent: number, blocks: number): void {
    this.#runs.release(this.first(extent) + blocks, this.blocks(extent) - blocks);
    this.#words[extent * WORDS + BLOCKS] = blocks;
  }

  /** How many blocks there are from here to the end of the chain. */
  blocksBehind(extent: number): number {
    let blocks = 0;
    for (let at = extent; at !== noExtent; at = this.next(at)) blocks += this.blocks(at);
    return blocks;
  }

  /** The last extent of the chain that goes on from here. */
  last(extent: number): number {
    let at = extent;
    while (this.next(at) !== noExtent) at = this.next(at);
    return at;
  }

  #number(): number {
    const unused = this.#unused;
    if (unused !== noExtent) {
      this.#unused = this.next(unused);
      return unused;
    }
    this.#words = room(this.#words, ++this.#count * WORDS);
    return this.#count - 1;
  }
}
