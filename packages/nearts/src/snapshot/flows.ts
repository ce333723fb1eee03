import { NearError, show } from "../core/errors.js";
import type { SnapshotSource } from "../engine/options.js";
import { untilAborted } from "../engine/turns.js";
import type { FileSystem } from "../platform/files.js";
import { fileFault, notAFile } from "./file-faults.js";
import { corrupt, headBytes, sectionsIn } from "./format.js";
import type { Flow } from "./inflow.js";

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

async function fileFlow(files: FileSystem, path: string): Promise<OpenFlow> {
  const file = await files.openToRead(path).catch((error: unknown) => {
    throw fileFault("load", path, error);
  });
  if (file.kind !== "file") {
    await file.close();
    throw notAFile("load", path, file.kind);
  }
  const read = async (into: Uint8Array) => {
    try {
      return await file.read(into);
    } catch (error) {
      throw fileFault("load", path, error);
    }
  };
  return { size: file.size, read, close: () => file.close() };
}

function bytesFlow(pieces: Uint8Array[]): OpenFlow {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const read = (into: Uint8Array) => {
    let filled = 0;
    while (filled < into.length && pieces.length > 0) {
      const some = pieces[0].subarray(0, into.length - filled);
      into.set(some, filled);
      filled += some.length;
      // What has been taken need not stay in memory.
      if (some.length === pieces[0].length) pieces.shift();
      else pieces[0] = pieces[0].subarray(some.length);
    }
    return filled;
  };
  return { size, read, close: async () => {} };
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
