import type { Estimate } from "../core/codes.js";
import type { Probes } from "../core/columns.js";
import type { DenseRows } from "../core/rows.js";
import { bestBuild } from "../kernels/arena.js";
import { type KernelBuild, padded } from "../kernels/contract.js";
import type { CodeParts } from "./grouped-codes.js";
import { type PlaneMemory, planeMemory } from "./plane-memory.js";

/** What is known of the codes that estimates are made for. */
export interface CodeSpread {
  /** Dimensions over which the error of a code is spread: a query across it meets 1/√dimensions of it. */
  readonly dimensions: number;
  /** Usual scale of a code; of no account for fixed books. */
  readonly scale: number;
  /** About how far vectors are from each anchor; empty where that is not known. */
  readonly radii: Float32Array;
}

/** Above this a square would not fit float32 in what follows. */
const most = 1e37;
const ones = 1; // a scale for each product of the rank kernel

/**
 * Makes what estimates the ranks of one query from grouped codes: the table of −2⟨ō, Pq⟩ (−⟨ō, Vq⟩ for "dot", V being P without its origin), the same for all
 * probes; and for each probe, of anchor a, the centre ‖q − a‖² (−⟨a, q⟩) and the spread ‖q − a‖/√dimensions (‖q‖/√dimensions). Its order is the centre; where
 * buckets have no anchors all have the same centre, and the order is the score of the probe, in the units of the ranks.
 * Tables are rounded to 255 levels, fewer where that many groups would overflow 16 bits, which adds a standard deviation of scale·step·√(groups/12). Codes of fixed
 * books have errors in proportion to their scales, so theirs is in the spreads, for each its own; else it is in `rounding`.
 */
export class CodeEstimates {
  readonly #parts: CodeParts;
  readonly #spread: CodeSpread;
  readonly #memory: PlaneMemory;
  readonly #places: number;
  readonly #books: number;
  readonly #anchors: number;
  /** Whether the books have the values in their own order, and fill all of a query's room. */
  readonly #inPlace: boolean;
  /** P 0 in the places of the books, and ‖origin‖². */
  readonly #zero: Float64Array;
  readonly #zeroSquare: number;

  /** E_MEMORY where the machine has no room for books and anchors. */
  constructor(parts: CodeParts, spread: CodeSpread, build: KernelBuild = bestBuild()) {
    const { map, books, anchors } = parts;
    this.#parts = parts;
    this.#spread = spread;
    this.#memory = planeMemory(build);
    this.#places = books.groups * books.width;
    this.#inPlace = map.size === padded(this.#places) && books.places.every((place, i) => place === i);
    this.#zero = new Float64Array(this.#places);
    const zero = map.map({ kind: "dense", dim: map.dim, count: 1, values: new Float32Array(map.dim) }, 0, 1);
    for (let i = 0; i < map.size; i++) this.#zero[books.places[i]] = zero[i];
    this.#zeroSquare = map.squares[0];
    const stride = padded(this.#places);
    const count = anchors.length / this.#places;
    this.#books = this.#memory.allocate(4 * (books.entries.length + count * stride), this);
    this.#anchors = this.#books + 4 * books.entries.length;
    const { f32 } = this.#memory.arena.views();
    f32.set(books.entries, this.#books >>> 2);
    f32.fill(0, this.#anchors >>> 2, (this.#anchors >>> 2) + count * stride);
    for (let a = 0; a < count; a++) f32.set(anchors.subarray(a * this.#places, (a + 1) * this.#places), (this.#anchors >>> 2) + a * stride);
  }

  /** Writes to `out` for `query` (one row, as the map takes it) at the probes of hash number `hash`, whose anchor is their `lo` where `anchored`. */
  fill(query: DenseRows, probes: Probes, hash: number, anchored: boolean, out: Estimate): void {
    const { map, metric } = this.#parts;
    const isDot = metric === "dot";
    const mapped = map.mapQuery(query);
    const square = map.squares[0];
    const length = isDot ? squaredLength(query.values, map.dim) * map.scale ** 2 : 0;
    out.reserve(probes.count);
    if (!(square < most && length < most)) return blind(probes.count, out);
    const at = this.#layOut(probes.count); // after the map, which may use the same scratch
    const inside = this.#put(mapped, at.query);
    this.#makeTable(at, isDot ? -1 : -2, out);
    this.#measureAnchors(at, probes, anchored);
    const grain = this.#grain(isDot ? 1 : 2, out);
    const tail = map.size < map.dim ? Math.max(0, square - inside) : 0;
    if (isDot)
      this.#towardsAnchors(at.results, probes, hash, anchored, { origin: (length + this.#zeroSquare - square) / 2, length, grain }, out);
    else {
      this.#fromAnchors(at.results, probes, hash, { tail, grain }, out);
      if (!anchored) this.#orderByScores(query, probes, hash, out);
    }
  }

  /** The mapped query in the places of the books, for "dot" without what the origin adds; returns ‖Pq‖², where there can be a tail. */
  #put(mapped: Float32Array, at: number): number {
    const { map, books, metric } = this.#parts;
    const { f32 } = this.#memory.arena.views();
    const query = at >>> 2;
    const isDot = metric === "dot";
    if (this.#inPlace && !isDot && map.size >= map.dim) {
      f32.set(mapped.length === map.size ? mapped : mapped.subarray(0, map.size), query);
      return 0; // nothing is left outside, whose length it would tell
    }
    const { places } = books;
    const end = padded(this.#places);
    if (map.size < end) f32.fill(0, query, query + end);
    let square = 0;
    for (let i = 0; i < map.size; i++) {
      const value = mapped[i];
      const place = places[i];
      f32[query + place] = isDot ? value - this.#zero[place] : value;
      square += value * value;
    }
    return square;
  }

  #makeTable(at: Layout, factor: number, out: Estimate): void {
    const { kernels } = this.#memory.arena;
    const { width, groups } = this.#parts.books;
    kernels.lookup(at.query, this.#books, width, groups, factor, at.table);
    kernels.quantise(at.table, groups, Math.min(255, Math.floor(65_535 / groups)), at.table8, at.step);
    const { u8, f32 } = this.#memory.arena.views();
    out.table.set(u8.subarray(at.table8, at.table8 + groups * 16));
    out.step = f32[at.step >>> 2];
    out.bias = f32[(at.step >>> 2) + 1];
  }

  /** Per probe the squared distance of its mapped anchor from the query's, or less their product; once where not `anchored`. */
  #measureAnchors(at: Layout, probes: Probes, anchored: boolean): void {
    const { kernels } = this.#memory.arena;
    const { u32, f32 } = this.#memory.arena.views();
    const known = this.#parts.anchors.length / this.#places;
    const count = anchored ? probes.count : 1;
    // Probes of other hashes have keys that are no anchors: they are measured as the first, and not read.
    for (let p = 0; p < count; p++) u32[(at.rows >>> 2) + p] = anchored && probes.lo[p] < known ? probes.lo[p] : 0;
    const stride = padded(this.#places);
    if (this.#parts.metric === "dot") {
      f32.fill(ones, at.scales >>> 2, (at.scales >>> 2) + count);
      kernels.dot(at.query, this.#anchors, stride, at.rows, at.scales, count, at.results);
    } else kernels.squaredEuclidean(at.query, this.#anchors, stride, at.rows, count, at.results);
    if (!anchored) f32.fill(f32[at.results >>> 2], at.results >>> 2, (at.results >>> 2) + probes.count);
  }

  /** What rounding the table adds: to `rounding`, or as a part of the spread that stands for as much. */
  #grain(factor: number, out: Estimate): number {
    const { books, map } = this.#parts;
    const deviation = out.step * Math.sqrt(books.groups / 12);
    out.rounding = books.stretched === null ? deviation * this.#spread.scale : 0;
    return books.stretched === null ? 0 : deviation / (factor * Math.sqrt(map.size) * books.stretched);
  }

  #fromAnchors(results: number, probes: Probes, hash: number, { tail, grain }: { tail: number; grain: number }, out: Estimate): void {
    const { f32 } = this.#memory.arena.views();
    const { dimensions } = this.#spread;
    for (let p = 0; p < probes.count; p++) {
      if (probes.hashes[p] !== hash) continue;
      const gap = f32[(results >>> 2) + p] + tail;
      out.centres[p] = gap;
      out.spreads[p] = Math.sqrt(gap / dimensions + grain * grain);
      out.orders[p] = gap;
    }
  }

  /** Scores are squares of what a vector near the query must differ by to lie in the bucket, in proportion at least; ranks are in the units of the map. */
  #orderByScores(query: DenseRows, probes: Probes, hash: number, out: Estimate): void {
    const { map } = this.#parts;
    const square = map.unit ? squaredLength(query.values, map.dim) : 1;
    const unit = square > 0 ? map.scale ** 2 / square : 1;
    for (let p = 0; p < probes.count; p++) if (probes.hashes[p] === hash) out.orders[p] = probes.scores[p] * unit;
  }

  #towardsAnchors(
    results: number,
    probes: Probes,
    hash: number,
    anchored: boolean,
    { origin, length, grain }: { origin: number; length: number; grain: number },
    out: Estimate,
  ): void {
    const { f32 } = this.#memory.arena.views();
    const { dimensions, radii } = this.#spread;
    const spread = Math.sqrt(length / dimensions + grain * grain);
    for (let p = 0; p < probes.count; p++) {
      if (probes.hashes[p] !== hash) continue;
      const centre = f32[(results >>> 2) + p] - origin;
      out.centres[p] = centre;
      out.spreads[p] = spread;
      // Few vectors of a bucket have more than half of their difference from the anchor along the query.
      out.orders[p] = centre - (radii.length === 0 ? 0 : Math.sqrt(length) * radii[anchored ? probes.lo[p] : 0] * 0.5);
    }
  }

  #layOut(probes: number): Layout {
    const { groups } = this.#parts.books;
    const column = padded(probes) * 4;
    const bytes = padded(this.#places) * 4 + groups * 80 + 16 + 3 * column;
    const query = this.#memory.scratch(bytes);
    const table = query + padded(this.#places) * 4;
    const table8 = table + groups * 64;
    const step = table8 + groups * 16;
    const rows = step + 16;
    return { query, table, table8, step, rows, scales: rows + column, results: rows + 2 * column };
  }
}

interface Layout {
  readonly query: number;
  readonly table: number;
  readonly table8: number;
  readonly step: number;
  readonly rows: number;
  readonly scales: number;
  readonly results: number;
}

/** A query too long for float32 estimates rules nothing out, and stops nowhere. */
function blind(probes: number, out: Estimate): void {
  out.table.fill(0);
  out.step = 1;
  out.bias = 0;
  out.rounding = 0;
  out.centres.fill(0, 0, probes);
  out.spreads.fill(most, 0, probes);
  out.orders.fill(Number.NEGATIVE_INFINITY, 0, probes);
}

function squaredLength(values: Float32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i] * values[i];
  return sum;
}
