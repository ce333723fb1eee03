import { FORMAT_NAMES, type FormatName, readVectors, type VectorChunk } from "nearts/readers";
import type { FileFormatName, FileOptions } from "nearts-lab";

/** The formats of tables and arrays that the lab reads. It is brought only where one of them is met: other files need not wait for it. */
const labFormats: readonly FileFormatName[] = ["arrow", "csv", "hdf5", "npz", "parquet"];
const labNames = /\.(arrow|arrows|feather|ipc|csv|csv\.gz|tsv|tsv\.gz|hdf5|h5|npz|parquet)$/i;

/** Every format that a command reads. */
export const fileFormats: readonly FileFormatName[] = [...FORMAT_NAMES, ...labFormats];

/** The vectors of a file of any format, in chunks, as `readVectors` of the lab. */
export async function* readFile(path: string, options: FileOptions): AsyncGenerator<VectorChunk, void, undefined> {
  const { format } = options;
  if (format === undefined ? labNames.test(path) : labFormats.includes(format)) {
    const lab = await import("nearts-lab");
    yield* lab.readVectors(path, options);
    return;
  }
  const { column: _column, data: _data, ...rest } = options;
  yield* readVectors(path, { ...rest, format: format as FormatName | undefined }); // those of the lab were read above
}
