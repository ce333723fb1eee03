import { Engine, type EngineOptions, productCodes, RandomBinaryProjections } from "nearts";
import type { DataSet } from "../data/set.js";
import { bytesPerVector, oneByOne, store } from "./measure.js";
import type { BenchRow } from "./row.js";
import { recallOf } from "./truth.js";

const [projections, tables, passes, sampled] = [10, 10, 3, 4096];
/** Buckets a table that are read: the query's own, and so many that nearly all neighbours lie in them. */
const efforts = [1, 5];

/** The classic hash with codes in its buckets: signs of all dimensions, and codes learned from a sample. One seed; both built, then asked in turn. */
export async function codedRows(set: DataSet, truth: Float64Array): Promise<BenchRow[]> {
  const kinds: readonly (readonly [string, NonNullable<EngineOptions<"dense">["codes"]>])[] = [
    ["1-bit codes", true],
    ["learned codes of 96 directions", productCodes({ distance: "cosine", training: sampleOf(set) })],
  ];
  const rows: BenchRow[] = [];
  for (const [name, codes] of kinds) {
    const hash = new RandomBinaryProjections({ name: "rbp", projections, tables, seed: 1 });
    const engine = new Engine({ dim: set.dim, distance: "cosine", hashes: [hash], codes });
    const stored = await store(engine, set);
    for (const probes of efforts) {
      let qps = 0;
      for (let pass = 0; pass < passes; pass++) qps = Math.max(qps, await oneByOne(engine, set, set.queries.length / set.dim, { probes }));
      rows.push({
        system: "RandomBinaryProjections",
        set: set.name,
        parameters: `${projections} bits × ${tables} tables, ${name}, ${probes} ${probes === 1 ? "bucket" : "buckets"} a table; seed 1, best of ${passes}`,
        recall: await recallOf(engine, set, truth, { probes }),
        qps,
        storedPerSecond: stored,
        bytesPerVector: await bytesPerVector(engine),
        bandwidthShare: null,
      });
    }
    await engine.close();
  }
  return rows;
}

/** Vectors spread over the set. */
function sampleOf({ base, dim }: DataSet) {
  const total = base.length / dim;
  const count = Math.min(sampled, total);
  const values = new Float32Array(count * dim);
  for (let s = 0; s < count; s++) {
    const row = Math.floor((s * total) / count);
    values.set(base.subarray(row * dim, (row + 1) * dim), s * dim);
  }
  return { kind: "dense", dim, count, values } as const;
}
