import type { Candidates } from "../../core/columns.js";
import type { Metric } from "../../core/contracts.js";
import { type Dump, pieceBytes, type Supply } from "../../core/dump.js";
import type { Rows, VectorOf } from "../../core/rows.js";
import { createArena, createArenaOver } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";
import { putDense, squaredNorm } from "./dense-rows.js";
import { chunk, Page, type PageReader } from "./page.js";
import { restoredBytes, restoreParts } from "./restored-rows.js";
import { encode, layoutOf, type RowLayout, type StoredShape } from "./row-layout.js";

/** Which candidates to take: those whose bound is over `above` and at most `upTo`. */
export interface BoundWindow {
  readonly bounds: Float32Array;
  readonly above: number;
  readonly upTo: number;
}

/** Who reads pages, and the memories of pages that another thread made; without these they are made here, shared where there are more threads than one. */
export interface PagesReader extends PageReader {
  readonly memories?: readonly WebAssembly.Memory[];
}

/** Rows of fixed width by number, in as many pages as they need: the first page holds the first numbers. */
export class RowPages {
  readonly layout: RowLayout;
  readonly shape: StoredShape;
  readonly #bytes: number;
  readonly #reader: PagesReader;
  readonly #pages: Page[];
  /** A vector on its way into a row. */
  readonly #incoming: Float32Array;
  /** Positions, among the candidates, of the row numbers that {@link RowPages.fill} wrote. */
  readonly positions: Uint32Array = new Uint32Array(chunk);
  /** How many it wrote. */
  filled = 0;

  /** Pages have `bytes` bytes. */
  constructor(shape: StoredShape, bytes: number, reader: PagesReader = { thread: 0, threads: 1 }) {
    this.shape = shape;
    this.#bytes = bytes;
    this.#reader = reader;
    this.layout = layoutOf(shape);
    this.#incoming = new Float32Array(this.layout.stride);
    this.#pages = reader.memories?.map((memory) => this.#page(createArenaOver(memory))) ?? [this.#page(this.#arena())];
  }

  get all(): readonly Page[] {
    return this.#pages;
  }

  /** Makes room for rows below `limit`. */
  reserve(limit: number): void {
    const { capacity } = this.#pages[0];
    while (this.#pages.length * capacity < limit) this.#pages.push(this.#page(this.#arena()));
    for (let p = 0; p < this.#pages.length; p++) this.#pages[p].reserve(Math.min(capacity, Math.max(0, limit - p * capacity)));
  }

  /** Whether rows as they are kept here hold dense or sparse ones exactly, where these are bytes. */
  hold(rows: Rows): boolean {
    return (rows.kind === "dense" || rows.kind === "sparse") && this.#pages[0].areWhole(rows.values);
  }

  /** Writes row `i` of `rows`; returns the length, as kept, of a dense vector. */
  write(row: number, rows: Rows, i: number): number {
    const { width, format } = this.layout;
    if (rows.kind === "dense" && (format === 0 || format === 3)) return this.put(row, rows.values.subarray(i * width, (i + 1) * width));
    const page = this.of(row);
    const views = page.arena.views();
    const at = page.at(row % page.capacity);
    if (rows.kind === "bits") {
      views.u32.set(rows.words.subarray(i * width, (i + 1) * width), at >>> 2);
      return 0;
    }
    putDense(this.#incoming, 0, rows, i);
    encode(this.layout, this.#incoming, views, at);
    return Math.sqrt(squaredNorm(this.#incoming, 0, width));
  }

  /** Writes a dense vector where rows are f32, or bytes that it fits in; returns its length. */
  put(row: number, values: Float32Array): number {
    const page = this.of(row);
    if (this.layout.format === 3) return page.pack(row % page.capacity, values);
    const at = page.at(row % page.capacity);
    page.arena.views().f32.set(values, at >>> 2);
    return Math.sqrt(page.arena.kernels.exactDot(at, at, this.layout.stride));
  }

  /** The vector as kept: a view of bits and f32, else a copy. */
  vector(row: number): VectorOf {
    const vector = this.borrow(row);
    return this.layout.format === 0 ? vector : (vector as Float32Array).slice(); // only dense vectors have other formats
  }

  /** The vector as kept, valid until the next call. */
  borrow(row: number): VectorOf {
    const page = this.of(row);
    const { width } = this.layout;
    const at = page.floatsAt(row % page.capacity) >>> 2;
    const { f32, u32 } = page.arena.views();
    return this.shape.kind === "dense" ? f32.subarray(at, at + width) : { dim: this.shape.dim, words: u32.subarray(at, at + width) };
  }

  /** Writes the first `rows` rows of others of this shape, for which there is room. */
  copyFrom(pages: RowPages, rows: number): void {
    for (let row = 0; row < rows; row++) this.put(row, pages.borrow(row) as Float32Array);
  }

  /** The page of a row. */
  of(row: number): Page {
    return this.#pages[Math.floor(row / this.#pages[0].capacity)];
  }

  /** The first `rows` rows as they lie (bytes as f32), without what `free` ones (ascending) hold: zeros. */
  dump(rows: number, free: Uint32Array): Dump {
    const { format, stride, rowBytes } = this.layout;
    if (format === 3) return { bytes: rows * stride * 4, pieces: () => this.#widePieces(rows, free) };
    return { bytes: rows * rowBytes, pieces: () => this.#pieces(rows, free) };
  }

  /** Fills rows below `rows` from a dump; `check` is called for those from … to − 1, of one page, when they are there, and must refuse what kernels do not expect. */
  async restore(rows: number, supply: Supply, check: (page: Page, from: number, to: number) => void): Promise<void> {
    const { rowBytes } = this.layout;
    this.reserve(rows);
    await restoreParts(this.#parts(rows, Math.ceil(restoredBytes / rowBytes)), rowBytes, supply, check);
  }

  /** Puts row `i` of `rows` beside a page as query `slot`; as a unit vector where the metric is the cosine. */
  putQuery(page: Page, slot: number, metric: Metric, rows: Rows, i: number): void {
    const { f32, u32 } = page.arena.views();
    const { width } = this.layout;
    const at = page.query(slot) >>> 2;
    if (rows.kind === "bits") {
      u32.set(rows.words.subarray(i * width, (i + 1) * width), at);
      return;
    }
    putDense(f32, at, rows, i);
    if (metric !== "cosine") return;
    const norm = Math.sqrt(squaredNorm(f32, at, width));
    for (let j = at; norm > 0 && j < at + width; j++) f32[j] /= norm;
  }

  /**
   * Writes the row numbers, and their `scales` (1 where there are none), of the next candidates in page `p` into its scratch, `most` at most, and only
   * those in the `window` if there is one; returns where to go on.
   */
  fill(
    p: number,
    scales: Float32Array | null,
    candidates: Candidates,
    from: number,
    most: number,
    window: BoundWindow | null = null,
  ): number {
    const page = this.#pages[p];
    const { f32, u32 } = page.arena.views();
    const [numbers, scaleAt, first, end] = [page.numbers >>> 2, page.scales >>> 2, p * page.capacity, (p + 1) * page.capacity];
    const { rows, count } = candidates;
    let filled = 0;
    let at = from;
    for (; at < count && filled < most; at++) {
      if (window !== null && !(window.bounds[at] > window.above && window.bounds[at] <= window.upTo)) continue;
      const row = rows[at];
      if (row < first || row >= end) continue;
      u32[numbers + filled] = row - first;
      f32[scaleAt + filled] = scales === null ? 1 : scales[row];
      this.positions[filled++] = at;
    }
    this.filled = filled;
    return at;
  }

  /** Moves the best of query `q` from page `p`'s heap to `out`, behind `kept` others; returns how many there are then. */
  take(p: number, q: number, held: number, limit: number, out: Candidates, kept: number): number {
    const page = this.#pages[p];
    const at = page.drain(q, held, limit);
    const { f32, u32 } = page.arena.views();
    out.count = kept;
    out.reserve(held);
    for (let i = 0; i < held; i++) {
      out.rows[kept + i] = u32[at + limit + i] + p * page.capacity;
      out.distances[kept + i] = f32[at + i];
    }
    return kept + held;
  }

  *#pieces(rows: number, free: Uint32Array): Iterable<Uint8Array> {
    const { rowBytes } = this.layout;
    let next = 0;
    for (const [page, from, to] of this.#parts(rows, Math.floor(pieceBytes / rowBytes))) {
      const at = page.at(from % page.capacity);
      const bytes = page.arena.views().u8.subarray(at, at + (to - from) * rowBytes);
      const piece = free[next] < to ? bytes.slice() : bytes;
      for (; free[next] < to; next++) piece.fill(0, (free[next] - from) * rowBytes, (free[next] - from + 1) * rowBytes);
      yield piece;
    }
  }

  *#widePieces(rows: number, free: Uint32Array): Iterable<Uint8Array> {
    const { stride, width } = this.layout;
    const atOnce = Math.floor(pieceBytes / (stride * 4));
    const piece = new Float32Array(atOnce * stride);
    let next = 0;
    for (let from = 0; from < rows; from += atOnce) {
      const to = Math.min(rows, from + atOnce);
      for (let row = from; row < to; row++) {
        const at = (row - from) * stride;
        if (free[next] !== row)
          piece.set(this.borrow(row) as Float32Array, at); // only dense vectors are kept as bytes
        else {
          piece.fill(0, at, at + width);
          next++;
        }
      }
      yield new Uint8Array(piece.buffer, 0, (to - from) * stride * 4);
    }
  }

  /** Rows below `rows`, at most so many together, all of one page. */
  *#parts(rows: number, atOnce: number): Iterable<[page: Page, from: number, to: number]> {
    const { capacity } = this.#pages[0];
    for (let from = 0; from < rows; ) {
      const to = Math.min(rows, from + atOnce, (Math.floor(from / capacity) + 1) * capacity);
      yield [this.of(from), from, to];
      from = to;
    }
  }

  #arena(): Arena {
    return createArena(undefined, undefined, { shared: this.#reader.threads > 1 });
  }

  #page(arena: Arena): Page {
    return new Page(this.layout, this.#bytes, arena, this.#reader);
  }
}
