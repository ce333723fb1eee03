import type { Metric } from "../../core/contracts.js";
import { type Arena, padded } from "../../kernels/contract.js";
import type { RowLayout } from "./row-layout.js";

/** Candidates ranked by one kernel call: their numbers, scales and ranks stay in the first-level cache. */
export const chunk = 1024;
/** Queries that a batch holds beside a page, and rows that stay in the second-level cache while all of these pass. */
export const batch = 32;
export const block = 64;
/** (rank, row) pairs that the heaps of a page hold together. */
export const heapPairs = 32_768;

/** Bytes of a page: as large as every browser allows. */
export const pageBytes: number = 2 ** 30;

/** Metrics that one kernel ranks for rows of every format, by its number for them. */
export const formatMetrics = { squaredEuclidean: 0, dot: 1, cosine: 2 } as const;

/** Words that {@link Page.offerBounded} uses behind row numbers, and behind bounds. */
const usedBehind = 136;

/** The format by which the kernels compare rows that are bytes with a query that is. */
const packed = 4;

/** A metric of {@link formatMetrics}. */
export type FormatMetric = keyof typeof formatMetrics;

/** Who reads a page: it has scratch of its own for each of `threads`, and number `thread` uses no other. */
export interface PageReader {
  readonly thread: number;
  readonly threads: number;
}

/**
 * Rows of fixed width in one arena, scratch at its head, for each thread: queries, row numbers, scales, ranks, heaps; where rows are not f32, some of them
 * widened. Scratch offsets are in bytes; what they hold is valid until the next call that writes it.
 */
export class Page {
  readonly queries: number;
  readonly numbers: number;
  readonly scales: number;
  readonly ranks: number;
  readonly heap: number;
  /** Where row 0 starts. */
  readonly base: number;
  /** Rows that fit. */
  readonly capacity: number;
  readonly arena: Arena;
  readonly #layout: RowLayout;
  /** The numbers 0, 1, … of widened rows, and these; no room where rows are f32 anyway. */
  readonly #places: number;
  readonly #wide: number;

  constructor(layout: RowLayout, bytes: number, arena: Arena, { thread, threads }: PageReader = { thread: 0, threads: 1 }) {
    this.#layout = layout;
    this.arena = arena;
    const { stride, rowBytes } = layout;
    const scratch = this.#scratchBytes;
    this.queries = thread * scratch;
    this.numbers = this.queries + batch * stride * 4;
    this.scales = this.numbers + chunk * 4;
    this.ranks = this.scales + chunk * 4;
    this.heap = this.ranks + batch * block * 4;
    this.#places = this.heap + heapPairs * 8;
    this.#wide = this.#places + (this.#narrow ? block * 4 : 0);
    this.base = threads * scratch;
    this.capacity = Math.floor((bytes - this.base) / rowBytes);
    this.arena.ensure(this.base);
    if (this.#narrow) for (let i = 0; i < block; i++) this.arena.views().u32[(this.#places >>> 2) + i] = i;
  }

  /** Makes room for `rows` rows. */
  reserve(rows: number): void {
    this.arena.ensure(this.base + rows * this.#layout.rowBytes);
  }

  /** Byte offset of a row. */
  at(row: number): number {
    return this.base + row * this.#layout.rowBytes;
  }

  /** Byte offset of a row's values as f32, valid until the next call that needs some. */
  floatsAt(row: number): number {
    return this.#narrow ? this.widenedAt(this.at(row)) : this.at(row);
  }

  /** Byte offset of the values as f32 of the row at a byte offset, where rows are not f32; valid until the next call that needs some. */
  widenedAt(at: number): number {
    this.arena.kernels.widen(this.#layout.format, at, this.#layout.stride, this.#wide);
    return this.#wide;
  }

  /** Byte offset of query `slot`. */
  query(slot: number): number {
    return this.queries + slot * this.#layout.stride * 4;
  }

  /** Ranks the first `count` row numbers in scratch against query 0. */
  rank(metric: Metric, count: number): void {
    const { kernels } = this.arena;
    const { stride } = this.#layout;
    if (this.#narrow) return this.#rankNarrow(metric, count);
    switch (metric) {
      case "squaredEuclidean":
        return kernels.squaredEuclidean(this.queries, this.base, stride, this.numbers, count, this.ranks);
      case "dot":
      case "cosine":
        return kernels.dot(this.queries, this.base, stride, this.numbers, this.scales, count, this.ranks);
      case "manhattan":
        return kernels.manhattan(this.queries, this.base, stride, this.numbers, count, this.ranks);
      case "hamming":
        return kernels.hamming(this.queries, this.base, stride, this.numbers, count, this.ranks);
    }
  }

  /** Ranks the first `count` ≤ {@link block} row numbers against queries q … q+3, whose ranks are {@link block} apart; `widened` by {@link Page.widen} where rows are not f32. */
  rankFour(metric: FormatMetric, q: number, count: number): void {
    const { kernels } = this.arena;
    const { stride } = this.#layout;
    const [base, rows] = this.#narrow ? [this.#wide, this.#places] : [this.base, this.numbers];
    const query = this.query(q);
    const out = this.ranks + q * block * 4;
    if (metric === "squaredEuclidean") kernels.squaredEuclideanMany(query, base, stride, rows, count, out, block);
    else kernels.dotMany(query, base, stride, rows, this.scales, count, out, block);
  }

  /** Widens the rows of the row numbers in scratch from the `from`-th on, `count` ≤ {@link block}, for {@link Page.rankFour}; f32 rows are wide already. */
  widen(from: number, count: number): void {
    if (!this.#narrow) return;
    const { format, stride } = this.#layout;
    const { kernels } = this.arena;
    const numbers = this.arena.views().u32.subarray(this.numbers >>> 2);
    for (let c = 0; c < count; c++) kernels.widen(format, this.at(numbers[from + c]), stride, this.#wide + c * stride * 4);
  }

  /** Whether all of these values are whole numbers from 0 to 255, which rows that are bytes hold; −0 is none, as it would come back as 0. */
  areWhole(values: Float32Array): boolean {
    const { kernels } = this.arena;
    const { f32 } = this.arena.views();
    const most = block * this.#layout.stride;
    const first = this.#wide >>> 2;
    for (let from = 0; from < values.length; from += most) {
      const some = values.subarray(from, from + most);
      const count = padded(some.length);
      f32.fill(0, first + some.length, first + count);
      f32.set(some, first);
      // In place: each is read before anything is written over it.
      if (kernels.pack(this.#wide, count, this.#wide) !== 1) return false;
    }
    return true;
  }

  /** Writes a row whose values are all whole numbers from 0 to 255 as bytes; returns its length. */
  pack(row: number, values: Float32Array): number {
    const { kernels } = this.arena;
    const { width, stride } = this.#layout;
    const { f32 } = this.arena.views();
    const first = this.#wide >>> 2;
    f32.set(values, first);
    f32.fill(0, first + width, first + stride);
    kernels.pack(this.#wide, stride, this.at(row));
    return Math.sqrt(kernels.exactDot(this.#wide, this.#wide, stride));
  }

  /** Squared distances in float64 of the first `count` ≤ {@link block} row numbers in scratch from query 0: they start at the returned index of the 8-byte view. */
  exactSquares(count: number): number {
    const { kernels } = this.arena;
    const { stride, rowBytes } = this.#layout;
    const { format, query } = this.#readFor("squaredEuclidean");
    if (format === packed) kernels.packedSquares(query, stride, this.base, rowBytes, this.numbers, count, this.ranks);
    else {
      const { base, rows } = this.#singles(count);
      kernels.exactSquares(this.queries, base, stride, rows, count, this.ranks);
    }
    return this.ranks >>> 3;
  }

  /** As `exactSquares`, cosine distances from query 0, which has this length. */
  exactCosines(count: number, length: number): number {
    const { base, rows } = this.#singles(count);
    this.arena.kernels.exactCosines(this.queries, length, base, this.#layout.stride, rows, count, this.ranks);
    return this.ranks >>> 3;
  }

  /** Offers `count` ranks of query `q` to its heap of `limit` pairs, which holds `held`; returns how many it holds then. */
  offer(q: number, count: number, held: number, limit: number, within: number): number {
    return this.arena.kernels.offer(this.ranks + q * block * 4, this.numbers, count, this.heap + q * limit * 8, held, limit, within);
  }

  /** Row numbers and bounds for {@link Page.offerBounded}, by byte offset, and how many there may be, beside a heap of `limit` pairs. */
  bounded(limit: number): { readonly numbers: number; readonly bounds: number; readonly room: number } {
    const room = heapPairs - limit;
    const numbers = this.heap + limit * 8;
    return { numbers, bounds: numbers + room * 4, room: room - usedBehind };
  }

  /** Measures `count` rows against query 0, those with the smallest bounds first, while they may be among the best; returns how many query 0's heap holds then. */
  offerBounded(metric: FormatMetric, count: number, held: number, limit: number, within: number): number {
    const { stride, rowBytes } = this.#layout;
    const { format, query } = this.#readFor(metric);
    const { numbers, bounds } = this.bounded(limit);
    const number = formatMetrics[metric];
    const { kernels } = this.arena;
    return kernels.nearestBounded(
      number,
      format,
      query,
      stride,
      this.base,
      rowBytes,
      numbers,
      bounds,
      count,
      this.heap,
      held,
      limit,
      within,
    );
  }

  /** The worst rank in query 0's heap, which is not empty. */
  worst(): number {
    return this.arena.views().f32[this.heap >>> 2];
  }

  /** Sorts query `q`'s heap, best first; its ranks start at the returned index of the 4-byte views, its rows `limit` later. */
  drain(q: number, held: number, limit: number): number {
    this.arena.kernels.drain(this.heap + q * limit * 8, held, limit);
    return (this.heap >>> 2) + q * limit * 2;
  }

  /** The first `count` rows in scratch as f32: where they lie, and their numbers there. */
  #singles(count: number): { readonly base: number; readonly rows: number } {
    if (!this.#narrow) return { base: this.base, rows: this.numbers };
    this.widen(0, count);
    return { base: this.#wide, rows: this.#places };
  }

  get #narrow(): boolean {
    return this.#layout.format !== 0;
  }

  get #scratchBytes(): number {
    const { stride } = this.#layout;
    const wide = this.#narrow ? block * 4 + block * stride * 4 : 0;
    return batch * stride * 4 + 2 * chunk * 4 + batch * block * 4 + heapPairs * 8 + wide;
  }

  /** By which format the kernels read rows for a metric, and where query 0 lies for that: beside itself, packed, where it is of whole numbers as the rows are. */
  #readFor(metric: FormatMetric): { readonly format: number; readonly query: number } {
    const { format, stride } = this.#layout;
    const beside = this.query(1);
    if (format === 3 && metric === "squaredEuclidean" && this.arena.kernels.pack(this.queries, stride, beside) === 1) {
      return { format: packed, query: beside };
    }
    return { format, query: this.queries };
  }

  #rankNarrow(metric: Metric, count: number): void {
    const { stride, rowBytes } = this.#layout;
    const { kernels } = this.arena;
    if (metric === "squaredEuclidean" || metric === "dot" || metric === "cosine") {
      const { format, query } = this.#readFor(metric);
      kernels.rankRows(formatMetrics[metric], format, query, stride, this.base, rowBytes, this.numbers, count, this.ranks);
      return;
    }
    for (let from = 0; from < count; from += block) {
      const some = Math.min(block, count - from);
      this.widen(from, some);
      kernels.manhattan(this.queries, this.#wide, stride, this.#places, some, this.ranks + from * 4);
    }
  }
}
