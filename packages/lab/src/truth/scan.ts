import type { DistanceName, Rows } from "nearts";
import { JaccardScan } from "./jaccard-scan.js";
import { RankedScan } from "./ranked-scan.js";

/** Nearest rows of some queries, `k` for each in turn, nearest first; ties by row. */
export interface Nearest {
  readonly k: number;
  readonly rows: Uint32Array;
  readonly distances: Float64Array;
}

/** Compares queries with every one of its rows. */
export interface Scan {
  /** The nearest rows of each query: `k` of them, or all where there are fewer. */
  nearest(queries: Rows, k: number, signal?: AbortSignal): Promise<Nearest>;
  close(): Promise<void>;
}

/** A scan of these rows by this distance. Rejects as the engine does with vectors that the distance does not take. */
export function scanOver(rows: Rows, distance: DistanceName): Promise<Scan> {
  return rows.kind === "set" ? Promise.resolve(new JaccardScan(rows)) : RankedScan.over(rows, distance);
}
