import type { Estimate } from "../../core/codes.js";
import type { Candidates, Probes } from "../../core/columns.js";
import type { Id, KeyDirectory, Metric, Rounding, RowReader, ScanPlan } from "../../core/contracts.js";
import { NearError } from "../../core/errors.js";
import type { Rows, VectorOf } from "../../core/rows.js";
import type { CodePlan } from "../postings/code-reader.js";
import { CodedPostings } from "../postings/coded-postings.js";
import type { SharedCodes } from "../postings/shared-codes.js";
import { SharedPostings } from "../postings/shared-postings.js";
import { FixedVectors, type SharedVectors } from "../vectors/fixed-vectors.js";
import type { HashTable } from "./hash-tables.js";

/** One hash of a memory storage, and the vectors, as other threads read them: valid until the next write. It can be posted to a worker as it is. */
export interface SharedIndex {
  /** Number of the hash. */
  readonly hash: number;
  /** Vectors stored. */
  readonly size: number;
  readonly codes: SharedCodes;
  readonly vectors: SharedVectors;
}

/** What `ResidentIndex.share` gives: for this thread and for others. */
export interface SharedHash {
  readonly own: IndexReader;
  readonly index: SharedIndex;
}

/** Buckets of one hash that a scan reads by their codes. */
export interface CodedBuckets extends KeyDirectory {
  scanByCodes(probes: Probes, hash: number, estimate: Estimate, plan: CodePlan, out: Candidates): void;
}

/** What a search by codes reads of a storage, by numbers alone: which ids and data belong to the rows it finds is for whoever keeps them to say. */
export class IndexReader implements RowReader {
  readonly #hash: number;
  readonly #buckets: CodedBuckets;
  readonly #vectors: FixedVectors;
  readonly #size: number;
  /** Most probes a table of a scan. */
  readonly mostProbes: number;

  /** Buckets of hash number `hash`, none of whose rows was removed, and `size` vectors. */
  constructor({ hash, size }: Pick<SharedIndex, "hash" | "size">, buckets: CodedBuckets, vectors: FixedVectors, mostProbes: number) {
    this.#hash = hash;
    this.#size = size;
    this.#buckets = buckets;
    this.#vectors = vectors;
    this.mostProbes = mostProbes;
  }

  /** What another thread shares, to be read by number `thread`, from 1; only one of that number may read at a time. */
  static over(index: SharedIndex, thread: number): IndexReader {
    const { codes, vectors } = index;
    return new IndexReader(index, new SharedPostings(codes, thread), FixedVectors.over(vectors, thread), codes.probes);
  }

  directory(_hash: number): KeyDirectory {
    return this.#buckets;
  }

  /** E_UNSUPPORTED without estimates. */
  scan(probes: Probes, { unique, estimation, allowed }: ScanPlan, out: Candidates): void {
    const estimate = estimation?.estimates[this.#hash];
    if (estimation === undefined || !estimate) throw unsupported("scans without codes");
    this.#buckets.scanByCodes(probes, this.#hash, estimate, { unique, estimation, allowed }, out);
  }

  fetch(_candidates: Candidates): RowReader {
    return this;
  }

  size(): number {
    return this.#size;
  }

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    this.#vectors.rank(metric, query, candidates);
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    this.#vectors.nearest(metric, query, candidates, limit, within);
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    this.#vectors.nearestOfMany(metric, queries, candidates, limit, each);
  }

  rounding(metric: Metric, query: Rows): Rounding {
    return this.#vectors.rounding(metric, query);
  }

  exact(metric: Metric, query: Rows, candidates: Candidates): boolean {
    return this.#vectors.exact(metric, query, candidates);
  }

  vector(row: number): VectorOf {
    return this.#vectors.vector(row);
  }

  id(_row: number): Id {
    throw unsupported("ids");
  }

  data(_row: number): string | undefined {
    throw unsupported("data");
  }
}

function unsupported(what: string): NearError {
  return new NearError("E_UNSUPPORTED", `this thread reads codes and vectors, no ${what}: ask the thread that keeps the storage`, {});
}

/** A hash and the `size` vectors in it for so many threads; null where the hash has no codes, or nothing is shared. */
export function shareHash(
  of: Pick<SharedIndex, "hash" | "size">,
  table: HashTable,
  vectors: FixedVectors,
  { threads, probes, nearest }: { readonly threads: number; readonly probes: number; readonly nearest: number },
): SharedHash | null {
  if (!(table instanceof CodedPostings)) return null;
  const codes = table.share(threads - 1, probes, nearest);
  const shared = vectors.share();
  if (codes === null || shared === null) return null;
  return { own: new IndexReader(of, table, vectors, Number.POSITIVE_INFINITY), index: { ...of, codes, vectors: shared } };
}
