import { Engine, type Hash, KMeansHash, RandomBinaryProjections } from "nearts";
import type { DataSet } from "./data.js";

/** An index that is built, with the efforts at which it can be asked. */
export interface Built {
  readonly efforts: readonly number[];
  parameters(effort: number): string;
  /** Sets the effort of the queries to come. */
  prepare(effort: number): void;
  /** Row numbers of the k nearest to query q. */
  ask(q: number, k: number): readonly number[] | Promise<readonly number[]>;
  /** Bytes per vector beyond the raw float32 values, where the system says so. */
  readonly bytesPerVector?: number;
}

/** Something that answers nearest neighbour queries. */
export interface System {
  readonly name: string;
  build(set: DataSet): Promise<Built>;
}

/** Exact search. */
export const exact: System = { name: "exact", build: (set) => built(set, [], [1], () => "every vector, by outlines where there are any") };

/** NearPy's pipeline: random planes, multi-probe by margin. */
export const classicPlanes: System = {
  name: "nearts-classic",
  build: (set) =>
    built(
      set,
      [new RandomBinaryProjections({ name: "rbp", projections: 10, tables: 10, seed: 1 })],
      [1, 2, 4, 8, 16, 32],
      (probes) => `10 bits × 10 tables, ${probes} probes a table`,
    ),
};

/** A partition learned by k-means, multi-probe by centroid. */
export const learnedLists: System = {
  name: "nearts-lists",
  build: (set) => {
    const count = set.base.length / set.dim;
    const lists = Math.min(count, Math.round(4 * Math.sqrt(count)));
    const hash = new KMeansHash({ name: "lists", lists, distance: set.distance, seed: 1, training: sample(set, lists * 64) });
    return built(
      set,
      [hash],
      [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256].filter((probes) => probes <= lists),
      (probes) => `${lists} lists, ${probes} probes`,
    );
  },
};

async function built(
  set: DataSet,
  hashes: readonly Hash[],
  efforts: readonly number[],
  parameters: (effort: number) => string,
): Promise<Built> {
  const engine = new Engine({ dim: set.dim, distance: set.distance, hashes });
  await engine.storeManyVectors(set.base);
  const { bytes, size } = await engine.stats();
  let probes = 1;
  return {
    efforts,
    parameters,
    prepare: (effort) => {
      probes = effort;
    },
    ask: async (q, k) =>
      (await engine.neighbours(set.queries.subarray(q * set.dim, (q + 1) * set.dim), { k, probes })).map(({ id }) => Number(id)),
    bytesPerVector: (bytes.vectors + bytes.rows + bytes.buckets) / size - 4 * set.dim,
  };
}

/** Rows spread evenly over the base. */
function sample({ base, dim }: DataSet, most: number) {
  const total = base.length / dim;
  const count = Math.min(total, most);
  const values = new Float32Array(count * dim);
  for (let s = 0; s < count; s++) {
    const row = Math.floor((s * total) / count);
    values.set(base.subarray(row * dim, (row + 1) * dim), s * dim);
  }
  return { kind: "dense", dim, count, values } as const;
}
