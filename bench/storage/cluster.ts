import { Engine } from "nearts";
import { RedisStorage } from "nearts/redis";
import { type Benchmark, benchmark } from "../benchmark.js";
import { dataOptions, loadWanted } from "../data/load.js";
import { Mixture } from "../data/mixture.js";
import { baseCount, type DataSet, described, queryCount } from "../data/set.js";
import { type Truth, truthOf } from "../data/truth.js";
import { choice, count, numbers, outputFile } from "../options.js";
import { writeJson } from "../output.js";
import { mean } from "../statistics.js";
import { planInShort } from "../systems/tuned-engine.js";
import { digits, table } from "../table.js";
import { askEach, askingOf, k, race, recallOf } from "./build.js";
import { type Measure, measureJson, measureTable } from "./floors.js";
import { type Fsync, fsyncs, Servers } from "./servers.js";
import { sum, trafficOf, usedMemory } from "./traffic.js";

/** A cluster of one size beside one server that is none. */
export interface ClusterRow {
  readonly nodes: number;
  readonly shards: number;
  readonly ratio: number;
  readonly qps: number;
  readonly aloneQps: number;
  readonly recall: number;
  /** Of one query: all nodes together, the mean node, and the busiest. */
  readonly commands: number;
  readonly commandsPerNode: number;
  readonly commandsMost: number;
  readonly bytes: number;
  readonly bytesPerNode: number;
  readonly bytesMost: number;
  /** Bytes of memory for a vector, all nodes together, and the fullest node's part of all. */
  readonly memory: number;
  readonly memoryMost: number;
  /** Bytes of the records in the buckets, by vector, before what the server takes for keeping them. */
  readonly records: number;
  readonly plan: string;
}

const notes = `Clusters of primaries on loopback, formed by this run, each asked in turn with one server that is no cluster and holds the same vectors; one client, one query
awaited after the other, k = 10, recall .95. Commands and bytes are the servers' own counts. All nodes share this machine's processors: what more nodes bring is told by
what each has to do, not by the clock.

examples:
  npm run bench -- cluster --data <fashion-mnist-784> --rows 20000
  npm run bench -- cluster --nodes 1,3,6 --shards 48 --json cluster.json`;

const options = {
  ...dataOptions(300),
  synthetic: count<number | undefined>("so many synthetic vectors, d = 128, Euclidean, in place of data", undefined),
  nodes: numbers("primaries of each cluster", [1, 3, 6]),
  shards: count("logical shards of the index in a cluster", 8),
  rounds: count("rounds of what is asked in turn", 5),
  fsync: choice("when Redis brings its log of writes to the disk; off for no log", fsyncs, "everysec"),
  json: outputFile("rows as JSON, one a line"),
};

/** What a query costs each node of a cluster as nodes are added. */
export const cluster: Benchmark = benchmark(
  { name: "cluster", about: "Redis Cluster beside one server, and what each node has to do as nodes are added", notes, options },
  async ({ data, distance, rows, queries, synthetic, nodes, shards, rounds, fsync, json }) => {
    const set = synthetic === undefined ? await loadWanted(data, { distance, rows, queries }) : syntheticSet(synthetic, queries);
    console.error(`${described(set)}, k = ${k}, Node ${process.version}`);
    const truth = await truthOf(set, k);
    const server = await Servers.alone(fsync);
    const found: ClusterRow[] = [];
    try {
      const alone = await built(server, set);
      for (const count of nodes) found.push(await clusterRow({ count, shards, rounds, fsync }, set, truth, alone));
      await alone.close();
    } finally {
      await server.stop();
    }
    console.log(table(found.map(printed)));
    console.log(`\n${measureTable(measuresOf(found))}`);
    writeJson(json, [...found, ...measuresOf(found).map(measureJson)]);
  },
);

function syntheticSet(rows: number, queries: number): DataSet {
  const mixture = new Mixture(128, 1);
  const { values } = mixture.rows(0, rows);
  return { name: "synthetic", dim: mixture.dim, distance: "euclidean", base: values, queries: mixture.rows(rows, rows + queries).values };
}

interface Wanted {
  readonly count: number;
  readonly shards: number;
  readonly rounds: number;
  readonly fsync: Fsync;
}

async function clusterRow({ count, shards, rounds, fsync }: Wanted, set: DataSet, truth: Truth, alone: Engine): Promise<ClusterRow> {
  const servers = await Servers.cluster(count, fsync);
  try {
    const before = await usedMemory(servers);
    const engine = await built(servers, set, shards);
    const after = await usedMemory(servers);
    await askEach(engine, set);
    const { qps, ratio } = await race(askingOf(alone, set), askingOf(engine, set), queryCount(set), rounds);
    const traffic = await trafficOf(servers, queryCount(set), () => askEach(engine, set));
    const recall = await recallOf(engine, set, truth);
    const { bytes: stored, size } = await engine.stats();
    const plan = planInShort(await engine.plan());
    await engine.close();
    const [commands, bytes] = [traffic.map((node) => node.commands), traffic.map((node) => node.bytes)];
    const memory = after.map((used, i) => used - before[i]);
    return {
      nodes: count,
      shards,
      ratio,
      qps: qps[1],
      aloneQps: qps[0],
      recall,
      commands: sum(commands),
      commandsPerNode: mean(commands),
      commandsMost: Math.max(...commands),
      bytes: sum(bytes),
      bytesPerNode: mean(bytes),
      bytesMost: Math.max(...bytes),
      memory: sum(memory) / baseCount(set),
      memoryMost: Math.max(...memory) / sum(memory),
      records: stored.buckets / size,
      plan,
    };
  } finally {
    await servers.stop();
  }
}

async function built({ urls }: Servers, { dim, distance, base }: DataSet, shards = 1): Promise<Engine> {
  const storage = new RedisStorage({ name: "bench", url: urls, shards, timeoutMs: 60_000 });
  const engine = new Engine({ dim, distance, recall: 0.95, gauge: false, storage });
  await engine.storeManyVectors(base, { dim });
  await engine.train();
  return engine;
}

function measuresOf(rows: readonly ClusterRow[]): Measure[] {
  const part = "Cluster";
  const three = rows.find(({ nodes }) => nodes === 3);
  const most = (value: (row: ClusterRow) => number) => Math.max(...rows.slice(1).map((row, i) => value(row) / value(rows[i])));
  const list = (value: (row: ClusterRow) => number) => rows.map((row) => digits(value(row))).join(", ");
  const falling: Measure[] =
    rows.length < 2
      ? []
      : [
          {
            part,
            what: "commands a node, by those with fewer nodes (the worst step)",
            most: 0.99,
            measured: most((row) => row.commandsPerNode),
            unit: "×",
            beside: list((row) => row.commandsPerNode),
          },
          {
            part,
            what: "bytes a node, by those with fewer nodes (the worst step)",
            most: 0.99,
            measured: most((row) => row.bytesPerNode),
            unit: "×",
            beside: list((row) => row.bytesPerNode),
          },
        ];
  const beside: Measure[] =
    three === undefined
      ? []
      : [
          {
            part,
            what: "queries/s of 3 primaries by one server, one client",
            least: 0.6,
            measured: three.ratio,
            unit: "×",
            beside: `${digits(three.qps)} / ${digits(three.aloneQps)}, ${three.shards} shards; recall ${three.recall.toFixed(3)}`,
          },
        ];
  return [...beside, ...falling];
}

function printed(row: ClusterRow): Record<string, string> {
  return {
    primaries: String(row.nodes),
    shards: String(row.shards),
    recall: row.recall.toFixed(3),
    "queries/s": digits(row.qps),
    "by one server": digits(row.ratio),
    "commands/query": digits(row.commands),
    "a node": digits(row.commandsPerNode),
    busiest: digits(row.commandsMost),
    "bytes/query": digits(row.bytes),
    "bytes a node": digits(row.bytesPerNode),
    "most bytes": digits(row.bytesMost),
    "memory B/vector": digits(row.memory),
    "fullest node": `${(100 * row.memoryMost).toFixed(0)} %`,
    "of them records": digits(row.records),
    plan: `  ${row.plan}`,
  };
}
