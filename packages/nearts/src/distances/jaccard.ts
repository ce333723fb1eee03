import type { Distance } from "../core/contracts.js";
import type { SetVector } from "../core/rows.js";
import { jaccard, overlap } from "../numeric/sets.js";

/** The share of the members of either set that are not in both: 1 − |X∩Y|/|X∪Y| (Jaccard 1901), 0 between two empty sets. A metric (Levandowsky and Winter 1971). */
export class JaccardDistance implements Distance<"set"> {
  readonly name = "jaccard";
  readonly kinds = ["set"] as const;
  readonly metric = "jaccard";
  readonly similarity = true;

  toRank(distance: number): number {
    return distance;
  }

  fromExact(value: number): number {
    return value;
  }

  between(x: SetVector, y: SetVector): number {
    return jaccard(overlap(x, y), x.members.length, y.members.length);
  }
}
