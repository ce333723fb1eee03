import { Engine, type EngineOptions, productCodes, RandomBinaryProjections } from "nearts";
import { type DataSet, queryCount } from "../data/set.js";
import { mean } from "../statistics.js";
import { atOnce, bytesPerVector, oneByOne, store } from "./measure.js";
import type { BenchRow } from "./row.js";
import { recallOf } from "./truth.js";

const [projections, tables, passes, sampled] = [10, 10, 3, 4096];
/** Buckets a table that are read: the query's own, and so many that nearly all neighbours lie in them. */
const efforts = [1, 5];

type Codes = NonNullable<EngineOptions<"dense">["codes"]>;

/** One seed, by effort. */
interface Run {
  readonly stored: number;
  readonly bytes: number;
  readonly points: readonly { readonly recall: number; readonly single: number; readonly together: number }[];
}

/** The classic hash with codes in its buckets, the mean of so many seeds of its planes: signs of all dimensions, and codes learned from a sample; asked one by one, and all at once. */
export async function codedRows(set: DataSet, truth: Float64Array, seeds: number): Promise<BenchRow[]> {
  const kinds: readonly (readonly [string, () => Codes])[] = [
    ["1-bit codes", () => true],
    ["learned codes of 96 directions", () => productCodes({ distance: "cosine", training: sampleOf(set) })],
  ];
  const rows: BenchRow[] = [];
  for (const [name, make] of kinds) {
    const runs: Run[] = [];
    for (let seed = 1; seed <= seeds; seed++) runs.push(await seedRun(set, truth, make(), seed));
    for (const [e, probes] of efforts.entries()) {
      const buckets = `${probes} ${probes === 1 ? "bucket" : "buckets"} a table`;
      for (const way of ["single", "together"] as const) {
        rows.push({
          system: "RandomBinaryProjections",
          set: set.name,
          parameters: `${projections} bits × ${tables} tables, ${name}, ${buckets}, ${way === "single" ? "one by one" : "all at once"}; mean of ${seeds} seeds, best of ${passes}`,
          recall: mean(runs.map(({ points }) => points[e].recall)),
          qps: mean(runs.map(({ points }) => points[e][way])),
          storedPerSecond: mean(runs.map(({ stored }) => stored)),
          bytesPerVector: mean(runs.map(({ bytes }) => bytes)),
          bandwidthShare: null,
        });
      }
    }
  }
  return rows;
}

async function seedRun(set: DataSet, truth: Float64Array, codes: Codes, seed: number): Promise<Run> {
  const hash = new RandomBinaryProjections({ name: "rbp", projections, tables, seed });
  const engine = new Engine({ dim: set.dim, distance: "cosine", hashes: [hash], codes });
  const stored = await store(engine, set);
  const points: { recall: number; single: number; together: number }[] = [];
  for (const probes of efforts) {
    let [single, together] = [0, 0];
    for (let pass = 0; pass < passes; pass++) {
      single = Math.max(single, await oneByOne(engine, set, queryCount(set), { probes }));
      together = Math.max(together, await atOnce(engine, set, queryCount(set), { probes }));
    }
    points.push({ recall: await recallOf(engine, set, truth, { probes }), single, together });
  }
  const bytes = await bytesPerVector(engine);
  await engine.close();
  return { stored, bytes, points };
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
