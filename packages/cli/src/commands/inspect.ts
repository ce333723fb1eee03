import type { Command } from "commander";
import type { DistanceName } from "nearts";
import type { FileFormatName } from "nearts-lab";
import { bucketSizes, type SizeClass } from "../inspect/histogram.js";
import { describeHash, describeSuggestion, describeSweep, type Inspected, toJson } from "../inspect/report.js";
import { bestOf, SWEEP_SEED, sweep } from "../inspect/sweep.js";
import { describeHashes, type HashSpec, makeHashes, nameOf, parseHash } from "../search/hash-spec.js";
import { type Ground, type Trial, tryOut } from "../search/trial.js";
import { describe, holdOut, load, sampleOf } from "../search/vectors.js";
import { plural } from "../terminal/format.js";
import { addHash, distanceNames, formatNames, toCount, toDistance, toFormat, toShare } from "./options.js";

interface InspectOptions {
  readonly distance: DistanceName;
  readonly hash?: readonly HashSpec[];
  readonly k: number;
  readonly probes: number;
  readonly sample: number;
  readonly recall: number;
  readonly limit?: number;
  readonly json?: true;
  readonly format?: FileFormatName;
  readonly column?: string;
  readonly zeroBased?: true;
}

/** Rows that hashes learn from, at most. */
const MOST_TRAINING = 10_000;
const DEFAULT_HASH = "rbp:bits=10,tables=10";

const EXAMPLES = `
Hashes, with their options and defaults:
${describeHashes()}

Examples:
  Are ten random planes too many or too few for these vectors?
  $ nearts inspect base.fvecs.gz --hash rbp:bits=10,tables=10
  Two hashes compared, for Euclidean distance, on the first 20,000 rows:
  $ nearts inspect base.npy --distance euclidean --hash rdp:width=200 --hash pca --limit 20000
  What does a recall of 0.95 cost?
  $ nearts inspect base.fvecs --recall 0.95`;

/** Adds `nearts inspect`. */
export function addInspect(program: Command, signal: AbortSignal): void {
  program
    .command("inspect")
    .summary("show how hashes spread vectors over buckets, and suggest bits and tables")
    .description(
      "Indexes most rows of <base>, keeps some back to ask with, and shows the buckets, the candidates of a query, and the recall against exact search. " +
        "Suggests how many bits and tables random planes need for a recall.",
    )
    .argument("<base>", `vectors: ${formatNames}; may be gzipped`)
    .option("--hash <spec>", `a hash to look at (repeatable; default: ${DEFAULT_HASH})`, addHash)
    .option("--distance <name>", `how far apart: ${distanceNames}`, toDistance, "cosine")
    .option("-k, --k <count>", "neighbours of each query", toCount, 10)
    .option("--probes <count>", "buckets to read in each table", toCount, 1)
    .option("--sample <rows>", "rows to ask with", toCount, 200)
    .option("--recall <part>", "recall that the suggestion has to reach", toShare, 0.9)
    .option("--limit <rows>", "take only the first so many rows of <base>", toCount)
    .option("--json", "print one JSON object instead")
    .option("--format <name>", "format of the file, where its name does not tell", toFormat)
    .option("--column <name>", "column, array or dataset of the vectors, where the file has several (CSV, Parquet, Arrow, npz, HDF5)")
    .option("--zero-based", "indices of svmlight files start at 0")
    .addHelpText("after", EXAMPLES)
    .action((base: string, options: InspectOptions) => inspect(base, options, signal));
}

async function inspect(path: string, options: InspectOptions, signal: AbortSignal): Promise<void> {
  const { distance, k, probes, json, recall: target } = options;
  const say = (lines: readonly string[]) => json !== true && process.stdout.write(`${lines.join("\n")}\n`);
  const base = await load(path, { ...options, signal });
  const ground: Ground = { ...holdOut(base.rows, options.sample), distance, k, signal };
  const { stored, queries } = ground;
  say([describe(base), `${plural(stored.count, "row")} are stored, the other ${queries.count} asked with, by ${distance} distance`]);

  const exact = await tryOut(ground, { label: "exact search", hashes: [], probes: 1 });
  const inspected: Inspected[] = [];
  for (const spec of options.hash ?? [parseHash(DEFAULT_HASH)]) {
    const one = await look(ground, spec, probes);
    inspected.push(one);
    say(describeHash(one, exact, stored.count, k));
  }
  const settings = await sweep(ground, exact.found, target);
  const best = bestOf(settings, target);
  say(describeSweep(settings, best, target, ground));
  const checked =
    best === undefined ? undefined : await look(ground, parseHash(`rbp:bits=${best.bits},tables=${best.tables},seed=${SWEEP_SEED}`), 1);
  say(describeSuggestion(best, checked, exact, target));
  if (json === true)
    process.stdout.write(`${JSON.stringify(toJson({ base, ground, inspected, exact, settings, target, best, checked }))}\n`);
}

async function look(ground: Ground, spec: HashSpec, probes: number): Promise<Inspected> {
  const hash = nameOf(spec);
  const hashes = makeHashes([spec], () => sampleOf(ground.stored, MOST_TRAINING));
  let sizes: SizeClass[] = [];
  const trial: Trial = await tryOut(ground, { label: hash, hashes, probes }, async (engine) => {
    sizes = await bucketSizes(engine);
  });
  return { hash, tables: hashes[0].tables, probes, trial, sizes };
}
