import { NearError } from "nearts";
import { type Asked, askAll, recallsByDistance, timed } from "./asking.js";
import { type Benchmark, benchmark } from "./benchmark.js";
import { dataFolder } from "./data/folder.js";
import { dataOptions, loadSet } from "./data/load.js";
import { baseCount, type DataSet, described, queryCount, type SetDistance } from "./data/set.js";
import { type Truth, truthOf } from "./data/truth.js";
import { count, fractions, outputFile } from "./options.js";
import { writeJson } from "./output.js";
import { pinned } from "./pin.js";
import { mean, standardError } from "./statistics.js";
import { planInShort, type TunedEngine, tunedEngine } from "./systems/tuned-engine.js";
import { digits, short, table } from "./table.js";

/** One target on one set. */
export interface TuneRow {
  readonly set: string;
  readonly target: number;
  readonly recall: number;
  /** Standard error of the recall, over queries. */
  readonly standardError: number;
  readonly verdict: "met" | "too low" | "too high" | "no cheaper plan";
  readonly qps: number;
  readonly tuneSeconds: number;
  readonly buildSeconds: number;
  readonly plan: string;
}

/** What a tuned engine did on queries it was not tuned with. */
interface Trial extends Pick<TuneRow, "target" | "recall" | "standardError" | "qps" | "tuneSeconds" | "plan"> {}

const usual: readonly (readonly [string, SetDistance])[] = [
  ["fashion-mnist-784", "euclidean"],
  ["word2vec-classics-100", "cosine"],
  ["sift-ngt5k-128", "euclidean"],
];

/** So few are searched exactly, and there is nothing to tune. */
const tooFew = 1000;
/** Recall asked for to learn how fast the cheapest plan is. */
const cheapest = 0.5;

const notes = `The engine is built once for each set and tuned to each target in turn; recall is of queries that it has not seen, with its standard error SE.
"met": from target − 0.005 − 2 SE to target + 0.03; above, "no cheaper plan" if asking for a recall of ${cheapest} is hardly faster.
Without --data: ${usual.map(([name, distance]) => `${name} (${distance})`).join(", ")} of NEARTS_DATA.`;

const options = {
  ...dataOptions(2000),
  k: count("neighbours wanted", 10),
  recall: fractions("targets", [0.8, 0.9, 0.95, 0.99]),
  json: outputFile("rows as JSON, one a line"),
};

/** Whether recall is what was asked for, on data that was not tuned with. */
export const tune: Benchmark = benchmark(
  { name: "tune", about: "whether the engine reaches the recall asked for and no more, and what tuning costs", notes, options },
  async ({ data, distance, rows, queries, k, recall, json }) => {
    console.error(`one thread (${pinned(1)}), k = ${k}, Node ${process.version}`);
    const found: TuneRow[] = [];
    for (const [name, by] of data === undefined ? usual : [["", distance] as const]) {
      const set = await loaded(data, name, { distance: by, rows, queries });
      if (set !== null) found.push(...(await tunedRows(set, await truthOf(set, k), recall)));
    }
    if (found.length > 0) console.log(table(found.map(printed)));
    writeJson(json, found);
  },
);

/** A set, or null and why it is skipped: only a folder that was named must be there. */
async function loaded(data: string | undefined, name: string, wanted: Parameters<typeof loadSet>[1]): Promise<DataSet | null> {
  try {
    const set = await loadSet(dataFolder(data, name), wanted);
    console.error(described(set));
    if (baseCount(set) >= tooFew && queryCount(set) > 0) return set;
    console.error(`skipped: fewer than ${tooFew} vectors are searched exactly, there is nothing to tune`);
  } catch (error) {
    if (data !== undefined || process.env.NEARTS_DATA === undefined || !(error instanceof NearError)) throw error;
    console.error(`${name}: skipped: ${error.message}`);
  }
  return null;
}

async function tunedRows(set: DataSet, truth: Truth, targets: readonly number[]): Promise<TuneRow[]> {
  const engine = tunedEngine({ dim: set.dim, distance: set.distance, recall: targets[0] });
  const { seconds: buildSeconds } = await timed(async () => {
    await engine.storeManyVectors(set.base);
    await engine.train();
  });
  console.error(`built in ${digits(buildSeconds)} s`);
  const trials: Trial[] = [];
  for (const target of targets) trials.push(await trial(engine, set, truth, target));
  const least = await trial(engine, set, truth, Math.min(cheapest, ...targets));
  await engine.close();
  return trials.map((one) => ({ set: set.name, ...one, buildSeconds, verdict: verdictOf(one, least) }));
}

async function trial(engine: TunedEngine, set: DataSet, truth: Truth, target: number): Promise<Trial> {
  const { seconds: tuneSeconds } = await timed(() => engine.tune({ recall: target, k: truth.k }));
  const chosen = await engine.plan();
  const plan = `${planInShort(chosen)}. ${chosen.text}`;
  const asked: Asked = await askAll(engine, set, { k: truth.k });
  const recalls = recallsByDistance(asked, truth);
  return { target, recall: mean(recalls), standardError: standardError(recalls), qps: asked.qps, tuneSeconds, plan };
}

function verdictOf({ target, recall, standardError: error, qps }: Trial, least: Trial): TuneRow["verdict"] {
  if (recall < target - 0.005 - 2 * error) return "too low";
  if (recall <= target + 0.03 + 1e-9) return "met";
  return qps >= 0.95 * least.qps ? "no cheaper plan" : "too high";
}

function printed(row: TuneRow): Record<string, string> {
  return {
    set: row.set,
    verdict: row.verdict,
    target: String(row.target),
    recall: row.recall.toFixed(4),
    "± SE": row.standardError.toFixed(4),
    "queries/s": digits(row.qps),
    "tune s": digits(row.tuneSeconds),
    "build s": digits(row.buildSeconds),
    "tune/build": digits(row.tuneSeconds / row.buildSeconds),
    plan: short(row.plan, 60),
  };
}
