import { setImmediate } from "node:timers/promises";
import { NearError, type Rows, rowAt, type SetRows } from "nearts";
import { Best } from "./best.js";
import type { Nearest, Scan } from "./scan.js";

/** Queries answered before others get their turn. */
const atOnce = 16;

/**
 * Nearest sets by the Jaccard distance 1 − |A ∩ B|/|A ∪ B| (0 for two empty sets): counts the members that a query shares with each row by going through
 * the rows that hold each of its members.
 */
export class JaccardScan implements Scan {
  readonly #rows: SetRows;
  /** By member: where its rows begin and end among `holders`. */
  readonly #spans: ReadonlyMap<number, readonly [number, number]>;
  readonly #holders: Uint32Array;

  constructor(rows: SetRows) {
    this.#rows = rows;
    const { spans, holders } = inverted(rows);
    this.#spans = spans;
    this.#holders = holders;
  }

  async nearest(queries: Rows, wanted: number, signal?: AbortSignal): Promise<Nearest> {
    if (queries.kind !== "set")
      throw new NearError("E_BAD_VECTOR", `queries are ${queries.kind} rows, the rows are sets`, { got: queries.kind });
    const k = Math.min(wanted, this.#rows.count);
    const found: Nearest = { k, rows: new Uint32Array(k * queries.count), distances: new Float64Array(k * queries.count) };
    for (let q = 0; q < queries.count; q++) {
      if (q % atOnce === 0) await setImmediate();
      signal?.throwIfAborted();
      this.#ofOne(rowAt<"set">(queries, q).members, k).into(found.rows, found.distances, q * k);
    }
    return found;
  }

  async close(): Promise<void> {}

  #ofOne(query: Uint32Array, k: number): Best {
    const { count, offsets } = this.#rows;
    const shared = new Uint32Array(count);
    for (const member of query) {
      const [from, to] = this.#spans.get(member) ?? [0, 0];
      for (let i = from; i < to; i++) shared[this.#holders[i]]++;
    }
    const best = new Best(k);
    for (let row = 0; row < count; row++) {
      const union = query.length + offsets[row + 1] - offsets[row] - shared[row];
      best.offer(row, union === 0 ? 0 : 1 - shared[row] / union);
    }
    return best;
  }
}

/** The rows that hold each member, ascending. */
function inverted({ count, offsets, members }: SetRows): { spans: Map<number, readonly [number, number]>; holders: Uint32Array } {
  const sizes = new Map<number, number>();
  const length = offsets[count];
  for (let i = 0; i < length; i++) sizes.set(members[i], (sizes.get(members[i]) ?? 0) + 1);
  const spans = new Map<number, [number, number]>();
  let start = 0;
  for (const [member, size] of sizes) {
    spans.set(member, [start, start]);
    start += size;
  }
  const holders = new Uint32Array(length);
  for (let row = 0; row < count; row++)
    for (let i = offsets[row]; i < offsets[row + 1]; i++) {
      const span = spans.get(members[i]);
      if (span !== undefined) holders[span[1]++] = row;
    }
  return { spans, holders };
}
