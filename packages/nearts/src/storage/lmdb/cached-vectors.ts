import { Candidates } from "../../core/columns.js";
import type { Field, Metric, Rounding } from "../../core/contracts.js";
import { type Rows, slice, type VectorOf } from "../../core/rows.js";
import { keepNearest, kthSmallest } from "../../numeric/select.js";
import { FixedVectors } from "../vectors/fixed-vectors.js";
import { layoutOf } from "../vectors/row-layout.js";
import { SetVectors } from "../vectors/set-vectors.js";
import { SparseVectors } from "../vectors/sparse-vectors.js";
import type { Vectors } from "../vectors/vectors.js";
import { corrupt, seal, unseal } from "./records.js";
import { Slots } from "./slots.js";
import type { Table } from "./table.js";
import { VectorCodec } from "./vector-codec.js";

/** Candidates brought into memory and ranked at once where not all are there: as many as one heap of a page holds with ease. */
const partRows = 8192;
const mostSlots = 2 ** 31 - 1;

/**
 * Vectors of which the database holds all and memory a bounded number: what is to be ranked is brought in, and what was not used for long makes room. Where all
 * fit, ranking is that of the vectors in memory; where more are to be ranked than fit, they are ranked part by part.
 */
export class CachedVectors implements Vectors {
  readonly #table: Table<number>;
  readonly #codec: VectorCodec;
  readonly #held: Vectors;
  readonly #varying: boolean;
  readonly #cacheBytes: number;
  readonly #slots: Slots;
  readonly #part = new Candidates();
  readonly #positions: Uint32Array = new Uint32Array(partRows);
  #varyingBytes = 0;

  /** Vectors of `table`, at most `cacheBytes` of them in memory. */
  constructor(field: Field, table: Table<number>, cacheBytes: number) {
    this.#table = table;
    this.#codec = new VectorCodec(field);
    this.#varying = field.kind === "sparse" || field.kind === "set";
    this.#cacheBytes = cacheBytes;
    this.#held = heldOf(field);
    // A sparse vector or a set is as long as it is: their bytes are counted instead.
    this.#slots = new Slots(this.#varying ? mostSlots : Math.max(1, Math.floor(cacheBytes / layoutOf(field).rowBytes)));
  }

  get bytes(): number {
    return this.#held.bytes + this.#slots.bytes;
  }

  bytesOf(rows: Rows, grown: number): number {
    return this.#slots.count < this.#slots.capacity ? this.#held.bytesOf(rows, grown) : 0;
  }

  expect(limit: number): void {
    this.#held.expect(Math.min(limit, this.#slots.capacity));
  }

  reserve(rows: Rows, limit: number): void {
    this.#held.reserve(rows, Math.min(limit, this.#slots.capacity));
  }

  write(row: number, rows: Rows, i: number): void {
    this.#table.put(row, seal(this.#codec.encode(rows, i), row));
    this.#slots.begin();
    this.#hold(row, rows, i); // the index has freed it, if it was there
  }

  settle(): void {}

  free(row: number): void {
    const slot = this.#slots.find(row);
    if (slot < 0) return;
    this.#leave(slot);
    this.#slots.free(row);
  }

  vector(row: number): VectorOf {
    const slot = this.#slotOf(row);
    return slot < 0 ? this.#codec.vector(this.#record(row), row) : this.#held.vector(slot);
  }

  borrow(row: number): VectorOf {
    const slot = this.#slotOf(row);
    return slot < 0 ? this.#codec.vector(this.#record(row), row) : this.#held.borrow(slot);
  }

  rank(metric: Metric, query: Rows, candidates: Candidates): void {
    this.#eachPart(candidates, null, (part) => {
      this.#held.rank(metric, query, part);
      for (let i = 0; i < part.count; i++) candidates.distances[this.#positions[i]] = part.distances[i];
    });
  }

  rounding(metric: Metric, query: Rows): Rounding {
    return this.#held.rounding(metric, query);
  }

  nearest(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    if (candidates.bounded && limit > 0 && limit < candidates.count && !this.#allThere(candidates)) {
      this.#dropUnlikely(metric, query, candidates, limit, within);
    }
    const fits = this.#bringAll(candidates);
    if (fits && this.#slots.direct) this.#held.nearest(metric, query, candidates, limit, within);
    else if (fits && candidates.bounded && candidates.count <= partRows) this.#nearestBounded(metric, query, candidates, limit, within);
    else this.#nearestInParts(metric, query, candidates, null, limit, within);
  }

  exact(metric: Metric, query: Rows, candidates: Candidates): boolean {
    if (!this.#held.exact(metric, query, new Candidates())) return false;
    this.#eachPart(candidates, null, (part) => {
      this.#held.exact(metric, query, part);
      for (let i = 0; i < part.count; i++) candidates.distances[this.#positions[i]] = part.distances[i];
    });
    return true;
  }

  nearestOfMany(metric: Metric, queries: Rows, candidates: Candidates, limit: number, each: (q: number, best: Candidates) => void): void {
    if (this.#bringAll(candidates) && this.#slots.direct) {
      this.#held.nearestOfMany(metric, queries, candidates, limit, each);
      return;
    }
    const best = new Candidates();
    for (let q = 0; q < queries.count; q++) {
      best.copyFrom(candidates);
      this.nearest(metric, slice(queries, q, q + 1), best, limit, Number.POSITIVE_INFINITY);
      each(q, best);
    }
  }

  /** Where the row is in memory, or −1: reading all of them one by one does not drive out what queries need. */
  #slotOf(row: number): number {
    this.#slots.begin();
    return this.#slots.find(row);
  }

  /** Whether all of them are in memory; they stay there for this part. */
  #allThere({ rows, count }: Candidates): boolean {
    this.#slots.begin();
    for (let i = 0; i < count; i++) if (this.#slots.find(rows[i]) < 0) return false;
    return true;
  }

  /** Brings all of them into memory, if they fit. */
  #bringAll({ rows, count }: Candidates): boolean {
    this.#slots.begin();
    for (let i = 0; i < count; i++) if (this.#bring(rows[i]) < 0) return false;
    return true;
  }

  /**
   * Drops candidates that a search in the order of their bounds would not come to: those whose bound is over the worst rank of the `limit` best among the
   * first. So only vectors that such a search may read are brought in, and its answer is the same as if all were in memory.
   */
  #dropUnlikely(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    const { rows, lower, count } = candidates;
    const first = kthSmallest(lower, count, Math.min(count, 2 * limit));
    const likely = new Candidates();
    likely.copyFrom(candidates);
    this.#nearestInParts(metric, query, likely, (i) => lower[i] <= first, limit, within);
    const worst = Math.max(first, worstOf(likely, limit, within));
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (!(lower[i] <= worst)) continue;
      rows[kept] = rows[i];
      lower[kept++] = lower[i];
    }
    candidates.count = kept;
  }

  /** As `nearest` of candidates that are in memory, in slots of other numbers than their own. */
  #nearestBounded(metric: Metric, query: Rows, candidates: Candidates, limit: number, within: number): void {
    const part = this.#part;
    part.clear();
    for (let i = 0; i < candidates.count; i++) part.add(this.#slots.find(candidates.rows[i]));
    part.bound();
    part.lower.set(candidates.lower.subarray(0, candidates.count));
    this.#held.nearest(metric, query, part, limit, within);
    const best = new Candidates();
    for (let i = 0; i < part.count; i++) best.add(this.#slots.rowOf(part.rows[i]), part.distances[i]);
    this.#answer(candidates, best, limit);
  }

  /** As `nearest` of the candidates that `wants` says, all when null; part by part. */
  #nearestInParts(
    metric: Metric,
    query: Rows,
    candidates: Candidates,
    wants: ((i: number) => boolean) | null,
    limit: number,
    within: number,
  ): void {
    const best = new Candidates();
    this.#eachPart(candidates, wants, (part) => {
      // All that are ranked are kept until ties are broken: slots are in another order than rows.
      this.#held.nearest(metric, query, part, part.count, worstOf(best, limit, within));
      for (let i = 0; i < part.count; i++) best.add(this.#slots.rowOf(part.rows[i]), part.distances[i]);
      keepNearest(best, limit);
    });
    this.#answer(candidates, best, limit);
  }

  #answer(candidates: Candidates, best: Candidates, limit: number): void {
    keepNearest(best, limit);
    best.raw = candidates.raw;
    best.measured = candidates.measured;
    candidates.copyFrom(best);
  }

  /** Calls `work` with the slots of the candidates that `wants` says, as many at once as fit; `#positions` says which candidates they are. */
  #eachPart({ rows, count }: Candidates, wants: ((i: number) => boolean) | null, work: (part: Candidates) => void): void {
    const part = this.#part;
    for (let next = 0; next < count; ) {
      part.clear();
      this.#slots.begin();
      for (; next < count && part.count < partRows; next++) {
        if (wants !== null && !wants(next)) continue;
        const slot = this.#bring(rows[next]);
        if (slot < 0) break;
        this.#positions[part.count] = next;
        part.add(slot);
      }
      if (part.count > 0) work(part);
    }
  }

  /** Slot of a row, which is brought into memory if it is not there; −1 where there is no room left for this part. */
  #bring(row: number): number {
    const slot = this.#slots.find(row);
    return slot >= 0 ? slot : this.#hold(row, this.#codec.decode(this.#record(row), row), 0);
  }

  #hold(row: number, rows: Rows, i: number): number {
    while (this.#varyingBytes > this.#cacheBytes && this.#slots.evict(this.#leave)) {}
    const slot = this.#slots.take(row, this.#leave);
    if (slot < 0) return slot;
    try {
      // Of vectors of one length only this one is looked at: there may be many, which come here one by one.
      this.#held.reserve(this.#varying ? rows : slice(rows, i, i + 1), slot + 1);
    } catch (error) {
      this.#slots.free(row);
      throw error;
    }
    this.#held.write(slot, rows, i);
    if (this.#varying) this.#varyingBytes += this.#bytesAt(slot);
    return slot;
  }

  /** A slot is about to be used for another row, or for none. The lengths of dense rows that were here once stay in the bounds on rounding, which are never too small then. */
  readonly #leave = (slot: number): void => {
    if (!this.#varying) return;
    this.#varyingBytes -= this.#bytesAt(slot);
    this.#held.free(slot);
  };

  /** Bytes of a vector of its own length in memory, twice: freed ones are not always there to be used again. */
  #bytesAt(slot: number): number {
    const vector = this.#held.vector(slot);
    return "members" in vector ? vector.members.length * 8 + 10 : "indices" in vector ? vector.indices.length * 16 + 20 : 0;
  }

  #record(row: number): Uint8Array {
    const what = `the vector of row ${row}`;
    const record = this.#table.get(row);
    if (record === null) throw corrupt(`${what} is missing`, { row });
    return unseal(record, row, what);
  }
}

function heldOf(field: Field): Vectors {
  if (field.kind === "sparse") return new SparseVectors(field);
  return field.kind === "set" ? new SetVectors(field) : new FixedVectors(field, false);
}

/** The rank beyond which nothing can be among the best any more. */
function worstOf(best: Candidates, limit: number, within: number): number {
  return best.count === limit && limit > 0 ? Math.min(within, best.distances[limit - 1]) : within;
}
