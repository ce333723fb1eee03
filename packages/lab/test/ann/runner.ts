import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { tokensOf } from "../../src/ann/tokens.js";

const nearts = fileURLToPath(new URL("../../../cli/bin/nearts.js", import.meta.url));

/** The runner's side of the line protocol, call by call as `subprocess/module.py` of ann-benchmarks makes them with prepared queries and query parameters. */
export class PreparedSubprocess {
  readonly #program = spawn(process.execPath, [nearts, "ann-benchmarks"], { stdio: ["pipe", "pipe", "pipe"] });
  readonly #lines = createInterface({ input: this.#program.stdout })[Symbol.asyncIterator]();
  #count = 0;
  told = "";

  constructor() {
    this.#program.stderr.on("data", (piece: Buffer) => {
      this.told += piece.toString();
    });
  }

  /** Everything up to training mode. */
  async configure(options: Readonly<Record<string, string | number>>): Promise<void> {
    for (const [name, value] of Object.entries(options)) await this.#expectOk(`${quote(name)} ${quote(String(value))}`);
    await this.#expectOk("frontend prepared-queries 1");
    await this.#expectOk("frontend query-parameters 1");
    await this.#expectOk("");
  }

  async fit(points: readonly string[]): Promise<void> {
    for (const point of points) await this.#expectOk(quote(point));
    await this.#expectOk("");
  }

  async setQueryArguments(...values: readonly (string | number)[]): Promise<void> {
    await this.#expectOk(`query-params ${values.map((value) => quote(String(value))).join(" ")} set`);
  }

  prepareQuery(point: string, k: number): Promise<void> {
    return this.#expectOk(`${quote(point)} ${k}`);
  }

  /** Says whether it succeeded. */
  async runPreparedQuery(): Promise<boolean> {
    const [status, count] = await this.say("query");
    this.#count = status === "ok" ? Number(count) : 0;
    return status === "ok";
  }

  async preparedQueryResults(): Promise<number[]> {
    const results: number[] = [];
    while (results.length < this.#count) results.push(Number((await this.#line())[0]));
    return results;
  }

  /** Writes a line; the words that answer it. */
  say(line: string): Promise<string[]> {
    this.#program.stdin.write(`${line}\n`);
    return this.#line();
  }

  async done(): Promise<void> {
    const exited = new Promise((resolve) => this.#program.once("exit", resolve));
    this.#program.kill();
    await exited;
  }

  async #expectOk(line: string): Promise<void> {
    const [status] = await this.say(line);
    if (status !== "ok") throw new Error(`${line.slice(0, 80)} was answered with ${status}: ${this.told}`);
  }

  /** The words of the next line that belongs to the protocol. */
  async #line(): Promise<string[]> {
    for (;;) {
      const next = await this.#lines.next();
      if (next.done === true) throw new Error(`the program ended: ${this.told}`);
      const words = tokensOf(String(next.value)) ?? [];
      if (words[0] === "epbprtv0") return words.slice(1);
    }
  }
}

function quote(token: string): string {
  return `'${token.replaceAll("'", "'\\'")}'`;
}
