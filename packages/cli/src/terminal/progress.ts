import { count, span } from "./format.js";

/** Milliseconds between two signs of life: on a terminal, and in a log. */
const TERMINAL_MILLIS = 100;
const LOG_MILLIS = 4000;

/** What a {@link Progress} is about. */
export interface ProgressOptions {
  readonly label: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  readonly total?: number;
}

/**
 * How far some work has come, on standard error: a line that renews itself on a terminal and is gone at the end, else a line every few seconds,
 * so that short work says nothing.
 */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #begun = performance.now();
  readonly #live = process.stderr.isTTY;
  #last: number;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#last = this.#live ? 0 : this.#begun;
  }

  /** Reports `done` of the total; `share` (0 to 1) tells how much of the work that is where no total is known. */
  update(done: number, share?: number): void {
    const { total } = this.#options;
    const now = performance.now();
    if (now - this.#last < (this.#live ? TERMINAL_MILLIS : LOG_MILLIS)) return;
    this.#last = now;
    const line = this.#line(done, share ?? (total === undefined ? undefined : done / total), (now - this.#begun) / 1000);
    // A line that wraps could not be taken back.
    process.stderr.write(this.#live ? `\r\x1b[2K${line.slice(0, process.stderr.columns - 1)}` : `${line}\n`);
  }

  /** Ends the reports; says how many seconds have passed. */
  end(): number {
    if (this.#live) process.stderr.write("\r\x1b[2K");
    return (performance.now() - this.#begun) / 1000;
  }

  #line(done: number, share: number | undefined, seconds: number): string {
    const { label, unit, total } = this.#options;
    const parts = [`${label}: ${count(done)}${total === undefined ? "" : ` of ${count(total)}`} ${unit}`, `${count(done / seconds)}/s`];
    if (share !== undefined && share > 0 && share < 1) parts.push(`${span(seconds / share - seconds)} left`);
    return parts.join(" · ");
  }
}
