import {
  CrossPolytope,
  Engine,
  type EngineOptions,
  type Hash,
  ITQBinaryProjections,
  LSHForest,
  MemoryStorage,
  PStableProjections,
  productCodes,
  RandomBinaryProjections,
  SuperBit,
} from "nearts";
import { k, store } from "../classic/measure.js";
import { recallOf, trueDistances } from "../classic/truth.js";
import { loadWanted } from "../data/load.js";
import { centred, type DataSet, described, queryOf } from "../data/set.js";
import { inTurn } from "./rounds.js";
import type { FamilyRow, Part } from "./row.js";

const passes = 5;
const sampled = 4096;
/** What a query of a family with codes is to be faster than the same without. */
const leastGain = 5;
const leastRate = 4000;
const leastRecall = 0.95;

/** A family at parameters by which it finds about 95 % of the neighbours, and the buckets it then reads of each table. */
interface Family {
  readonly parameters: string;
  readonly probes: number;
  readonly make: () => Hash;
}

/** Every family of dense vectors without codes, with codes that need no training and with learned ones, at equal parameters. */
export const dense: Part = async ({ data, rows: most, queries }) => {
  const set = centred(await loadWanted(data, { distance: "euclidean", rows: most, queries }));
  console.error(`${described(set)}, k = ${k}, one thread, Node ${process.version}`);
  const exact = engineOf(set, {});
  await store(exact, set);
  const truth = await trueDistances(exact, set);
  await exact.close();
  const sample = sampleOf(set);
  const width = (3 * truth.reduce((sum, distance) => sum + distance, 0)) / truth.length;
  const rows: FamilyRow[] = [];
  const [first, ...others] = familiesOf(sample, width);
  rows.push(await rateRow(first, set, truth));
  for (const family of [first, ...others]) rows.push(...(await familyRows(family, set, truth, sample)));
  return rows;
};

/** A family with codes that need no training, by itself: what it reads stays in the caches that nothing else uses. */
async function rateRow({ parameters, probes, make }: Family, set: DataSet, truth: Float64Array): Promise<FamilyRow> {
  const engine = engineOf(set, { hashes: [make()], codes: true });
  await store(engine, set);
  const count = set.queries.length / set.dim;
  const [seconds] = await inTurn([{ ask: (q: number) => engine.neighbours(queryOf(set, q), { k, probes }) }], count, 2 * passes);
  const recall = await recallOf(engine, set, truth, { probes });
  await engine.close();
  const qps = count / seconds;
  return {
    part: "dense",
    system: parameters,
    set: set.name,
    parameters: `1-bit codes, ${probes} probes a table, alone`,
    recall,
    qps,
    floor: { what: `queries/s at recall@10 ≥ ${leastRecall}, no training`, value: recall >= leastRecall ? qps : 0, least: leastRate },
  };
}

const name = "h";
const seed = 1;

function familiesOf(training: Sample, binWidth: number): Family[] {
  const planes = (projections: number, tables: number) => new RandomBinaryProjections({ name: "planes", projections, tables, seed });
  return [
    {
      parameters: "CrossPolytope, 10 bits (512 values) × 1 table",
      probes: 60,
      make: () => new CrossPolytope({ name, bits: 10, seed }),
    },
    { parameters: "RandomBinaryProjections, 10 bits × 2 tables", probes: 48, make: () => planes(10, 2) },
    { parameters: "SuperBit, 10 bits × 2 tables", probes: 44, make: () => new SuperBit({ name, projections: 10, tables: 2, seed }) },
    {
      parameters: "ITQBinaryProjections, 10 bits × 1 table, learned",
      probes: 9,
      make: () => new ITQBinaryProjections({ name, projections: 10, seed, training }),
    },
    {
      parameters: `PStableProjections, 5 integers of ${Math.round(binWidth)} × 2 tables`,
      probes: 24,
      make: () => new PStableProjections({ name, projections: 5, binWidth, tables: 2, seed }),
    },
    {
      parameters: "LSHForest of RandomBinaryProjections, 10 bits × 4 tables, 10,000 rows",
      probes: 2,
      make: () => new LSHForest({ name, children: [planes(10, 4)], minimumResultSize: 10_000 }),
    },
  ];
}

async function familyRows(family: Family, set: DataSet, truth: Float64Array, sample: Sample): Promise<FamilyRow[]> {
  const { probes } = family;
  const kinds: readonly (readonly [string, Partial<EngineOptions<"dense">>])[] = [
    ["without codes", { storage: new MemoryStorage({ outlines: false }) }],
    ["1-bit codes", { codes: true }],
    ["learned codes", { codes: productCodes({ distance: "euclidean", training: sample }) }],
  ];
  const engines = kinds.map(([, options]) => engineOf(set, { ...options, hashes: [family.make()] }));
  for (const engine of engines) await store(engine, set);
  const count = set.queries.length / set.dim;
  const systems = engines.map((engine) => ({ ask: (q: number) => engine.neighbours(queryOf(set, q), { k, probes }) }));
  const seconds = await inTurn(systems, count, passes);
  const rows: FamilyRow[] = [];
  for (const [i, [kind]] of kinds.entries()) {
    const recall = await recallOf(engines[i], set, truth, { probes });
    const row = {
      part: "dense",
      system: family.parameters,
      set: set.name,
      parameters: `${kind}, ${probes} ${probes === 1 ? "probe" : "probes"} a table`,
      recall,
      qps: count / seconds[i],
    };
    rows.push({
      ...row,
      floor: i === 0 ? null : { what: "times the rate without codes", value: seconds[0] / seconds[i], least: leastGain },
    });
  }
  for (const engine of engines) await engine.close();
  console.error(`${family.parameters}: measured`);
  return rows;
}

function engineOf({ dim }: DataSet, options: Partial<EngineOptions<"dense">>): Engine {
  return new Engine({ dim, distance: "euclidean", ...options });
}

type Sample = ReturnType<typeof sampleOf>;

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
