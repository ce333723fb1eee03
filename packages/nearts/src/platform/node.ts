import { channel as diagnosticsChannel } from "node:diagnostics_channel";
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parentPort, Worker } from "node:worker_threads";
import { crc32 as zlibCrc32 } from "node:zlib";
import { NearError, show } from "../core/errors.js";
import type { Channel } from "./channel.js";
import type { FileToRead } from "./files.js";
import { toRead } from "./node-files.js";
import type { Thread, ThreadEvents } from "./thread.js";

export { files } from "./node-files.js";

/** The usual reasons, by the system's code, each with its remedy. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this user may not read it (EACCES); change its permissions",
  EISDIR: "it is a directory (EISDIR); name a file inside it",
  ENOENT: "there is no such file (ENOENT); check the path",
};

/** The `node:diagnostics_channel` of this name. */
export function channel(name: string): Channel {
  return diagnosticsChannel(name);
}

/** Resolves after waiting events (timers, sockets, other queries) had their turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Opens a file, or what a link leads to, to read it front to back. Rejects with E_IO, the path and the remedy if it cannot be opened, and later if it cannot be read. */
export async function openFile(path: string): Promise<FileToRead> {
  const file = await open(path, "r").then(toRead).catch(refuse(path));
  return { ...file, read: (into) => file.read(into).catch(refuse(path)) };
}

/** CRC-32 (IEEE 802.3) of bytes, going on from `crc`, that of the bytes before them: several gigabytes a second. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  return zlibCrc32(bytes, crc);
}

/** Threads that can run at once. */
export function parallelism(): number {
  return availableParallelism();
}

/** Starts a thread that runs the module at `url`. */
export function startThread(url: URL, events: ThreadEvents): Thread {
  // Without this process's own flags: some of them, such as --input-type, are refused by a thread that runs a file.
  const worker = new Worker(url, { execArgv: [] });
  let gone = false;
  const fail = (error: unknown) => {
    if (!gone) events.failed(error);
    gone = true;
  };
  worker.on("message", (message) => events.message(message));
  worker.on("messageerror", fail);
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`a thread ended by itself with code ${code}`)));
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    end: async () => {
      gone = true;
      await worker.terminate();
    },
  };
}

/** In a thread that {@link startThread} started: answers each message. `answer` must not reject. */
export function serveThread(answer: (message: unknown) => Promise<unknown>): void {
  parentPort?.on("message", (message) => {
    void answer(message).then((reply) => parentPort?.postMessage(reply));
  });
}

function refuse(path: string): (cause: unknown) => never {
  return (cause) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : show(cause);
    const reason = REASONS[code] ?? `the system says ${code}; check the path and the disk`;
    throw new NearError("E_IO", `cannot read ${JSON.stringify(path)}: ${reason}`, { path }, { cause });
  };
}
