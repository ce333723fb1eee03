import type { Candidates } from "../core/columns.js";
import type { Filter } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";

/** Keeps the candidates nearer than `threshold`, in the order in which they come (from an engine: nearest first where ranks were used); the threshold itself is out. */
export class DistanceThresholdFilter implements Filter {
  readonly name = "distance-threshold";
  readonly stage = "distances";
  readonly bound: { readonly within: number };

  constructor(threshold: number) {
    if (typeof threshold !== "number" || Number.isNaN(threshold)) {
      throw new NearError("E_BAD_OPTION", `the distance threshold is ${show(threshold)}; give a number`, { threshold });
    }
    this.bound = { within: threshold };
  }

  apply(candidates: Candidates): void {
    const { rows, distances } = candidates;
    let kept = 0;
    for (let i = 0; i < candidates.count; i++) {
      if (!(distances[i] < this.bound.within)) continue;
      rows[kept] = rows[i];
      distances[kept++] = distances[i];
    }
    candidates.count = kept;
  }
}
