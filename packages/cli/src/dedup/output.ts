import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { NearError } from "nearts";

const lineFeed = Buffer.from("\n");

/** Where lines of a file go before all of them are there. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** Lines on standard output, or in a file that is there once all of them are. */
export class LineOutput {
  readonly #out: Writable;
  readonly #file: { readonly stream: WriteStream; readonly path: string; readonly part: string } | undefined;

  private constructor(out: Writable, file?: { stream: WriteStream; path: string; part: string }) {
    this.#out = out;
    this.#file = file;
  }

  /** E_IO where the file cannot be written. */
  static async to(path: string | undefined): Promise<LineOutput> {
    if (path === undefined) return new LineOutput(process.stdout);
    const part = partOf(path);
    const stream = createWriteStream(part);
    try {
      await once(stream, "open");
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new NearError("E_IO", `cannot write ${JSON.stringify(path)}: ${reason}`, { path }, { cause });
    }
    return new LineOutput(stream, { stream, path, part });
  }

  async line(line: string | Uint8Array): Promise<void> {
    const ended = typeof line === "string" ? `${line}\n` : Buffer.concat([line, lineFeed]);
    if (!this.#out.write(ended)) await once(this.#out, "drain");
  }

  /** All lines are written. */
  async end(): Promise<void> {
    if (this.#file === undefined) return;
    const { stream, part, path } = this.#file;
    stream.end();
    await once(stream, "close");
    await rename(part, path);
  }

  /** Gives the file up; what was there before stays. */
  async abandon(): Promise<void> {
    if (this.#file === undefined) return;
    this.#file.stream.destroy();
    await rm(this.#file.part, { force: true });
  }
}
