import { Candidates, room } from "../../core/columns.js";
import type { Metric, Rounding, Shape } from "../../core/contracts.js";
import { type Rows, slice, type VectorOf, wordsPerRow } from "../../core/rows.js";
import { padded } from "../../kernels/contract.js";
import { keepNearest, kthSmallest } from "../../numeric/select.js";
import { beyondFloat32, putDense, rankInFloat64, squaredNorm } from "./dense-rows.js";
import { learnOutlines, outlineRows } from "./learn-outlines.js";
import type { Outlines } from "./outlines.js";
import { batch, block, chunk, heapPairs, Page, pageBytes } from "./page.js";
import type { Vectors } from "./vectors.js";

/** Fewer candidates than this are measured sooner than the query is outlined. */
const leastBounded = 96;

/** Vectors of fixed width (dense, bits) in pages, each an own memory with its own kernels, so that they are ranked where they lie. */
export class FixedVectors implements Vectors {
  readonly #shape: Shape;
  /** 4-byte values in a vector, and from one row to the next. */
  readonly #width: number;
  readonly #stride: number;
  readonly #pages: Page[] = [];
  readonly #pageBytes: number;
  /** 1/‖x‖ by row, for dense vectors; 0 for the zero vector, whose cosine with anything is taken as 0. */
  #inverseNorms: Float32Array = new Float32Array(0);
  #rows = 0;
  /** Outlines of the rows, once there are enough to learn from and where they pay; null before, and where they do not. */
  #outlines: Outlines | null = null;
  #outlinesTried = false;
  /** Lower bounds on the ranks of the candidates at hand; null where none are known. */
  #bounds: Float32Array | null = null;
  #boundsColumn: Float32Array = new Float32Array(0);
  readonly #queryVector: Float32Array;
  #largestNorm = 0;
  #extremesStale = false;
  /** Of the vectors that are not zero. */
  #smallestNorm = Number.POSITIVE_INFINITY;
  /** Positions, among the candidates, of the row numbers in a page's scratch. */
  readonly #positions = new Uint32Array(chunk);
  #filled = 0;

  /** Pages have `bytes` bytes. */
  constructor(shape: Shape, outlines: boolean, bytes: number = pageBytes) {
    this.#shape = shape;
    this.#pageBytes = bytes;
    this.#outlinesTried = !outlines;
    this.#width = shape.kind === "bits" ? wordsPerRow(shape.dim) : shape.dim;
    this.#stride = padded(this.#width);
    this.#queryVector = new Float32Array(this.#stride);
    this.#pages.push(new Page(this.#stride, this.#pageBytes));
  }

  get bytes(): number {
    return this.#rows * this.#stride * 4 + this.#inverseNorms.byteLength + (this.#outlines?.bytes ?? 0);
  }

  bytesOf(_rows: Rows, grown: number): number {
    return grown * (this.#stride * 4 + 4 + (this.#outlines === null ? 0 : 64));
  }

  reserve(rows: Rows, limit: number): void {
    const { capacity } = this.#pages[0];
    while (this.#pages.length * capacity < limit) this.#pages.push(new Page(this.#stride, this.#pageBytes));
    for (let p = 0; p < this.#pages.length; p++) this.#pages[p].reserve(Math.min(capacity, Math.max(0, limit - p * capacity)));
    const before = this.#rows;
    this.#rows = Math.max(this.#rows, limit);
    if (this.#shape.kind === "dense") this.#inverseNorms = room(this.#inverseNorms, limit);
    if (!this.#outlinesTried && limit >= outlineRows) this.#learnOutlines(rows, before);
    this.#outlines?.reserve(limit);
  }

  write(row: number, rows: Rows, i: number): void {
    const page = this.#pageOf(row);
    const { f32, u32 } = page.arena.views();
    const at = page.at(row % page.capacity);
    if (rows.kind === "bits") u32.set(rows.words.subarray(i * this.#width, (i + 1) * this.#width), at);
    else {
      putDense(f32, at, rows, i);
      const length = Math.sqrt(squaredNorm(f32, at, this.#width));
      this.#inverseNorms[row] = length > 0 ? 1 / length : 0;
      this.#largestNorm = Math.max(this.#largestNorm, length);
      if (length > 0) this.#smallestNorm = Math.min(this.#smallestNorm, length);
    }
  }

  settle(rows: Uint32Array): void {
    this.#outlines?.write(rows, (row) => this.vector(row) as Float32Array, this.#inverseNorms); // outlines are of dense vectors only
  }

  free(row: number): void {
    if (this.#shape.kind !== "dense") return;
    const length = 1 / this.#inverseNorms[row];
    this.#inverseNorms[row] = Number.NaN;
    // The extremes may have gone with it: they are looked for when next needed.
    if (length <= this.#smallestNorm * 1.001 || length >= this.#largestNorm * 0.999) this.#extremesStale = true;
  }

  vector(row: number): VectorOf {
    const page = this.#pageOf(row);
    const { f32, u32 } = page.arena.views();
    const at = page.at(row % page.capacity);
    if (this.#shape.kind === "dense") return f32.subarray(at, at + this.#width);
    return { dim: this.#shape.dim, words: u32.subarray(at, at + this.#width) };
  }

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    for (let p = 0; p < this.#pages.length; p++) {
      const page = this.#pages[p];
      this.#putQuery(page, 0, metric, query, 0);
      for (let from = 0; from < candidates.count; ) {
        from = this.#fill(p, metric, candidates, from, chunk);
        page.rank(metric, this.#filled);
        const ranks = page.arena.views().f32.subarray(page.ranks >>> 2);
        for (let c = 0; c < this.#filled; c++) candidates.distances[this.#positions[c]] = ranks[c];
      }
    }
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    const heap = Math.min(limit, candidates.count);
    if (this.#beyondFloat32(metric, query)) {
      rankInFloat64(metric, query, candidates, (row) => this.vector(row));
      keepNearest(candidates, heap, within);
      return;
    }
    if (heap > heapPairs) {
      // Beyond the heaps' memory lie the rows themselves.
      this.rank(metric, query, candidates);
      keepNearest(candidates, limit, within);
      return;
    }
    const first = this.#outline(metric, candidates, heap);
    const found = this.#pages.length === 1 ? candidates : new Candidates();
    let [kept, worst] = [0, within];
    for (let p = 0; p < this.#pages.length; p++) {
      const page = this.#pages[p];
      this.#putQuery(page, 0, metric, query, 0);
      let held = 0;
      for (let pass = 0; pass < (this.#bounds === null ? 1 : 2); pass++) {
        for (let from = 0; from < candidates.count; ) {
          if (held > 0 && held === heap) worst = Math.min(worst, page.worst());
          // First those with the best bounds: likely the nearest, and their ranks show that most of the others need not be read.
          if (pass === 0) from = this.#fill(p, metric, candidates, from, chunk, Number.NEGATIVE_INFINITY, first);
          else from = this.#fill(p, metric, candidates, from, block, first, worst);
          page.rank(metric, this.#filled);
          held = page.offer(0, this.#filled, held, heap, within);
        }
      }
      kept = this.#take(p, 0, held, heap, found, kept);
    }
    found.count = kept;
    this.#bounds = null;
    if (found === candidates) return;
    keepNearest(found, heap);
    candidates.copyFrom(found);
  }

  /**
   * Sums of n terms in float32 are off by (n + a few)·2⁻²⁴ of the sum of the terms' sizes, at most, n being the terms of one lane (Higham 2002,
   * section 4.2). Terms of one sign make that relative; products have the sizes that Cauchy–Schwarz allows.
   */
  rounding(metric: Metric, query: Rows): Rounding {
    if (metric === "hamming") return { relative: 0, absolute: 0 };
    const unit = (this.#stride / 4 + 16) * 2 ** -24;
    if (metric === "squaredEuclidean" || metric === "manhattan") return { relative: unit, absolute: 1e-37 };
    if (metric === "cosine") return { relative: 0, absolute: unit };
    putDense(this.#queryVector, 0, query, 0);
    return { relative: 0, absolute: unit * Math.sqrt(squaredNorm(this.#queryVector, 0, this.#width)) * this.#largestNorm };
  }

  exact(metric: Metric, query: Rows, candidates: Candidates): boolean {
    if (this.#shape.kind !== "dense" || (metric !== "squaredEuclidean" && metric !== "dot" && metric !== "cosine")) return false;
    for (const page of this.#pages) this.#putQuery(page, 0, "dot", query, 0);
    const { arena } = this.#pages[0];
    const q = metric === "cosine" ? Math.sqrt(arena.kernels.exactDot(0, 0, this.#stride)) : 1;
    for (let i = 0; i < candidates.count; i++) candidates.distances[i] = this.#exactOf(metric, candidates.rows[i], q);
    return true;
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    const best = new Candidates();
    const heap = Math.min(limit, candidates.count);
    if (
      this.#outlines === null &&
      !this.#beyondFloat32OfMany(metric, queries) &&
      (metric === "squaredEuclidean" || metric === "dot" || metric === "cosine") &&
      this.#pages.length === 1 &&
      heap * batch <= heapPairs
    ) {
      for (let from = 0; from < queries.count; from += batch) {
        const held = this.#rankBatch(metric, queries, from, candidates, heap);
        // All heaps are emptied before anyone is called, who may rank again in the same memory.
        const taken = Array.from(held, (pairs, q) => {
          const own = new Candidates();
          own.count = this.#take(0, q, pairs, heap, own, 0);
          return own;
        });
        for (let q = 0; q < taken.length; q++) each(from + q, taken[q]);
      }
      return;
    }
    for (let q = 0; q < queries.count; q++) {
      best.copyFrom(candidates);
      this.nearest(metric, slice(queries, q, q + 1), best, limit, Number.POSITIVE_INFINITY);
      each(q, best);
    }
  }

  /** Σ(x−q)², Σ x·q, or ½‖x/‖x‖ − q/‖q‖‖² (1 with a zero vector) of a row and the query in slot 0, whose norm is `q`. */
  #exactOf(metric: "squaredEuclidean" | "dot" | "cosine", row: number, q: number): number {
    const page = this.#pageOf(row);
    const x = page.at(row % page.capacity) * 4;
    const { kernels } = page.arena;
    if (metric === "squaredEuclidean") return kernels.exactSquaredDifference(x, 0, 1, 1, this.#stride);
    if (metric === "dot") return kernels.exactDot(x, 0, this.#stride);
    const norm = Math.sqrt(kernels.exactDot(x, x, this.#stride));
    return norm === 0 || q === 0 ? 1 : kernels.exactSquaredDifference(x, 0, 1 / norm, 1 / q, this.#stride) / 2;
  }

  /** Fills the heaps of up to {@link batch} queries from `from` on; returns how many each holds. */
  #rankBatch(
    metric: "squaredEuclidean" | "dot" | "cosine",
    queries: Rows,
    from: number,
    candidates: Candidates,
    heap: number,
  ): Uint32Array {
    const page = this.#pages[0];
    const count = Math.min(batch, queries.count - from);
    for (let q = 0; q < count; q++) this.#putQuery(page, q, metric, queries, from + q);
    const held = new Uint32Array(count);
    for (let next = 0; next < candidates.count; ) {
      next = this.#fill(0, metric, candidates, next, block);
      for (let q = 0; q < count; q += 4) page.rankFour(metric, q, this.#filled);
      for (let q = 0; q < count; q++) held[q] = page.offer(q, this.#filled, held[q], heap, Number.POSITIVE_INFINITY);
    }
    return held;
  }

  #beyondFloat32(metric: Metric, query: Rows): boolean {
    if (metric === "hamming") return false;
    if (this.#extremesStale) this.#findExtremes();
    putDense(this.#queryVector, 0, query, 0); // stays there for the outlines
    const q = metric === "cosine" ? 1 : Math.sqrt(squaredNorm(this.#queryVector, 0, this.#width));
    return beyondFloat32(metric, q, { smallest: this.#smallestNorm, largest: this.#largestNorm, width: this.#width });
  }

  #findExtremes(): void {
    this.#extremesStale = false;
    this.#smallestNorm = Number.POSITIVE_INFINITY;
    this.#largestNorm = 0;
    for (let row = 0; row < this.#rows; row++) {
      const inverse = this.#inverseNorms[row];
      if (!(inverse > 0)) continue;
      this.#smallestNorm = Math.min(this.#smallestNorm, 1 / inverse);
      this.#largestNorm = Math.max(this.#largestNorm, 1 / inverse);
    }
  }

  #beyondFloat32OfMany(metric: Metric, queries: Rows): boolean {
    for (let q = 0; q < queries.count; q++) if (this.#beyondFloat32(metric, slice(queries, q, q + 1))) return true;
    return false;
  }

  /** Learns outlines from rows that are there and rows to come, and outlines those that are there. */
  #learnOutlines(rows: Rows, before: number): void {
    this.#outlinesTried = true;
    if (this.#shape.kind !== "dense") return;
    const put = (i: number, out: Float32Array, at: number) => {
      if (i < before)
        out.set(this.vector(i) as Float32Array, at); // a dense engine's vectors
      else putDense(out, at, rows, i - before);
    };
    this.#outlines = learnOutlines({ total: before + rows.count, stride: this.#stride, put });
    this.#outlines?.reserve(this.#rows);
    this.settle(Uint32Array.from({ length: before }, (_, row) => row));
  }

  /** Bounds the candidates' ranks against the query in `queryVector` where outlines can help; returns the bound within which as many lie as are wanted. */
  #outline(metric: Metric, candidates: Candidates, wanted: number): number {
    this.#bounds = null;
    if (this.#outlines === null || candidates.count < leastBounded || candidates.count < 4 * wanted) return 0;
    if (metric !== "cosine" && metric !== "dot" && metric !== "squaredEuclidean") return 0;
    this.#boundsColumn = room(this.#boundsColumn, candidates.count);
    this.#outlines.setQuery(this.#queryVector);
    this.#outlines.lowerRanks(metric, candidates.rows, candidates.count, this.#inverseNorms, this.#boundsColumn);
    this.#bounds = this.#boundsColumn;
    return kthSmallest(this.#boundsColumn, candidates.count, wanted);
  }

  /**
   * Writes the row numbers (and scales) of the next candidates in page `p` into its scratch, `most` at most; returns where to go on.
   * Where bounds are known, only candidates whose bound is over `above` and at most `upTo`.
   */
  #fill(p: number, metric: Metric, candidates: Candidates, from: number, most: number, above = 0, upTo = 0): number {
    const page = this.#pages[p];
    const { f32, u32 } = page.arena.views();
    const [numbers, scales, first, end] = [page.numbers >>> 2, page.scales >>> 2, p * page.capacity, (p + 1) * page.capacity];
    const scaled = metric === "cosine" ? this.#inverseNorms : null;
    const { rows, count } = candidates;
    const bounds = this.#bounds;
    let filled = 0;
    let at = from;
    for (; at < count && filled < most; at++) {
      if (bounds !== null && !(bounds[at] > above && bounds[at] <= upTo)) continue;
      const row = rows[at];
      if (row < first || row >= end) continue;
      u32[numbers + filled] = row - first;
      f32[scales + filled] = scaled === null ? 1 : scaled[row];
      this.#positions[filled++] = at;
    }
    this.#filled = filled;
    return at;
  }

  /** Moves the best of query `q` from page `p`'s heap to `out`, behind `kept` others; returns how many there are then. */
  #take(p: number, q: number, held: number, limit: number, out: Candidates, kept: number): number {
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

  /** Puts row `i` of `rows` beside the page as query `slot`; as a unit vector where the metric is the cosine. */
  #putQuery(page: Page, slot: number, metric: Metric, rows: Rows, i: number): void {
    const { f32, u32 } = page.arena.views();
    const at = slot * this.#stride;
    if (rows.kind === "bits") {
      u32.set(rows.words.subarray(i * this.#width, (i + 1) * this.#width), at);
      return;
    }
    putDense(f32, at, rows, i);
    if (metric !== "cosine") return;
    const norm = Math.sqrt(squaredNorm(f32, at, this.#width));
    for (let j = at; norm > 0 && j < at + this.#width; j++) f32[j] /= norm;
  }

  #pageOf(row: number): Page {
    return this.#pages[Math.floor(row / this.#pages[0].capacity)];
  }
}
