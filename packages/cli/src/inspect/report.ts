import { type Ground, numbersOf, recall, type Trial } from "../search/trial.js";
import type { Vectors } from "../search/vectors.js";
import { count, percent, plural, span, times } from "../terminal/format.js";
import { bold, dim, heading } from "../terminal/style.js";
import { bar, type Column, table } from "../terminal/table.js";
import type { SizeClass } from "./histogram.js";
import type { Setting } from "./sweep.js";

/** A hash that was looked at. */
export interface Inspected {
  /** As the command line names it, in full. */
  readonly hash: string;
  readonly tables: number;
  readonly probes: number;
  readonly trial: Trial;
  readonly sizes: readonly SizeClass[];
}

const BAR = 40;
const SIZES: readonly Column[] = [
  { title: "rows in\na bucket" },
  { title: "buckets" },
  { title: "part of\nall rows" },
  { title: "", align: "left" },
];
const SETTINGS: readonly Column[] = [
  { title: "bits" },
  { title: "tables" },
  { title: "recall" },
  { title: "candi-\ndates" },
  { title: "part of\nall rows" },
  { title: "work" },
  { title: "", align: "left" },
];

/** Buckets, candidates and answers of one hash. `exact` is the same by exact search, `stored` the number of rows. */
export function describeHash({ hash, tables, probes, trial, sizes }: Inspected, exact: Trial, stored: number, k: number): string[] {
  const entries = sizes.reduce((sum, size) => sum + size.entries, 0);
  const most = Math.max(...sizes.map((size) => size.entries));
  const rows = sizes.map(({ from, to, buckets, entries: held }) => [
    from === to ? count(from) : `${count(from)}–${count(to)}`,
    count(buckets),
    percent(held / entries),
    bar(held / most, BAR),
  ]);
  return [
    heading(hash),
    `${plural(trial.buckets, "bucket")} in ${plural(tables, "table")}, ${(entries / trial.buckets).toFixed(1)} rows in each on average; indexed in ${span(trial.indexSeconds)}`,
    `the largest holds ${plural(trial.largestBucket, "row")}, ${percent(trial.largestBucket / stored)} of all · skew ${trial.skew.toFixed(2)} ${dim("(1: all equally full)")}`,
    "",
    ...table(SIZES, rows, { indent: "  " }),
    "",
    `a query reads     ${count(trial.entries)} entries${probes > 1 ? ` in ${probes} buckets a table` : ""}: ${count(trial.candidates)} different rows (${percent(trial.candidates / stored)}) to measure`,
    `recall@${String(k).padEnd(11)}${bold(recall(trial.answers, exact.answers).toFixed(3))} of the true neighbours`,
    `speed             ${count(trial.rate)} queries/s, exact search ${count(exact.rate)}: ${times(trial.rate / exact.rate)}`,
  ];
}

/** The settings of random planes that reach the target, and the best of them. */
export function describeSweep(
  settings: readonly Setting[],
  best: Setting | undefined,
  target: number,
  { k, stored: { count: stored } }: Ground,
): string[] {
  const rows = settings.map((setting) => [
    count(setting.bits),
    count(setting.tables),
    setting.recall.toFixed(3),
    count(setting.candidates),
    percent(setting.candidates / stored),
    percent(setting.work),
    setting === best ? "← suggested" : setting.recall < target ? "not reached" : "",
  ]);
  return [
    heading("Which bits and tables?"),
    "Random planes (rbp) at one probe: for each number of bits the fewest tables, 32 at most, that reach",
    `a recall@${k} of ${target}, ties aside; candidates are estimated. Work is what a query computes, projections`,
    "and distances, over what exact search does.",
    "",
    ...table(SETTINGS, rows, { indent: "  " }),
  ];
}

/** What is suggested, and what it really does; or why nothing is. */
export function describeSuggestion(best: Setting | undefined, checked: Inspected | undefined, exact: Trial, target: number): string[] {
  if (best === undefined || checked === undefined) {
    return [
      "",
      `→ No setting reaches a recall of ${target} with 32 tables at one probe. Read more buckets (--probes 8), try`,
      "  another hash (--hash pca:bits=12 --probes 100), or ask for less (--recall 0.7).",
    ];
  }
  const { trial, hash } = checked;
  const gain = trial.rate / exact.rate;
  const lines = [
    "",
    `→ ${bold(`--hash ${hash}`)}: the least work of those that reach ${target}.`,
    `  Tried on all rows: recall ${recall(trial.answers, exact.answers).toFixed(3)}, ${count(trial.candidates)} candidates, ${count(trial.rate)} queries/s: ${times(gain)} exact search.`,
  ];
  if (gain >= 1.2) return lines;
  return [
    ...lines,
    "  That is little: with so few rows, or neighbours so far away, planes must look at too much. Try",
    "  another hash with more probes (--hash pca:bits=12 --probes 100), or ask for less (--recall 0.7).",
  ];
}

/** Everything that was found, for programs. */
export interface Findings {
  readonly base: Vectors;
  readonly ground: Ground;
  readonly inspected: readonly Inspected[];
  readonly exact: Trial;
  readonly settings: readonly Setting[];
  readonly target: number;
  readonly best: Setting | undefined;
  readonly checked: Inspected | undefined;
}

/** The findings as plain JSON. */
export function toJson({ base, ground, inspected, exact, settings, target, best, checked }: Findings): object {
  const plain = ({ hash, tables, probes, trial, sizes }: Inspected) => ({ hash, tables, probes, ...measured(trial, exact), sizes });
  return {
    base: base.name,
    kind: base.rows.kind,
    dim: base.rows.dim,
    stored: ground.stored.count,
    queries: ground.queries.count,
    distance: ground.distance,
    k: ground.k,
    exact: measured(exact, exact),
    hashes: inspected.map(plain),
    suggestion: { target, settings, best: best ?? null, checked: checked === undefined ? null : plain(checked) },
  };
}

function measured(trial: Trial, exact: Trial): object {
  return { ...numbersOf(trial), recall: recall(trial.answers, exact.answers), speedUp: trial.rate / exact.rate };
}
