import { type Candidates, room } from "../../core/columns.js";
import { createArena } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";
import { pageBytes } from "./page.js";

/** Candidates ranked by one kernel call. */
export const chunk = 1024;

/** Where scratch lies at the head of each page: record starts, lengths, ranks (f64), and what the owner puts behind. */
export const scratch: Readonly<Record<"starts" | "lengths" | "ranks" | "rest", number>> = {
  starts: 0,
  lengths: chunk * 4,
  ranks: chunk * 8,
  rest: chunk * 16,
};

/** Records in one memory, behind a head of scratch. */
export interface RecordPage {
  readonly arena: Arena;
  /** Bytes used from the head, and those among them that freed rows left behind. */
  used: number;
  dead: number;
}

/** How records lie: bytes of an entry, and of the head of each page; `pageBytes` where not the usual. */
export interface RecordShape {
  readonly entryBytes: number;
  readonly headBytes: number;
  readonly pageBytes?: number | undefined;
}

/** Records of varying length by row number, in pages in which kernels read them where they lie. */
export class RecordRows {
  readonly pages: RecordPage[] = [];
  /** Which candidates were filled in last. */
  readonly positions: Uint32Array = new Uint32Array(chunk);
  /** By row: page, byte offset of the record, and its entries. */
  #pageOf: Uint16Array = new Uint16Array(0);
  #starts: Uint32Array = new Uint32Array(0);
  #lengths: Uint32Array = new Uint32Array(0);
  #filled = 0;
  readonly #entryBytes: number;
  readonly #headBytes: number;
  readonly #pageBytes: number;

  constructor({ entryBytes, headBytes, pageBytes: bytes = pageBytes }: RecordShape) {
    this.#entryBytes = entryBytes;
    this.#headBytes = headBytes;
    this.#pageBytes = bytes;
  }

  get bytes(): number {
    let sum = this.#pageOf.byteLength + this.#starts.byteLength + this.#lengths.byteLength;
    for (const page of this.pages) sum += page.used - this.#headBytes;
    return sum;
  }

  /** How many candidates were filled in last. */
  get filled(): number {
    return this.#filled;
  }

  /** Makes room so that writing records of so many entries in all under rows below `limit` cannot fail. */
  reserve(entries: number, limit: number): void {
    this.#pageOf = room(this.#pageOf, limit);
    this.#starts = room(this.#starts, limit);
    this.#lengths = room(this.#lengths, limit);
    this.#lastPageWith(entries * this.#entryBytes);
  }

  /** Takes room for the record of a row; its page, in which the record lies at {@link RecordRows.startOf}. */
  take(row: number, entries: number): RecordPage {
    const bytes = entries * this.#entryBytes;
    const p = this.#lastPageWith(bytes);
    const page = this.pages[p];
    this.#pageOf[row] = p;
    this.#starts[row] = page.used;
    this.#lengths[row] = entries;
    page.used += bytes;
    return page;
  }

  pageOf(row: number): RecordPage {
    return this.pages[this.#pageOf[row]];
  }

  /** Byte offset of a row's record in its page. */
  startOf(row: number): number {
    return this.#starts[row];
  }

  /** Entries of a row's record. */
  lengthOf(row: number): number {
    return this.#lengths[row];
  }

  /** Forgets a row. */
  free(row: number): void {
    const page = this.pages[this.#pageOf[row]];
    page.dead += this.#lengths[row] * this.#entryBytes;
    this.#lengths[row] = 0;
    if (page.dead > 65_536 && page.dead * 2 > page.used - this.#headBytes) this.#compact(this.#pageOf[row]);
  }

  /** Writes starts and lengths of the next candidates from `from` on that lie in page `p` into its scratch; where to go on. */
  fill(p: number, candidates: Candidates, from: number): number {
    const { u32 } = this.pages[p].arena.views();
    let filled = 0;
    let at = from;
    for (; at < candidates.count && filled < chunk; at++) {
      const row = candidates.rows[at];
      if (this.#pageOf[row] !== p) continue;
      u32[(scratch.starts >>> 2) + filled] = this.#starts[row];
      u32[(scratch.lengths >>> 2) + filled] = this.#lengths[row];
      this.positions[filled++] = at;
    }
    this.#filled = filled;
    return at;
  }

  #lastPageWith(bytes: number): number {
    const last = this.pages.length - 1;
    if (last >= 0 && this.pages[last].used + bytes <= this.#pageBytes) {
      this.pages[last].arena.ensure(this.pages[last].used + bytes);
      return last;
    }
    // Twice, because a query may be put behind the records.
    const arena = createArena(undefined, 2 * Math.max(this.#pageBytes, this.#headBytes + bytes));
    arena.ensure(this.#headBytes + bytes);
    return this.pages.push({ arena, used: this.#headBytes, dead: 0 }) - 1;
  }

  /** Moves a page's living records together. */
  #compact(p: number): void {
    const page = this.pages[p];
    const living: number[] = [];
    for (let row = 0; row < this.#lengths.length; row++) if (this.#pageOf[row] === p && this.#lengths[row] > 0) living.push(row);
    living.sort((a, b) => this.#starts[a] - this.#starts[b]);
    const { u8 } = page.arena.views();
    let to = this.#headBytes;
    for (const row of living) {
      const bytes = this.#lengths[row] * this.#entryBytes;
      u8.copyWithin(to, this.#starts[row], this.#starts[row] + bytes);
      this.#starts[row] = to;
      to += bytes;
    }
    page.used = to;
    page.dead = 0;
  }
}
