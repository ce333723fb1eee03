import { Candidates } from "../../core/columns.js";
import type { Metric, Rounding } from "../../core/contracts.js";
import type { Dump, Supply } from "../../core/dump.js";
import { NearError } from "../../core/errors.js";
import { type Rows, rowAt, type SetRows, type SetVector, slice, type VectorOf } from "../../core/rows.js";
import { keepNearest } from "../../numeric/select.js";
import { RecordRows, scratch } from "./record-rows.js";
import { dumpSets, restoreSets } from "./set-dump.js";
import type { Vectors } from "./vectors.js";

/** Sets as records of members in pages, compared where they lie. Ranks are distances, without rounding. */
export class SetVectors implements Vectors {
  readonly #dim: number;
  readonly #records: RecordRows;

  /** Members are below `dim`; pages have `bytes` bytes where not the usual. */
  constructor({ dim }: { readonly dim: number }, bytes?: number) {
    this.#dim = dim;
    this.#records = new RecordRows({ entryBytes: 4, headBytes: scratch.rest, pageBytes: bytes });
  }

  get bytes(): number {
    return this.#records.bytes;
  }

  bytesOf(rows: Rows, grown: number): number {
    return grown * 10 + asSets(rows).members.length * 4; // records are never written into freed ones
  }

  /** What they take depends on their members. */
  expect(): void {}

  reserve(rows: Rows, limit: number): void {
    const { offsets, count } = asSets(rows);
    this.#records.reserve(offsets[count], limit);
  }

  write(row: number, rows: Rows, i: number): void {
    const { members } = rowAt<"set">(asSets(rows), i);
    const { arena } = this.#records.take(row, members.length);
    arena.views().u32.set(members, this.#records.startOf(row) >>> 2);
  }

  settle(_rows: Uint32Array): void {}

  dump(rows: number, free: Uint32Array): Dump {
    return dumpSets((row) => this.vector(row) as SetVector, rows, free); // all vectors here are
  }

  async restore(rows: number, free: Uint32Array, supply: Supply): Promise<void> {
    await restoreSets(this, this.#dim, rows, free, supply);
  }

  free(row: number): void {
    this.#records.free(row);
  }

  borrow(row: number): VectorOf {
    return this.vector(row);
  }

  vector(row: number): VectorOf {
    const at = this.#records.startOf(row) >>> 2;
    return {
      members: this.#records
        .pageOf(row)
        .arena.views()
        .u32.subarray(at, at + this.#records.lengthOf(row)),
    };
  }

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    const { members } = rowAt<"set">(asSets(query), 0);
    const kind = metric === "containment" ? 1 : 0;
    for (const [p, page] of this.#records.pages.entries()) {
      const { arena, used } = page;
      arena.ensure(used + members.byteLength);
      arena.views().u32.set(members, used >>> 2);
      for (let from = 0; from < candidates.count; ) {
        from = this.#records.fill(p, candidates, from);
        const { filled, positions } = this.#records;
        arena.kernels.setRank(kind, used, members.length, scratch.starts, scratch.lengths, filled, scratch.ranks);
        const ranks = arena.views().f64.subarray(scratch.ranks >>> 3);
        for (let c = 0; c < filled; c++) candidates.distances[positions[c]] = ranks[c];
      }
    }
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    this.rank(metric, query, candidates);
    keepNearest(candidates, limit, within);
  }

  rounding(): Rounding {
    return { relative: 0, absolute: 0 };
  }

  exact(metric: Metric, query: Rows, candidates: Candidates): boolean {
    this.rank(metric, query, candidates);
    return true;
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    const best = new Candidates();
    for (let q = 0; q < queries.count; q++) {
      best.copyFrom(candidates);
      this.nearest(metric, slice(queries, q, q + 1), best, limit, Number.POSITIVE_INFINITY);
      each(q, best);
    }
  }
}

/** E_UNSUPPORTED for rows of another kind. */
function asSets(rows: Rows): SetRows {
  if (rows.kind === "set") return rows;
  throw new NearError("E_UNSUPPORTED", `${rows.kind} vectors cannot be compared with sets`, { kind: rows.kind });
}
