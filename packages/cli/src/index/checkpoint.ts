import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { HashConfig, Storage } from "nearts";

const type = "Import";

/** How far a file has been indexed. It is written after the rows it counts have been stored, so that it never says more than there is. */
export class Checkpoint {
  readonly #storage: Storage;
  readonly #key: string;
  /** What tells that it is still the same file. */
  readonly #bytes: number;
  readonly #changed: number;

  private constructor(storage: Storage, path: string, bytes: number, changed: number) {
    this.#storage = storage;
    this.#key = `import:${basename(path)}`;
    this.#bytes = bytes;
    this.#changed = changed;
  }

  /** That of a file in an index. What is no file, a pipe say, is begun anew each time. */
  static async of(storage: Storage, path: string): Promise<Checkpoint> {
    const facts = await stat(path).catch(() => undefined);
    return new Checkpoint(storage, path, facts?.isFile() === true ? facts.size : -1, facts?.mtimeMs ?? 0);
  }

  /** Rows stored before; 0 where there were none, or the file has changed since. */
  async rows(): Promise<number> {
    const known = await this.#storage.loadConfig(this.#key);
    if (known === null || known.type !== type || known["bytes"] !== this.#bytes || known["changed"] !== this.#changed) return 0;
    const rows = known["rows"];
    return this.#bytes >= 0 && typeof rows === "number" && Number.isSafeInteger(rows) && rows >= 0 ? rows : 0;
  }

  /** Notes that so many rows are stored. */
  async note(rows: number): Promise<void> {
    const config: HashConfig = { type, version: 1, name: this.#key, bytes: this.#bytes, changed: this.#changed, rows };
    await this.#storage.storeConfig(config);
  }
}
