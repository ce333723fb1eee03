import type { Hash } from "nearts";
import { type DataSet, queryOf } from "../data/set.js";
import type { Built } from "./system.js";
import { answersOf, bytesBeyondRaw, type TunedOptions, tunedEngine } from "./tuned-engine.js";

/** How an engine with hashes of the benchmark's choice is swept. */
interface Probed {
  readonly hashes: readonly Hash[];
  readonly codes?: TunedOptions["codes"];
  readonly efforts: readonly number[];
  readonly parameters: (probes: number) => string;
}

/** An engine whose effort is the number of buckets it reads per table. */
export async function probed(set: DataSet, { hashes, codes, efforts, parameters }: Probed): Promise<Built> {
  const { dim, distance } = set;
  const engine = tunedEngine({ dim, distance, hashes, ...(codes !== undefined && { codes }) });
  await engine.storeManyVectors(set.base);
  let probes = efforts[0];
  return {
    efforts,
    prepare: (effort) => {
      probes = effort;
    },
    parameters: () => parameters(probes),
    ask: async (q, k) => (await engine.neighbours(queryOf(set, q), { k, probes })).map(({ id }) => Number(id)),
    askAll: async (k, threads) =>
      answersOf(await engine.neighboursOfMany(set.queries, { k, probes, columns: true, ...(threads > 1 && { threads }) })),
    size: { bytesPerVector: await bytesBeyondRaw(engine, dim) },
  };
}
