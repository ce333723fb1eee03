import { Random } from "nearts";
import type { Machine, Measured, Result } from "nearts-lab";

const machine: Machine = {
  cpu: "Test CPU 3000",
  cores: 2,
  memoryBytes: 8 * 2 ** 30,
  node: "v20.19.5",
  nearts: "0.1.0",
  commit: "0123456789ab",
};

/** Engines of the made-up results, with how good they are at what they cost. */
const ENGINES = [
  { engine: "learned", skill: 3 },
  { engine: "random planes", skill: 1 },
  { engine: "random planes with codes", skill: 1.8 },
  { engine: "bins", skill: 0.8 },
  { engine: "principal directions", skill: 1.3 },
];

/** `count` results of a sweep over bits and probes of five engines, plausible in shape: more probes find more and cost more. */
export function madeResults(count: number, seed: number | string = 1): Result[] {
  return Array.from({ length: count }, (_, i) => {
    const { engine, skill } = ENGINES[i % ENGINES.length];
    const probes = 2 ** (Math.floor(i / ENGINES.length) % 8);
    const bits = 8 + 2 * (Math.floor(i / ENGINES.length / 8) % 4);
    return madeResult({ engine, parameters: { bits, probes, tables: 8 } }, skill, probes / (1 + bits / 8), `${seed} ${i}`);
  });
}

/** One such result, with what `changes` says in place of what would be made up. */
export function madeResult(changes: Partial<Result> = {}, skill = 1, effort = 2, seed: number | string = 1): Result {
  const random = new Random(seed);
  const recall = 1 - Math.exp(-0.25 * (skill * effort) ** 0.8 * (1 + 0.1 * random.uniform()));
  const candidates = 150 * effort * (1 + 0.2 * random.uniform());
  return {
    version: 1,
    key: `key ${seed}`,
    experiment: "sweep",
    engine: "random planes",
    parameters: { bits: 10, probes: 4 },
    plan: "Reads the 4 most promising buckets of each of 8 tables, then measures every candidate.",
    data: { name: "made up", hash: "ab".repeat(32), kind: "dense", distance: "euclidean", dim: 64, rows: 10_000, queries: 100 },
    k: 10,
    seed: 1,
    measures: {
      recall: { ...around(recall, "", 0.02), better: "higher" },
      queriesPerSecond: { ...around((60_000 * skill) / (3 + candidates ** 0.8), "1/s", 0.05), better: "higher" },
      candidates: { ...around(candidates, "", 0.08), better: "lower" },
      distanceRatio: { ...around((1 - recall) * 0.4, "", 0.1), better: "lower" },
      resultSize: { ...around(10 * Math.min(1, recall + 0.2), "", 0), better: null },
      timeRatio: { ...around(0.01 * candidates ** 0.6, "×", 0.05), better: "lower" },
      buildSeconds: { value: 0.4 * skill * (1 + 0.1 * random.uniform()), unit: "s", better: "lower" },
      bytes: { value: 3e6 * skill, unit: "bytes", better: "lower" },
    },
    histograms: {
      buckets: {
        title: "bucket size",
        unit: "rows",
        edges: [1, 2, 4, 8, 16, 32, 64, 128],
        counts: [400, 300, 180, 90, 40, 12, 3],
        log: true,
      },
      latency: { title: "latency", unit: "µs", edges: [0, 50, 100, 150, 200, 250], counts: [2, 40, 30, 20, 8] },
    },
    curves: {
      collisions: {
        title: "collision probability",
        xLabel: "angle (degrees)",
        yLabel: "share of pairs that meet",
        points: Array.from({ length: 12 }, (_, i) => {
          const y = Math.max(0, 1 - i / 12 + 0.04 * (random.uniform() - 0.5));
          return { x: 15 * i, y, low: Math.max(0, y - 0.03), high: Math.min(1, y + 0.03) };
        }),
        theory: Array.from({ length: 31 }, (_, i) => ({ x: 6 * i, y: 1 - i / 30 })),
      },
    },
    machine,
    at: "2026-11-23T00:00:00.000Z",
    ...changes,
  };
}

/** A machine that is not that of the other results. */
export const otherMachine: Machine = { ...machine, cpu: "Other CPU", cores: 64 };

function around(value: number, unit: string, part: number): Omit<Measured, "better"> {
  return part === 0
    ? { value, unit }
    : { value, unit, low: value * (1 - part), high: unit === "" && value <= 1 ? Math.min(1, value * (1 + part)) : value * (1 + part) };
}
