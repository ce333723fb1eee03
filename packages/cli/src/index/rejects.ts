import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { NearError } from "nearts";
import type { Reject } from "nearts/readers";

/** Lines of a file that hold no row: counted, and written to a file of JSON lines `{ line, error, text }` where one was named. */
export class Rejects {
  count = 0;
  readonly #file: WriteStream | undefined;

  private constructor(file: WriteStream | undefined) {
    this.#file = file;
  }

  /** E_IO where the file cannot be written. */
  static async to(path: string | undefined): Promise<Rejects> {
    if (path === undefined) return new Rejects(undefined);
    const file = createWriteStream(path);
    try {
      await once(file, "open");
    } catch (cause) {
      throw new NearError(
        "E_IO",
        `cannot write ${JSON.stringify(path)}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { path },
        { cause },
      );
    }
    return new Rejects(file);
  }

  add({ line, text, error }: Reject): void {
    this.count++;
    if (this.#file !== undefined) this.#file.write(`${JSON.stringify({ line, error: error.message, text })}\n`);
    else process.stderr.write(`nearts: passed over: ${error.message}\n`);
  }

  async end(): Promise<void> {
    if (this.#file === undefined) return;
    this.#file.end();
    await once(this.#file, "close");
  }
}
