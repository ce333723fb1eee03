import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { DataType, RecordBatch, RecordBatchReader, Vector } from "apache-arrow";
import type { VectorChunk } from "nearts/readers";
import type { TableFormat } from "./apart.js";
import { checkFooter, type ReadAt } from "./arrow-footer.js";
import { badFile, fileFault } from "./faults.js";
import type { FileRequest } from "./file-format.js";
import { plainData } from "./plain-data.js";
import { type Column, type Roles, rolesOf, TableRows } from "./table.js";

/**
 * Arrow IPC, as a file (also Feather version 2) or a stream: vectors as a column of lists of numbers, of fixed size or not, or a column for each
 * dimension. Read record batch by record batch, of which one is held.
 */
export const arrow: TableFormat = { name: "arrow", names: /\.(arrow|arrows|feather|ipc)$/, read: readArrow };

/** `ARROW1`, with which a file begins; a stream begins with the length of its schema. */
const mark = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31];
const pieceBytes = 2 ** 18;
/** Bytes of one read by place: the system takes less than 2 GiB at once, a batch may have more. */
const mostRead = 2 ** 26;

async function* readArrow(path: string, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined> {
  const file = await awaited(path, () => openSync(path, "r"));
  try {
    const reader = await awaited(path, () => readerOf(path, file, request.onBytes));
    yield* readBatches(path, reader, request);
  } finally {
    closeSync(file);
  }
}

async function* readBatches(path: string, reader: RecordBatchReader, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined> {
  const { DataType } = await import("apache-arrow");
  const columns = await awaited(path, () => reader.schema.fields.map((field) => columnOf(DataType, field.name, field.type as unknown)));
  const roles = rolesOf(path, columns, request.column);
  const rows = new TableRows(path);
  const batches: AsyncIterator<RecordBatch, unknown> = reader[Symbol.asyncIterator]();
  let read = 0;
  while (read < request.limit) {
    request.signal?.throwIfAborted();
    const next = await awaited(path, () => batches.next());
    if (next.done === true) break;
    yield* readBatch(path, next.value, rows, roles, request, read);
    read += next.value.numRows;
    await setImmediate();
  }
  if (rows.count > 0) yield rows.take();
}

/** The library's reader: of a file, whose batches are found from its end, by places; of a stream as its bytes come. */
async function readerOf(path: string, file: number, onBytes: (bytes: number) => void): Promise<RecordBatchReader> {
  const { RecordBatchReader: Reader } = await import("apache-arrow");
  const readAt = (at: number, length: number) => {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, at));
  };
  const head = readAt(0, mark.length);
  if (head.length === 0) throw badFile(path, "it is empty; it is cut off or no Arrow file", { size: 0 });
  if (!mark.every((byte, i) => head[i] === byte)) return Reader.from(piecesOf(readAt, onBytes)).open();
  const { size } = fstatSync(file);
  checkFooter(path, size, readAt);
  const reader = await Reader.from(placesOf(path, file, size, onBytes) as unknown as FileHandle); // nothing else is asked of one
  return reader.open();
}

/** What the library takes for an open file. */
interface Places {
  readonly fd: number;
  stat(): Promise<{ readonly size: number }>;
  /** May bring less than was asked for, and is then asked again. */
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    at: number,
  ): Promise<{ readonly bytesRead: number; readonly buffer: Uint8Array }>;
  close(): Promise<void>;
}

/** Bytes of an open file by place, told to `onBytes` as they are read. */
export function placesOf(path: string, fd: number, size: number, onBytes: (bytes: number) => void): Places {
  let done = 0;
  return {
    fd,
    stat: async () => ({ size }),
    read: async (buffer: Uint8Array, offset: number, length: number, at: number) => {
      const bytesRead = readSync(fd, buffer, offset, Math.min(length, mostRead), at);
      if (bytesRead === 0 && length > 0) throw badFile(path, `it had ${size} bytes and ends at byte ${at}; it is cut off`, { got: at });
      done += bytesRead;
      onBytes(done);
      return { bytesRead, buffer };
    },
    close: async () => {},
  };
}

function* piecesOf(readAt: ReadAt, onBytes: (bytes: number) => void): Generator<Uint8Array, void, undefined> {
  for (let at = 0; ; ) {
    const piece = readAt(at, pieceBytes);
    if (piece.length === 0) return;
    at += piece.length;
    onBytes(at);
    yield piece;
  }
}

function* readBatch(
  path: string,
  batch: RecordBatch,
  rows: TableRows,
  roles: Roles,
  request: FileRequest,
  first: number,
): Generator<VectorChunk> {
  const child = (name: string) => {
    const column = batch.getChild(name);
    if (column === null) throw badFile(path, `a batch lacks the column ${JSON.stringify(name)}; it is damaged`, { column: name });
    return column;
  };
  const vectors = roles.vector.map(child);
  const ids = roles.id === undefined ? null : child(roles.id);
  const others = request.data && roles.data.length > 0 ? roles.data.map((name) => [name, child(name)] as const) : null;
  const end = Math.min(batch.numRows, request.limit - first);
  for (let i = 0; i < end; i++) {
    const where = `row ${first + i}`;
    const [vector, id, data] = guarded(path, () => [
      roles.lists ? listAt(path, vectors[0], i, where) : vectors.map((column): unknown => column.get(i)),
      ids === null ? undefined : (ids.get(i) as unknown),
      others === null
        ? undefined
        : plainData(roles.data, Object.fromEntries(others.map(([name, column]) => [name, column.get(i) as unknown]))),
    ]);
    rows.add(vector, id, data, where);
    if (rows.full) yield rows.take();
  }
}

/** A list as its numbers: a view where the batch holds float32 or float64, else one by one (halves, nulls). */
function listAt(path: string, column: Vector, i: number, where: string): ArrayLike<unknown> {
  const list: unknown = column.get(i);
  if (list === null || typeof list !== "object" || !("toArray" in list))
    throw badFile(path, `${where} has no list of numbers; remove the row`, { row: i });
  const inner = list as Vector; // what a column of lists gives
  if (inner.nullCount > 0) return Array.from<unknown>(inner);
  const values: unknown = inner.toArray();
  return values instanceof Float32Array || values instanceof Float64Array ? values : Array.from<unknown>(inner);
}

function columnOf(types: typeof DataType, name: string, type: unknown): Column {
  const isNumber = (inner: unknown) => types.isFloat(inner) || types.isInt(inner);
  if (isNumber(type)) return { name, holds: "numbers" };
  const item: unknown = types.isFixedSizeList(type) || types.isList(type) ? type.valueType : undefined;
  return { name, holds: item !== undefined && isNumber(item) ? "lists" : "else" };
}

function guarded<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fileFault(path, error, "it cannot be read as Arrow");
  }
}

async function awaited<T>(path: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fileFault(path, error, "it cannot be read as Arrow");
  }
}
