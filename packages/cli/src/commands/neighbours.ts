import type { Command } from "commander";
import { type DistanceName, Engine } from "nearts";
import type { FileFormatName } from "nearts-lab";
import { type Answered, answerAll } from "../neighbours/answer.js";
import { AnswerLines, AnswerTable, type Sink } from "../neighbours/sinks.js";
import { loadTruth } from "../neighbours/truth.js";
import { describeHashes, type HashSpec, makeHashes, nameOf } from "../search/hash-spec.js";
import type { Index } from "../search/trial.js";
import { UsageError } from "../search/usage-error.js";
import { describe, load, sampleOf, type Vectors, widen } from "../search/vectors.js";
import { count, plural, span } from "../terminal/format.js";
import { Progress } from "../terminal/progress.js";
import { addHash, distanceNames, formatNames, toCount, toDistance, toFormat, toNumber } from "./options.js";

interface NeighboursOptions {
  readonly distance: DistanceName;
  readonly hash?: readonly HashSpec[];
  readonly k?: number;
  readonly within?: number;
  readonly probes: number;
  readonly limit?: number;
  readonly limitQueries?: number;
  readonly truth?: string;
  readonly show: number;
  readonly json?: true;
  readonly out?: string;
  readonly format?: FileFormatName;
  readonly column?: string;
  readonly zeroBased?: true;
}

const DEFAULT_K = 10;
/** Rows that hashes learn from, at most. */
const MOST_TRAINING = 10_000;

const EXAMPLES = `
Hashes, with their options and defaults:
${describeHashes()}

Examples:
  Exact search, all answers as a table for people:
  $ nearts neighbours base.fvecs.gz query.fvecs.gz --distance euclidean -k 5
  Ten tables of ten random planes, four buckets read in each, and how much of the truth that finds:
  $ nearts neighbours base.fvecs query.fvecs --hash rbp:bits=10 --probes 4 --truth neighbors.ivecs
  Two hashes together, the answers as JSON lines in a file:
  $ nearts neighbours base.npy query.npy --hash pca:bits=12 --hash rbp:bits=14 --out answers.jsonl`;

/** Adds `nearts neighbours`. */
export function addNeighbours(program: Command, signal: AbortSignal): void {
  program
    .command("neighbours")
    .alias("neighbors")
    .summary("find the nearest rows of one file for every row of another")
    .description("Indexes the vectors of <base> and finds the nearest of them for every vector of <queries>.")
    .argument("<base>", `vectors to search in: ${formatNames}; each may be gzipped`)
    .argument("<queries>", "vectors to ask with, in any of these formats")
    .option("--distance <name>", `how far apart: ${distanceNames}`, toDistance, "cosine")
    .option("--hash <spec>", "how to find candidates (repeatable); exact search without", addHash)
    .option("-k, --k <count>", `neighbours of each query (default: ${DEFAULT_K}, or all with --within)`, toCount)
    .option("--within <distance>", "only neighbours nearer than this", toNumber)
    .option("--probes <count>", "buckets to read in each table", toCount, 1)
    .option("--limit <rows>", "index only the first so many rows of <base>", toCount)
    .option("--limit-queries <rows>", "ask only the first so many rows of <queries>", toCount)
    .option("--truth <ivecs>", "true row numbers of each query's neighbours: prints recall")
    .option("--show <count>", "queries to show in the table", toCount, 10)
    .option("--json", "print answers as JSON lines, and a last line { summary }")
    .option("--out <file>", "write all answers to this file, as JSON lines")
    .option("--format <name>", "format of both files, where their names do not tell", toFormat)
    .option("--column <name>", "column, array or dataset of the vectors, where the file has several (CSV, Parquet, Arrow, npz, HDF5)")
    .option("--zero-based", "indices of svmlight files start at 0")
    .addHelpText("after", EXAMPLES)
    .action((base: string, queries: string, options: NeighboursOptions) => neighbours(base, queries, options, signal));
}

async function neighbours(basePath: string, queryPath: string, options: NeighboursOptions, signal: AbortSignal): Promise<void> {
  const k = options.k ?? (options.within === undefined ? DEFAULT_K : undefined);
  checkTruth(options, k);
  const table = new AnswerTable(options.show);
  const sinks: Sink[] = [options.json === true ? AnswerLines.toStandardOutput() : table];
  if (options.out !== undefined) sinks.push(await AnswerLines.toFile(options.out)); // a bad path shows before the work is done
  const { base, queries } = await loadBoth(basePath, queryPath, options, signal);
  const truth = options.truth === undefined ? undefined : await loadTruth(options.truth, base.rows, queries.rows.count, signal);

  const specs = options.hash ?? [];
  const hashes = makeHashes(specs, () => sampleOf(base.rows, MOST_TRAINING));
  const engine: Index = new Engine({ dim: base.rows.dim, kind: base.rows.kind, distance: options.distance, hashes });
  const indexSeconds = await index(engine, base, signal);

  const { within, probes } = options;
  const answered = await answerAll({ engine, queries, k, within, probes, truth, signal }, sinks);
  await engine.close();

  const facts: Facts = {
    base: base.name,
    rows: base.rows.count,
    dim: base.rows.dim,
    kind: base.rows.kind,
    hashes: specs.length === 0 ? ["exact"] : specs.map(nameOf),
    distance: options.distance,
    probes,
    indexSeconds,
    queries: queries.rows.count,
    ...answered,
  };
  for (const sink of sinks) await sink.end(facts);
  if (options.json === true) return;
  const end = [
    describe(base),
    describe(queries),
    ...describeWork(facts),
    ...(options.out === undefined ? [] : [`all answers are in ${options.out}`]),
  ];
  process.stdout.write(`${[...table.lines(), "", ...end].join("\n")}\n`);
}

/** What was done, for the summary. */
interface Facts extends Answered {
  readonly base: string;
  readonly rows: number;
  readonly dim: number;
  readonly kind: string;
  readonly hashes: readonly string[];
  readonly distance: string;
  readonly probes: number;
  readonly indexSeconds: number;
  readonly queries: number;
}

function checkTruth({ truth, limit }: NeighboursOptions, k: number | undefined): void {
  if (truth !== undefined && limit !== undefined) throw new UsageError("--truth is about all rows of <base>: leave out --limit");
  if (truth !== undefined && k === undefined) throw new UsageError("--truth measures recall of the nearest k: give -k with --within");
}

/** Both files, sparse ones with the dimension of the larger, since their files may end before it. */
async function loadBoth(
  basePath: string,
  queryPath: string,
  options: NeighboursOptions,
  signal: AbortSignal,
): Promise<{ base: Vectors; queries: Vectors }> {
  const reading = { format: options.format, column: options.column, zeroBased: options.zeroBased, signal };
  const base = await load(basePath, { ...reading, limit: options.limit });
  const queries = await load(queryPath, { ...reading, limit: options.limitQueries });
  const dim = Math.max(base.rows.dim, queries.rows.dim);
  return { base: { ...base, rows: widen(base.rows, dim) }, queries: { ...queries, rows: widen(queries.rows, dim) } };
}

async function index(engine: Index, { name, rows, ids }: Vectors, signal: AbortSignal): Promise<number> {
  const progress = new Progress({ label: `indexing ${name}`, unit: "rows", total: rows.count });
  await engine.storeManyVectors(rows, { ...(ids !== undefined && { ids }), signal, onProgress: ({ stored }) => progress.update(stored) });
  const seconds = progress.end();
  const lost = rows.count - (await engine.size());
  if (lost > 0) process.stderr.write(`nearts: ${plural(lost, "row")} of ${name} gave way to a later one of the same id\n`);
  return seconds;
}

function describeWork({ hashes, distance, rows, indexSeconds, queries, seconds, recall, recallAt }: Facts): string[] {
  return [
    `index: ${hashes.join(" + ")}, ${distance} distance, in ${span(indexSeconds)} (${count(rows / indexSeconds)} rows/s)`,
    `${plural(queries, "query")} in ${span(seconds)}: ${count(queries / seconds)} queries/s`,
    ...(recall === undefined ? [] : [`recall@${recallAt}: ${recall.toFixed(4)} of the true neighbours`]),
  ];
}
