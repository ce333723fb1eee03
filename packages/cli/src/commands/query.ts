import type { Command } from "commander";
import type { OpenWhere } from "nearts";
import type { FileFormatName } from "nearts-lab";
import { answerAll } from "../neighbours/answer.js";
import { AnswerLines, AnswerTable, type Sink } from "../neighbours/sinks.js";
import { openIndex } from "../places/open-index.js";
import { places } from "../places/place.js";
import { describe, load, widen } from "../search/vectors.js";
import { count, plural, span } from "../terminal/format.js";
import { addPlace, formatNames, type PlaceFlags, toCount, toFormat, toNumber, toWhere } from "./options.js";

interface QueryOptions extends PlaceFlags {
  readonly k?: number;
  readonly within?: number;
  readonly probes?: number;
  readonly where?: OpenWhere;
  readonly exact?: true;
  readonly limit?: number;
  readonly show: number;
  readonly json?: true;
  readonly out?: string;
  readonly format?: FileFormatName;
  readonly column?: string;
  readonly zeroBased?: true;
}

const DEFAULT_K = 10;

const EXAMPLES = `
Examples:
  $ nearts query ./images query.fvecs -k 5
  $ nearts query ./papers asked.jsonl --where '{"year":{"gte":2020}}' --out answers.jsonl
  $ nearts query redis://localhost:6379 query.npy --name images --json`;

/** Adds `nearts query`. */
export function addQuery(program: Command, signal: AbortSignal): void {
  const command = program
    .command("query")
    .summary("find the nearest vectors of an index for every row of a file")
    .description("Finds the nearest vectors of an index for every vector of <queries>. May run beside a process that writes.")
    .argument("<place>", places)
    .argument("<queries>", `vectors to ask with: ${formatNames}; may be gzipped`)
    .option("-k, --k <count>", `neighbours of each query (default: ${DEFAULT_K}, or all with --within)`, toCount)
    .option("--within <distance>", "only neighbours nearer than this", toNumber)
    .option("--where <json>", "only vectors whose data meet this condition", toWhere)
    .option("--probes <count>", "buckets to read in each table, in place of what was tuned", toCount)
    .option("--exact", "compare with every vector")
    .option("--limit <rows>", "ask only the first so many rows", toCount)
    .option("--show <count>", "queries to show in the table", toCount, 10)
    .option("--json", "print answers as JSON lines, and a last line { summary }")
    .option("--out <file>", "write all answers to this file, as JSON lines");
  addPlace(command)
    .option("--format <name>", "format of the file, where its name does not tell", toFormat)
    .option("--column <name>", "column, array or dataset of the vectors, where the file has several (CSV, Parquet, Arrow, npz, HDF5)")
    .option("--zero-based", "indices of svmlight files start at 0")
    .addHelpText("after", EXAMPLES)
    .action((place: string, queries: string, options: QueryOptions) => query(place, queries, options, signal));
}

async function query(place: string, path: string, options: QueryOptions, signal: AbortSignal): Promise<void> {
  const k = options.k ?? (options.within === undefined ? DEFAULT_K : undefined);
  const table = new AnswerTable(options.show);
  const sinks: Sink[] = [options.json === true ? AnswerLines.toStandardOutput() : table];
  if (options.out !== undefined) sinks.push(await AnswerLines.toFile(options.out)); // a bad path shows before the work is done
  const opening = performance.now();
  const engine = await openIndex(place, { ...options, readOnly: true });
  try {
    const size = await engine.size();
    const openSeconds = (performance.now() - opening) / 1000;
    const { format, column, zeroBased, limit, within, probes, where, exact } = options;
    const loaded = await load(path, { format, column, zeroBased, limit, signal });
    const queries = { ...loaded, rows: widen(loaded.rows, engine.dim) };
    const answered = await answerAll({ engine, queries, k, within, probes, where, exact, truth: undefined, signal }, sinks);
    const facts = { place, size, openSeconds, queries: queries.rows.count, ...answered };
    for (const sink of sinks) await sink.end(facts);
    if (options.json === true) return;
    const end = [
      `${place}: ${plural(size, "vector")} of ${plural(engine.dim, "dimension")}, opened in ${span(openSeconds)}`,
      describe(queries),
      `${plural(facts.queries, "query")} in ${span(facts.seconds)}: ${count(facts.queries / facts.seconds)} queries/s`,
      ...(options.out === undefined ? [] : [`all answers are in ${options.out}`]),
    ];
    process.stdout.write(`${[...table.lines(), "", ...end].join("\n")}\n`);
  } finally {
    await engine.close();
  }
}
