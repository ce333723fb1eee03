import { Engine, type EngineOptions, type Id, type NeighbourColumns, type VectorsInput } from "nearts";

/** Options of an engine. */
export interface TunedOptions extends Pick<EngineOptions, "codes" | "dim" | "distance" | "hashes" | "recall" | "threads"> {
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
export interface TunedEngine extends Pick<Engine, "close" | "deleteVector" | "plan" | "stats" | "storeVector" | "train" | "tune"> {
  storeManyVectors(vectors: VectorsInput<unknown>, options?: { readonly data?: readonly unknown[] }): Promise<Id[]>;
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
  // Cast at one place: conditions, fields and threads are looked for in engines of any age, and those that have none refuse them.
  const engine: unknown = new Engine(options);
  return engine as TunedEngine;
}

/** A plan in so few words that a table can take them. */
export function planInShort({ kind, lists, probes, scanned, measured }: Awaited<ReturnType<Engine["plan"]>>): string {
  const parts = { lists, probes, "codes read": scanned, measured };
  const known = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [`${Math.round(value)} ${name}`]));
  return [kind, ...known].join(", ");
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
