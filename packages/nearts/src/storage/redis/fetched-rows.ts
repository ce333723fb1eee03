import { Candidates } from "../../core/columns.js";
import type { Id, Metric, Rounding, RowReader } from "../../core/contracts.js";
import { type BitVector, type Rows, rowAt, type SetVector, slice, type VectorOf } from "../../core/rows.js";
import { keepNearest } from "../../numeric/select.js";
import { jaccard, overlap, uncontained } from "../../numeric/sets.js";
import { dotProduct, norm, type RealVector, squaredDifference, sumOver } from "../../numeric/sums.js";

/** One row, as it was fetched. */
export interface FetchedRow {
  readonly id: Id;
  readonly vector: VectorOf;
  readonly data: string | undefined;
}

/** Rows of one fetch, ranked by the definition in float64: they are few, and getting them here took longer than any kernel could save. */
export class FetchedRows implements RowReader {
  readonly #rows: ReadonlyMap<number, FetchedRow>;

  constructor(rows: ReadonlyMap<number, FetchedRow>) {
    this.#rows = rows;
  }

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    const rankOf = ranker(metric, rowAt(query, 0));
    for (let i = 0; i < candidates.count; i++) candidates.distances[i] = rankOf(this.#row(candidates.rows[i]).vector);
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    this.rank(metric, query, candidates);
    keepNearest(candidates, limit, within);
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    const best = new Candidates();
    for (let q = 0; q < queries.count; q++) {
      best.copyFrom(candidates);
      this.nearest(metric, slice(queries, q, q + 1), best, limit, Number.POSITIVE_INFINITY);
      each(q, best);
    }
  }

  /** Sums of n terms in float64 are off by n·2⁻⁵³ of the sum of the terms' sizes, at most (Higham 2002, section 4.2), and products by what Cauchy–Schwarz allows. */
  rounding(metric: Metric, query: Rows): Rounding {
    if (metric === "hamming" || metric === "jaccard" || metric === "containment") return { relative: 0, absolute: 0 };
    const unit = (query.dim + 16) * 2 ** -52;
    if (metric === "squaredEuclidean" || metric === "manhattan") return { relative: unit, absolute: 0 };
    if (metric === "cosine") return { relative: 0, absolute: 4 * unit };
    let largest = 0;
    for (const { vector } of this.#rows.values()) largest = Math.max(largest, norm(vector as RealVector)); // products are of real vectors
    return { relative: 0, absolute: unit * largest * norm(rowAt(query, 0) as RealVector) };
  }

  vector(row: number): VectorOf {
    return this.#row(row).vector;
  }

  id(row: number): Id {
    return this.#row(row).id;
  }

  data(row: number): string | undefined {
    return this.#row(row).data;
  }

  #row(row: number): FetchedRow {
    return this.#rows.get(row) as FetchedRow; // callers ask for rows of the fetch
  }
}

/** The rank of a vector against a query, smaller is nearer. Metrics of real vectors are asked of these, those of bits and sets of bits and sets. */
function ranker(metric: Metric, query: VectorOf): (vector: VectorOf) => number {
  if (metric === "hamming") return (vector) => differing(query as BitVector, vector as BitVector);
  if (metric === "jaccard" || metric === "containment") {
    const q = query as SetVector;
    const distance = metric === "jaccard" ? jaccard : uncontained;
    return (vector) => distance(overlap(q, vector as SetVector), q.members.length, (vector as SetVector).members.length);
  }
  const q = query as RealVector;
  if (metric === "squaredEuclidean") return (vector) => squaredDifference(vector as RealVector, q);
  if (metric === "manhattan") return (vector) => sumOver(vector as RealVector, q, (x, y) => Math.abs(x - y));
  if (metric === "dot") return (vector) => 0 - dotProduct(vector as RealVector, q);
  const length = norm(q);
  return (vector) => 0 - dotProduct(vector as RealVector, q) / (norm(vector as RealVector) * length || 1);
}

function differing(a: BitVector, b: BitVector): number {
  let bits = 0;
  for (let i = 0; i < a.words.length; i++) {
    let word = a.words[i] ^ b.words[i];
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    bits += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return bits;
}
