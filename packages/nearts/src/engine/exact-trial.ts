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
  const pieces = piecesOf(index);
  for (let q = 0; q < queries.count; q++) {
    const best = new Candidates();
    for (const allowed of pieces) {
      const plan = { ...index.plan, exact: true, byCodes: false, ...(allowed === undefined ? {} : { allowed }) };
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

/** Sets of rows that together are all there are now; one of all, which needs no set, where these are few, brought piece by piece anyway, or chosen by their data. */
function piecesOf({ storage, dim, plan }: Calibrated): (RowSet | undefined)[] {
  const { resident } = storage;
  const atOnce = Math.max(32, Math.floor(pieceBytes / (4 * dim)) & ~31);
  const stored = resident?.rows() ?? new Uint32Array(0);
  if (stored.length <= atOnce || plan.where !== null) return [undefined];
  const end = stored[stored.length - 1] + 1; // they ascend
  return Array.from({ length: Math.ceil(end / atOnce) }, (_, piece) => {
    const words = new Uint32Array(Math.ceil(Math.min(end, (piece + 1) * atOnce) / 32)).fill(0xffffffff, (piece * atOnce) / 32);
    return { words, count: atOnce };
  });
}
