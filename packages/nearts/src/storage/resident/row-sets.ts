import type { Candidates } from "../../core/columns.js";
import type { RowSet } from "../../core/contracts.js";

/** Whether a row is in a set. */
export function has({ words }: RowSet, row: number): boolean {
  return row >>> 5 < words.length && ((words[row >>> 5] >>> (row & 31)) & 1) === 1;
}

/** Drops the candidates from `from` on that are not allowed. */
export function keepAllowed(candidates: Candidates, from: number, allowed: RowSet): void {
  let kept = from;
  for (let i = from; i < candidates.count; i++) if (has(allowed, candidates.rows[i])) candidates.rows[kept++] = candidates.rows[i];
  candidates.count = kept;
}
