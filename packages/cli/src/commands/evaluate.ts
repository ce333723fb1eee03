import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Definition, Result, SweepReport } from "nearts-lab";
import { StepProgress } from "../evaluate/step-progress.js";
import { changesTable, describeComparison, resultsTable } from "../evaluate/tables.js";
import { count, plural, span } from "../terminal/format.js";
import { bold } from "../terminal/style.js";
import { toNumber } from "./options.js";

interface EvaluateOptions {
  readonly out?: string;
  readonly baseline?: string;
  readonly tolerance: number;
  readonly timeTolerance: number;
  readonly data?: string;
  readonly check?: true;
}

const EXAMPLES = `
A definition is one JSON file (comments allowed), or a JavaScript or TypeScript module:
  {
    "data": { "base": "base.fvecs", "queries": "query.fvecs", "distance": "euclidean" },
    "engines": [
      { "name": "default", "recall": [0.9, 0.99] },
      { "name": "planes", "hash": "RandomBinaryProjections",
        "parameters": { "projections": [10, 14], "tables": 10 }, "query": { "probes": [1, 4] } }
    ]
  }
Lists are alternatives, of which every combination is tried. docs/lab.md tells all settings.

Examples:
  $ nearts evaluate experiments/small.jsonc            results and a report in the folder small
  $ nearts evaluate my.jsonc --out runs/today          stopped or not: run again to go on
  $ nearts evaluate my.jsonc --check                   what would be run, and whether it can be
  $ nearts evaluate my.jsonc --baseline good.jsonl     fails where results have got worse`;

/** Adds `nearts evaluate`. */
export function addEvaluate(program: Command, signal: AbortSignal): void {
  program
    .command("evaluate")
    .summary("run an experiment: engines and hashes on data, measured and compared")
    .description(
      "Runs the experiment that a definition describes: every engine with every choice of its parameters, on one data set, against exact search. " +
        "Each result is kept as it comes (results.jsonl), those that are there are not run again, and a report is drawn of all (report.html).",
    )
    .argument("<definition>", "the experiment: a .json, .jsonc, .js, .mjs or .ts file")
    .option("--out <folder>", "where results and report go (default: the name of the definition)")
    .option("--baseline <results>", "compare with these results; exit code 1 where something got worse, or is not measured now")
    .option("--tolerance <share>", "how much worse is no worse", toTolerance, 0.01)
    .option("--time-tolerance <share>", "the same of times, compared on the machine of the baseline only", toTolerance, 0.25)
    .option("--data <folder>", "what $NEARTS_DATA stands for in the definition (default: that variable)")
    .option("--check", "only read the definition, see that its data are there, and say what it would run")
    .addHelpText("after", EXAMPLES)
    .action((path: string, options: EvaluateOptions) => evaluate(path, options, signal));
}

async function evaluate(path: string, options: EvaluateOptions, signal: AbortSignal): Promise<void> {
  // Only here: it brings libraries that other commands should not wait for.
  const { checkFiles, compare, isWithoutData, readDefinition, readResults, sweep, writeReport } = await import("nearts-lab");
  const definition = await readDefinition(path, { dataFolder: options.data }).catch((error: unknown) => {
    // Whoever compares must not take an experiment that never ran for a good one.
    if (!isWithoutData(error) || options.baseline !== undefined) throw error;
    process.stderr.write(`nearts: skipped: ${(error as Error).message}\n`); // a NearError, see above
    return undefined;
  });
  if (definition === undefined) return;
  const baseline = options.baseline === undefined ? undefined : await readResults([options.baseline]);
  if (options.check === true) {
    await checkFiles(definition.data);
    return say(introduce(definition));
  }
  const out = options.out ?? basename(path, extname(path));
  const results = join(out, "results.jsonl");
  const progress = new StepProgress();
  const begun = performance.now();
  const report = await sweep(definition, { results, signal, onProgress: (step) => progress.update(step) }).finally(() => progress.end());
  say([...introduce(definition), ...resultsTable(report.results), "", ...ended(report, results, (performance.now() - begun) / 1000)]);
  const page = join(out, "report.html");
  await writeReport(report.results, { out: page, title: definition.name, definitions: [await readFile(path, "utf8")] });
  say([`drawn in ${page}`]);
  if (baseline === undefined) return;
  const tolerance = { share: options.tolerance, time: options.timeTolerance };
  failWhereWorse(compare(report.results, baseline, tolerance), options.baseline ?? "");
}

function failWhereWorse(comparison: ReturnType<typeof import("nearts-lab").compare>, path: string): void {
  const { compared, regressions, missing, unmeasured } = comparison;
  say(["", ...describeComparison(comparison, path), ...changesTable(comparison)]);
  if (compared === 0 && missing.length === 0) throw new Error(`${path} holds no results to compare with`);
  if (regressions.length === 0 && missing.length === 0 && unmeasured.length === 0) return;
  const worse = regressions.length === 0 ? [] : [`${plural(regressions.length, "value")} got worse`];
  const absent =
    missing.length === 0 ? [] : [`${plural(missing.length, "result")} of ${path} ${missing.length === 1 ? "was" : "were"} not run`];
  const unknown =
    unmeasured.length === 0
      ? []
      : [`${plural(unmeasured.length, "value")} of ${path} ${unmeasured.length === 1 ? "was" : "were"} not measured`];
  throw new Error([...worse, ...absent, ...unknown].join(", "));
}

function introduce({ name, about, builds, k, passes }: Definition): string[] {
  const trials = builds.reduce((sum, { ways }) => sum + ways.length, 0);
  const what = `${plural(builds.length, "engine")} in ${plural(trials, "trial")}, ${k} neighbours of each query, timed ${count(passes)} times or more`;
  return [bold(name), ...(about === undefined ? [] : [about]), what, ""];
}

function ended({ results, ran, old }: SweepReport, path: string, seconds: number): string[] {
  const kept = results.length - ran;
  const before = kept === 0 ? "" : `, ${kept} were there before`;
  return [`${plural(ran, "trial")} in ${span(seconds)}${before}; all results are in ${path}`, ...aged(old), ...provenance(results)];
}

/** Results that were there are not measured anew when the code changes: whoever compares should know. */
function aged(old: number): string[] {
  if (old === 0) return [];
  return [
    `${plural(old, "result")} of before ${old === 1 ? "is" : "are"} of another version or commit: give another --out to measure all anew`,
  ];
}

function provenance(results: readonly Result[]): string[] {
  const last = results[results.length - 1];
  if (last === undefined) return [];
  const { machine, data, seed } = last;
  const commit = machine.commit === undefined ? "" : `, commit ${machine.commit.slice(0, 12)}${machine.commit.endsWith("+") ? "+" : ""}`;
  return [`${data.name} ${data.hash.slice(0, 12)}, seed ${seed}, ${machine.cpu} × ${machine.cores}, Node ${machine.node}${commit}`];
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

function toTolerance(text: string): number {
  const value = toNumber(text);
  if (value < 0) throw new InvalidArgumentError("Expected a number from 0.");
  return value;
}
