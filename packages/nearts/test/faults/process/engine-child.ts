import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { exitOf, spawnGuarded } from "../../servers/guarded.mjs";
import type { Verdict } from "../campaign.js";
import type { Oracle } from "../oracle.js";
import type { Bundle } from "./bundle.js";
import type { Command, Holding } from "./commands.js";

/** How a process ended while an answer was awaited. */
export class Ended extends Error {
  readonly signal: string | null;

  constructor(signal: string | null, code: number | null, errors: string) {
    super(`the process ended with ${signal ?? code}${errors === "" ? "" : `: ${errors.slice(-600)}`}`);
    this.signal = signal;
  }
}

/** An error that the process's engine rejected with. */
export class Refused extends Error {
  readonly code: string | undefined;

  constructor({ code, message }: { readonly code?: string; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

/** A process with an engine, as its parent sees it. */
export class EngineChild {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #errors = "";
  #waiting: { resolve(line: string): void; reject(error: Error): void } | undefined;
  /** Told each line about an operation: s, a or f, its number, what follows. */
  onOperation: (kind: string, number: number, rest: string) => void = () => {};

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.stderr?.on("data", (bytes) => (this.#errors += String(bytes)));
    process.stdin?.on("error", () => {}); // its end is told by "close"
    if (process.stdout !== null) createInterface({ input: process.stdout }).on("line", (line) => this.#hear(line));
    this.#ended = new Promise((resolve) =>
      // When all it said has been heard.
      process.once("close", () => {
        this.#waiting?.reject(new Ended(process.signalCode, process.exitCode, this.#errors));
        resolve();
      }),
    );
  }

  static async start(bundle: Bundle, environment: Readonly<Record<string, string>> = {}): Promise<EngineChild> {
    const options = { env: { ...process.env, ...environment }, stdio: ["pipe", "pipe", "pipe"] as ("pipe" | "ignore")[] };
    return new EngineChild(await spawnGuarded(process.execPath, ["--enable-source-maps", bundle.path], options, "it is Node itself"));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** How it ended, once it has. */
  get signal(): NodeJS.Signals | null {
    return this.#process.signalCode;
  }

  /** The answer to a command. Rejects with {@link Refused} where the engine does, with {@link Ended} where the process ends first. */
  async call(command: Command): Promise<unknown> {
    const answer = new Promise<string>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#process.exitCode !== null || this.#process.signalCode !== null)
        reject(new Ended(this.#process.signalCode, this.#process.exitCode, this.#errors));
    });
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    try {
      const line = await answer;
      const value: unknown = JSON.parse(line.slice(2));
      if (line.startsWith("!")) throw new Refused(value as { code?: string; message: string }); // so engine-process.ts says it
      return value;
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Ends the writing that goes on, before its next operation. */
  stop(): void {
    this.#process.stdin?.write(`${JSON.stringify({ do: "stop" })}\n`);
  }

  /** Compares what is stored with what the oracle knows. */
  async judged(oracle: Oracle, deep = true): Promise<Verdict> {
    const { held, problems } = (await this.call({ do: "hold", deep })) as Holding; // so it answers
    const verdict = oracle.judge(new Map(Array.from({ length: held.length / 2 }, (_, i) => [held[2 * i], held[2 * i + 1]])));
    return { ...verdict, inconsistent: (verdict.inconsistent ?? 0) + problems.length, why: [...(verdict.why ?? []), ...problems] };
  }

  /** Lets the oracle hear of the operations, and the test of failures. */
  report(oracle: Oracle, onFailure: (code: string) => void = () => {}): void {
    this.onOperation = (kind, number, rest) => {
      if (kind === "s") oracle.sent(number);
      else if (kind === "a") oracle.answered(number);
      else onFailure(rest);
    };
  }

  /** Kills it; ends when it has ended and all it said has been heard. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** Ends it by the end of its input, or after a while by a kill: whether the kill was needed. */
  async end(millis = 5000): Promise<boolean> {
    this.#process.stdin?.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), millis);
    await exitOf(this.#process);
    await this.#ended;
    clearTimeout(timer);
    return this.#process.signalCode === "SIGKILL";
  }

  #hear(line: string): void {
    if (line.startsWith("=") || line.startsWith("!")) {
      this.#waiting?.resolve(line);
      return;
    }
    const [kind, number, ...rest] = line.split(" ");
    this.onOperation(kind, Number(number), rest.join(" "));
  }
}

/** A verdict of several. */
export function together(...verdicts: readonly Verdict[]): Verdict {
  const sum = (part: "lost" | "inconsistent" | "crashed"): number => verdicts.reduce((total, verdict) => total + (verdict[part] ?? 0), 0);
  return { lost: sum("lost"), inconsistent: sum("inconsistent"), crashed: sum("crashed"), why: verdicts.flatMap(({ why }) => why ?? []) };
}
