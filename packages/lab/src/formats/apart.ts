import { stat } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { NearError } from "nearts";
import type { VectorChunk } from "nearts/readers";
import type { Order, Reply } from "./apart-messages.js";
import { badFile } from "./faults.js";
import type { FileFormat, FileRequest } from "./file-format.js";

/** Memory for objects, in MiB: some for the decoder itself, and so many times the size of the file; under what one array may take, which would end the process. */
const leastHeap = 256;
const heapPerByte = 8;
const mostHeap = 1024;
/** How long a piece may take, in milliseconds: ten seconds, and one for each MiB of the file, which decoders do some ten of. */
const leastPatience = 10_000;
const patiencePerMiB = 1000;

/** A format of tables whose decoder is somebody else's. */
export type TableFormat = FileFormat & { readonly name: Order["format"] };

/**
 * The format, read on a thread of its own: its decoder believes the counts it finds, so that a file which lies makes it fill memory. It then takes that thread
 * with it (E_BAD_FILE), and an aborted signal ends it in the middle of its work. Where no thread can be started, it reads on the calling one.
 */
export function apart(format: TableFormat): FileFormat {
  return { ...format, read: (path, request) => readApart(format, path, request) };
}

async function* readApart(format: TableFormat, path: string, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined> {
  request.signal?.throwIfAborted();
  const { column, limit, data } = request;
  const reading = new Reading({ format: format.name, path, column, limit, data }, await mebibytesOf(path));
  const abort = () => reading.stop();
  request.signal?.addEventListener("abort", abort, { once: true });
  try {
    if (!(await reading.starts())) yield* format.read(path, request);
    else yield* replies(reading, request);
  } finally {
    request.signal?.removeEventListener("abort", abort);
    await reading.end();
  }
}

async function* replies(reading: Reading, request: FileRequest): AsyncGenerator<VectorChunk, void, undefined> {
  for (;;) {
    const reply = await reading.next();
    request.signal?.throwIfAborted();
    if (reply.kind === "failed") throw new NearError(reply.code, reply.message, reply.details);
    if (reply.kind !== "chunk" && reply.kind !== "end") continue;
    request.onBytes(reply.bytes);
    if (reply.kind === "end") return;
    yield reply.chunk;
  }
}

async function mebibytesOf(path: string): Promise<number> {
  const bytes = await stat(path).then(
    ({ size }) => size,
    () => 0, // what is wrong with the file, the reader says better
  );
  return Math.ceil(bytes / 2 ** 20);
}

/** A thread that reads one file, a reply at a time. */
class Reading {
  readonly #path: string;
  readonly #patience: number;
  readonly #worker: Worker;
  readonly #running: Promise<boolean>;
  #settle: ((reply: Reply) => void) | null = null;
  #over: Reply | null = null;

  constructor(order: Order, mebibytes: number) {
    this.#path = order.path;
    this.#patience = leastPatience + patiencePerMiB * mebibytes;
    const resourceLimits = { maxOldGenerationSizeMb: Math.min(mostHeap, leastHeap + heapPerByte * mebibytes) };
    this.#worker = new Worker(new URL("./apart-worker.js", import.meta.url), { workerData: order, execArgv: [], resourceLimits });
    this.#running = this.#next().then(({ kind }) => kind === "running");
    this.#worker.on("message", (reply: Reply) => this.#settle?.(reply));
    this.#worker.on("error", (error: unknown) => this.#finish(this.#faultOf(error)));
    this.#worker.on("exit", () =>
      this.#finish({ kind: "failed", code: "E_FAILED", message: "the thread that read ended by itself", details: {} }),
    );
  }

  /** Whether the thread could be started. */
  starts(): Promise<boolean> {
    return this.#running;
  }

  async next(): Promise<Reply> {
    if (this.#over !== null) return this.#over;
    const next = this.#next();
    this.#worker.postMessage(null);
    const timer = setTimeout(
      () => this.#finish(this.#fault("it takes far longer to decode than a file of its size should")),
      this.#patience,
    );
    try {
      return await next;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends what is waited for at once. */
  stop(): void {
    this.#finish({ kind: "end", bytes: 0 });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #next(): Promise<Reply> {
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  #finish(reply: Reply): void {
    this.#over ??= reply;
    this.#settle?.(this.#over);
  }

  #faultOf(error: unknown): Reply {
    const isFull = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    if (isFull) return this.#fault("it takes far more memory than a file of its size should");
    return this.#fault(`its decoder failed (${error instanceof Error ? error.message : String(error)})`);
  }

  #fault(what: string): Reply {
    const { code, message, details } = badFile(this.#path, `${what}; it is damaged, or write it in smaller row groups or batches`);
    return { kind: "failed", code, message, details };
  }
}
