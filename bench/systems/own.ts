import { KMeansHash, NearError, RandomBinaryProjections, UniBucket } from "nearts";
import { baseCount, type DataSet, vectorOf } from "../data/set.js";
import { probed } from "./probed.js";
import type { System } from "./system.js";
import { tuned } from "./tuned.js";

const planes = () => new RandomBinaryProjections({ name: "rbp", projections: 10, tables: 10, seed: 1 });

/** Exact search. */
const exact: System = {
  name: "exact",
  build: (set) =>
    probed(set, {
      hashes: [new UniBucket({ name: "all" })],
      efforts: [1],
      parameters: () => "every vector, by outlines where there are any",
    }),
};

/** NearPy's pipeline: random planes, multi-probe by margin, every candidate measured. */
const classicPlanes: System = {
  name: "nearts-classic",
  build: (set) =>
    probed(set, {
      hashes: [planes()],
      efforts: [1, 2, 4, 8, 16, 32],
      parameters: (probes) => `10 bits × 10 tables, ${probes} probes a table`,
    }),
};

/** The same with 1-bit codes in the buckets, by which candidates are chosen before any is measured. */
const codedPlanes: System = {
  name: "nearts-classic+codes",
  build: (set) =>
    probed(set, {
      hashes: [planes()],
      codes: { bits: 1 },
      efforts: [1, 2, 4, 8, 16, 32, 64, 128],
      parameters: (probes) => `10 bits × 10 tables, 1-bit codes, ${probes} probes a table`,
    }),
};

/** A partition learned by k-means without codes: every vector of the lists probed is measured. */
const learnedLists: System = {
  name: "nearts-lists",
  build: (set) => {
    const { distance } = set;
    if (distance === "inner-product") throw new NearError("E_UNSUPPORTED", "k-means divides places or directions, not inner products");
    const lists = Math.min(baseCount(set), Math.round(4 * Math.sqrt(baseCount(set))));
    const hash = new KMeansHash({ name: "lists", lists, distance, seed: 1, training: sample(set, lists * 64) });
    return probed(set, {
      hashes: [hash],
      efforts: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256].filter((probes) => probes <= lists),
      parameters: (probes) => `${lists} lists, ${probes} probes`,
    });
  },
};

/** Our own systems; the first is what an engine is when its user names nothing. */
export const own: readonly System[] = [tuned, exact, classicPlanes, codedPlanes, learnedLists];

/** Rows spread evenly over the base. */
function sample(set: DataSet, most: number) {
  const { dim } = set;
  const total = baseCount(set);
  const count = Math.min(total, most);
  const values = new Float32Array(count * dim);
  for (let s = 0; s < count; s++) values.set(vectorOf(set, Math.floor((s * total) / count)), s * dim);
  return { kind: "dense", dim, count, values } as const;
}
