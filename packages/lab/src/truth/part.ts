import { Worker } from "node:worker_threads";
import { type DistanceName, NearError, type Rows } from "nearts";
import { handover } from "../data/pick.js";
import type { Answer, Question, Setup } from "./messages.js";
import { type Nearest, Scan } from "./scan.js";

/** A part of the rows that is scanned, here or on a thread of its own. */
export interface Part {
  ask(queries: Rows, k: number): Promise<Nearest>;
  end(): Promise<void>;
}

/** A part that is scanned on the calling thread. */
export async function partHere(rows: Rows, distance: DistanceName): Promise<Part> {
  const scan = await Scan.over(rows, distance);
  return { ask: (queries, k) => scan.nearest(queries, k), end: () => scan.close() };
}

/** A part that is scanned on its own thread; on the calling one where no thread can be started. */
export async function partApart(rows: Rows, distance: DistanceName): Promise<Part> {
  const thread = new ScanThread();
  try {
    await thread.started();
  } catch {
    await thread.end();
    return partHere(rows, distance);
  }
  try {
    await thread.setUp({ rows, distance });
    return thread;
  } catch (error) {
    await thread.end();
    throw error;
  }
}

class ScanThread implements Part {
  readonly #worker = new Worker(new URL("./worker.js", import.meta.url), { execArgv: [] });
  /** Settles what is waited for: one thing at a time. */
  #settle: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;
  #failure: Error | null = null;
  readonly #started: Promise<Answer>;

  constructor() {
    this.#started = this.#next();
    this.#worker.on("message", (answer: Answer) => this.#settle?.resolve(answer));
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", (code) => this.#fail(new NearError("E_FAILED", `a thread of the exact search ended by itself (${code})`)));
  }

  async started(): Promise<void> {
    await this.#started;
  }

  async setUp(setup: Setup): Promise<void> {
    const { rows, buffers } = handover(setup.rows);
    await this.#do({ ...setup, rows }, buffers);
  }

  async ask(queries: Rows, k: number): Promise<Nearest> {
    const { rows, buffers } = handover(queries); // a view would take all that it is a view of along
    const answer = await this.#do({ queries: rows, k }, buffers);
    if (answer.kind === "found") return answer.nearest;
    throw new NearError("E_FAILED", `a thread of the exact search said ${answer.kind} when it was asked`);
  }

  async end(): Promise<void> {
    this.#settle = null;
    await this.#worker.terminate();
  }

  async #do(message: Setup | Question, buffers: readonly ArrayBuffer[]): Promise<Answer> {
    if (this.#failure !== null) throw this.#failure;
    const next = this.#next();
    this.#worker.postMessage(message, [...buffers]);
    const answer = await next;
    if (answer.kind !== "failed") return answer;
    throw new NearError(answer.code, answer.message, answer.details);
  }

  #next(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#settle?.reject(this.#failure);
  }
}
