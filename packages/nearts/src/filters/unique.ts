import type { Candidates } from "../core/columns.js";
import type { Filter } from "../core/contracts.js";

/** Keeps each stored vector once, at its first appearance, however many buckets proposed it. Vectors are told apart by id, never by data. */
export class UniqueFilter implements Filter {
  readonly name = "unique";
  readonly stage = "scan";
  readonly unique = true;

  apply(candidates: Candidates): void {
    const seen = new Set<number>();
    const { rows, distances } = candidates;
    let kept = 0;
    for (let i = 0; i < candidates.count; i++) {
      if (seen.has(rows[i])) continue;
      seen.add(rows[i]);
      rows[kept] = rows[i];
      distances[kept++] = distances[i];
    }
    candidates.count = kept;
  }
}
