import { files as ownFiles } from "#platform";
import type { Storage } from "../core/contracts.js";
import { NearError, show } from "../core/errors.js";
import { gateOf } from "../engine/gate.js";
import type { SaveOptions, SaveTarget } from "../engine/options.js";
import type { FileSystem } from "../platform/files.js";
import { MemoryStorage } from "../storage/memory/memory-storage.js";
import type { Sink } from "./outflow.js";
import { replaceFile } from "./replace-file.js";
import { writeSnapshot } from "./write-snapshot.js";

/**
 * Writes all that a memory storage holds at one moment to `target`; without one the bytes are returned. Writes that arrive meanwhile wait, as they do for a
 * batch of several threads; queries go on. E_UNSUPPORTED for other storages, and for paths where there are no files.
 */
export async function saveSnapshot(
  storage: Storage,
  target: SaveTarget | undefined,
  options: SaveOptions,
  requireOpen: () => void,
  files: FileSystem | null = ownFiles,
): Promise<Uint8Array | undefined> {
  if (!(storage instanceof MemoryStorage)) {
    const message = `a snapshot is of an index in memory, and this one is in the ${storage.name} storage, which keeps it by itself: copy it to a MemoryStorage first`;
    throw new NearError("E_UNSUPPORTED", message, { storage: storage.name });
  }
  const { signal } = options;
  signal?.throwIfAborted();
  const write = (sink: Sink) => gateOf(storage).during(() => writeSnapshot(storage, untilAborted(sink, signal), options, requireOpen));
  if (target === undefined) return toBytes(write);
  if (typeof target === "string") await replaceFile(requireFiles(files, target), target, write);
  else if (typeof target === "object" && target !== null && "getWriter" in target) await toStream(target, write);
  else if (typeof target === "object" && target !== null && typeof target.write === "function")
    await write((bytes) => target.write(bytes.slice()));
  else
    throw new NearError(
      "E_BAD_OPTION",
      `the target of save is ${show(target)}; give a path, a WritableStream or { write(bytes) }, or nothing for bytes`,
      {},
    );
  return undefined;
}

function requireFiles(files: FileSystem | null, path: string): FileSystem {
  if (files !== null) return files;
  throw new NearError(
    "E_UNSUPPORTED",
    `cannot save ${JSON.stringify(path)}: there are no files by path here; save to a stream, or without a target for bytes`,
    {
      path,
    },
  );
}

async function toBytes(write: (sink: Sink) => Promise<void>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await write((bytes) => pieces.push(bytes.slice()));
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function toStream(stream: WritableStream<Uint8Array>, write: (sink: Sink) => Promise<void>): Promise<void> {
  if (stream.locked)
    throw new NearError("E_BAD_OPTION", "the target of save is a stream that is locked: give one that nobody else writes", {});
  const writer = stream.getWriter();
  try {
    await write((bytes) => writer.write(bytes.slice()));
    await writer.close();
  } catch (error) {
    // Not awaited: a stream that keeps silent would keep us too.
    void writer.abort(error).catch(() => {});
    throw error;
  } finally {
    writer.releaseLock();
  }
}

/** A sink whose silence ends when the signal is aborted. */
function untilAborted(sink: Sink, signal: AbortSignal | undefined): Sink {
  if (signal === undefined) return sink;
  return (bytes) =>
    new Promise<unknown>((resolve, reject) => {
      const abort = () => reject(signal.reason as Error); // whatever the caller aborted with
      signal.throwIfAborted();
      signal.addEventListener("abort", abort, { once: true });
      void Promise.resolve(bytes)
        .then(sink)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener("abort", abort));
    });
}
