import type { Reject, VectorChunk } from "nearts/readers";

/** The formats of this lab, beside those of `nearts/readers`. */
export type LabFormatName = "arrow" | "csv" | "hdf5" | "npz" | "parquet";

/** What is asked of a file. */
export interface FileRequest {
  /** The column (CSV, Parquet, Arrow), array (npz) or dataset (HDF5) that holds the vectors, where it has more than one that might. */
  readonly column: string | undefined;
  /** Rows to read at most; Infinity reads them all. */
  readonly limit: number;
  /** Whether the other columns are wanted as the rows' data. */
  readonly data: boolean;
  readonly signal: AbortSignal | undefined;
  /** Receives the lines of a CSV file that hold no row, which are then passed over; without it the first of them ends the reading. */
  readonly onReject: ((reject: Reject) => void) | undefined;
  /** Told how many bytes of the file were read so far. */
  readonly onBytes: (bytes: number) => void;
}

/** A format whose files are read by their path. Throws only NearErrors (and the signal's reason), and allocates by the bytes that are there. */
export interface FileFormat {
  readonly name: LabFormatName;
  /** Matches names of such files, in lower case. */
  readonly names: RegExp;
  /** Dense or sparse rows, a few MiB at a time. */
  read(path: string, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined>;
}

/** Size of the chunks that are handed out, in bytes of vectors. */
export const chunkBytes: number = 2 ** 22;
