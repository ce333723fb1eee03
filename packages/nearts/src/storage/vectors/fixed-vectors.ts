import { Candidates } from "../../core/columns.js";
import type { Metric, Precision, Rounding } from "../../core/contracts.js";
import type { Dump, Supply } from "../../core/dump.js";
import { checkPrecision } from "../../core/precision.js";
import { type Rows, slice, type VectorOf } from "../../core/rows.js";
import { keepNearest } from "../../numeric/select.js";
import { nearestOfBatches } from "./batch-ranking.js";
import { keepNearestBounded } from "./bounded-ranking.js";
import { beyondFloat32, rankInFloat64 } from "./dense-rows.js";
import { OutlinedRows } from "./outlined-rows.js";
import { batch, block, chunk, type FormatMetric, formatMetrics, heapPairs, pageBytes } from "./page.js";
import { restoreThrough, rowChecker } from "./restored-rows.js";
import { layoutOf, type StoredShape } from "./row-layout.js";
import { RowLengths, type SharedLengths } from "./row-lengths.js";
import { type PagesReader, RowPages } from "./row-pages.js";
import type { Vectors } from "./vectors.js";
import { packable } from "./whole-rows.js";

/** Vectors as other threads read them: valid until the next write. All memory is shared, so that this can be posted to a worker as it is. */
export interface SharedVectors {
  readonly shape: StoredShape;
  readonly pageBytes: number;
  readonly threads: number;
  readonly memories: readonly WebAssembly.Memory[];
  readonly lengths: SharedLengths;
}

/** Vectors of fixed width (dense, bits) in pages, each an own memory with its own kernels, so that they are ranked where they lie. */
export class FixedVectors implements Vectors {
  readonly #shape: StoredShape;
  readonly #pageBytes: number;
  readonly #dense: boolean;
  readonly #precision: Precision;
  readonly #reader: PagesReader;
  /** Bytes while all rows are whole numbers that fit in one, where the shape lets them. */
  #pages: RowPages;
  readonly #lengths: RowLengths;
  /** Null where none are wanted. */
  readonly #outlines: OutlinedRows | null;
  #rows = 0;
  #expected = 0;

  /** Pages have `bytes` bytes. For more `threads` than one to read them, all lies in shared memory. */
  constructor(
    shape: StoredShape,
    outlines: boolean,
    bytes: number = pageBytes,
    reader: PagesReader = { thread: 0, threads: 1 },
    lengths: RowLengths = new RowLengths(reader.threads > 1),
  ) {
    this.#shape = shape;
    this.#pageBytes = bytes;
    this.#reader = reader;
    this.#dense = shape.kind === "dense";
    this.#precision = shape.precision === undefined || shape.precision === "u8" ? "f32" : shape.precision;
    this.#pages = new RowPages(packable(shape) && reader.memories === undefined ? { ...shape, precision: "u8" } : shape, bytes, reader);
    this.#lengths = lengths;
    // Outlines are of dense vectors only, so that what is read for them is one.
    const vectorOf = (row: number) => this.borrow(row) as Float32Array;
    this.#outlines = outlines && this.#dense ? new OutlinedRows(this.#pages.layout.stride, vectorOf) : null;
  }

  /** The vectors that another thread shares, to be read by number `thread`; only one of that number may read at a time. */
  static over({ shape, pageBytes, threads, memories, lengths }: SharedVectors, thread: number): FixedVectors {
    return new FixedVectors(shape, false, pageBytes, { thread, threads, memories }, RowLengths.of(lengths));
  }

  /** Null where the vectors are for this thread alone. */
  share(): SharedVectors | null {
    const memories = this.#pages.all.map(({ arena }) => arena.memory);
    const { threads } = this.#reader;
    if (threads === 1 || memories.some((memory) => memory === null)) return null;
    const lengths = this.#lengths.share();
    // None is null, as was just seen.
    return { shape: this.#pages.shape, pageBytes: this.#pageBytes, threads, memories: memories as WebAssembly.Memory[], lengths };
  }

  get bytes(): number {
    return this.#rows * this.#pages.layout.rowBytes + this.#lengths.inverse.byteLength + (this.#outlines?.bytes ?? 0);
  }

  bytesOf(rows: Rows, grown: number): number {
    const { rowBytes } = this.#pages.layout;
    const widened = this.#packed && !this.#pages.hold(rows) ? layoutOf(this.#shape).rowBytes : rowBytes;
    return this.#rows * (widened - rowBytes) + grown * (widened + 4 + (this.#outlines?.learned === true ? 64 : 0));
  }

  expect(limit: number): void {
    this.#expected = limit;
    this.#pages.reserve(limit);
  }

  reserve(rows: Rows, limit: number): void {
    if (this.#dense) checkPrecision(rows, this.#precision);
    if (this.#packed && !this.#pages.hold(rows)) this.#widen();
    this.#pages.reserve(limit);
    const before = this.#rows;
    this.#rows = Math.max(this.#rows, limit);
    if (this.#dense) this.#lengths.reserve(limit);
    this.#outlines?.reserve(rows, before, limit, this.#lengths.inverse);
  }

  write(row: number, rows: Rows, i: number): void {
    const length = this.#pages.write(row, rows, i);
    if (this.#dense) this.#lengths.set(row, length);
  }

  settle(rows: Uint32Array): void {
    this.#outlines?.write(rows, this.#lengths.inverse);
  }

  free(row: number): void {
    if (this.#dense) this.#lengths.free(row);
  }

  vector(row: number): VectorOf {
    return this.#pages.vector(row);
  }

  borrow(row: number): VectorOf {
    return this.#pages.borrow(row);
  }

  dump(rows: number, free: Uint32Array): Dump {
    return this.#pages.dump(rows, free);
  }

  async restore(rows: number, free: Uint32Array, supply: Supply): Promise<void> {
    const layout = layoutOf(this.#shape);
    const check = rowChecker(layout, this.#shape, this.#dense ? this.#lengths : null, free, supply);
    this.expect(rows);
    if (this.#packed) await restoreThrough(layout, rows, supply, check, (from, count, values) => this.#keep(from, count, values));
    else await this.#pages.restore(rows, supply, check);
    this.#rows = rows;
  }

  dumpOutlines(rows: number, free: Uint32Array): Dump | null {
    return this.#outlines?.dump(rows, free) ?? null;
  }

  async restoreOutlines(supply: Supply): Promise<void> {
    if (this.#outlines === null) supply.refuse("outlines come with dense vectors that are to have some");
    await this.#outlines.restore(this.#rows, supply);
  }

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    for (const [p, page] of this.#pages.all.entries()) {
      this.#pages.putQuery(page, 0, metric, query, 0);
      for (let from = 0; from < candidates.count; ) {
        from = this.#pages.fill(p, this.#scales(metric), candidates, from, chunk);
        page.rank(metric, this.#pages.filled);
        const ranks = page.arena.views().f32.subarray(page.ranks >>> 2);
        for (let c = 0; c < this.#pages.filled; c++) candidates.distances[this.#pages.positions[c]] = ranks[c];
      }
    }
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    const heap = Math.min(limit, candidates.count);
    const length = metric === "hamming" ? 0 : this.#lengthOf(query, 0);
    if (this.#beyondFloat32(metric, length)) {
      rankInFloat64(metric, query, candidates, (row) => this.vector(row));
      keepNearest(candidates, heap, within);
    } else if (heap > heapPairs) {
      // Beyond the heaps' memory lie the rows themselves.
      this.rank(metric, query, candidates);
      keepNearest(candidates, limit, within);
    } else if (heap > 0 && candidates.bounded && hasFormats(metric) && heap <= heapPairs / 2 && this.#boundable(metric, length)) {
      keepNearestBounded(this.#pages, { metric, query, length }, candidates, heap, within);
    } else this.#keepNearest(metric, query, candidates, heap, within);
  }

  /**
   * Sums of n terms in float32 are off by (n + a few)·2⁻²⁴ of the sum of the terms' sizes, at most, n being the terms of one lane (Higham 2002,
   * section 4.2). Terms of one sign make that relative; products have the sizes that Cauchy–Schwarz allows. A row's length in a cosine may be such a
   * sum's root, off by half of that. Rows of every precision are widened to float32 exactly, so all of it is about the decoded vectors.
   */
  rounding(metric: Metric, query: Rows): Rounding {
    if (metric === "hamming") return { relative: 0, absolute: 0 };
    const unit = (this.#pages.layout.stride / 4 + 16) * 2 ** -24;
    if (metric === "squaredEuclidean" || metric === "manhattan") return { relative: unit, absolute: 1e-37 };
    if (metric === "cosine") return { relative: 0, absolute: 1.5 * unit };
    return { relative: 0, absolute: unit * this.#lengthOf(query, 0) * this.#lengths.largest };
  }

  exact(metric: Metric, query: Rows, candidates: Candidates): boolean {
    if (!this.#dense || !hasFormats(metric)) return false;
    for (const page of this.#pages.all) this.#pages.putQuery(page, 0, "dot", query, 0);
    if (metric === "dot") {
      for (let i = 0; i < candidates.count; i++) candidates.distances[i] = this.#product(candidates.rows[i]);
      return true;
    }
    const length = metric === "cosine" ? this.#queryLength() : null;
    for (let p = 0; p < this.#pages.all.length; p++) this.#exactIn(p, candidates, length);
    return true;
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    const heap = Math.min(limit, candidates.count);
    const together = hasFormats(metric) && this.#pages.all.length === 1 && heap * batch <= heapPairs && this.#outlines?.learned !== true;
    if (together && !this.#beyondFloat32OfMany(metric, queries)) {
      nearestOfBatches(this.#pages, metric, queries, this.#scales(metric), candidates, heap, each);
      return;
    }
    const best = new Candidates();
    for (let q = 0; q < queries.count; q++) {
      best.copyFrom(candidates);
      this.nearest(metric, slice(queries, q, q + 1), best, limit, Number.POSITIVE_INFINITY);
      each(q, best);
    }
  }

  get #packed(): boolean {
    return this.#pages.layout.format === 3;
  }

  /** Keeps rows as f32 from now on. Where there is no memory for that (E_MEMORY), nothing has changed. */
  #widen(): void {
    const pages = new RowPages(this.#shape, this.#pageBytes, this.#reader);
    pages.reserve(Math.max(this.#rows, this.#expected));
    pages.copyFrom(this.#pages, this.#rows);
    this.#pages = pages;
  }

  /** Keeps `count` rows from `from` on, padded as f32 rows are: the first that are kept after all before. */
  #keep(from: number, count: number, values: Float32Array): void {
    const { width, stride } = this.#pages.layout;
    this.#rows = from; // so many are there to be widened
    if (this.#packed && !this.#pages.hold({ kind: "dense", dim: stride, count, values })) this.#widen();
    for (let i = 0; i < count; i++) this.#pages.put(from + i, values.subarray(i * stride, i * stride + width));
  }

  /** As `nearest` by the kernels, in one pass, or in two where outlines bound ranks: then the rows that are likely the nearest are read first. */
  #keepNearest(metric: Metric, query: Rows, candidates: Candidates, heap: number, within: number): void {
    const pages = this.#pages.all;
    const bounds = this.#outlines?.bound(metric, this.#queryVector(query), candidates, heap, this.#lengths.inverse) ?? null;
    const found = pages.length === 1 ? candidates : new Candidates();
    let [kept, worst] = [0, within];
    for (const [p, page] of pages.entries()) {
      this.#pages.putQuery(page, 0, metric, query, 0);
      let held = 0;
      for (let pass = 0; pass < (bounds === null ? 1 : 2); pass++) {
        for (let from = 0; from < candidates.count; ) {
          if (held > 0 && held === heap) worst = Math.min(worst, page.worst());
          // First those with the best bounds; their ranks show that most of the others need not be read.
          const [above, upTo] = pass === 0 ? [Number.NEGATIVE_INFINITY, bounds?.first ?? 0] : [bounds?.first ?? 0, worst];
          const window = bounds === null ? null : { bounds: bounds.bounds, above, upTo };
          from = this.#pages.fill(p, this.#scales(metric), candidates, from, pass === 0 ? chunk : block, window);
          page.rank(metric, this.#pages.filled);
          held = page.offer(0, this.#pages.filled, held, heap, within);
        }
      }
      kept = this.#pages.take(p, 0, held, heap, found, kept);
    }
    found.count = kept;
    found.bounded = false;
    if (found === candidates) return;
    keepNearest(found, heap);
    candidates.copyFrom(found);
  }

  /** Squared distances of the candidates in page `p` from the query beside it, cosine distances where its length is given. */
  #exactIn(p: number, candidates: Candidates, length: number | null): void {
    const page = this.#pages.all[p];
    for (let from = 0; from < candidates.count; ) {
      from = this.#pages.fill(p, null, candidates, from, block);
      const { filled, positions } = this.#pages;
      const exact = length === null ? page.exactSquares(filled) : page.exactCosines(filled, length);
      const { f64 } = page.arena.views();
      for (let c = 0; c < filled; c++) candidates.distances[positions[c]] = f64[exact + c];
    }
  }

  /** Σ x·q of a row and the query in slot 0. */
  #product(row: number): number {
    const page = this.#pages.of(row);
    return page.arena.kernels.exactDot(page.floatsAt(row % page.capacity), page.queries, this.#pages.layout.stride);
  }

  /** What multiplies products, by row. */
  #scales(metric: Metric): Float32Array | null {
    return metric === "cosine" ? this.#lengths.inverse : null;
  }

  /** The length of row `i` of `queries`, which it puts beside the first page as query 0. */
  #lengthOf(queries: Rows, i: number): number {
    this.#pages.putQuery(this.#pages.all[0], 0, "dot", queries, i);
    return this.#queryLength();
  }

  /** The length of query 0 beside the first page. */
  #queryLength(): number {
    const { arena, queries } = this.#pages.all[0];
    return Math.sqrt(arena.kernels.exactDot(queries, queries, this.#pages.layout.stride));
  }

  /** The query padded to the stride: a view, valid until the next query is put. */
  #queryVector(query: Rows): Float32Array {
    const page = this.#pages.all[0];
    this.#pages.putQuery(page, 0, "dot", query, 0);
    const first = page.queries >>> 2;
    return page.arena.views().f32.subarray(first, first + this.#pages.layout.stride);
  }

  /** Whether float32 sums over some row and a query of this length may overflow or vanish. */
  #beyondFloat32(metric: Metric, length: number): boolean {
    if (metric === "hamming") return false;
    const q = metric === "cosine" ? 1 : length;
    // Products with codes are summed before their scale is applied, which may be large where the query is tiny.
    if (metric === "dot" && this.#precision === "i8" && q < 1e-30) return true;
    const { smallest, largest } = this.#lengths;
    return beyondFloat32(metric, q, { smallest, largest, width: this.#pages.layout.width });
  }

  #beyondFloat32OfMany(metric: Metric, queries: Rows): boolean {
    for (let q = 0; q < queries.count; q++) if (this.#beyondFloat32(metric, this.#lengthOf(queries, q))) return true;
    return false;
  }

  /** Whether rows of every length keep their digits in the sums of the bounded kernel, where cosines are of the query as it is, and of sums of squares. */
  #boundable(metric: FormatMetric, length: number): boolean {
    if (metric !== "cosine") return true;
    const { smallest, largest } = this.#lengths;
    return smallest > 1e-12 && largest < 1e15 && length > 1e-12 && length < 1e15;
  }
}

function hasFormats(metric: Metric): metric is FormatMetric {
  return metric in formatMetrics;
}
