import { NearError, show } from "../core/errors.js";
import type { SnapshotSource } from "../engine/options.js";
import { untilAborted } from "../engine/turns.js";
import type { FileSystem, FileToRead } from "../platform/files.js";
import { fileFault, notAFile } from "./file-faults.js";
import { corrupt, headBytes, sectionsIn } from "./format.js";
import type { Flow } from "./inflow.js";

/** Bytes read at once, and given at once of what is in memory. */
const pieceBytes = 2 ** 20;

/** A flow that is to be closed. */
export interface OpenFlow extends Flow {
  close(): Promise<void>;
}

/** The bytes of a source. E_BAD_OPTION for what is none, E_UNSUPPORTED for a path where `files` is null, E_IO, E_CORRUPT for a stream that is no snapshot. */
export async function flowOf(source: SnapshotSource, files: FileSystem | null, signal: AbortSignal | undefined): Promise<OpenFlow> {
  if (typeof source === "string") {
    if (files !== null) return fileFlow(files, source);
    throw new NearError(
      "E_UNSUPPORTED",
      `cannot load ${JSON.stringify(source)}: there are no files by path here; pass bytes or a stream of bytes`,
      {},
    );
  }
  if (source instanceof Uint8Array) return bytesFlow([source]);
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source) return streamFlow(readStream(source), signal);
    if (Symbol.asyncIterator in source) return streamFlow(source, signal);
  }
  throw new NearError(
    "E_BAD_OPTION",
    `the snapshot is ${show(source)}; give a path, a Uint8Array, or a stream or async iterable of them`,
    {},
  );
}

/** A file, the next piece of which is read while the last is looked at. */
async function fileFlow(files: FileSystem, path: string): Promise<OpenFlow> {
  const file = await files.openToRead(path).catch((error: unknown) => {
    throw fileFault("load", path, error);
  });
  if (file.kind !== "file") {
    await file.close();
    throw notAFile("load", path, file.kind);
  }
  const buffers = [new Uint8Array(Math.min(pieceBytes, file.size)), new Uint8Array(Math.min(pieceBytes, file.size))];
  let ahead: Promise<Uint8Array | null> | null = null;
  const readOn = () => {
    const [buffer] = buffers;
    buffers.reverse();
    const reading = readPiece(file, buffer, path);
    reading.catch(() => {}); // heard when it is asked for
    return reading;
  };
  return {
    size: file.size,
    next: async () => {
      const piece = await (ahead ?? readOn());
      ahead = piece === null ? null : readOn();
      return piece;
    },
    close: async () => {
      await ahead?.catch(() => {});
      await file.close();
    },
  };
}

async function readPiece(file: FileToRead, buffer: Uint8Array, path: string): Promise<Uint8Array | null> {
  try {
    const bytes = await file.read(buffer);
    return bytes === 0 ? null : buffer.subarray(0, bytes);
  } catch (error) {
    throw fileFault("load", path, error);
  }
}

function bytesFlow(pieces: Uint8Array[]): OpenFlow {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  let at = 0;
  return {
    size,
    next: async () => {
      while (pieces.length > 0 && at === pieces[0].length) {
        // What has been taken need not stay in memory.
        pieces.shift();
        at = 0;
      }
      if (pieces.length === 0) return null;
      const piece = pieces[0].subarray(at, at + pieceBytes);
      at += piece.length;
      return piece;
    },
    close: async () => {},
  };
}

/** All of a stream is kept before any of it is believed: how much comes is known only then. What does not begin as a snapshot is refused at once. */
async function streamFlow(stream: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<OpenFlow> {
  const pieces: Uint8Array[] = [];
  let [size, said] = [0, Number.POSITIVE_INFINITY];
  for await (const piece of untilAborted(guarded(stream), signal)) {
    if (!(piece instanceof Uint8Array)) {
      throw new NearError("E_BAD_OPTION", `the stream gave ${show(piece)}; give Uint8Array pieces, not text`, {});
    }
    if (piece.length === 0) continue;
    const known = size >= headBytes;
    // Its owner may use the buffer again.
    pieces.push(piece.slice());
    size += piece.length;
    if (!known && size >= headBytes) said = sizeIn(joined(pieces, headBytes));
    if (size > said) throw corrupt("head", 16, `it says that the file has ${said} bytes, and ${size} have come already`);
  }
  return bytesFlow(pieces);
}

/** The size that a head speaks of, if that can be a head. */
function sizeIn(head: Uint8Array): number {
  const said = Number(new DataView(head.buffer).getBigUint64(16, true));
  sectionsIn(head, said);
  return said;
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    const some = piece.subarray(0, bytes - at);
    whole.set(some, at);
    at += some.length;
  }
  return whole;
}

/** What goes wrong in a stream becomes E_IO. */
async function* guarded(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch (cause) {
    if (cause instanceof NearError) throw cause;
    const said = cause instanceof Error ? cause.message : show(cause);
    throw new NearError("E_IO", `reading the snapshot failed (${said}): check where it comes from and try again`, {}, { cause });
  }
}

/** A web stream as an async iterable, which not every browser's is by itself. */
function readStream(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  if (stream.locked) {
    throw new NearError("E_BAD_OPTION", "the snapshot is a stream that is locked: pass one that nobody else reads", {});
  }
  const reader = stream.getReader();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => reader.read() as Promise<IteratorResult<Uint8Array>>,
      return: async () => {
        await reader.cancel();
        return { done: true, value: undefined };
      },
    }),
  };
}
