import type { DistanceName, NearErrorCode, NearErrorDetails, Rows } from "nearts";
import type { Nearest } from "./scan.js";

/** What a thread is first given: the rows that are its part. */
export interface Setup {
  readonly rows: Rows;
  readonly distance: DistanceName;
}

/** What it is then asked, again and again. */
export interface Question {
  readonly queries: Rows;
  readonly k: number;
}

/** What it says: that it runs, that its rows are there, what it found, or why it cannot. */
export type Answer =
  | { readonly kind: "running" }
  | { readonly kind: "ready" }
  | { readonly kind: "found"; readonly nearest: Nearest }
  | { readonly kind: "failed"; readonly code: NearErrorCode; readonly message: string; readonly details: NearErrorDetails };
