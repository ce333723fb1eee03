import { NearError } from "../../core/errors.js";
import { turnTaker } from "../turns.js";
import { closestPairs } from "./closest.js";
import { indexOf, limitOf, type Pair, type PairCursor, type PairsAsked } from "./options.js";
import { type JoinParts, type JoinPlan, planAgain, planJoin } from "./plan.js";
import { firstAfter } from "./positions.js";
import { prepare } from "./prepare.js";
import { walkPairs } from "./walk.js";

/** What a join works on. */
export interface JoinEngine extends JoinParts {
  /** Resolves when the storage is open; rejects once the engine is closed. */
  readonly ready: () => Promise<void>;
  /** The recall that the engine was made with. */
  readonly recall: number | undefined;
}

/** Found where nothing else is asked for. */
export const usualRecall = 0.95;
/** Pairs after which a join ends that does not say it: so many a vector, and at least so many. */
const pairsPerRow = 100;
const leastPairs = 1_000_000;

/** The pairs of a join, in order of the rows; see `Engine.pairsWithin`. Going through it again begins anew. */
export class PairJoin implements AsyncIterable<Pair> {
  readonly #engine: JoinEngine;
  readonly #asked: PairsAsked;
  #cursor: PairCursor | null;

  constructor(engine: JoinEngine, asked: PairsAsked) {
    this.#engine = engine;
    this.#asked = asked;
    this.#cursor = asked.cursor ?? null;
  }

  /** Where to go on after the pairs given so far, as plain JSON; null before there is anything to go on from, and for the closest k. */
  get cursor(): PairCursor | null {
    return this.#cursor;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Pair, void, undefined> {
    const { ready, storage } = this.#engine;
    await ready();
    const { k, within } = this.#asked;
    if (k !== undefined) {
      yield* closestPairs(this.#engine, this.#asked, this.recall);
      return;
    }
    if (within === undefined) return; // k or within was given
    const { cursor } = this.#asked;
    const plan = cursor === undefined ? await planJoin(this.#engine, within, this.recall) : planAgain(this.#engine, cursor);
    const most = this.#asked.maxPairs ?? Math.max(leastPairs, pairsPerRow * (await storage.size()));
    yield* this.#within(plan, within, most);
  }

  /** The share of the pairs that is to be found. */
  get recall(): number {
    return this.#asked.recall ?? this.#engine.recall ?? usualRecall;
  }

  async *#within(plan: JoinPlan, within: number, most: number): AsyncGenerator<Pair, void, undefined> {
    const { cursor, maxBytes, onProgress, signal } = this.#asked;
    const turn = turnTaker(signal);
    const total = await this.#engine.storage.size();
    const onRows = (rows: number) => onProgress?.({ phase: "hashing", rows, total, pairs: cursor?.pairs ?? 0, cursor: null });
    const { storage, numbers, marks, proposals } = await prepare(this.#engine, plan, { maxBytes, turn, onRows });
    const index = indexOf(this.#engine.shape, this.#engine.distance);
    let at: PairCursor = cursor ?? { version: 1, index, within: limitOf(within), way: plan.way, row: -1, given: 0, pairs: 0 };
    this.#cursor = at;
    const first = firstAfter(marks, at.row);
    let skip = at.given;
    const parts = { ...this.#engine, storage, numbers, proposals, within: () => within, turn };
    for await (const { position, pairs, reader } of walkPairs(parts, first)) {
      const row = marks[position];
      const a = reader.id(numbers[position]);
      // Others may use the reader while a pair is looked at.
      const found = Array.from({ length: pairs.count }, (_, i) => ({ a, b: reader.id(pairs.rows[i]), distance: pairs.distances[i] }));
      for (let i = skip; i < found.length; i++) {
        if (at.pairs >= most) throw tooMany(most, position, numbers.length, at);
        const last = i === found.length - 1;
        at = last ? { ...at, row, given: 0, pairs: at.pairs + 1 } : { ...at, given: i + 1, pairs: at.pairs + 1 };
        this.#cursor = at;
        yield found[i];
      }
      skip = 0;
      onProgress?.({ phase: "comparing", rows: position + 1, total: numbers.length, pairs: at.pairs, cursor: at });
    }
    this.#cursor = { ...at, row: marks.at(-1) ?? at.row, given: 0 };
    onProgress?.({ phase: "comparing", rows: numbers.length, total: numbers.length, pairs: at.pairs, cursor: this.#cursor });
  }
}

function tooMany(most: number, position: number, rows: number, cursor: PairCursor): NearError {
  const message = `there are more than ${most} pairs, found among the first ${position + 1} of ${rows} vectors: ask for nearer ones, for clusters, or give a larger maxPairs and go on from the cursor`;
  return new NearError("E_LIMIT", message, { maxPairs: most, rows: position + 1, cursor });
}
