import { Candidates, room } from "../../core/columns.js";
import type { Metric, Rounding, Shape } from "../../core/contracts.js";
import { asSparse } from "../../core/convert.js";
import type { Dump, Supply } from "../../core/dump.js";
import { type Rows, rowAt, type SparseVector, slice, type VectorOf } from "../../core/rows.js";
import { keepNearest, kthSmallest } from "../../numeric/select.js";
import { squaredDifference, sumOver } from "../../numeric/sums.js";
import { type RecordPage, RecordRows, scratch } from "./record-rows.js";
import { dumpSparse, restoreSparse } from "./sparse-dump.js";
import type { Vectors } from "./vectors.js";

/** Up to this dimension a query is spread out beside each page (4 MiB at most); beyond, it is merged with each row. */
const spreadLimit = 2 ** 20;

/** Sparse vectors as records (indices, then values) in pages, ranked where they lie. */
export class SparseVectors implements Vectors {
  readonly #dim: number;
  readonly #records: RecordRows;
  /** By row: 1/‖x‖ (0 for the zero vector). */
  #inverseNorms: Float64Array = new Float64Array(0);
  #largestNorm = 0;
  readonly #likely = new Candidates();

  /** Pages have `bytes` bytes where not the usual. */
  constructor(shape: Shape, bytes?: number) {
    this.#dim = shape.dim;
    const headBytes = scratch.rest + (this.#spread ? Math.ceil(shape.dim / 4) * 16 : 0);
    this.#records = new RecordRows({ entryBytes: 8, headBytes, pageBytes: bytes });
  }

  get bytes(): number {
    return this.#records.bytes + this.#inverseNorms.byteLength;
  }

  bytesOf(rows: Rows, grown: number): number {
    return grown * 20 + asSparse(rows).indices.length * 8; // records are never written into freed ones
  }

  /** What they take depends on their entries. */
  expect(): void {}

  reserve(rows: Rows, limit: number): void {
    const { offsets } = asSparse(rows);
    this.#inverseNorms = room(this.#inverseNorms, limit);
    this.#records.reserve(offsets[rows.count], limit);
  }

  write(row: number, rows: Rows, i: number): void {
    const { offsets, indices, values } = asSparse(rows);
    const [from, to] = [offsets[i], offsets[i + 1]];
    const { u32, f32 } = this.#records.take(row, to - from).arena.views();
    const at = this.#records.startOf(row) >>> 2;
    u32.set(indices.subarray(from, to), at);
    f32.set(values.subarray(from, to), at + to - from);
    const inverse = inverseNorm(values, from, to);
    this.#inverseNorms[row] = inverse;
    if (inverse > 0) this.#largestNorm = Math.max(this.#largestNorm, 1 / inverse);
  }

  settle(_rows: Uint32Array): void {}

  dump(rows: number, free: Uint32Array): Dump {
    return dumpSparse((row) => this.vector(row) as SparseVector, rows, free); // all vectors here are
  }

  async restore(rows: number, free: Uint32Array, supply: Supply): Promise<void> {
    await restoreSparse(this, this.#dim, rows, free, supply);
  }

  free(row: number): void {
    this.#records.free(row);
  }

  borrow(row: number): VectorOf {
    return this.vector(row);
  }

  vector(row: number): VectorOf {
    const { u32, f32 } = this.#records.pageOf(row).arena.views();
    const n = this.#records.lengthOf(row);
    const at = this.#records.startOf(row) >>> 2;
    return { dim: this.#dim, indices: u32.subarray(at, at + n), values: f32.subarray(at + n, at + 2 * n) };
  }

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    const constant = constantOf(metric, query);
    const factor = metric === "cosine" ? inverseNorm(valuesOf(query), 0, valuesOf(query).length) : 1;
    for (const [p, page] of this.#records.pages.entries()) {
      const merge = this.#putQuery(page, query);
      for (let from = 0; from < candidates.count; ) {
        from = this.#records.fill(p, candidates, from);
        const { filled, positions } = this.#records;
        this.#run(page, metric, query, merge);
        const ranks = page.arena.views().f64.subarray(scratch.ranks >>> 3);
        for (let c = 0; c < filled; c++) {
          const at = positions[c];
          const row = candidates.rows[at];
          if (metric === "cosine") candidates.distances[at] = ranks[c] * factor * this.#inverseNorms[row];
          // Where little is left of the query's own sum, its digits are mostly rounding.
          else
            candidates.distances[at] =
              constant > 0 && ranks[c] + constant < constant * 2 ** -20 ? this.#rankAnew(metric, query, row) : ranks[c] + constant;
        }
      }
      if (!merge) this.#takeQueryAway(page, query);
    }
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    if (candidates.bounded && limit > 0 && limit < candidates.count) this.#dropUnlikely(metric, query, candidates, limit, within);
    this.rank(metric, query, candidates);
    keepNearest(candidates, limit, within);
  }

  /** Sums are in float64, but norms are kept in float32; and of a difference of sums at least 2⁻²⁰ is left, or it is summed anew. */
  rounding(metric: Metric, query: Rows): Rounding {
    if (metric === "cosine") return { relative: 2 ** -22, absolute: 1e-12 };
    if (metric !== "dot") return { relative: 2 ** -22, absolute: 0 };
    return { relative: 0, absolute: (1e-12 * this.#largestNorm) / (inverseNorm(valuesOf(query), 0, valuesOf(query).length) || 1) };
  }

  exact(): boolean {
    return false;
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    const best = new Candidates();
    for (let q = 0; q < queries.count; q++) {
      best.copyFrom(candidates);
      this.nearest(metric, slice(queries, q, q + 1), best, limit, Number.POSITIVE_INFINITY);
      each(q, best);
    }
  }

  /** Measures the `limit` candidates with the smallest bounds, and drops those whose bound is over the worst of their ranks. */
  #dropUnlikely(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    const { rows, lower, count } = candidates;
    const first = kthSmallest(lower, count, limit);
    const likely = this.#likely;
    likely.clear();
    for (let i = 0; i < count && likely.count < limit; i++) if (lower[i] <= first) likely.add(rows[i]);
    this.rank(metric, query, likely);
    let worst = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < likely.count; i++) worst = Math.max(worst, likely.distances[i]);
    worst = Math.min(worst, within);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (!(lower[i] <= worst)) continue;
      rows[kept] = rows[i];
      lower[kept++] = lower[i];
    }
    candidates.count = kept;
  }

  get #spread(): boolean {
    return this.#dim <= spreadLimit;
  }

  /** Puts the query beside the page: spread out, or behind the records to be merged (true). */
  #putQuery(page: RecordPage, query: Rows): boolean {
    if (this.#spread) {
      const { f32 } = page.arena.views();
      const at = scratch.rest >>> 2;
      if (query.kind === "dense") f32.set(query.values, at);
      else if (query.kind === "sparse") for (let e = 0; e < query.indices.length; e++) f32[at + query.indices[e]] = query.values[e];
      return false;
    }
    const { indices, values } = asSparse(query);
    page.arena.ensure(page.used + indices.length * 8);
    const { u32, f32 } = page.arena.views();
    u32.set(indices, page.used >>> 2);
    f32.set(values, (page.used >>> 2) + indices.length);
    return true;
  }

  #takeQueryAway(page: RecordPage, query: Rows): void {
    const { f32 } = page.arena.views();
    const at = scratch.rest >>> 2;
    if (query.kind === "sparse") for (const index of query.indices) f32[at + index] = 0;
    else f32.fill(0, at, at + this.#dim);
  }

  /** The rank by the definition, difference by difference. */
  #rankAnew(metric: Metric, query: Rows, row: number): number {
    const q = rowAt<"sparse">(asSparse(query), 0);
    const x = this.vector(row) as SparseVector; // all vectors here are
    return metric === "squaredEuclidean" ? squaredDifference(q, x) : sumOver(q, x, (a, b) => Math.abs(a - b));
  }

  #run(page: RecordPage, metric: Metric, query: Rows, merge: boolean): void {
    const { kernels } = page.arena;
    const kind = metric === "squaredEuclidean" ? 1 : metric === "manhattan" ? 2 : 0;
    if (!merge) kernels.sparseRank(kind, scratch.rest, scratch.starts, scratch.lengths, this.#records.filled, scratch.ranks);
    else {
      const n = asSparse(query).indices.length;
      kernels.mergeRank(kind, page.used, page.used + n * 4, n, scratch.starts, scratch.lengths, this.#records.filled, scratch.ranks);
    }
  }
}

function valuesOf(query: Rows): Float32Array {
  return query.kind === "dense" || query.kind === "sparse" ? query.values : new Float32Array(0);
}

/** What the kernels leave out of the rank: the query's own sum. */
function constantOf(metric: Metric, query: Rows): number {
  let sum = 0;
  if (metric === "squaredEuclidean") for (const q of valuesOf(query)) sum += q * q;
  if (metric === "manhattan") for (const q of valuesOf(query)) sum += Math.abs(q);
  return sum;
}

function inverseNorm(values: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] * values[i];
  return sum > 0 ? 1 / Math.sqrt(sum) : 0;
}
