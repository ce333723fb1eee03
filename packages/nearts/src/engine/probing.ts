import type { Candidates, Probes } from "../core/columns.js";
import type { KeyDirectory } from "../core/contracts.js";
import type { Rows } from "../core/rows.js";
import type { Stage } from "./stages.js";

/** More probes than there can be: all buckets. */
export const everything: number = 2 ** 31;

/** Appends the probes of one hash. */
export function probeBy(stage: Stage, query: Rows, perTable: number, directory: KeyDirectory, probes: Probes): void {
  const { hash, number } = stage;
  // Keys that are no numbers of lists are too many to go through.
  if (perTable >= everything && hash.anchors === undefined) return probeAll([stage], probes);
  probes.hash = number;
  hash.probes(query, directory, perTable * hash.tables, probes);
}

/** Probes of all buckets, one a table. */
export function probeAll(stages: readonly Stage[], probes: Probes): void {
  for (const { hash, number } of stages) {
    probes.hash = number;
    for (let table = 0; table < hash.tables; table++) probes.add(table, 0, 0, 0, 0);
  }
}

/** Takes a row out of candidates that have not been measured. */
export function drop(candidates: Candidates, row: number): void {
  if (row < 0) return;
  const { rows, lower, bounded } = candidates;
  let kept = 0;
  for (let i = 0; i < candidates.count; i++) {
    if (rows[i] === row) continue;
    if (bounded) lower[kept] = lower[i];
    rows[kept++] = rows[i];
  }
  candidates.count = kept;
}

/** For hashes that ask nothing of it. */
export const noDirectory: KeyDirectory = {
  epoch: 0,
  size: () => 0,
  keyHi: () => 0,
  keyLo: () => 0,
  countAt: () => 0,
  find: () => -1,
  sorted: () => new Uint32Array(0),
};

/** Names the queries that are going to be asked for, or none. */
export function tell(stages: readonly Stage[], queries: Rows | null): void {
  for (const { hash } of stages) hash.ahead?.(queries);
}
