import type { Json } from "nearts";

/**
 * One line of a results file (JSON lines, UTF-8): what came of one engine with one way of asking it, on one data set. Whoever reads it needs
 * nothing else to repeat the trial or to draw it.
 */
export interface Result {
  readonly version: 1;
  /** SHA-256, in hex, of all that decides the outcome but the machine: data, parameters, seed, k. Two lines of equal key are repetitions; sweeps skip what is there. */
  readonly key: string;
  /** Name of the definition, and of the engine within it. Lines of one engine differ in `parameters`. */
  readonly experiment: string;
  readonly engine: string;
  /** What the engine was made and asked with, after the grid was expanded: plain values, for people and tables. */
  readonly parameters: { readonly [name: string]: Json };
  /** What the engine says of itself (its plan), in words. */
  readonly plan?: string;
  readonly data: DataSummary;
  readonly k: number;
  readonly seed: number;
  /** One value for each measure asked for, by the measure's name. */
  readonly measures: { readonly [measure: string]: Measured };
  /** Distributions worth looking at: bucket sizes, latencies, candidates, result sizes … by name. */
  readonly histograms?: { readonly [name: string]: Histogram };
  /** What a family's diagnosis draws, by name. */
  readonly curves?: { readonly [name: string]: Curve };
  readonly machine: Machine;
  /** When the trial ended, ISO 8601, UTC. */
  readonly at: string;
}

/** A value with its interval, where one could be had. */
export interface Measured {
  readonly value: number;
  /** "" for shares and counts, else "µs", "s", "bytes", "1/s", "×". */
  readonly unit: string;
  /** Bounds of the 95 % bootstrap interval over queries. */
  readonly low?: number;
  readonly high?: number;
  /** Which way is better; null where neither is. */
  readonly better: "higher" | "lower" | null;
}

/** Counts between edges: count i is of values ≥ edges[i] and < edges[i + 1]; the last also of values equal to its upper edge. */
export interface Histogram {
  readonly title: string;
  readonly unit: string;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Whether edges are best drawn on a logarithmic axis. */
  readonly log?: boolean;
}

/** Points measured, with what theory says where it says something. */
export interface Curve {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly low?: number; readonly high?: number }[];
  readonly theory?: readonly { readonly x: number; readonly y: number }[];
}

export interface DataSummary {
  readonly name: string;
  readonly hash: string;
  readonly kind: "dense" | "sparse" | "bits" | "set";
  readonly distance: string;
  readonly dim: number;
  readonly rows: number;
  readonly queries: number;
}

/** Where a trial ran: times of different machines are not to be compared. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly nearts: string;
  /** Commit of the working directory, where it is a git repository, with "+" after it when files differ from it. */
  readonly commit?: string;
}
