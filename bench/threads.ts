import { timed } from "./asking.js";
import { type Benchmark, benchmark } from "./benchmark.js";
import { dataOptions, loadWanted } from "./data/load.js";
import { type DataSet, described, queryCount } from "./data/set.js";
import { recalls, truthOf } from "./data/truth.js";
import { choices, count, outputFile } from "./options.js";
import { writeJson } from "./output.js";
import { PureLoop } from "./pure-loop.js";
import { mean, median } from "./statistics.js";
import { answersOf, type TunedEngine, tunedEngine } from "./systems/tuned-engine.js";
import { digits, table } from "./table.js";

/** Gains of one round over one thread. */
export interface ThreadsRow {
  readonly work: "batch" | "training";
  readonly threads: number;
  /** Seconds of the same work on one thread, and on all: the mean of as many times as take {@link leastSeconds} on one. */
  readonly oneSeconds: number;
  readonly manySeconds: number;
  readonly gain: number;
  /** What a loop of pure computing gained in the same round: the most that can be hoped for. */
  readonly loopGain: number;
}

const notes = `A loop that only computes runs in one worker and in several at once; its gain is what the machine has to give at that moment, as others use it too. In turn with
it all queries are asked in one call on one thread and on several, over and over for a second, after 20 such calls that do not count; then the whole set is learned and tuned
anew on one and on several. Nothing is pinned.`;

/** Batches before those that count: each thread compiles its code as it runs, and the first eight gain less. */
const warming = 20;

/** Shorter work is repeated, on one thread and on several in turn. */
const leastSeconds = 1;

const options = {
  ...dataOptions(2000),
  work: choices("what is measured", ["batch", "training"], ["batch", "training"]),
  k: count("neighbours wanted", 10),
  threads: count("threads", 2),
  rounds: count("rounds", 7),
  json: outputFile("rounds as JSON, one a line"),
};

/** What more threads bring to a batch and to learning, beside what they bring to pure computing. */
export const threads: Benchmark = benchmark(
  { name: "threads", about: "a batch and training on one thread and on two, beside what two gain at pure computing", notes, options },
  async ({ data, distance, rows, queries, work, k, threads: many, rounds, json }) => {
    const set = await loadWanted(data, { distance, rows, queries });
    console.error(`${described(set)}, k = ${k}, ${many} threads, Node ${process.version}`);
    const engine = await trained(set, many);
    const loop = new PureLoop(many);
    const found: ThreadsRow[] = [];
    if (work.includes("batch")) {
      const batch = await batches(engine, set, k, many);
      found.push(...(await measured("batch", { threads: many, rounds, loop }, batch)));
    }
    if (work.includes("training")) {
      const one = await trained(set, 1);
      const train = (on: number) => (on === 1 ? one : engine).train({ anew: true });
      found.push(...(await measured("training", { threads: many, rounds, loop }, train)));
      await one.close();
    }
    await loop.end();
    await engine.close();
    writeJson(json, found);
  },
);

async function trained(set: DataSet, many: number): Promise<TunedEngine> {
  const engine = tunedEngine({ dim: set.dim, distance: set.distance, recall: 0.95, threads: many });
  await engine.storeManyVectors(set.base);
  await engine.train();
  return engine;
}

/** Asks all queries on so many threads; some times before, as threads start, and each compiles its code. */
async function batches(engine: TunedEngine, set: DataSet, k: number, many: number): Promise<(on: number) => Promise<void>> {
  const ask = (on: number) => engine.neighboursOfMany(set.queries, { k, columns: true, threads: on });
  const truth = await truthOf(set, k);
  const recallOn = async (on: number) => mean(recalls(set, truth, answersOf(await ask(on)))).toFixed(4);
  console.error(`${queryCount(set)} queries; recall ${await recallOn(1)} on one thread, ${await recallOn(many)} on ${many}`);
  for (let i = 0; i < warming; i++) for (const on of [1, many]) await ask(on);
  return async (on) => void (await ask(on));
}

/** Does the same work on one thread and on several, in turn with a loop of pure computing, and prints what it gains. */
async function measured(
  work: ThreadsRow["work"],
  { threads: many, rounds, loop }: { readonly threads: number; readonly rounds: number; readonly loop: PureLoop },
  run: (on: number) => Promise<void>,
): Promise<ThreadsRow[]> {
  const found: ThreadsRow[] = [];
  for (let round = 0; round < rounds; round++) {
    const loopGain = await loop.gain();
    let [one, all, times] = [0, 0, 0];
    for (; one < leastSeconds; times++) {
      one += (await timed(() => run(1))).seconds;
      all += (await timed(() => run(many))).seconds;
    }
    found.push({ work, threads: many, oneSeconds: one / times, manySeconds: all / times, gain: one / all, loopGain });
  }
  console.log(table([...found.map(printed), printed(middle(found), "median")]));
  return found;
}

function middle(rows: readonly ThreadsRow[]): ThreadsRow {
  const of = (value: (row: ThreadsRow) => number) => median(rows.map(value));
  return {
    ...rows[0],
    oneSeconds: of(({ oneSeconds }) => oneSeconds),
    manySeconds: of(({ manySeconds }) => manySeconds),
    gain: of(({ gain }) => gain),
    loopGain: of(({ loopGain }) => loopGain),
  };
}

function printed(row: ThreadsRow, round: number | string): Record<string, string> {
  return {
    [row.work]: typeof round === "number" ? String(round + 1) : round,
    "1 thread, ms": digits(row.oneSeconds * 1000),
    [`${row.threads} threads, ms`]: digits(row.manySeconds * 1000),
    gain: digits(row.gain),
    "pure computing gains": digits(row.loopGain),
    "of that": digits(row.gain / row.loopGain),
  };
}
