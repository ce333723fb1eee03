import type { Field, WriteReport } from "../../core/contracts.js";
import type { Vectors } from "../vectors/vectors.js";
import type { RowTexts } from "./texts.js";

/** Where a `ResidentIndex` keeps what need not be in memory. */
export interface IndexPlaces {
  /** Makes an empty place for vectors. */
  readonly vectors: (field: Field) => Vectors;
  /** Makes an empty place for the JSON texts of data. */
  readonly texts: () => RowTexts;
  /** Threads that read buckets and vectors at once; 1 when not given. */
  readonly threads?: number;
}

/** What a write did, and the rows that it wrote, one for each row of the batch. */
export interface Written extends WriteReport {
  readonly rows: Uint32Array;
}
