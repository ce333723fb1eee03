import { Engine, type EngineOptions, type Hash, type Id, type NeighbourColumns, type VectorsInput } from "nearts";

/** Options of an engine, with those by which it chooses for itself. */
export interface TunedOptions extends Pick<EngineOptions, "dim" | "distance"> {
  readonly hashes?: readonly Hash[];
  /** The recall that its plan is tuned to. */
  readonly recall?: number;
  /** Codes in the buckets of the hashes named. */
  readonly codes?: { readonly bits: number };
  /** Fields of the data that `where` finds by an index. */
  readonly fields?: Readonly<Record<string, "string" | "number" | "boolean" | "strings">>;
}

/** What a query may say. */
export interface TunedQuery {
  readonly k: number;
  readonly probes?: number;
  readonly where?: Readonly<Record<string, unknown>>;
}

/** The parts of an engine that these benchmarks use. */
export interface TunedEngine extends Pick<Engine, "close" | "deleteVector" | "stats" | "storeVector"> {
  storeManyVectors(vectors: VectorsInput<unknown>, options?: { readonly data?: readonly unknown[] }): Promise<Id[]>;
  /** Trains and tunes now, and resolves when that is done. */
  train(): Promise<unknown>;
  tune(options: { readonly recall: number }): Promise<unknown>;
  plan(): Promise<{ readonly text: string }>;
  neighbours(
    query: Float32Array,
    options: TunedQuery,
  ): Promise<readonly { readonly id: Id; readonly distance: number; readonly data?: unknown }[]>;
  neighboursOfMany(
    queries: Float32Array,
    options: TunedQuery & { readonly columns: true; readonly threads?: number },
  ): Promise<NeighbourColumns>;
}

/** An engine by the interface above; an engine that has not got all of it refuses the options it does not know. */
export function tunedEngine(options: TunedOptions): TunedEngine {
  // One place for the cast: this package is compiled against engines of several ages, to compare them.
  return new Engine(options as EngineOptions) as unknown as TunedEngine;
}

/** Bytes of everything that an engine keeps to search, by vector, beyond the raw float32 values. */
export async function bytesBeyondRaw(engine: Pick<Engine, "stats">, dim: number): Promise<number> {
  const { bytes, size } = await engine.stats();
  return (bytes.vectors + bytes.rows + bytes.buckets) / size - 4 * dim;
}

/** The rows that columns name, query by query, for ids that are row numbers. */
export function answersOf({ ids, offsets }: NeighbourColumns): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, q) => ids.slice(offsets[q], offsets[q + 1]).map(Number));
}
