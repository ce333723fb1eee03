import { open } from "node:fs/promises";
import { NearError } from "nearts";
import { readVectors, type VectorChunk } from "nearts/readers";
import { badFile, fileFault } from "./faults.js";
import type { FileFormat, FileRequest } from "./file-format.js";
import { type ZipEntry, zipContent, zipEntries } from "./zip.js";

/** npz (`numpy.savez`, `savez_compressed`): a zip file of npy arrays, of which one is read. */
export const npz: FileFormat = { name: "npz", names: /\.npz$/, read: readNpz };

async function* readNpz(path: string, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined> {
  const handle = await open(path).catch((error: unknown) => {
    throw fileFault(path, error, "it cannot be opened");
  });
  try {
    const { size } = await handle.stat();
    const entry = chosen(path, await zipEntries(path, handle, size), request.column);
    const counted = counting(zipContent(path, handle, entry), request.onBytes, entry);
    const { limit, signal } = request;
    yield* named(path, entry, readVectors(counted, { format: "npy", limit, signal }));
  } finally {
    await handle.close();
  }
}

/** The array that was asked for, or the only one. */
function chosen(path: string, entries: readonly ZipEntry[], column: string | undefined): ZipEntry {
  const arrays = entries.filter(({ name }) => name.endsWith(".npy"));
  const names = arrays.map(({ name }) => name.slice(0, -4));
  if (arrays.length === 0) throw badFile(path, "it holds no npy array; save one with numpy.savez", {});
  if (column === undefined && arrays.length === 1) return arrays[0];
  const found = arrays.filter((_, i) => names[i] === column);
  if (found.length === 1) return found[0];
  const got = column === undefined ? "no column is given" : `column is ${JSON.stringify(column)}`;
  throw new NearError(
    "E_BAD_OPTION",
    `${JSON.stringify(path)} holds the arrays ${names.join(", ").slice(0, 200)}, and ${got}: name one of them`,
    {
      file: path,
      got: column,
      expected: names,
    },
  );
}

async function* counting(
  content: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
  entry: ZipEntry,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    onBytes(entry.bytes === 0 ? 0 : (bytes / entry.bytes) * entry.packedBytes);
    yield piece;
  }
}

/** The chunks; errors of the array name the file it is in. */
async function* named(path: string, entry: ZipEntry, chunks: AsyncIterable<VectorChunk>): AsyncGenerator<VectorChunk, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof NearError) || error.details["file"] === path) throw error;
    const details = { ...error.details, file: path, array: entry.name };
    throw new NearError(error.code, `${JSON.stringify(path)}, ${entry.name}: ${error.message}`, details, { cause: error });
  }
}
