import { Candidates } from "../core/columns.js";
import type { RowReader } from "../core/contracts.js";
import type { DenseRows } from "../core/rows.js";
import type { Sink } from "../engine/finish.js";
import { type AnswerTask, cancelled, ended, waits } from "./task.js";

/** Queries that several threads answer, in shared memory with room for what workers find, as the thread that asks sees them. */
export class SharedPart {
  readonly task: Pick<AnswerTask, "dim" | "count" | "shares" | "queries" | "results" | "taken" | "control">;
  readonly #values: Float32Array;
  readonly #found = new Candidates();
  readonly #first: number;
  readonly #given: Uint8Array;
  #there = 0;
  /** Results of workers that have been handed out. */
  #helped = 0;

  /** Each query may have up to `limit` results; the first of them is number `first` of those asked together. At most `most` threads answer them, the one that asks and some of the `workers`. */
  constructor({ dim, count, values }: DenseRows, limit: number, { workers, most }: { workers: number; most: number }, first = 0) {
    this.#first = first;
    this.#values = values;
    this.#given = new Uint8Array(count);
    this.task = {
      dim,
      count,
      shares: Math.min(workers + 1, most),
      queries: new Float32Array(new SharedArrayBuffer(count * dim * 4)),
      results: {
        limit,
        rows: new Uint32Array(new SharedArrayBuffer(count * limit * 4)),
        distances: new Float64Array(new SharedArrayBuffer(count * limit * 8)),
        counts: new Uint32Array(new SharedArrayBuffer(count * 4)),
        order: new Uint32Array(new SharedArrayBuffer((count + 1) * 4)),
      },
      taken: new Int32Array(new SharedArrayBuffer(count * 4)),
      control: new Int32Array(new SharedArrayBuffer((workers + 2) * 4)),
    };
  }

  /** How many queries workers have answered, as far as their results were handed out. */
  get helped(): number {
    return this.#helped;
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

  /** From now on workers answer nothing more than what they are at. */
  end(): void {
    Atomics.store(this.task.control, 0, ended);
  }

  /** Takes back what a thread has not begun; says whether it had not. */
  cancel(thread: number): boolean {
    return Atomics.compareExchange(this.task.control, thread, waits, cancelled) === waits;
  }

  /** Gives the results of query `q` to whoever asked. */
  give(q: number, found: Candidates, sink: Sink, reader: RowReader): void {
    this.#given[q] = 1;
    sink(found, reader, this.#first + q);
  }

  /** Gives the results that workers have left since the last time, as a search leaves them. */
  handOut(sink: Sink, reader: RowReader): void {
    const { order } = this.task.results;
    for (let q = Atomics.load(order, this.#helped); q > 0 && this.#helped < this.task.count; q = Atomics.load(order, this.#helped)) {
      this.#helped++;
      this.give(q - 1, this.#left(q - 1), sink, reader);
    }
  }

  /** Queries whose results have not been given. */
  *unanswered(): Iterable<number> {
    for (let q = 0; q < this.task.count; q++) if (this.#given[q] === 0) yield q;
  }

  /** What a worker left of query `q`. */
  #left(q: number): Candidates {
    const { limit, rows, distances, counts } = this.task.results;
    const found = this.#found;
    const count = Atomics.load(counts, q) - 1;
    found.clear();
    found.reserve(count);
    // In a loop: so few are copied sooner than views of them are made.
    for (let i = 0; i < count; i++) {
      found.rows[i] = rows[q * limit + i];
      found.distances[i] = distances[q * limit + i];
    }
    found.count = count;
    found.measured = true;
    return found;
  }
}

/** Queries copied before others may begin with them. */
const broughtAtOnce = 256;
