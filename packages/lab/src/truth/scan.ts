import { type DistanceName, Engine, type Kind, type Rows, UniBucket } from "nearts";

/** Nearest rows of some queries, `k` for each in turn, nearest first; ties by row. */
export interface Nearest {
  readonly k: number;
  readonly rows: Uint32Array;
  readonly distances: Float64Array;
}

/** Ranks all rows by the kernels of an engine without a hash: blocks of rows that stay in the cache while a batch of queries passes, then float64. */
export class Scan {
  readonly #engine: Engine<unknown, Kind>;
  readonly #count: number;

  private constructor(engine: Engine<unknown, Kind>, count: number) {
    this.#engine = engine;
    this.#count = count;
  }

  /** A scan of these rows, which are copied. */
  static async over(rows: Rows, distance: DistanceName): Promise<Scan> {
    const engine = new Engine({ dim: rows.dim, kind: rows.kind, distance, hashes: [new UniBucket({ name: "all" })] });
    await engine.storeManyVectors(rows);
    return new Scan(engine, rows.count);
  }

  async nearest(queries: Rows, k: number, signal?: AbortSignal): Promise<Nearest> {
    const stop = signal === undefined ? {} : { signal };
    const { ids, distances } = await this.#engine.neighboursOfMany(queries, { k, columns: true, ...stop });
    // Ids are row numbers: vectors were stored without names of their own.
    return { k: Math.min(k, this.#count), rows: Uint32Array.from(ids, Number), distances };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
