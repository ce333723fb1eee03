import { NearError } from "../core/errors.js";
import type { Channel } from "./channel.js";
import type { FileSystem, FileToRead } from "./files.js";
import type { Thread, ThreadEvents } from "./thread.js";

export { crc32 } from "./crc32.js";

const SILENT: Channel = { hasSubscribers: false, publish: () => {} };

/** The channel of this name. Browsers have none: nothing subscribes and nothing is published. */
export function channel(_name: string): Channel {
  return SILENT;
}

/** Resolves after waiting events (timers, input, other queries) had their turn. */
export function yieldToEventLoop(): Promise<void> {
  // A message rather than a timer: browsers clamp nested timers to 4 ms. Bare runtimes may lack it, and one without timers has nobody to yield to.
  if (typeof MessageChannel === "function") return new Promise(throughMessage);
  if (typeof setTimeout === "function") return new Promise((resolve) => setTimeout(resolve, 0));
  return Promise.resolve();
}

/** Null: there are no files by path here. */
export const files: FileSystem | null = null;

/** Throws E_UNSUPPORTED: a browser opens no paths. Pass the bytes, or a stream of them, instead. */
export function openFile(path: string): Promise<FileToRead> {
  throw new NearError(
    "E_UNSUPPORTED",
    `cannot open ${JSON.stringify(path)}: there are no files by path here; pass bytes or a stream of bytes instead`,
    { path },
  );
}

/** Threads that can run at once: one, as none are started here. */
export function parallelism(): number {
  return 1;
}

/** Throws E_UNSUPPORTED: bundlers do not agree on how a worker's module is found. All work is done by the thread that asks for it. */
export function startThread(url: URL, _events: ThreadEvents): Thread {
  throw new NearError("E_UNSUPPORTED", `there are no threads to run ${url.href} here: use one thread`, {});
}

/** Nothing asks: no threads are started here. */
export function serveThread(_answer: (message: unknown) => Promise<unknown>): void {}

function throughMessage(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
}
