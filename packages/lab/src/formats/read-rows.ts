import { stat } from "node:fs/promises";
import type { DistanceName, Rows } from "nearts";
import { readAll } from "nearts/readers";
import { readAnnBenchmarks } from "./hdf5/read-ann-benchmarks.js";

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
  /** Rows to read at most. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadingProgress) => void) | undefined;
}

/** All rows of a file, in the format that its name (else its content) tells. E_BAD_FILE where it is damaged or has no rows, E_BAD_OPTION, E_IO. */
export async function readRows(path: string, options: ReadingOptions = {}): Promise<FileRows> {
  if (/\.(hdf5|h5)$/i.test(path)) return readAnnBenchmarks(path, options);
  const { limit, signal, onProgress } = options;
  const totalBytes = await stat(path).then(
    ({ size }) => size,
    () => 0, // what is wrong with the file, the reader says better
  );
  const { rows } = await readAll(path, { limit, signal, onProgress: ({ rows, bytes }) => onProgress?.({ rows, bytes, totalBytes }) });
  return { rows };
}
