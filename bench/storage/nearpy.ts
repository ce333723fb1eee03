import { type DenseRows, Engine, RandomBinaryProjections } from "nearts";
import { RedisStorage } from "nearts/redis";
import { timed } from "../asking.js";
import { baseCount, centred, type DataSet, limited, queryCount, queryOf } from "../data/set.js";
import { recalls, truthOf } from "../data/truth.js";
import { mean } from "../statistics.js";
import { digits } from "../table.js";
import { askEach, askingOf, k, race, recallOf } from "./build.js";
import { connect } from "./client.js";
import type { Measure } from "./floors.js";
import { NearPyLayout } from "./nearpy-layout.js";
import { type Fsync, Servers } from "./servers.js";
import { usedMemory } from "./traffic.js";

const part = "NearPy";
const [tables, projections] = [10, 10];
/** A query of that layout brings megabytes. */
const mostQueries = 100;
const rowsAtOnce = 256;

/** One hash in two layouts on one server through one client: vectors once and codes in buckets, and vectors in every bucket. */
export async function nearpyMeasures(given: DataSet, fsync: Fsync, rounds: number): Promise<Measure[]> {
  // Planes go through the mean, else all vectors lie on one side of most.
  const set: DataSet = limited({ ...centred(given), distance: "euclidean" }, Number.POSITIVE_INFINITY, mostQueries);
  const truth = await truthOf(set, k);
  const servers = await Servers.alone(fsync);
  const client = await connect(servers.urls[0]);
  try {
    const hash = new RandomBinaryProjections({ name: "rbp", projections, tables, seed: 1 });
    const storage = new RedisStorage({ name: "bench", client, timeoutMs: 60_000 });
    const engine = new Engine({ dim: set.dim, distance: "euclidean", hashes: [hash], codes: true, gauge: false, storage });
    const theirs = new NearPyLayout(client, hash);
    const [empty] = await usedMemory(servers);
    const ownStore = await timed(() => engine.storeManyVectors(set.base, { dim: set.dim }));
    const [own] = await usedMemory(servers);
    const otherStore = await timed(() => storeAll(theirs, set));
    const [both] = await usedMemory(servers);
    await askEach(engine, set);
    const found = await askTheirs(theirs, set);
    const { qps, ratio } = await race((q) => theirs.neighbours(queryRows(set, q), k), askingOf(engine, set), queryCount(set), rounds);
    const recall = [await recallOf(engine, set, truth), mean(recalls(set, truth, found))];
    await engine.close();
    const count = baseCount(set);
    return [
      {
        part,
        what: "queries/s by its layout, same hash and client",
        least: 8,
        measured: ratio,
        unit: "×",
        beside: `${digits(qps[1])} / ${digits(qps[0])}; recall ${recall.map((one) => one.toFixed(3)).join(" / ")}; ${projections} bits × ${tables} tables`,
      },
      {
        part,
        what: "fewer bytes stored than its layout",
        least: 5,
        measured: (both - own) / (own - empty),
        unit: "×",
        beside: `${digits((own - empty) / count)} / ${digits((both - own) / count)} B a vector`,
      },
      {
        part,
        what: "rows stored by its layout",
        measured: otherStore.seconds / ownStore.seconds,
        unit: "×",
        beside: `${digits(count / ownStore.seconds)} / ${digits(count / otherStore.seconds)} a second`,
      },
    ];
  } finally {
    client.destroy();
    await servers.stop();
  }
}

async function storeAll(layout: NearPyLayout, set: DataSet): Promise<void> {
  const { dim } = set;
  for (let from = 0; from < baseCount(set); from += rowsAtOnce) {
    const ids = Array.from({ length: Math.min(rowsAtOnce, baseCount(set) - from) }, (_, i) => from + i);
    const values = set.base.subarray(from * dim, (from + ids.length) * dim);
    await layout.store({ kind: "dense", dim, count: ids.length, values }, ids);
  }
}

async function askTheirs(layout: NearPyLayout, set: DataSet): Promise<number[][]> {
  const found: number[][] = [];
  for (let q = 0; q < queryCount(set); q++) found.push((await layout.neighbours(queryRows(set, q), k)).map(({ id }) => id));
  return found;
}

function queryRows(set: DataSet, q: number): DenseRows {
  return { kind: "dense", dim: set.dim, count: 1, values: queryOf(set, q) };
}
