import { Random } from "nearts";
import { type Asked, askAll, recallsByDistance, timed } from "./asking.js";
import { type Benchmark, benchmark } from "./benchmark.js";
import { dataOptions, loadWanted } from "./data/load.js";
import { baseCount, type DataSet, described, vectorOf } from "./data/set.js";
import { type Truth, truthOf } from "./data/truth.js";
import { count, outputFile } from "./options.js";
import { writeJson } from "./output.js";
import { pinned } from "./pin.js";
import { mean } from "./statistics.js";
import { type TunedEngine, tunedEngine } from "./systems/tuned-engine.js";
import { digits, table } from "./table.js";

/** Synthetic data of a vector: how rare its label is, and a price from 0 to 1, both independent of where it lies. */
interface Item {
  readonly label: string;
  readonly price: number;
}

/** A condition, and which data meet it. */
interface Condition {
  readonly name: string;
  readonly where: Readonly<Record<string, unknown>> | null;
  readonly holds: (item: Item) => boolean;
}

/** One condition measured. */
export interface FilterRow {
  readonly where: string;
  readonly selectivity: number;
  readonly recall: number;
  readonly qps: number;
  /** Results that do not meet the condition: any is a fault. */
  readonly wrong: number;
}

const labels = { half: 0.5, tenth: 0.1, hundredth: 0.01, thousandth: 0.001 };

const conditions: readonly Condition[] = [
  { name: "none", where: null, holds: () => true },
  ...Object.entries(labels).flatMap(([label, part]): Condition[] => [
    { name: `label = ${label}`, where: { label }, holds: (item) => item.label === label },
    { name: `price < ${part}`, where: { price: { lt: part } }, holds: (item) => item.price < part },
  ]),
];

const notes = `Every vector has a label and a price, drawn at random and independent of the vector, in declared fields. The engine is built and tuned once, to a recall
of 0.95 without a condition; the truth for a condition is found by exact search over the vectors that meet it.`;

const options = {
  ...dataOptions(500),
  k: count("neighbours wanted", 10),
  json: outputFile("rows as JSON, one a line"),
};

/** What a condition costs, by the part of the vectors that meet it. */
export const filters: Benchmark = benchmark(
  { name: "filters", about: "recall and queries/s under conditions that 50 %, 10 %, 1 % and 0.1 % of the vectors meet", notes, options },
  async ({ data, distance, rows, queries, k, json }) => {
    const where = pinned(1);
    const set = await loadWanted(data, { distance, rows, queries });
    console.error(`${described(set)}, k = ${k}, one thread (${where}), Node ${process.version}`);
    const items = itemsOf(baseCount(set));
    const engine = tunedEngine({ dim: set.dim, distance: set.distance, recall: 0.95, fields: { label: "string", price: "number" } });
    const { seconds } = await timed(async () => {
      await engine.storeManyVectors(set.base, { data: items });
      await engine.train();
    });
    console.error(`built in ${digits(seconds)} s`);
    const found: FilterRow[] = [];
    for (const condition of conditions) {
      const row = await conditionRow(engine, set, items, condition, k);
      if (row !== null) found.push(row);
    }
    await engine.close();
    console.log(table(found.map(printed)));
    writeJson(json, found);
  },
);

function itemsOf(count: number): Item[] {
  const random = new Random("filters");
  return Array.from({ length: count }, () => ({ label: labelAt(random.uniform()), price: random.uniform() }));
}

/** The label that has this place when each takes its part of the numbers from 0 to 1. */
function labelAt(place: number): string {
  let end = 0;
  for (const [label, part] of Object.entries(labels)) {
    end += part;
    if (place < end) return label;
  }
  return "other";
}

/** Null where no vector meets the condition. */
async function conditionRow(
  engine: TunedEngine,
  set: DataSet,
  items: readonly Item[],
  condition: Condition,
  k: number,
): Promise<FilterRow | null> {
  const { name, where, holds } = condition;
  const some = subset(set, (row) => holds(items[row]));
  if (baseCount(some) === 0) {
    console.error(`${name}: no vector meets it`);
    return null;
  }
  const truth: Truth = await truthOf(some, k);
  const asked = await askAll(engine, set, { k, ...(where !== null && { where }) });
  return {
    where: name,
    selectivity: baseCount(some) / baseCount(set),
    recall: mean(recallsByDistance(asked, truth)),
    qps: asked.qps,
    wrong: wrongOf(asked, items, holds),
  };
}

function wrongOf({ found }: Asked, items: readonly Item[], holds: Condition["holds"]): number {
  return found.reduce((sum, results) => sum + results.filter(({ id }) => !holds(items[Number(id)])).length, 0);
}

function subset(set: DataSet, keep: (row: number) => boolean): DataSet {
  const rows = Array.from({ length: baseCount(set) }, (_, row) => row).filter(keep);
  if (rows.length === baseCount(set)) return set;
  const base = new Float32Array(rows.length * set.dim);
  rows.forEach((row, to) => {
    base.set(vectorOf(set, row), to * set.dim);
  });
  return { name: `${set.name} (some)`, dim: set.dim, distance: set.distance, base, queries: set.queries };
}

function printed(row: FilterRow): Record<string, string> {
  return {
    where: row.where,
    "vectors %": digits(100 * row.selectivity),
    recall: row.recall.toFixed(4),
    "queries/s": digits(row.qps),
    "wrong results": String(row.wrong),
  };
}
