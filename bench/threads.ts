import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { timed } from "./asking.js";
import { type Benchmark, benchmark } from "./benchmark.js";
import { dataOptions, loadWanted } from "./data/load.js";
import { described, queryCount } from "./data/set.js";
import { recalls, truthOf } from "./data/truth.js";
import { count, outputFile } from "./options.js";
import { writeJson } from "./output.js";
import { mean, median } from "./statistics.js";
import { answersOf, tunedEngine } from "./systems/tuned-engine.js";
import { digits, table } from "./table.js";

/** Gains of one round over one thread. */
export interface ThreadsRow {
  readonly threads: number;
  readonly oneQps: number;
  readonly manyQps: number;
  readonly gain: number;
  /** What a loop of pure computing gained in the same round: the most that can be hoped for. */
  readonly loopGain: number;
}

const notes = `A loop that only computes runs in one worker and in several at once; its gain is what the machine has to give at that moment, as others use it too. In turn with
it all queries are asked in one call on one thread and on several. Nothing is pinned.`;

/** Batches before those that count. */
const warming = 5;

const options = {
  ...dataOptions(2000),
  k: count("neighbours wanted", 10),
  threads: count("threads", 2),
  rounds: count("rounds", 7),
  json: outputFile("rounds as JSON, one a line"),
};

/** What more threads bring to a batch, beside what they bring to pure computing. */
export const threads: Benchmark = benchmark(
  { name: "threads", about: "a batch on one thread and on two, beside what two threads gain at pure computing", notes, options },
  async ({ data, distance, rows, queries, k, threads: many, rounds, json }) => {
    const set = await loadWanted(data, { distance, rows, queries });
    console.error(`${described(set)}, k = ${k}, ${many} threads, Node ${process.version}`);
    const engine = tunedEngine({ dim: set.dim, distance: set.distance, recall: 0.95, threads: many });
    await engine.storeManyVectors(set.base);
    await engine.train();
    const batch = async (on: number) => {
      const { result, seconds } = await timed(() => engine.neighboursOfMany(set.queries, { k, columns: true, threads: on }));
      return { result, qps: queryCount(set) / seconds };
    };
    const [one, several] = [await batch(1), await batch(many)];
    // Not counted: threads start, and each compiles its code.
    for (let i = 0; i < warming; i++) for (const on of [1, many]) await batch(on);
    const truth = await truthOf(set, k);
    const recallOn = (found: typeof one) => mean(recalls(set, truth, answersOf(found.result))).toFixed(4);
    console.error(`recall ${recallOn(one)} on one thread, ${recallOn(several)} on ${many}`);
    const loop = new Loop(many);
    const found: ThreadsRow[] = [];
    for (let round = 0; round < rounds; round++) {
      const [alone, together] = [await loop.run(1), await loop.run(many)];
      const [oneQps, manyQps] = [(await batch(1)).qps, (await batch(many)).qps];
      found.push({ threads: many, oneQps, manyQps, gain: manyQps / oneQps, loopGain: (many * alone) / together });
    }
    await loop.end();
    await engine.close();
    console.log(table([...found.map(printed), printed(middle(found), "median")]));
    writeJson(json, found);
  },
);

const source = `
const { parentPort } = require("node:worker_threads");
parentPort.on("message", (steps) => {
  let x = 0.5;
  for (let i = 0; i < steps; i++) x = 3.7 * x * (1 - x); // each step waits for the one before: arithmetic alone, no memory
  parentPort.postMessage(x);
});`;

/** A loop of pure computing in workers. */
class Loop {
  readonly #workers: readonly Worker[];
  readonly #steps = 1e8;

  constructor(workers: number) {
    this.#workers = Array.from({ length: workers }, () => new Worker(source, { eval: true }));
  }

  /** Seconds until so many workers, started together, have each done the whole loop. */
  async run(workers: number): Promise<number> {
    const { seconds } = await timed(() =>
      Promise.all(
        this.#workers.slice(0, workers).map((worker) => {
          const answer = once(worker, "message");
          worker.postMessage(this.#steps);
          return answer;
        }),
      ),
    );
    return seconds;
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function middle(rows: readonly ThreadsRow[]): ThreadsRow {
  const of = (value: (row: ThreadsRow) => number) => median(rows.map(value));
  return {
    threads: rows[0].threads,
    oneQps: of(({ oneQps }) => oneQps),
    manyQps: of(({ manyQps }) => manyQps),
    gain: of(({ gain }) => gain),
    loopGain: of(({ loopGain }) => loopGain),
  };
}

function printed(row: ThreadsRow, round: number | string): Record<string, string> {
  return {
    round: typeof round === "number" ? String(round + 1) : round,
    "1 thread, queries/s": digits(row.oneQps),
    [`${row.threads} threads, queries/s`]: digits(row.manyQps),
    gain: digits(row.gain),
    "pure computing gains": digits(row.loopGain),
    "of that": digits(row.gain / row.loopGain),
  };
}
