import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { NearError } from "nearts";
import { parseResults } from "../report/read-results.js";
import type { Result } from "../results.js";

/**
 * A results file that is being written: JSON lines, each on the disk before the next trial begins. A last line that was torn by a crash is removed when
 * the file is opened; one that is whole but for its newline is completed.
 */
export class ResultsFile {
  /** What was in it when it was opened. */
  readonly before: readonly Result[];
  readonly #file: FileHandle;

  private constructor(file: FileHandle, before: readonly Result[]) {
    this.#file = file;
    this.before = before;
  }

  /** Opens or creates it, with its folder. E_BAD_FILE and E_VERSION for what is no result, E_IO. */
  static async open(path: string): Promise<ResultsFile> {
    const file = await reaching(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      return open(path, "a+");
    });
    try {
      const text = await file.readFile("utf8");
      const torn = text.slice(text.lastIndexOf("\n") + 1);
      const whole = torn !== "" && isJson(torn);
      const kept = whole ? text : text.slice(0, text.length - torn.length);
      const before = parseResults(kept, path);
      if (whole) await file.appendFile("\n");
      else if (torn !== "") await file.truncate(Buffer.byteLength(kept));
      return new ResultsFile(file, before);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Adds a line; resolves when it is on the disk. */
  async append(result: Result): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(result)}\n`);
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function reaching<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NearError("E_IO", `results cannot be written to ${JSON.stringify(path)}: ${reason}`, { path }, { cause });
  }
}
