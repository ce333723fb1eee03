import type { Estimate } from "../core/codes.js";
import { Candidates, Probes } from "../core/columns.js";
import type { Sketch } from "../core/contracts.js";
import type { Outcome } from "./rounds.js";

/** What a query works in; taken from a pool and given back, so that none is made per query. */
export interface Scratch {
  readonly probes: Probes;
  /** Of all queries in view, where many are answered, in the same columns. */
  readonly inView: Probes;
  readonly candidates: Candidates;
  /** By number of the hash. */
  readonly estimates: (Estimate | null)[];
  readonly own: WeakMap<Sketch, Estimate>;
  /** What the query came to, for those with a `where`. */
  readonly outcome: Outcome;
}

/** Scratch for one query. */
export function newScratch(): Scratch {
  const outcome = { probes: 0, raw: 0, scanned: 0, matched: 0, cut: false };
  return { probes: new Probes(), inView: new Probes(), candidates: new Candidates(), estimates: [], own: new WeakMap(), outcome };
}
