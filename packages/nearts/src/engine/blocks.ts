import { Candidates } from "../core/columns.js";
import type { RowReader } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import { keepNearest } from "../numeric/select.js";
import { valuesOf } from "./cost.js";
import { measure, slack } from "./measure.js";
import type { QueryPlan } from "./plan.js";
import type { Searched } from "./search.js";

/** Bytes of vectors that are brought from a shared storage at once, about, and how many vectors that is at most. */
const blockBytes = 2 ** 24;
const mostRows = 4096;

/** How many candidates of a query are compared at a time: those of a shared storage are brought here for that. */
export function rowsAtOnce(storage: Searched, query: Rows, plan: QueryPlan): number {
  const { distance, nearest, scanFilters, candidateFilters, where } = plan;
  const few = distance !== null && nearest !== undefined && where === null && scanFilters.length + candidateFilters.length === 0;
  if (storage.shared === undefined || !few) return Number.POSITIVE_INFINITY;
  return Math.max(64, Math.min(mostRows, Math.floor(blockBytes / (4 * valuesOf(query)))));
}

/** Leaves the nearest of the candidates, and a few more as some may be removed meanwhile: block by block, of which two are here at a time. */
export async function narrow(storage: Searched, query: Rows, plan: QueryPlan, candidates: Candidates, atOnce: number): Promise<void> {
  const { distance, nearest } = plan;
  if (distance === null || nearest === undefined) return; // rowsAtOnce() lets no such plan come here
  const rows = candidates.rows.slice(0, candidates.count);
  const bring = async (from: number): Promise<{ block: Candidates; reader: RowReader }> => {
    const block = new Candidates();
    for (const row of rows.subarray(from, from + atOnce)) block.add(row);
    return { block, reader: await storage.fetch(block) };
  };
  candidates.count = 0;
  let coming = bring(0);
  for (let next = atOnce; ; next += atOnce) {
    const { block, reader } = await coming;
    if (next < rows.length) coming = bring(next);
    coming.catch(() => {}); // it is waited for, unless measuring throws
    measure(distance, plan, query, reader, block);
    for (let i = 0; i < block.count; i++) candidates.add(block.rows[i], block.distances[i]);
    keepNearest(candidates, nearest + slack(nearest));
    if (next >= rows.length) return;
  }
}
