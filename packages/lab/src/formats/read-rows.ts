import { stat } from "node:fs/promises";
import type { DistanceName, Rows } from "nearts";
import { collect } from "nearts/readers";
import { Hdf5File } from "./hdf5/hdf5-file.js";
import { readAnnBenchmarks } from "./hdf5/read-ann-benchmarks.js";
import { formatOf, readVectors } from "./read-vectors.js";

/** What a file holds. */
export interface FileRows {
  readonly rows: Rows;
  /** The queries that it brings along (ann-benchmarks). */
  readonly queries?: Rows;
  /** The distance that it is for, where it says so. */
  readonly distance?: DistanceName;
}

/** How far reading has come. */
export interface ReadingProgress {
  readonly rows: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Options of {@link readRows}. */
export interface ReadingOptions {
  /** The column, array or dataset that holds the vectors, where the file has more than one that might. */
  readonly column?: string | undefined;
  /** Rows to read at most. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadingProgress) => void) | undefined;
}

/**
 * All rows of a file, in the format that its name (else its content) tells; of an HDF5 file in the layout of ann-benchmarks also its queries and its distance.
 * E_BAD_FILE where it is damaged or has no rows, E_BAD_OPTION, E_IO.
 */
export async function readRows(path: string, options: ReadingOptions = {}): Promise<FileRows> {
  const { column, limit, signal, onProgress } = options;
  if (column === undefined && formatOf(path, undefined)?.name === "hdf5" && (await hasTest(path))) return readAnnBenchmarks(path, options);
  const totalBytes = await stat(path).then(
    ({ size }) => size,
    () => 0, // what is wrong with the file, the reader says better
  );
  const onRead = ({ rows, bytes }: { rows: number; bytes: number }) => onProgress?.({ rows, bytes, totalBytes });
  const { rows } = await collect(readVectors(path, { column, limit, signal, borrowed: true, onProgress: onRead }), path, undefined, true);
  return { rows };
}

async function hasTest(path: string): Promise<boolean> {
  const file = await Hdf5File.open(path);
  try {
    return file.has("test");
  } finally {
    file.close();
  }
}
