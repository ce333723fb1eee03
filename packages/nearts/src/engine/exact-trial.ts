import { Candidates } from "../core/columns.js";
import type { RowSet } from "../core/contracts.js";
import { type Rows, slice } from "../core/rows.js";
import { keepNearest } from "../numeric/select.js";
import type { Calibrated, Trial } from "./calibrate.js";
import { Search } from "./search.js";
import { Stages } from "./stages.js";

/** Bytes of vectors compared between two turns: a few milliseconds. */
const pieceBytes = 2 ** 24;

/** The true neighbours of queries by exact searches, piece by piece of the stored vectors, so that nothing else has to wait for a whole one. `leaveOut` and `k` as in {@link Trial}. */
export async function exactTrial(index: Calibrated, queries: Rows, leaveOut: Int32Array, k: number): Promise<Trial> {
  const search = new Search(index.storage, new Stages(index.stages));
  const rows = new Uint32Array(queries.count * k);
  const counts = new Uint32Array(queries.count);
  const limits = new Float64Array(queries.count).fill(Number.NEGATIVE_INFINITY);
  const { atOnce, end } = piecesOf(index);
  for (let q = 0; q < queries.count; q++) {
    const best = new Candidates();
    for (let from = 0; from === 0 || from < end; from += atOnce) {
      // Made when its turn comes: all sets together would be as many bytes as many of the vectors.
      const piece = end > atOnce ? { allowed: rowsBetween(from, Math.min(end, from + atOnce)) } : {};
      const plan = { ...index.plan, exact: true, byCodes: false, ...piece };
      await search.run(slice(queries, q, q + 1), plan, (found) => addAll(found, best), leaveOut[q]);
      keepNearest(best, k);
      await index.turn();
    }
    counts[q] = best.count;
    rows.set(best.rows.subarray(0, best.count), q * k);
    if (best.count > 0) limits[q] = best.distances[best.count - 1];
  }
  return { queries, leaveOut, k, rows, counts, limits };
}

function addAll(found: Candidates, to: Candidates): void {
  for (let i = 0; i < found.count; i++) to.add(found.rows[i], found.distances[i]);
}

/** Rows in a piece, a multiple of 32, and the end of those there are now; one piece where these are few, brought piece by piece anyway, or chosen by their data. */
function piecesOf({ storage, dim, plan }: Calibrated): { atOnce: number; end: number } {
  const atOnce = Math.max(32, Math.floor(pieceBytes / (4 * dim)) & ~31);
  const stored = storage.resident?.rows() ?? new Uint32Array(0);
  if (stored.length <= atOnce || plan.where !== null) return { atOnce, end: 0 };
  return { atOnce, end: stored[stored.length - 1] + 1 }; // they ascend
}

/** Rows from … to − 1; `from` is a multiple of 32, and all of the last 32 may be in it. */
function rowsBetween(from: number, to: number): RowSet {
  return { words: new Uint32Array(Math.ceil(to / 32)).fill(0xffffffff, from / 32), count: to - from };
}
