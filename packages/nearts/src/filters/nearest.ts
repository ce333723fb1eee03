import type { Candidates } from "../core/columns.js";
import type { Filter } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { keepNearest } from "../numeric/select.js";

/** Most results a query may ask for. */
export const mostResults = 10_000;

/** Keeps the `count` nearest candidates, nearest first, ties by row. */
export class NearestFilter implements Filter {
  readonly name = "nearest";
  readonly stage = "distances";
  readonly bound: { readonly nearest: number };

  constructor(count: number) {
    if (!Number.isInteger(count) || count < 1 || count > mostResults) {
      throw new NearError("E_LIMIT", `k is ${show(count)}; ask for 1 to ${mostResults} neighbours`, { k: count, limit: mostResults });
    }
    this.bound = { nearest: count };
  }

  apply(candidates: Candidates): void {
    keepNearest(candidates, this.bound.nearest);
  }
}
