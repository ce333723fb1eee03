import { Engine } from "nearts";
import { RedisStorage } from "nearts/redis";
import { baseCount, type DataSet, queryCount, queryOf } from "../data/set.js";
import type { Truth } from "../data/truth.js";
import { mean, median } from "../statistics.js";
import { digits } from "../table.js";
import { askEach, candidatesOf, k, learnHalf, recallOf, storeRest } from "./build.js";
import { connect } from "./client.js";
import type { Measure } from "./floors.js";
import { Recorder } from "./recorder.js";
import { type Fsync, Servers } from "./servers.js";
import { processorSeconds, trafficOf, usedMemory } from "./traffic.js";

const part = "Redis";

/** An index on one server, and its queries beside their own commands sent bare. */
export async function redisMeasures(set: DataSet, truth: Truth, fsync: Fsync): Promise<Measure[]> {
  const servers = await Servers.alone(fsync);
  const recorder = new Recorder(await connect(servers.urls[0]));
  try {
    const { dim, distance } = set;
    const storage = new RedisStorage({ name: "bench", client: recorder, timeoutMs: 60_000 });
    const engine = new Engine({ dim, distance, recall: 0.95, gauge: false, storage });
    const [empty] = await usedMemory(servers);
    await learnHalf(engine, set);
    const busy = await processorSeconds(servers);
    const stored = await storeRest(engine, set);
    const served = stored.rows / ((await processorSeconds(servers)) - busy);
    await engine.stats(); // what was learned before is removed by then
    const [full] = await usedMemory(servers);
    await askEach(engine, set);
    const { own, bare } = await besideBare(engine, recorder, set);
    const [{ commands, bytes }] = await trafficOf(servers, queryCount(set), () => askEach(engine, set));
    const candidates = await candidatesOf(engine, set);
    const fetched = candidates * dim * 4;
    const recall = await recallOf(engine, set, truth);
    await engine.close();
    return [
      {
        part,
        what: "rows stored, learned",
        least: 10_000,
        measured: stored.perSecond,
        unit: "/s",
        beside: `${digits(stored.perProcessorSecond)} in a second of this process's processor time, ${digits(served)} of the server's; log of writes: ${fsync}`,
      },
      {
        part,
        what: "a query's p50 by the same commands sent bare",
        most: 4,
        measured: median(own) / median(bare),
        unit: "×",
        beside: `${digits(median(own))} / ${digits(median(bare))} ms, in turn; recall ${recall.toFixed(3)}`,
      },
      {
        part,
        what: "fewer bytes than fetching the candidates",
        least: 10,
        measured: fetched / bytes,
        unit: "×",
        beside: `${digits(bytes)} B a query, ${digits(commands)} commands; ${digits(candidates)} candidates are ${digits(fetched)} B`,
      },
      { part, what: "bytes of memory for a vector", measured: (full - empty) / baseCount(set), unit: "B", beside: `raw ${dim * 4}` },
    ];
  } finally {
    recorder.destroy();
    await servers.stop();
  }
}

/** Milliseconds of each query, and of its commands again with nothing done before, between or after. */
async function besideBare(engine: Engine, recorder: Recorder, set: DataSet): Promise<{ own: number[]; bare: number[] }> {
  const [own, bare]: [number[], number[]] = [[], []];
  const trips: number[] = [];
  for (let q = 0; q < queryCount(set); q++) {
    recorder.trips = [];
    const start = performance.now();
    await engine.neighbours(queryOf(set, q), { k });
    const answered = performance.now();
    trips.push(recorder.trips.length);
    own.push(answered - start);
    const again = performance.now();
    await recorder.replay();
    bare.push(performance.now() - again);
  }
  console.error(`Redis: ${mean(trips)} trips a query`);
  return { own, bare };
}
