import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NearError } from "../../core/errors.js";
import type { Environment } from "./environment.js";
import { isAlive, ownProcess, type ProcessIdentity } from "./process-identity.js";
import { sealed, unseal } from "./records.js";

const fileName = "writer.json";

/** The one process that may write to an index: a record in the database decides, a file beside it says so to those who have not opened the database. */
export class WriterLock {
  readonly #environment: Environment;
  readonly #file: string;

  /** Takes the lock; E_LOCKED where a process that is alive has it. */
  constructor(environment: Environment) {
    this.#environment = environment;
    this.#file = join(environment.path, fileName);
    const { meta } = environment.tables;
    const own = ownProcess();
    environment.exclusively(() => {
      const record = meta.committedValue("writer");
      const holder = record === null ? null : parsed(new TextDecoder().decode(unseal(record, 0, "the writer's lock")));
      if (holder !== null && isAlive(holder)) throw locked(environment.path, holder.pid);
      meta.writeNow("writer", sealed(new TextEncoder().encode(JSON.stringify(own)), 0));
    });
    try {
      writeFileSync(this.#file, JSON.stringify(own), { mode: 0o600 });
    } catch (cause) {
      this.release();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new NearError(
        "E_IO",
        `cannot lock the index at ${JSON.stringify(environment.path)} for writing: ${why}`,
        { path: this.#file },
        { cause },
      );
    }
  }

  /** Gives it back: whoever opens the index next knows that it was closed. */
  release(): void {
    this.#environment.exclusively(() => this.#environment.tables.meta.writeNow("writer", null));
    rmSync(this.#file, { force: true });
  }
}

/** Who writes to the index in this folder, or did when it stopped without closing it; null where nobody does. */
export function writerOf(path: string): { readonly pid: number; readonly alive: boolean } | null {
  let text: string;
  try {
    text = readFileSync(join(path, fileName), "utf8");
  } catch {
    return null;
  }
  const holder = parsed(text);
  return holder === null ? { pid: 0, alive: false } : { pid: holder.pid, alive: isAlive(holder) };
}

/** E_LOCKED, naming who holds the lock. */
export function locked(path: string, pid: number): NearError {
  const who = pid === process.pid ? "this process has it open already" : `process ${pid} writes to it`;
  const message = `the index at ${JSON.stringify(path)} is locked: ${who}. Close it there, or open it with readOnly: true in another process`;
  return new NearError("E_LOCKED", message, { path, pid });
}

/** Null for what no process wrote. */
function parsed(text: string): ProcessIdentity | null {
  try {
    const { pid, started } = Object(JSON.parse(text)) as Partial<ProcessIdentity>; // both are looked at
    return Number.isSafeInteger(pid) && typeof started === "string" ? { pid: pid as number, started } : null; // an integer
  } catch {
    return null;
  }
}
