import { type Command, InvalidArgumentError } from "commander";
import type { DistanceName, FieldType, FieldTypes } from "nearts";
import type { FileFormatName } from "nearts-lab";
import { type Imported, importFile } from "../index/import-file.js";
import { Rejects } from "../index/rejects.js";
import { openPlace, places } from "../places/place.js";
import { count, plural, span } from "../terminal/format.js";
import { addPlace, distanceNames, formatNames, type PlaceFlags, toCount, toDistance, toFormat, toShare } from "./options.js";

interface IndexOptions extends PlaceFlags {
  readonly to: string;
  readonly distance?: DistanceName;
  readonly recall?: number;
  readonly fields?: FieldTypes;
  readonly format?: FileFormatName;
  readonly column?: string;
  readonly zeroBased?: true;
  readonly limit?: number;
  readonly idPrefix?: string;
  readonly skipBad?: true;
  readonly rejects?: string;
  readonly json?: true;
}

const EXAMPLES = `
A row that the file gives no id has its row number in the file. Running the command again stores nothing twice; one that was
stopped goes on where it was.

Examples:
  $ nearts index base.fvecs --to ./images --distance euclidean --recall 0.95
  $ nearts index papers.jsonl --to ./papers --fields year:number,venue:string --rejects bad.jsonl
  $ nearts index base.npy --to redis://localhost:6379 --name images`;

/** Adds `nearts index`. */
export function addIndex(program: Command, signal: AbortSignal): void {
  const command = program
    .command("index")
    .summary("put the vectors of a file into an index that lasts")
    .description("Stores the vectors of <file> in an index, which is made where there is none, and learns how to search it.")
    .argument("<file>", `vectors: ${formatNames}; may be gzipped`)
    .requiredOption("--to <place>", `the index: ${places}`)
    .option("--distance <name>", `how far apart: ${distanceNames} (default: cosine)`, toDistance)
    .option("--recall <share>", "share of the true neighbours that queries are to find (default: 0.95)", toShare)
    .option("--fields <list>", "fields of the data to filter by: name:type,… of string, number, boolean, strings", toFields)
    .option("--limit <rows>", "only the first so many rows", toCount)
    .option("--id-prefix <text>", "put before the row number, for rows without an id: where several files go into one index")
    .option("--skip-bad", "pass over lines that hold no row (svmlight, jsonl), and say so")
    .option("--rejects <file>", "write such lines to this file, as JSON lines { line, error, text }")
    .option("--json", "print what was done as one JSON object");
  addPlace(command)
    .option("--format <name>", "format of the file, where its name does not tell", toFormat)
    .option("--column <name>", "column, array or dataset of the vectors, where the file has several (CSV, Parquet, Arrow, npz, HDF5)")
    .option("--zero-based", "indices of svmlight files start at 0")
    .addHelpText("after", EXAMPLES)
    .action((file: string, options: IndexOptions) => index(file, options, signal));
}

async function index(path: string, options: IndexOptions, signal: AbortSignal): Promise<void> {
  const rejects = options.rejects === undefined && options.skipBad !== true ? undefined : await Rejects.to(options.rejects);
  const storage = await openPlace(options.to, { ...options, create: true });
  try {
    const { distance, recall, fields, format, column, zeroBased, limit, idPrefix } = options;
    const imported = await importFile({
      path,
      storage,
      distance,
      recall,
      fields,
      format,
      column,
      zeroBased,
      limit,
      idPrefix,
      rejects,
      signal,
    });
    const begun = performance.now();
    const { kind, text } = await planned(imported, signal);
    const learnSeconds = (performance.now() - begun) / 1000;
    const { engine, existed, before, stored, seconds } = imported;
    const size = await engine.size();
    const facts = { place: options.to, existed, before, stored, seconds, learnSeconds, rejected: rejects?.count ?? 0, size, plan: kind };
    if (options.json === true) process.stdout.write(`${JSON.stringify(facts)}\n`);
    else process.stdout.write(`${describe(path, facts, text).join("\n")}\n`);
  } catch (error) {
    if (signal.aborted) process.stderr.write("nearts: what is stored stays: run the command again to go on\n");
    throw error;
  } finally {
    await rejects?.end();
    await storage.close();
  }
}

/** How the index is searched, once it has learned what there is to learn. */
async function planned({ engine, stored }: Imported, signal: AbortSignal): Promise<{ readonly kind: string; readonly text: string }> {
  const plan = await engine.plan();
  // Without a recall there is nothing to learn.
  if (plan.target === undefined || (stored === 0 && plan.kind === "learned")) return plan;
  await engine.train({ signal });
  return engine.plan();
}

interface Facts {
  readonly place: string;
  readonly existed: boolean;
  readonly before: number;
  readonly stored: number;
  readonly seconds: number;
  readonly learnSeconds: number;
  readonly rejected: number;
  readonly size: number;
}

function describe(path: string, facts: Facts, plan: string): string[] {
  const { place, existed, before, stored, seconds, learnSeconds, rejected, size } = facts;
  const rate = stored > 0 ? ` (${count(stored / seconds)} rows/s)` : "";
  return [
    `${path}: ${plural(stored, "row")} stored in ${span(seconds)}${rate}${before > 0 ? `, ${count(before)} had been before` : ""}`,
    ...(rejected > 0 ? [`${plural(rejected, "line")} held no row`] : []),
    `${place}: ${existed ? "" : "a new index, "}${plural(size, "vector")} now`,
    `${plan}${learnSeconds > 0.05 ? `\n(learned and tuned in ${span(learnSeconds)})` : ""}`,
    `Ask it: nearts query ${place} <queries>`,
  ];
}

const FIELD_TYPES: readonly FieldType[] = ["string", "number", "boolean", "strings"];

function toFields(text: string): FieldTypes {
  const fields: Record<string, FieldType> = {};
  for (const part of text.split(",")) {
    const at = part.lastIndexOf(":");
    const type = FIELD_TYPES.find((candidate) => candidate === part.slice(at + 1));
    if (at < 1 || type === undefined) throw new InvalidArgumentError(`Expected name:type, types being ${FIELD_TYPES.join(", ")}.`);
    fields[part.slice(0, at)] = type;
  }
  return fields;
}
