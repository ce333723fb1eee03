import { open } from "node:fs/promises";
import zlib from "node:zlib";
import type { AsyncBuffer, Compressors, FileMetaData, SchemaTree } from "hyparquet";
import type { VectorChunk } from "nearts/readers";
import type { TableFormat } from "./apart.js";
import { badFile, fileFault } from "./faults.js";
import type { FileRequest } from "./file-format.js";
import { plainData } from "./plain-data.js";
import { type Column, type Roles, rolesOf, TableRows } from "./table.js";

/** Largest row group or footer, unpacked: what is read of a file at a time. */
const mostGroupBytes = 2 ** 31;
const mostFooterBytes = 2 ** 26;

/** Parquet: vectors as a column of lists of numbers, or a column for each dimension. Read row group by row group. */
export const parquet: TableFormat = { name: "parquet", names: /\.parquet$/, read: readParquet };

async function* readParquet(path: string, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined> {
  const handle = await open(path).catch((error: unknown) => {
    throw fileFault(path, error, "it cannot be opened");
  });
  try {
    const { size } = await handle.stat();
    const file = counted(path, handle, size, request.onBytes);
    const { parquetMetadataAsync, parquetSchema } = await import("hyparquet");
    await checkFooter(path, file);
    const metadata = await guarded(path, () => parquetMetadataAsync(file));
    const columns = guardedNow(path, () => parquetSchema(metadata).children.map(columnOf));
    checkGroups(path, metadata, size);
    yield* readGroups(path, file, metadata, rolesOf(path, columns, request.column), request);
  } finally {
    await handle.close();
  }
}

async function* readGroups(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  roles: Roles,
  request: FileRequest,
): AsyncGenerator<VectorChunk, void, undefined> {
  const { parquetReadObjects } = await import("hyparquet");
  const columns = [...roles.vector, ...(roles.id === undefined ? [] : [roles.id]), ...(request.data ? roles.data : [])];
  const rows = new TableRows(path);
  const total = Math.min(request.limit, Number(metadata.num_rows));
  let read = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = Math.min(total, read + Number(group.num_rows));
    if (read === rowEnd) continue;
    request.signal?.throwIfAborted();
    // The whole group at once: of a part of it the library would decode no less.
    const options = { file, metadata, columns, rowStart: read, rowEnd, compressors };
    for (const row of await guarded(path, () => parquetReadObjects(options))) {
      const vector: unknown = roles.lists ? row[roles.vector[0]] : roles.vector.map((name): unknown => row[name]);
      if (!isList(vector)) throw badFile(path, `row ${read} has no list of numbers in ${roles.vector[0]}; remove the row`, { row: read });
      const data = request.data && roles.data.length > 0 ? plainData(roles.data, row) : undefined;
      rows.add(vector, roles.id === undefined ? undefined : row[roles.id], data, `row ${read}`);
      read++;
      if (rows.full) yield rows.take();
    }
    if (read < rowEnd) throw badFile(path, `it promises ${total} rows and holds ${read}; it is damaged`, { promised: total, held: read });
  }
  if (rows.count > 0) yield rows.take();
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

const numeric: ReadonlySet<string | undefined> = new Set(["INT32", "INT64", "FLOAT", "DOUBLE"]);

/** A column of the schema: lists are groups of one repeated group of one leaf (three levels), or repeated leaves. */
function columnOf(tree: SchemaTree): Column {
  const { name, converted_type, logical_type } = tree.element;
  let leaf = tree;
  let repeated = leaf.element.repetition_type === "REPEATED";
  while (leaf.children.length === 1) {
    leaf = leaf.children[0];
    repeated ||= leaf.element.repetition_type === "REPEATED";
  }
  const isHalf = leaf.element.logical_type?.type === "FLOAT16";
  const plain = leaf.children.length === 0 && (numeric.has(leaf.element.type) || isHalf);
  const isTime = leaf === tree && converted_type !== undefined && /TIME|DATE|DECIMAL/.test(converted_type);
  if (!plain || isTime || (leaf === tree && logical_type?.type === "DECIMAL")) return { name, holds: "else" };
  return { name, holds: repeated ? "lists" : "numbers" };
}

/** The footer's length is told by the last 8 bytes, before anything that long is read. */
async function checkFooter(path: string, file: AsyncBuffer): Promise<void> {
  const size = file.byteLength;
  if (size < 12) throw badFile(path, `it has ${size} bytes, Parquet has at least 12; it is cut off`, { size });
  const tail = Buffer.from(await file.slice(size - 8, size));
  if (tail.toString("latin1", 4) !== "PAR1") throw badFile(path, "it does not end as Parquet does; it is cut off or no Parquet file", {});
  const length = tail.readUInt32LE(0);
  if (length + 12 > size || length > mostFooterBytes)
    throw badFile(path, `its footer claims ${length} bytes, the file has ${size}; it is damaged`, { claimed: length, size });
}

/** Groups lie in the file and say of themselves what fits into memory. */
function checkGroups(path: string, { row_groups, num_rows }: FileMetaData, size: number): void {
  let rows = 0;
  for (const [i, group] of row_groups.entries()) {
    rows += Number(group.num_rows);
    for (const { meta_data } of group.columns) {
      if (meta_data === undefined) throw badFile(path, `row group ${i} has a column without a description; it is damaged`, { group: i });
      const { data_page_offset, total_compressed_size, total_uncompressed_size, num_values } = meta_data;
      const end = Number(data_page_offset) + Number(total_compressed_size);
      const most = Math.max(Number(total_uncompressed_size), Number(num_values));
      if (Number(data_page_offset) < 0 || end > size + mostFooterBytes || most > mostGroupBytes || most < 0)
        throw badFile(
          path,
          `row group ${i} claims ${most} bytes or values at ${data_page_offset}, the file has ${size} bytes; it is damaged`,
          {
            group: i,
            claimed: most,
          },
        );
    }
  }
  if (
    rows !== Number(num_rows) ||
    !row_groups.every(({ num_rows: own, columns }) => columns.every((c) => isCovered(Number(own), Number(c.meta_data?.num_values))))
  )
    throw badFile(path, `it promises ${num_rows} rows, its row groups hold ${rows}; it is damaged`, {
      promised: Number(num_rows),
      held: rows,
    });
}

/** A column has at least one value, or a level that stands for none, for each row. */
function isCovered(rows: number, values: number): boolean {
  return rows >= 0 && rows <= values;
}

/** The file as the library reads it; how much it read is told. */
function counted(
  path: string,
  handle: { read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }> },
  size: number,
  onBytes: (bytes: number) => void,
): AsyncBuffer {
  let furthest = 0;
  return {
    byteLength: size,
    async slice(start, end = size) {
      if (!(start >= 0 && start <= end && end <= size))
        throw badFile(path, `something is said to be at bytes ${start} to ${end}, the file has ${size}; it is damaged`, {
          start,
          end,
          size,
        });
      const buffer = Buffer.from(new ArrayBuffer(end - start));
      for (let done = 0; done < buffer.length; ) {
        const { bytesRead } = await handle.read(buffer, done, buffer.length - done, start + done);
        if (bytesRead === 0) throw badFile(path, `it ends at byte ${start + done}; it is cut off`, { at: start + done });
        done += bytesRead;
      }
      furthest = Math.max(furthest, end < size - 8 ? end : 0);
      onBytes(furthest);
      return buffer.buffer;
    },
  };
}

/** Snappy is in the library; others by Node's own, which unpack no more than is claimed. */
const compressors: Compressors = {
  GZIP: (input, length) => zlib.gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => unpackZstd(input, length),
};

/** Zstandard, which Node has since 22.15. */
function unpackZstd(input: Uint8Array, length: number): Uint8Array {
  // The types are those of the oldest Node that is supported.
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: typeof zlib.gunzipSync };
  if (zstdDecompressSync === undefined) throw new Error("it is packed with zstd, which this Node does not unpack: use Node 22.15 or later");
  return zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) });
}

async function guarded<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fileFault(path, error, "it cannot be read as Parquet");
  }
}

function guardedNow<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fileFault(path, error, "it cannot be read as Parquet");
  }
}
