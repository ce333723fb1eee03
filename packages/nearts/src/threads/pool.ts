import { channel, startThread } from "#platform";
import type { Thread } from "../platform/thread.js";
import type { Report, Task } from "./task.js";

const events = channel("nearts:threads");

/** A worker, started when it is first given something to do. It keeps no process alive while it has nothing to do. */
export class PooledThread {
  /** Number of the stage that it knows. */
  stage = -1;
  #thread: Thread | null = null;
  #broken = false;
  /** By batch: who waits for a report. */
  readonly #waiting = new Map<number, () => void>();

  /** Whether it can be given something to do. */
  get works(): boolean {
    return !this.#broken;
  }

  /** Gives it a task; resolves, never rejects, when it is through with it, or will never be. */
  do(task: Task): Promise<void> {
    try {
      this.#thread ??= startThread(new URL("./worker.js", import.meta.url), {
        message: (report) => this.#hear(report as Report), // a worker posts nothing else
        failed: (error) => this.#fail(error),
      });
      this.#thread.hold();
      const done = new Promise<void>((resolve) => this.#waiting.set(task.batch, resolve));
      this.#thread.post(task);
      return done;
    } catch (error) {
      this.#fail(error);
      return Promise.resolve();
    }
  }

  /** Nobody waits for this batch any more. */
  forget(batch: number): void {
    const resolve = this.#waiting.get(batch);
    this.#waiting.delete(batch);
    if (this.#waiting.size === 0) this.#thread?.release();
    resolve?.();
  }

  async end(): Promise<void> {
    this.#broken = true;
    await this.#thread?.end();
    for (const batch of this.#waiting.keys()) this.forget(batch);
  }

  #hear({ batch, error }: Report): void {
    // One that fails in its work would fail again.
    if (error !== undefined) this.#fail(error);
    this.forget(batch);
  }

  #fail(error: unknown): void {
    this.#broken = true;
    if (events.hasSubscribers) events.publish({ error });
    for (const batch of this.#waiting.keys()) this.forget(batch);
  }
}
