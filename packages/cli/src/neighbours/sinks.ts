import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { type Id, NearError } from "nearts";
import { distance, plural, WIDTH, wrap } from "../terminal/format.js";
import { bold, dim } from "../terminal/style.js";

/** The neighbours of one query, nearest first. */
export interface Answer {
  readonly query: Id;
  readonly ids: readonly Id[];
  readonly distances: Float64Array;
}

/** Where answers go, one after the other, and at the end the facts about them. */
export interface Sink {
  add(answer: Answer): void | Promise<void>;
  end(facts: object): void | Promise<void>;
}

/** JSON lines: `{ query, neighbours: [{ id, distance }] }` for each answer; on standard output a last line `{ summary }`. */
export class AnswerLines implements Sink {
  readonly #out: Writable;
  readonly #file: WriteStream | undefined;

  private constructor(out: Writable, file?: WriteStream) {
    this.#out = out;
    this.#file = file;
  }

  static toStandardOutput(): AnswerLines {
    return new AnswerLines(process.stdout);
  }

  /** E_IO where the file cannot be written. */
  static async toFile(path: string): Promise<AnswerLines> {
    const file = createWriteStream(path);
    try {
      await once(file, "open");
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new NearError("E_IO", `cannot write ${JSON.stringify(path)}: ${reason}`, { path }, { cause });
    }
    return new AnswerLines(file, file);
  }

  async add({ query, ids, distances }: Answer): Promise<void> {
    await this.#line({ query, neighbours: ids.map((id, i) => ({ id, distance: distances[i] })) });
  }

  async end(facts: object): Promise<void> {
    if (this.#file === undefined) return this.#line({ summary: facts });
    this.#file.end();
    await once(this.#file, "close");
  }

  async #line(value: object): Promise<void> {
    if (!this.#out.write(`${JSON.stringify(value)}\n`)) await once(this.#out, "drain");
  }
}

/** The first answers as text: cells of one width, as many on a line as fit. */
export class AnswerTable implements Sink {
  readonly #most: number;
  readonly #answers: Answer[] = [];
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(answer: Answer): void {
    this.#count++;
    if (this.#answers.length < this.#most) this.#answers.push(answer);
  }

  end(): void {}

  lines(): string[] {
    const label = Math.max("query".length, ...this.#answers.map(({ query }) => String(query).length));
    const cells = this.#answers.map(({ ids, distances }) => ids.map((id, i) => [String(id), distance(distances[i])]));
    const [id, far] = [0, 1].map((part) => Math.max(1, ...cells.flat().map((cell) => cell[part].length)));
    const rows = this.#answers.flatMap(({ query }, a) => {
      const words = cells[a].map(([name, value]) => `${name.padStart(id)} ${value.padEnd(far)}   `);
      const list = words.length === 0 ? ["none found"] : words;
      const [first, ...more] = wrap(list, WIDTH - label - 2, "");
      return [`${String(query).padStart(label)}  ${first}`, ...more.map((line) => " ".repeat(label + 2) + line)];
    });
    const title = bold(`${"query".padStart(label)}  neighbours, nearest first: ${cells.length === 0 ? "" : "row and distance"}`);
    const left = this.#count - this.#answers.length;
    const rest = left > 0 ? [dim(`… and ${plural(left, "more query")}: --show ${this.#count}, --json or --out gives them`)] : [];
    return [title, ...rows, ...rest];
  }
}
