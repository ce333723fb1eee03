import { count, percent, plural, span, times } from "../terminal/format.js";
import { bold, dim, heading } from "../terminal/style.js";
import { type Column, table } from "../terminal/table.js";
import type { Entry } from "./contest.js";

/** One contest: engines on the same vectors. */
export interface Round {
  readonly kind: "dense" | "sparse";
  readonly dim: number;
  readonly stored: number;
  readonly queries: number;
  readonly entries: readonly Entry[];
}

/** What makes an engine worth it: much faster than exact search, and it finds more than it misses. */
const WORTH = { speedUp: 1.5, recall: 0.5 };

const COLUMNS: readonly Column[] = [
  { title: "hash", align: "left" },
  { title: "tables" },
  { title: "bits" },
  { title: "probes" },
  { title: "index\ntime" },
  { title: "buckets" },
  { title: "largest\nbucket" },
  { title: "skew" },
  { title: "candi-\ndates" },
  { title: "recall\n@10" },
  { title: "queries\n/s" },
  { title: "speed-\nup" },
];

/** What the contest is about. */
export function introduceContest(): string[] {
  return [
    heading("Engines against exact search"),
    "Pages are stored, some are kept back and asked with, one after the other: which are its ten nearest?",
    "Exact search (first line) measures every page. A hash puts pages into buckets, a query measures only",
    "those in its own: it is faster, and misses what fell into others. More tables and probes find more,",
    "more bits make smaller buckets. Speed-up is over exact search on the same vectors.",
  ];
}

/** The table of one round and the sentence that it comes to. */
export function describeRound({ kind, dim: dimensions, stored, queries, entries }: Round): string[] {
  const rows = entries.map(({ family, extra, tables, bits, probes, trial, recall, speedUp }) => [
    `${family} ${extra}`.trim(),
    count(tables),
    bits === undefined ? "" : count(bits),
    family === "exact" ? "" : count(probes),
    span(trial.indexSeconds),
    count(trial.buckets),
    count(trial.largestBucket),
    trial.skew.toFixed(1),
    count(trial.candidates),
    recall.toFixed(3),
    count(trial.rate),
    times(speedUp),
  ]);
  const title = `${kind === "dense" ? "Dense" : "Sparse"} vectors of ${count(dimensions)} dimensions`;
  const about = `${count(stored)} pages stored, ${count(queries)} others asked`;
  return ["", `${bold(title)} ${dim(`· ${about}`)}`, ...table(COLUMNS, rows), ...verdict(entries, stored)];
}

/** What the columns mean, and where to go on. */
export function explainColumns(entries: readonly Entry[]): string[] {
  const about = new Map([
    ["exact", "one bucket for all"],
    ["rbp", "random planes, a bit for each (RandomBinaryProjections)"],
    ["rdp", "random directions cut into bins (RandomDiscretizedProjections)"],
    ["pca", "principal components, a bit for each (PCABinaryProjections)"],
    ["flip", "random planes, and all buckets one bit away (HashPermutationMapper)"],
    ["tree", "the smallest subtrees that hold enough pages (RandomBinaryProjectionTree)"],
  ]);
  const families = [...new Set(entries.map((entry) => entry.family))];
  return [
    "",
    bold("How to read it"),
    ...families.map((family) => `  ${family.padEnd(11)}${about.get(family) ?? ""}`),
    "  probes     buckets read in each table, the most promising first",
    "  skew       1 when all buckets are equally full; 2 when a page meets twice as many others",
    "  candidates pages measured for a query, on average; each counts once, however many buckets hold it",
    "  recall@10  part of the ten nearest pages that was found; 1 is perfect",
    "",
    bold("Go on"),
    "  nearts inspect <file> --hash rbp:bits=10     buckets of your own vectors, and which bits suit them",
    "  nearts neighbours <base> <queries> -k 10     the nearest rows, for files of vectors",
  ];
}

/** What a user could do with this table: the engine that finds most among those that are worth it. */
function verdict(entries: readonly Entry[], stored: number): string[] {
  const worth = entries.filter((entry) => entry.speedUp >= WORTH.speedUp && entry.recall >= WORTH.recall);
  if (worth.length === 0) return [`→ No hash finds half of the neighbours much faster: for ${count(stored)} pages exact search does best.`];
  const { hash, probes, recall, speedUp, trial } = worth.reduce((a, b) => (b.recall > a.recall ? b : a));
  return [
    `→ ${bold(hash)} with ${plural(probes, "probe")} finds ${percent(recall)} of the true neighbours,`,
    `  ${times(speedUp)} as fast as exact search: it measures ${percent(trial.candidates / stored)} of the pages.`,
  ];
}
