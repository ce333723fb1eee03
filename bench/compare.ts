import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Engine, MemoryStorage } from "nearts";
import { type DataSet, dataFolder, limited, loadFolder } from "./data.js";
import { hnswlib, usearch } from "./peers.js";
import { frontierPlot } from "./plot.js";
import { type Built, classicPlanes, exact, learnedLists, type System } from "./systems.js";
import { digits, table } from "./table.js";

/** One system at one effort, or at the cheapest effort that reaches a target. */
export interface CompareRow {
  readonly system: string;
  readonly target: number | null;
  readonly recall: number;
  readonly qps: number;
  readonly buildSeconds: number;
  readonly bytesPerVector: number | null;
  readonly parameters: string;
}

interface Contestant {
  readonly system: System;
  readonly built: Built;
  readonly buildSeconds: number;
  readonly points: Map<number, { recall: number; qps: number }>;
}

const own = [exact, classicPlanes, learnedLists];
const peers = [hnswlib, usearch];
const rounds = 3;

/** Sweeps every system over its efforts, interleaved, single thread, and prints what each costs at the recall asked for. */
export async function compare(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: "string" },
      distance: { type: "string", default: "euclidean" },
      k: { type: "string", default: "10" },
      recall: { type: "string", default: "0.9,0.95,0.99" },
      peers: { type: "string", default: peers.map(({ name }) => name).join(",") },
      rows: { type: "string" },
      queries: { type: "string", default: "1000" },
      json: { type: "string" },
      svg: { type: "string" },
    },
  });
  const distance = values.distance === "cosine" ? "cosine" : "euclidean";
  const folder = dataFolder(values.data, distance === "cosine" ? "word2vec-classics-100" : "fashion-mnist-784");
  const set = limited({ ...(await loadFolder(folder)), distance }, Number(values.rows ?? Number.POSITIVE_INFINITY), Number(values.queries));
  const k = Number(values.k);
  const wanted = values.peers.split(",");
  console.error(
    `${set.name}: ${set.base.length / set.dim} vectors, ${set.queries.length / set.dim} queries, d = ${set.dim}, ${distance}, k = ${k}, one thread, Node ${process.version}`,
  );
  const truth = await exactDistances(set, k);
  const contestants: Contestant[] = [];
  for (const system of [...own, ...peers.filter(({ name }) => wanted.includes(name))]) contestants.push(await enter(system, set));
  for (let round = 0; round < rounds; round++) for (const contestant of contestants) await measure(contestant, set, k, truth, round);
  const targets = values.recall.split(",").map(Number);
  const rows = targets.flatMap((target) => contestants.flatMap((contestant) => cheapest(contestant, target)));
  for (const target of targets)
    printTarget(
      rows.filter((row) => row.target === target),
      target,
    );
  if (values.json !== undefined) writeFileSync(values.json, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
  if (values.svg !== undefined)
    writeFileSync(
      values.svg,
      frontierPlot(
        `${set.name}, ${distance}, k = ${k}`,
        contestants.map(({ system, points }) => ({ name: system.name, points: [...points.values()] })),
      ),
    );
}

async function enter(system: System, set: DataSet): Promise<Contestant> {
  const start = performance.now();
  const built = await system.build(set);
  const buildSeconds = (performance.now() - start) / 1000;
  console.error(`${system.name}: built in ${digits(buildSeconds)} s`);
  return { system, built, buildSeconds, points: new Map() };
}

/** One pass over all queries at each effort; rates are the best of the rounds, as others on the machine only slow one down. */
async function measure({ built, points }: Contestant, set: DataSet, k: number, truth: Float64Array, round: number): Promise<void> {
  const count = set.queries.length / set.dim;
  for (const effort of built.efforts) {
    built.prepare(effort);
    const asked = Math.min(count, round === 0 ? count : 300);
    const answers: (readonly number[])[] = [];
    const start = performance.now();
    for (let q = 0; q < asked; q++) {
      const answer = built.ask(q, k);
      answers.push(answer instanceof Promise ? await answer : answer);
    }
    const qps = asked / ((performance.now() - start) / 1000);
    const known = points.get(effort);
    points.set(effort, { recall: known?.recall ?? recallOf(answers, set, k, truth), qps: Math.max(known?.qps ?? 0, qps) });
    if (points.get(effort)?.recall === 1 && effort > 64) break;
  }
}

function cheapest({ system, built, buildSeconds, points }: Contestant, target: number): CompareRow[] {
  const good = [...points].filter(([, { recall }]) => recall >= target).sort(([, a], [, b]) => b.qps - a.qps);
  if (good.length === 0) return [];
  const [effort, { recall, qps }] = good[0];
  return [
    {
      system: system.name,
      target,
      recall,
      qps,
      buildSeconds,
      bytesPerVector: built.bytesPerVector ?? null,
      parameters: built.parameters(effort),
    },
  ];
}

function printTarget(rows: readonly CompareRow[], target: number): void {
  const rates = new Map(rows.map(({ system, qps }) => [system, qps]));
  const ratio = (qps: number, peer: string) => (rates.has(peer) ? `${digits(qps / (rates.get(peer) ?? 1))} ×` : "–");
  console.log(`\nrecall@k ≥ ${target}`);
  console.log(
    table(
      rows.map((row) => ({
        system: row.system,
        parameters: row.parameters,
        recall: row.recall.toFixed(3),
        "queries/s": digits(row.qps),
        ...Object.fromEntries(peers.map(({ name }) => [`/ ${name}`, ratio(row.qps, name)])),
        "build s": digits(row.buildSeconds),
        "bytes beyond raw": row.bytesPerVector === null ? "–" : digits(row.bytesPerVector),
      })),
    ),
  );
}

/** Recall by distance, as ann-benchmarks counts it: an answer no farther than the true k-th is a hit. */
function recallOf(answers: readonly (readonly number[])[], set: DataSet, k: number, truth: Float64Array): number {
  let hits = 0;
  answers.forEach((rows, q) => {
    for (const row of rows) if (distanceOf(set, q, row) <= truth[q] * (1 + 1e-6) + 1e-9) hits++;
  });
  return hits / (answers.length * k);
}

async function exactDistances(set: DataSet, k: number): Promise<Float64Array> {
  const engine = new Engine({ dim: set.dim, distance: set.distance, storage: new MemoryStorage({ outlines: false }) });
  await engine.storeManyVectors(set.base);
  const { ids, offsets } = await engine.neighboursOfMany(set.queries, { k, columns: true });
  return Float64Array.from({ length: offsets.length - 1 }, (_, q) => distanceOf(set, q, Number(ids[offsets[q + 1] - 1])));
}

function distanceOf(set: DataSet, q: number, row: number): number {
  const [a, b] = [q * set.dim, row * set.dim];
  let [xx, yy, xy, gap] = [0, 0, 0, 0];
  for (let i = 0; i < set.dim; i++) {
    const [x, y] = [set.queries[a + i], set.base[b + i]];
    xx += x * x;
    yy += y * y;
    xy += x * y;
    gap += (x - y) * (x - y);
  }
  return set.distance === "cosine" ? 1 - xy / Math.sqrt(xx * yy) : Math.sqrt(gap);
}
