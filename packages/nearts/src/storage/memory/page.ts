import type { Metric } from "../../core/contracts.js";
import { createArena } from "../../kernels/arena.js";
import type { Arena } from "../../kernels/contract.js";

/** Candidates ranked by one kernel call: their numbers, scales and ranks stay in the first-level cache. */
export const chunk = 1024;
/** Queries that a batch holds beside a page, and rows that stay in the second-level cache while all of these pass. */
export const batch = 32;
export const block = 64;
/** (rank, row) pairs that the heaps of a page hold together. */
export const heapPairs = 32_768;

/** Bytes of a page: as large as every browser allows. */
export const pageBytes: number = 2 ** 30;

/**
 * Rows of fixed width in one arena, scratch at its head: queries, row numbers, scales, ranks, heaps.
 * Scratch offsets are in bytes; what they hold is valid until the next call that writes it.
 */
export class Page {
  readonly numbers: number;
  readonly scales: number;
  readonly ranks: number;
  readonly heap: number;
  /** Where row 0 starts. */
  readonly base: number;
  /** Rows that fit. */
  readonly capacity: number;
  readonly arena: Arena = createArena();
  readonly #stride: number;

  /** For rows of `stride` 4-byte values, a multiple of 4. */
  constructor(stride: number, bytes: number) {
    this.#stride = stride;
    this.numbers = batch * stride * 4;
    this.scales = this.numbers + chunk * 4;
    this.ranks = this.scales + chunk * 4;
    this.heap = this.ranks + batch * block * 4;
    this.base = this.heap + heapPairs * 8;
    this.capacity = Math.floor((bytes - this.base) / (4 * stride));
  }

  /** Makes room for `rows` rows. */
  reserve(rows: number): void {
    this.arena.ensure(this.base + rows * this.#stride * 4);
  }

  /** Index of a row's first value in the arena's 4-byte views. */
  at(row: number): number {
    return (this.base >>> 2) + row * this.#stride;
  }

  /** Ranks the first `count` row numbers in scratch against query `q`. */
  rank(metric: Metric, count: number): void {
    const { kernels } = this.arena;
    switch (metric) {
      case "squaredEuclidean":
        return kernels.squaredEuclidean(0, this.base, this.#stride, this.numbers, count, this.ranks);
      case "dot":
      case "cosine":
        return kernels.dot(0, this.base, this.#stride, this.numbers, this.scales, count, this.ranks);
      case "manhattan":
        return kernels.manhattan(0, this.base, this.#stride, this.numbers, count, this.ranks);
      case "hamming":
        return kernels.hamming(0, this.base, this.#stride, this.numbers, count, this.ranks);
    }
  }

  /** Ranks the first `count` ≤ {@link block} row numbers against queries q … q+3, whose ranks are {@link block} apart. */
  rankFour(metric: "squaredEuclidean" | "dot" | "cosine", q: number, count: number): void {
    const { kernels } = this.arena;
    const query = q * this.#stride * 4;
    const out = this.ranks + q * block * 4;
    if (metric === "squaredEuclidean") kernels.squaredEuclideanMany(query, this.base, this.#stride, this.numbers, count, out, block);
    else kernels.dotMany(query, this.base, this.#stride, this.numbers, this.scales, count, out, block);
  }

  /** Offers `count` ranks of query `q` to its heap of `limit` pairs, which holds `held`; returns how many it holds then. */
  offer(q: number, count: number, held: number, limit: number, within: number): number {
    return this.arena.kernels.offer(this.ranks + q * block * 4, this.numbers, count, this.heap + q * limit * 8, held, limit, within);
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
}
