import { NearError } from "nearts";
import { FORMAT_NAMES, type FormatName, type ReadProgress, type Reject, readVectors as readBytes, type VectorChunk } from "nearts/readers";
import { unknownName } from "../names.js";
import { apart } from "./apart.js";
import { arrow } from "./arrow.js";
import { csv } from "./csv.js";
import type { FileFormat, FileRequest, LabFormatName } from "./file-format.js";
import { hdf5 } from "./hdf5/hdf5.js";
import { npz } from "./npz.js";
import { parquet } from "./parquet.js";

/** Every format of files that the lab reads. */
export type FileFormatName = FormatName | LabFormatName;

/** The formats of the lab, by name: a new one is a file beside this, a name in {@link LabFormatName} and a line here. */
const formats: Readonly<Record<LabFormatName, FileFormat>> = {
  arrow: apart(arrow),
  csv,
  hdf5,
  npz,
  parquet: apart(parquet),
};

/** The names of all formats. */
export const FILE_FORMAT_NAMES: readonly FileFormatName[] = [...FORMAT_NAMES, "arrow", "csv", "hdf5", "npz", "parquet"];

/** Options of {@link readVectors}. */
export interface FileOptions {
  /** The format; without it the name of the file tells, else the content. */
  readonly format?: FileFormatName | undefined;
  /** The column (CSV, Parquet, Arrow), array (npz) or dataset (HDF5) that holds the vectors, where it has more than one that might. */
  readonly column?: string | undefined;
  /** Rows to read at most. */
  readonly limit?: number | undefined;
  /** The dimension the rows must have (E_DIM_MISMATCH). */
  readonly dim?: number | undefined;
  /** Whether the indices of svmlight start at 0 (default: at 1). */
  readonly zeroBased?: boolean | undefined;
  /** Whether the other columns of CSV, Parquet and Arrow become data; not when not given. */
  readonly data?: boolean | undefined;
  /** Whether chunks may be handed out in memory that is used again: each is then valid only until the next is asked for. For whoever copies what he keeps. */
  readonly borrowed?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives the lines of a text file that hold no row, which are then passed over. */
  readonly onReject?: ((reject: Reject) => void) | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/**
 * The dense or sparse vectors of a file, in any format that the lab or `nearts/readers` knows, in chunks of some MiB (the receiver's own, unless he asks to borrow them), in file order; memory stays bounded
 * however long the file is, as far as its format allows (a Parquet file is read by row groups, an Arrow file by batches). Rejects with E_BAD_FILE where
 * it is damaged, E_BAD_OPTION where it is not clear what is wanted, E_DIM_MISMATCH, E_IO, or the signal's reason.
 */
export async function* readVectors(path: string, options: FileOptions = {}): AsyncGenerator<VectorChunk, void, undefined> {
  const format = formatOf(path, options.format);
  if (format === null) {
    const { column: _column, data: _data, format: name, ...rest } = options;
    // Those of the lab were taken out by formatOf.
    yield* readBytes(path, { ...rest, format: name as FormatName | undefined });
    return;
  }
  const progress = { rows: 0, bytes: 0 };
  for await (const chunk of format.read(path, requestOf(options, progress))) {
    options.signal?.throwIfAborted();
    checkDim(path, chunk, options.dim);
    progress.rows += chunk.rows.count;
    options.onProgress?.({ ...progress });
    yield chunk;
  }
}

/** The lab's format for a file; null where those of `nearts/readers` are asked. */
export function formatOf(path: string, name: FileFormatName | undefined): FileFormat | null {
  if (name !== undefined && !FILE_FORMAT_NAMES.includes(name)) throw unknownName("a format", String(name), FILE_FORMAT_NAMES);
  const found = Object.values(formats).find((format) =>
    name === undefined ? format.names.test(path.toLowerCase()) : format.name === name,
  );
  return found ?? null;
}

function requestOf(options: FileOptions, progress: { bytes: number }): FileRequest {
  const { limit = Number.POSITIVE_INFINITY, column, signal, onReject } = options;
  if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && limit >= 1))
    throw new NearError("E_BAD_OPTION", `limit is ${limit}, expected a whole number of rows from 1, or Infinity`, { got: limit });
  const onBytes = (bytes: number) => {
    progress.bytes = bytes;
  };
  return { limit, column, signal, onReject, data: options.data === true, onBytes };
}

function checkDim(path: string, { rows }: VectorChunk, dim: number | undefined): void {
  if (dim === undefined || rows.dim === dim) return;
  const message = `rows of ${JSON.stringify(path)} have ${rows.dim} dimensions, the option dim is ${dim}; pass the file's own dimension or no dim`;
  throw new NearError("E_DIM_MISMATCH", message, { file: path, got: rows.dim, expected: dim });
}
