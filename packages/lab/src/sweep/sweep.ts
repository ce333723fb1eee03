import { openDataSet } from "../data/open-data-set.js";
import type { DataSet, Truth } from "../data.js";
import type { Build, Definition, Way } from "../definitions/definition.js";
import { diagnose } from "../diagnostics/diagnose.js";
import { SomePairs } from "../diagnostics/pairs.js";
import { Bootstrap } from "../measures/bootstrap.js";
import { measureAll } from "../measures/measure-all.js";
import type { Outcome } from "../measures/outcome.js";
import type { DataSummary, Histogram, Machine, Result } from "../results.js";
import { exactTruth } from "../truth/exact-truth.js";
import { askAll } from "./ask.js";
import { type Built, buildEngine, checkBuild } from "./build.js";
import { histogramOf } from "./histogram.js";
import { keyOf } from "./key.js";
import { sameCode, thisMachine } from "./machine.js";
import { ResultsFile } from "./results-file.js";
import { Yardstick } from "./yardstick.js";

/** How far a sweep has come. */
export interface SweepProgress {
  /** What is being done: "reading …", "exact search", "storing …", "asking …", "diagnosing …". */
  readonly step: string;
  readonly done: number;
  /** Where it is known. */
  readonly total?: number;
  /** What is counted, in the plural. */
  readonly unit: string;
}

/** How to run a sweep. */
export interface SweepOptions {
  /** Path of the results file, which is made or added to. */
  readonly results: string;
  /** Ends the sweep; results that are finished are kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Called when a result is on the disk. */
  readonly onResult?: ((result: Result) => void) | undefined;
  /** Folder in which exact searches are kept; the user's caches when not given. */
  readonly cache?: string | undefined;
}

/** What a sweep came to. */
export interface SweepReport {
  /** Of all trials of the definition, in its order: those that ran, and those that were there before. */
  readonly results: readonly Result[];
  readonly ran: number;
  /** How many of those that were there before another version or commit left. */
  readonly old: number;
}

/** One engine, asked in one way. */
interface Trial {
  readonly build: Build;
  readonly way: Way;
  readonly key: string;
}

/**
 * Runs every trial of a definition whose result is not in the results file yet, and adds its line there before the next begins: a sweep that was stopped,
 * or whose machine was, goes on where it was. Rejects with the signal's reason when it is aborted, with what reading data and making engines reject with,
 * and that before any exact search.
 */
export async function sweep(definition: Definition, options: SweepOptions): Promise<SweepReport> {
  const { signal, onProgress } = options;
  const file = await ResultsFile.open(options.results);
  try {
    const dataSet = await openDataSet(definition.data, {
      signal,
      onProgress: ({ step, rows }) => onProgress?.({ step, done: rows, unit: "rows" }),
    });
    const trials = trialsOf(definition, dataSet);
    const known = new Map<string, Result>();
    for (const result of file.before) known.set(result.key, result);
    const pending = trials.filter(({ key, build }) => !tells(known.get(key), definition, build));
    const machine = await thisMachine();
    const kept = trials.filter((trial) => !pending.includes(trial)).flatMap(({ key }) => known.get(key) ?? []);
    const old = kept.filter((result) => !sameCode(result.machine, machine)).length;
    if (pending.length > 0) {
      for (const build of new Set(pending.map((trial) => trial.build))) await checkBuild(build, dataSet);
      await runAll({ definition, dataSet, machine, options }, pending, async (result) => {
        await file.append(result);
        known.set(result.key, result);
        options.onResult?.(result);
      });
    }
    return { results: trials.flatMap(({ key }) => known.get(key) ?? []), ran: pending.length, old };
  } finally {
    await file.close();
  }
}

function trialsOf(definition: Definition, dataSet: DataSet): Trial[] {
  const trials = definition.builds.flatMap((build) =>
    build.ways.map((way) => ({ build, way, key: keyOf(definition, dataSet, build, way) })),
  );
  const first = new Map(trials.map((trial) => [trial.key, trial] as const).reverse());
  return trials.filter((trial) => first.get(trial.key) === trial);
}

/** Whether a result of before says all that is asked now. A measure that had nothing to say is asked again. */
function tells(result: Result | undefined, { measures }: Definition, { diagnose: diagnosing }: Build): boolean {
  if (result === undefined || (diagnosing && result.curves === undefined)) return false;
  return measures.every(({ name }) => Object.hasOwn(result.measures, name));
}

async function runAll(given: Given, pending: readonly Trial[], finish: (result: Result) => Promise<void>): Promise<void> {
  const { definition, dataSet, options } = given;
  const { k, seed } = definition;
  const { signal, onProgress, cache } = options;
  const truth = await exactTruth(dataSet, {
    k,
    signal,
    cache,
    onProgress: ({ queries: done, total }) => onProgress?.({ step: "exact search", done, total, unit: "queries" }),
  });
  const bootstrap = new Bootstrap(dataSet.queries.count, seed);
  const yardstick = await Yardstick.over(dataSet, k, signal);
  let pairs: SomePairs | undefined;
  const common = { ...given, truth, yardstick, bootstrap, pairs: () => (pairs ??= new SomePairs(dataSet, truth, seed)) };
  for (const build of new Set(pending.map((trial) => trial.build))) {
    const trials = pending.filter((trial) => trial.build === build);
    for (const result of await runBuild(build, trials, common)) await finish(result);
  }
  await yardstick.close();
}

/** What a sweep begins with. */
interface Given {
  readonly definition: Definition;
  readonly dataSet: DataSet;
  readonly machine: Machine;
  readonly options: SweepOptions;
}

/** What the trials of a sweep have in common. */
interface Common extends Given {
  readonly truth: Truth;
  readonly yardstick: Yardstick;
  readonly bootstrap: Bootstrap;
  /** Made where the first engine is diagnosed. */
  readonly pairs: () => SomePairs;
}

/** Builds one engine and asks it in all ways that are pending. */
async function runBuild(build: Build, trials: readonly Trial[], common: Common): Promise<Result[]> {
  const { definition, dataSet, truth, yardstick, bootstrap, machine } = common;
  const { k, measures, passes } = definition;
  const { base, queries } = dataSet;
  const { signal, onProgress } = common.options;
  const built = await buildEngine(build, dataSet, {
    k,
    signal,
    onProgress: (done) => onProgress?.({ step: `storing for ${build.engine}`, done, total: base.count, unit: "rows" }),
  });
  const ways = trials.map(({ way }) => ({ k, ...way }));
  const asked = await askAll(built.engine, queries, ways, {
    passes,
    beforePass: () => yardstick.round(),
    signal,
    onProgress: (done, total) => onProgress?.({ step: `asking ${build.engine}`, done, total, unit: "queries" }),
  });
  const diagnosed = build.diagnose ? await diagnose({ built, dataSet, truth, pairs: common.pairs(), signal }) : undefined;
  await built.engine.close();
  const own = { k, queries: queries.count, truth, exactMicros: yardstick.take(), buildSeconds: built.seconds, bytes: built.bytes };
  return trials.map((trial, t) => {
    const outcome: Outcome = { ...own, ...asked[t] };
    const histograms = { ...diagnosed?.histograms, ...histogramsOf(outcome) };
    const curves = diagnosed === undefined ? {} : { curves: diagnosed.curves };
    const measured = measureAll(measures, outcome, bootstrap);
    return { ...headOf(definition, dataSet, trial, built), measures: measured, histograms, ...curves, machine, at: now() };
  });
}

function headOf(
  { name, k, seed }: Definition,
  dataSet: DataSet,
  { build, way, key }: Trial,
  { plan }: Built,
): Pick<Result, "version" | "key" | "experiment" | "engine" | "parameters" | "plan" | "data" | "k" | "seed"> {
  const parameters = { ...build.parameters, ...way };
  return { version: 1, key, experiment: name, engine: build.engine, parameters, plan, data: summaryOf(dataSet), k, seed };
}

function summaryOf({ name, hash, distance, base, queries }: DataSet): DataSummary {
  return { name, hash, kind: base.kind, distance, dim: base.dim, rows: base.count, queries: queries.count };
}

function histogramsOf({ micros, work, answers, queries }: Outcome): Record<string, Histogram> {
  const sizes = Float64Array.from({ length: queries }, (_, q) => answers.offsets[q + 1] - answers.offsets[q]);
  const all = {
    latency: histogramOf("time of a query", "µs", micros, true),
    candidates: histogramOf("vectors measured for a query", "", work.candidates, true),
    resultSize: histogramOf("results of a query", "", sizes),
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Histogram] => entry[1] !== undefined));
}

function now(): string {
  return new Date().toISOString();
}
