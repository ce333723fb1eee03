import type { Distance } from "../core/contracts.js";
import type { SetVector } from "../core/rows.js";
import { overlap, uncontained } from "../numeric/sets.js";

/** The share of the query's members that a set lacks: 1 − |Q∩X|/|Q|, 0 for an empty query. Not symmetric: it finds the sets that hold the query, however large they are. */
export class ContainmentDistance implements Distance<"set"> {
  readonly name = "containment";
  readonly kinds = ["set"] as const;
  readonly metric = "containment";
  readonly directed = true;

  toRank(distance: number): number {
    return distance;
  }

  fromExact(value: number): number {
    return value;
  }

  /** From the query `q` to the set `x`. */
  between(q: SetVector, x: SetVector): number {
    return uncontained(overlap(q, x), q.members.length);
  }
}
