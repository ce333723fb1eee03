import type { Hash } from "nearts";
import type { DataSpec } from "../data/spec.js";
import type { Measure } from "../measures/measure.js";
import type { Point } from "./grid.js";

/** An experiment, read and checked: what is run on which data, and how it is judged. */
export interface Definition {
  /** The file that it came from. */
  readonly path: string;
  readonly name: string;
  readonly about?: string;
  /** With full paths. */
  readonly data: DataSpec;
  readonly k: number;
  readonly seed: number;
  /** Timed passes over all queries. */
  readonly passes: number;
  readonly measures: readonly Measure[];
  /** What is built, in order; each is asked in all its ways before the next. */
  readonly builds: readonly Build[];
}

/** One engine with one choice of what it is made of. */
export interface Build {
  /** Name of the engine in the definition. */
  readonly engine: string;
  /** What was chosen, for people. */
  readonly parameters: Point;
  /** Its hash; without one it is exact, or learns where there is a recall. */
  readonly hash?: () => Hash;
  /** SHA-256 of the module that the hash is from. */
  readonly code?: string;
  readonly recall?: number;
  readonly guarantee?: "per-query";
  readonly codes?: boolean | 1 | 2 | 4;
  readonly vectors?: "f32" | "f16" | "i8";
  readonly diagnose: boolean;
  /** How it is asked. */
  readonly ways: readonly Way[];
}

/** What a query is asked with, beside k. */
export interface Way {
  readonly probes?: number;
}
