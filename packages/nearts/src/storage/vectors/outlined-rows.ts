import { type Candidates, room } from "../../core/columns.js";
import type { Metric } from "../../core/contracts.js";
import type { Dump, Supply } from "../../core/dump.js";
import type { Rows } from "../../core/rows.js";
import { kthSmallest } from "../../numeric/select.js";
import { putDense } from "./dense-rows.js";
import { learnOutlines, outlineRows } from "./learn-outlines.js";
import { Outlines } from "./outlines.js";

/** Fewer candidates than this are measured sooner than the query is outlined. */
const leastBounded = 96;

/** Lower bounds on the ranks of candidates, valid until the next are made, and the bound within which as many lie as are wanted. */
export interface OutlineBounds {
  readonly bounds: Float32Array;
  readonly first: number;
}

/** Outlines of stored dense rows, once there are enough to learn from and where they pay. */
export class OutlinedRows {
  readonly #stride: number;
  readonly #vectorOf: (row: number) => Float32Array;
  #outlines: Outlines | null = null;
  #tried = false;
  #bounds: Float32Array = new Float32Array(0);

  /** For vectors of `stride` values when padded; stored ones are read by `vectorOf`. */
  constructor(stride: number, vectorOf: (row: number) => Float32Array) {
    this.#stride = stride;
    this.#vectorOf = vectorOf;
  }

  get bytes(): number {
    return this.#outlines?.bytes ?? 0;
  }

  /** Whether there are outlines. */
  get learned(): boolean {
    return this.#outlines !== null;
  }

  /** Makes room for rows below `limit`, of which `before` are there and `rows` are to come; learns from both when there are enough. */
  reserve(rows: Rows, before: number, limit: number, inverseNorms: Float32Array): void {
    if (!this.#tried && limit >= outlineRows) this.#learn(rows, before, limit, inverseNorms);
    this.#outlines?.reserve(limit);
  }

  /** Outlines these rows, which are stored. */
  write(rows: Uint32Array, inverseNorms: Float32Array): void {
    this.#outlines?.write(rows, this.#vectorOf, inverseNorms);
  }

  /** The outlines of rows below `rows`, but of `free` ones (ascending); null where there are none. */
  dump(rows: number, free: Uint32Array): Dump | null {
    return this.#outlines?.dump(rows, free) ?? null;
  }

  async restore(rows: number, supply: Supply): Promise<void> {
    this.#outlines = await Outlines.restore(this.#stride, rows, supply);
    this.#tried = true;
  }

  /** Bounds the candidates' ranks against a query of the stride's length; null where outlines cannot help. */
  bound(metric: Metric, query: Float32Array, candidates: Candidates, wanted: number, inverseNorms: Float32Array): OutlineBounds | null {
    const { count, rows } = candidates;
    if (this.#outlines === null || count < leastBounded || count < 4 * wanted) return null;
    if (metric !== "cosine" && metric !== "dot" && metric !== "squaredEuclidean") return null;
    this.#bounds = room(this.#bounds, count);
    this.#outlines.setQuery(query);
    this.#outlines.lowerRanks(metric, rows, count, inverseNorms, this.#bounds);
    return { bounds: this.#bounds, first: kthSmallest(this.#bounds, count, wanted) };
  }

  #learn(rows: Rows, before: number, limit: number, inverseNorms: Float32Array): void {
    this.#tried = true;
    const put = (i: number, out: Float32Array, at: number) => {
      if (i < before) out.set(this.#vectorOf(i), at);
      else putDense(out, at, rows, i - before);
    };
    this.#outlines = learnOutlines({ total: before + rows.count, stride: this.#stride, put });
    this.#outlines?.reserve(limit);
    this.write(
      Uint32Array.from({ length: before }, (_, row) => row),
      inverseNorms,
    );
  }
}
