import { Candidates } from "../core/columns.js";
import type { RowReader } from "../core/contracts.js";
import type { DenseRows } from "../core/rows.js";
import type { Sink } from "../engine/finish.js";
import { type AnswerTask, cancelled, waits } from "./task.js";

/** Queries that several threads answer, in shared memory with room for their results, as the thread that asks sees them. */
export class SharedPart {
  readonly task: Pick<AnswerTask, "dim" | "count" | "queries" | "results" | "control">;
  readonly #values: Float32Array;
  readonly #found = new Candidates();
  readonly #first: number;
  #there = 0;
  #handedOut = 0;

  /** Each query may have up to `limit` results; the first of them is number `first` of those asked together. */
  constructor({ dim, count, values }: DenseRows, limit: number, workers: number, first = 0) {
    this.#first = first;
    this.#values = values;
    this.task = {
      dim,
      count,
      queries: new Float32Array(new SharedArrayBuffer(count * dim * 4)),
      results: {
        limit,
        rows: new Uint32Array(new SharedArrayBuffer(count * limit * 4)),
        distances: new Float64Array(new SharedArrayBuffer(count * limit * 8)),
        counts: new Uint32Array(new SharedArrayBuffer(count * 4)),
      },
      control: new Int32Array(new SharedArrayBuffer((workers + 2) * 4)),
    };
  }

  /** How many queries have been brought. */
  get there(): number {
    return this.#there;
  }

  /** Copies queries to where all threads can read them, until `upTo` are there. */
  bring(upTo: number): void {
    const { dim, queries, control } = this.task;
    const last = control.length - 1;
    while (this.#there < upTo) {
      const to = Math.min(upTo, this.#there + broughtAtOnce);
      queries.set(this.#values.subarray(this.#there * dim, to * dim), this.#there * dim);
      this.#there = to;
      Atomics.store(control, last, to);
      Atomics.notify(control, last);
    }
  }

  /** From now on threads take the queries from number `next` on. */
  taken(next: number): void {
    Atomics.store(this.task.control, 0, next);
  }

  /** Takes back what a thread has not begun; says whether it had not. */
  cancel(thread: number): boolean {
    return Atomics.compareExchange(this.task.control, thread, waits, cancelled) === waits;
  }

  /** Queries that nobody has answered. */
  *unanswered(): Iterable<number> {
    for (let q = 0; q < this.task.count; q++) if (this.task.results.counts[q] === 0) yield q;
  }

  /** Gives the results of the queries that are next in order, as far as these are answered, as a search leaves them. */
  handOut(sink: Sink, reader: RowReader): void {
    const { limit, rows, distances, counts } = this.task.results;
    const found = this.#found;
    for (; this.#handedOut < this.task.count; this.#handedOut++) {
      const count = Atomics.load(counts, this.#handedOut) - 1;
      if (count < 0) return;
      const first = this.#handedOut * limit;
      found.clear();
      found.reserve(count);
      found.rows.set(rows.subarray(first, first + count));
      found.distances.set(distances.subarray(first, first + count));
      found.count = count;
      found.measured = true;
      sink(found, reader, this.#first + this.#handedOut);
    }
  }
}

/** Queries copied before others may begin with them. */
const broughtAtOnce = 256;
