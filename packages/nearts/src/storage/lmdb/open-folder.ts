import { realpath } from "node:fs/promises";
import { checkAfterCrash } from "./child-check.js";
import { createStore } from "./create-store.js";
import { Environment } from "./environment.js";
import { requireLocal } from "./local-disk.js";
import { precheck } from "./precheck.js";
import { locked, WriterLock, writerOf } from "./writer-lock.js";

/** Indexes that this process has open, by the real path of their folder: LMDB takes no second opening. */
const opened = new Set<string>();

/** The folder of an index, open in this process, with the lock of its writer where it was opened for writing. */
export class OpenFolder {
  readonly environment: Environment;
  readonly #real: string;
  readonly #lock: WriterLock | null;
  #closed = false;

  private constructor(environment: Environment, real: string, lock: WriterLock | null) {
    this.environment = environment;
    this.#real = real;
    this.#lock = lock;
  }

  /** Opens a folder, made where there is none and `make` says so; null where there is none. E_LOCKED where another writes to it, or this process has it open already. */
  static async open(path: string, readOnly: boolean, make: boolean): Promise<OpenFolder | null> {
    if (!(await precheck(path))) {
      if (!make) return null;
      await createStore(path);
    }
    const real = await realpath(path);
    requireLocal(real);
    if (opened.has(real)) throw locked(path, process.pid);
    opened.add(real);
    let environment: Environment | null = null;
    try {
      const writer = writerOf(real);
      if (writer?.alive === true && !readOnly) throw locked(path, writer.pid);
      if (writer?.alive === false) await checkAfterCrash(real);
      environment = await Environment.open(real, readOnly ? "read" : "write");
      return new OpenFolder(environment, real, readOnly ? null : new WriterLock(environment));
    } catch (error) {
      await environment?.close();
      opened.delete(real);
      throw error;
    }
  }

  /** Gives it back. What failed stays open in this process, whatever is asked. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const sound = this.environment.usable;
    try {
      if (sound) this.#lock?.release();
    } finally {
      await this.environment.close();
      if (sound) opened.delete(this.#real);
    }
  }
}
