import { Candidates } from "../../core/columns.js";
import type { Distance, RowReader, Shape, Storage } from "../../core/contracts.js";
import { gather } from "../../core/rows.js";
import { keepNearest } from "../../numeric/select.js";
import { measureExactly, widened } from "../measure.js";
import { isLater } from "../options.js";

/** Which later rows may make a pair with a row, by their positions. */
export interface Proposals {
  /** Writes them into `out`, which has room for all; how many. */
  later(position: number, out: Uint32Array): number;
}

/** All later rows: every pair is compared. */
export class AllLater implements Proposals {
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  later(position: number, out: Uint32Array): number {
    for (let other = position + 1; other < this.#count; other++) out[other - position - 1] = other;
    return this.#count - position - 1;
  }
}

/** What a walk goes by. */
export interface WalkParts {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly distance: Distance;
  /** Numbers of the rows by position, ascending. */
  readonly numbers: Uint32Array;
  readonly proposals: Proposals;
  /** Pairs at most so far apart: asked before each row, so that it may shrink. */
  readonly within: () => number;
  /** Leaves out candidates before they are read: keeps the first of `others` and says how many. */
  readonly choose?: (position: number, others: Uint32Array, count: number) => number;
  /** Called between rows. */
  readonly turn: () => Promise<void> | undefined;
}

/** The pairs of one row with later ones, nearest first; valid until the next are asked for. */
export interface RowPairs {
  readonly position: number;
  readonly pairs: Candidates;
  readonly reader: RowReader;
}

/** Candidates that are fetched together where the storage is elsewhere. */
const fetchedAtOnce = 2048;

/** A row whose candidates wait to be fetched. */
interface Waiting {
  readonly position: number;
  readonly others: Uint32Array;
}

/** Goes through rows from a position on, and measures each with the later rows proposed: gives those that have pairs, in order. */
export async function* walkPairs(parts: WalkParts, from: number): AsyncGenerator<RowPairs> {
  const { storage, numbers, proposals, choose, turn } = parts;
  const others = new Uint32Array(numbers.length);
  const measuring = new Measuring(parts);
  const atOnce = storage.resident === undefined ? fetchedAtOnce : 1;
  let waiting: Waiting[] = [];
  let held = 0;
  for (let position = from; position < numbers.length; position++) {
    let count = proposals.later(position, others);
    if (choose !== undefined && count > 0) count = choose(position, others, count);
    if (count > 0) {
      waiting.push({ position, others: others.slice(0, count) });
      held += count;
    }
    if (held >= atOnce || (held > 0 && position === numbers.length - 1)) {
      yield* measuring.all(waiting);
      waiting = [];
      held = 0;
    }
    const pause = turn();
    if (pause !== undefined) await pause;
  }
  if (held > 0) yield* measuring.all(waiting);
}

/** Measures rows with their candidates. */
class Measuring {
  readonly #parts: WalkParts;
  readonly #fetched = new Candidates();
  readonly #pairs = new Candidates();

  constructor(parts: WalkParts) {
    this.#parts = parts;
  }

  async *all(waiting: readonly Waiting[]): AsyncGenerator<RowPairs> {
    const { storage, numbers } = this.#parts;
    const fetched = this.#fetched;
    this.#gather(waiting);
    const wanted = fetched.count;
    const fetching = storage.fetch(fetched);
    const reader = isLater(fetching) ? await fetching : fetching;
    // Vectors removed meanwhile fell out.
    const living = fetched.count === wanted ? null : new Set(fetched.rows.subarray(0, fetched.count));
    for (const { position, others } of waiting) {
      if (living?.has(numbers[position]) === false) continue;
      this.#measure(position, others, living, reader);
      if (this.#pairs.count > 0) yield { position, pairs: this.#pairs, reader };
    }
  }

  /** Leaves all rows that are to be read in `#fetched`, each once. */
  #gather(waiting: readonly Waiting[]): void {
    const { numbers } = this.#parts;
    const fetched = this.#fetched;
    const met = waiting.length > 1 ? new Set<number>() : null;
    fetched.clear();
    const add = (row: number) => {
      if (met?.has(row) === true) return;
      met?.add(row);
      fetched.add(row);
    };
    for (const { position, others } of waiting) {
      add(numbers[position]);
      for (const other of others) add(numbers[other]);
    }
  }

  /** Leaves the pairs of one row in `#pairs`. */
  #measure(position: number, others: Uint32Array, living: ReadonlySet<number> | null, reader: RowReader): void {
    const { numbers, distance, shape, within } = this.#parts;
    const pairs = this.#pairs;
    const most = within();
    pairs.clear();
    for (const other of others) if (living?.has(numbers[other]) !== false) pairs.add(numbers[other]);
    const query = gather(shape.kind, shape.dim, 1, () => reader.vector(numbers[position]));
    const { metric } = distance;
    if (metric !== undefined && distance.toRank !== undefined && Number.isFinite(most)) {
      reader.nearest(metric, query, pairs, pairs.count, widened(distance.toRank(most), reader.rounding(metric, query)));
    }
    measureExactly(distance, query, reader, pairs);
    keepNearest(pairs, pairs.count, most);
  }
}
