import { Engine, type Kind, type QueryInput, rowAt } from "nearts";
import type { DataSet } from "../data.js";
import type { AnyEngine } from "./ask.js";

/** Queries asked in a round, evenly spread over all. */
const asked = 8;

/** An exact search of the same rows on one thread, asked a few queries between those of others: what it takes now, on this machine, as time ratios need it. */
export class Yardstick {
  readonly #engine: AnyEngine;
  readonly #queries: readonly QueryInput[];
  readonly #k: number;
  #fastest = Number.POSITIVE_INFINITY;

  private constructor(engine: AnyEngine, queries: readonly QueryInput[], k: number) {
    this.#engine = engine;
    this.#queries = queries;
    this.#k = k;
  }

  /** Stores the rows, a copy of them, and asks once to get warm. */
  static async over({ base, queries, distance }: DataSet, k: number, signal?: AbortSignal): Promise<Yardstick> {
    const engine = new Engine<unknown, Kind>({ dim: base.dim, kind: base.kind, distance });
    await engine.storeManyVectors(base, signal === undefined ? {} : { signal });
    const count = Math.min(asked, queries.count);
    // Engines refuse the kinds that they cannot be asked with.
    const some = Array.from({ length: count }, (_, i) => rowAt(queries, Math.floor((i * queries.count) / count)) as QueryInput);
    const yardstick = new Yardstick(engine, some, k);
    await yardstick.round();
    yardstick.take();
    return yardstick;
  }

  /** Asks all its queries, one by one. */
  async round(): Promise<void> {
    const begun = performance.now();
    for (const query of this.#queries) await this.#engine.neighbours(query, { k: this.#k });
    this.#fastest = Math.min(this.#fastest, ((performance.now() - begun) * 1000) / this.#queries.length);
  }

  /** Microseconds a query in the fastest round since this was asked before. */
  take(): number {
    const micros = this.#fastest;
    this.#fastest = Number.POSITIVE_INFINITY;
    return micros;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
