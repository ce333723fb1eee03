import { Engine, RandomBinaryProjections } from "nearts";
import { type Benchmark, benchmark } from "../benchmark.js";
import { dataFolder } from "../data/folder.js";
import { loadWanted } from "../data/load.js";
import { centred, type DataSet, described, limited } from "../data/set.js";
import { count, flag, outputFile, text } from "../options.js";
import { writeJson } from "../output.js";
import { median } from "../statistics.js";
import { digits, table } from "../table.js";
import { codedRows } from "./coded.js";
import { exactRows } from "./exact.js";
import { hashingRows } from "./hashing.js";
import { allocation, bytesPerVector, candidates, k, oneByOne, store } from "./measure.js";
import type { BenchRow } from "./row.js";
import { bruteForceRecall, recallOf } from "./truth.js";

const tables = 10;

/** What a query costs in memory beside what it has to look at. */
interface Allocation {
  readonly unique: number;
  readonly bytes: number;
}

interface Classic {
  readonly row: BenchRow;
  readonly allocation: Allocation;
}

const notes = `Vectors are centred on their mean unless --raw is given; cosine, k = ${k}, one thread, not pinned. Exact search is measured in turn with the
bandwidth of memory, of which it says how much it uses; recalls of the hashes are confirmed by brute force over the same keys.`;

const options = {
  data: text("<folder>", "base and query files in any known format; NEARTS_DATA/fashion-mnist-784 when not given"),
  rows: count<number | undefined>("only the first n vectors", undefined),
  queries: count("only the first n queries", 2000),
  seeds: count("seeds of the planes", 3),
  raw: flag("vectors as they are, not centred"),
  json: outputFile("rows as JSON, one a line"),
};

/** NearPy's pipeline on real vectors, single thread: classic hashes, exact search, hashing alone. */
export const classic: Benchmark = benchmark(
  { name: "classic", about: "NearPy's pipeline on real vectors: classic hashes, exact search, hashing alone", notes, options },
  async ({ data, rows: most, queries, seeds, raw, json }) => {
    const loaded = await loadWanted(data ?? dataFolder(undefined, "fashion-mnist-784"), { distance: "cosine", rows: most, queries });
    const set = raw ? loaded : centred(loaded);
    console.error(`${described(set)}, k = ${k}, one thread, Node ${process.version}`);
    const { rows, truth } = await exactRows(set);
    const [short, long] = [await classicRow(set, truth, 10, seeds), await classicRow(set, truth, 12, seeds)];
    console.error(allocationLines({ "10 bits": short.allocation, "12 bits": long.allocation }));
    rows.push(short.row, long.row, ...(await codedRows(set, truth, seeds)), ...hashingRows(set));
    console.log(table(rows.map(printed)));
    writeJson(json, rows);
  },
);

async function classicRow(set: DataSet, truth: Float64Array, projections: number, seeds: number): Promise<Classic> {
  const runs: Seed[] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(await seedRun(set, truth, projections, seed));
  const mean = (value: (run: Seed) => number) => runs.reduce((sum, run) => sum + value(run), 0) / runs.length;
  const row: BenchRow = {
    system: "RandomBinaryProjections",
    set: set.name,
    parameters: `${projections} bits × ${tables} tables; mean of ${seeds} seeds, queries/s best of 3, stored/s of 2`,
    recall: mean(({ recall }) => recall),
    qps: mean(({ qps }) => qps),
    storedPerSecond: mean(({ stored }) => stored),
    bytesPerVector: mean((run) => run.bytesPerVector),
    bandwidthShare: null,
  };
  return { row, allocation: { unique: mean(({ unique }) => unique), bytes: median(runs.map(({ bytes }) => bytes)) } };
}

interface Seed extends Allocation {
  readonly recall: number;
  readonly qps: number;
  readonly stored: number;
  readonly bytesPerVector: number;
}

/** One engine: stored twice, asked three times, the better counted, as others on the machine only slow one down. */
async function seedRun(set: DataSet, truth: Float64Array, projections: number, seed: number): Promise<Seed> {
  const asked = set.queries.length / set.dim;
  const some = Math.min(200, asked);
  const few = limited(set, Number.POSITIVE_INFINITY, some);
  const hash = new RandomBinaryProjections({ name: "rbp", projections, tables, seed });
  const build = () => new Engine({ dim: set.dim, distance: "cosine", hashes: [hash] });
  const first = await store(build(), set);
  const engine = build();
  const stored = Math.max(first, await store(engine, set));
  const passes = [await oneByOne(engine, set, asked), await oneByOne(engine, set, asked), await oneByOne(engine, set, asked)];
  const recall = await recallOf(engine, set, truth);
  const [same, brute] = [await recallOf(engine, few, truth), bruteForceRecall(hash, few, truth)];
  const { raw, unique } = await candidates(engine, few, some);
  console.error(
    `rbp ${projections} × ${tables}, seed ${seed}: recall ${recall.toFixed(4)} (first ${some} queries ${same.toFixed(4)}, same planes by brute force ${brute.toFixed(4)}), ` +
      `candidates ${digits(raw)}, unique ${digits(unique)}`,
  );
  const bytes = await allocation(engine, few);
  return { recall, qps: Math.max(...passes), stored, bytesPerVector: await bytesPerVector(engine), unique, bytes };
}

/** Bytes per query of two engines and the slope between them: whatever is allocated per candidate would add 8 bytes to it at the least. */
function allocationLines(engines: Readonly<Record<string, Allocation>>): string {
  const [a, b] = Object.values(engines);
  const slope = (b.bytes - a.bytes) / (b.unique - a.unique);
  // Doubles boxed once a block of rows leave about a byte; the smallest thing allocated for each candidate would leave 8 or more.
  const flat = Math.abs(slope) < 4;
  const lines = Object.entries(engines).map(
    ([name, { bytes, unique }]) => `${name}: ${(bytes / 1000).toFixed(1)} KB allocated per query, of ${digits(unique)} candidates`,
  );
  const verdict =
    Math.abs(b.unique - a.unique) < 500
      ? "too few candidates apart to tell anything"
      : flat
        ? "nothing is allocated for each (that would be 8 or more)"
        : "memory is allocated for each";
  return [...lines, `slope between the two: ${slope.toFixed(3)} bytes per candidate: ${verdict}`].join("\n");
}

function printed(row: BenchRow): Record<string, string> {
  const optional = (value: number | null, write: (value: number) => string) => (value === null ? "–" : write(value));
  return {
    system: row.system,
    parameters: row.parameters,
    "recall@10": optional(row.recall, (value) => value.toFixed(3)),
    "queries/s": optional(row.qps, digits),
    "stored/s": optional(row.storedPerSecond, digits),
    "bytes/vector": optional(row.bytesPerVector, digits),
    "of bandwidth": optional(row.bandwidthShare, digits),
  };
}
