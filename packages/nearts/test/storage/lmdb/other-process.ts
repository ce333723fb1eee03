import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const library = new URL("../../../dist/", import.meta.url).href;

/** What a script in another process can use. */
const prelude = `
  const { Engine } = await import("${library}index.js");
  const { LmdbStorage } = await import("${library}storage/lmdb/index.js");
  const args = JSON.parse(process.argv[1]);
  const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
  const { createInterface } = await import("node:readline");
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const hear = async () => (await lines.next()).value;
`;

/** Another process that runs a script of the built library: `Engine`, `LmdbStorage`, `args`, `say(value)` and `await hear()` are there. */
export class OtherProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<number | NodeJS.Signals | null>;

  constructor(script: string, args: unknown = {}) {
    this.#child = spawn(process.execPath, ["--input-type=module", "-e", prelude + script, JSON.stringify(args)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (this.#child.stdout === null) throw new Error("the process has no output");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => this.#child.on("close", (code, signal) => resolve(signal ?? code)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it says next; undefined once it has ended. */
  async hear(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : JSON.parse(value);
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** How it ended: its code or signal. */
  ended(): Promise<number | NodeJS.Signals | null> {
    return this.#ended;
  }

  /** Has it end when it has heard everything. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }
}
