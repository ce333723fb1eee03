import type { Id } from "nearts";
import { NearError } from "nearts";
import { type Benchmark, benchmark } from "./benchmark.js";
import { dataOptions, loadWanted } from "./data/load.js";
import { baseCount, type DataSet, described, queryCount, queryOf, vectorOf } from "./data/set.js";
import { latencies, latencyRow } from "./latency.js";
import { count, outputFile } from "./options.js";
import { writeJson } from "./output.js";
import { mean, quantile } from "./statistics.js";
import { type TunedEngine, tunedEngine } from "./systems/tuned-engine.js";
import { digits, table } from "./table.js";

const k = 10;

const notes = `A fifth of the vectors are stored and trained on. Then single vectors are stored and deleted, one awaited after the other; then the other four fifths are
stored, which makes the engine train anew, while a query is asked every millisecond. Its time runs from when it was due, so a process that is
busy is seen. One process, not pinned: what trains beside it may use another processor.`;

const options = {
  ...dataOptions(1000),
  single: count("single vectors to store and to delete", 2000),
  quiet: count("queries while nothing else goes on", 2000),
  json: outputFile("latencies in ms and single updates in µs as JSON"),
};

/** What single updates cost, and what queries feel while the engine trains anew. */
export const updates: Benchmark = benchmark(
  { name: "updates", about: "single inserts and deletes, and the pauses that queries see while the engine retrains", notes, options },
  async ({ data, distance, rows, queries, single, quiet, json }) => {
    const set = await loadWanted(data, { distance, rows, queries });
    const fifth = Math.floor(baseCount(set) / 5);
    const singles = Math.min(single, Math.floor(fifth / 2));
    if (singles === 0 || queryCount(set) === 0)
      throw new NearError("E_BAD_DATA", `${set.name} is too small: it needs 10 vectors and a query`);
    console.error(`${described(set)}; ${fifth} vectors at first, Node ${process.version}`);
    const engine = tunedEngine({ dim: set.dim, distance: set.distance, recall: 0.95 });
    await engine.storeManyVectors(set.base.subarray(0, fifth * set.dim));
    await engine.train();
    const costs = await singleUpdates(engine, set, fifth, singles);
    console.log(table(Object.entries(costs).map(([name, micros]) => costRow(name, micros))));
    const pauses = await pausesOf(engine, set, fifth, quiet);
    console.log(`\n${table([...pauses].map(([name, millis]) => latencyRow(name, millis)))}`);
    if (!pauses.has(trainingName)) console.log(`\nno background work was seen in stats().tasks: ${storingName} may include it`);
    await engine.close();
    writeJson(json, [...Object.entries(costs).map(jsonOf("µs")), ...[...pauses].map(jsonOf("ms"))]);
  },
);

const quietName = "nothing else goes on";
const storingName = "storing 4 × more";
const trainingName = "retraining (storing too, at first)";
const afterName = "after that";
/** Looks, some 20 ms apart, that find nothing going on before that is believed: training may begin a while after storing. */
const linger = 50;

/** Microseconds of each insert and of each delete of the same vectors. */
async function singleUpdates(engine: TunedEngine, set: DataSet, from: number, singles: number): Promise<Record<string, number[]>> {
  const [inserts, deletes, ids]: [number[], number[], Id[]] = [[], [], []];
  for (let i = 0; i < singles; i++) {
    const start = performance.now();
    ids.push(await engine.storeVector(vectorOf(set, from + i)));
    inserts.push((performance.now() - start) * 1000);
  }
  for (const id of ids) {
    const start = performance.now();
    await engine.deleteVector(id);
    deletes.push((performance.now() - start) * 1000);
  }
  return { insert: inserts, delete: deletes };
}

/** Milliseconds of queries, first alone, then while the rest is stored and until nothing goes on any more. */
async function pausesOf(engine: TunedEngine, set: DataSet, from: number, quiet: number): Promise<Map<string, number[]>> {
  const ask = (turn: number) => engine.neighbours(queryOf(set, turn % queryCount(set)), { k });
  for (let turn = 0; turn < 50; turn++) await ask(turn);
  const pauses = await latencies(
    ask,
    () => Promise.resolve(quietName),
    (turn) => turn >= quiet,
  );
  let storing = true;
  let still = 0;
  const stored = engine.storeManyVectors(set.base.subarray(from * set.dim)).then(() => {
    storing = false;
  });
  const during = await latencies(
    ask,
    async () => {
      const busy = (await engine.stats()).tasks.length > 0;
      still = busy || storing ? 0 : still + 1;
      return busy ? trainingName : storing ? storingName : afterName;
    },
    () => still > linger,
  );
  await stored;
  return new Map([...pauses, ...during]);
}

function costRow(name: string, micros: readonly number[]): Record<string, string> {
  return {
    single: name,
    vectors: String(micros.length),
    "mean µs": digits(mean(micros)),
    "p50 µs": digits(quantile(micros, 0.5)),
    "p99 µs": digits(quantile(micros, 0.99)),
    "max µs": digits(quantile(micros, 1)),
  };
}

function jsonOf(unit: string) {
  return ([name, values]: readonly [string, readonly number[]]) => ({
    name,
    unit,
    count: values.length,
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    max: quantile(values, 1),
  });
}
