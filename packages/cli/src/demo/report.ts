import { count, percent, plural, shorten, span, times, WIDTH } from "../terminal/format.js";
import { bold, dim, heading } from "../terminal/style.js";
import { table } from "../terminal/table.js";
import type { Copies, CopyGroup } from "./copies.js";
import type { Corpus } from "./corpus.js";
import type { Kept } from "./kept-index.js";
import { familyOf, type Similar, type Story } from "./stories.js";

/** Groups of copies shown. */
const GROUPS_SHOWN = 8;

/** What became of the folder. */
export function describeCorpus(root: string, corpus: Corpus): string[] {
  const { collection, files, pages } = corpus;
  const { tooLarge, tooMany, characters } = collection;
  const perFile = files.sparse.offsets[files.sparse.count] / Math.max(1, files.sparse.count);
  return [
    heading(`The text files under ${shorten(root, WIDTH - 21)}`),
    `${plural(files.sparse.count, "file")} with ${characters < 1e6 ? count(characters) : `${(characters / 1e6).toFixed(1)} million`} characters, read in ${span(corpus.readSeconds)}.`,
    ...(tooLarge > 0 ? [dim(`Left out: ${plural(tooLarge, "file")} over 256 KiB.`)] : []),
    ...(tooMany > 0 ? [dim(`Left out: the last ${plural(tooMany, "file")} in order of path, to end in time.`)] : []),
    "Each became two vectors, in which files with the same words point the same way:",
    `  sparse   TF-IDF: one dimension for each of ${plural(corpus.words, "word")}, of which a file has ${count(perFile)} on average`,
    `  dense    the same, projected at random to ${files.dense.dim} dimensions`,
    `So did ${plural(pages.sparse.count, "page")} of about ${corpus.pageWords} words, into which they were cut. All that took ${span(corpus.vectorSeconds)}.`,
    "Distance is 1 − cosine: 0 for the same words in the same proportions, 1 for no word in common.",
  ];
}

/** Some files and those most like them. */
export function describeStories(paths: readonly string[], stories: readonly Story[]): string[] {
  const lines = [
    heading("Similar files"),
    "For one file of each sort the nearest others, by exact search on the sparse vectors. Beside it",
    "the distance of the dense vectors: the projection keeps it to a few hundredths.",
    "",
    dim("  sparse  dense"),
  ];
  for (const { kind, row, similar } of stories) {
    const title = `${shorten(paths[row], WIDTH - 40)} ${dim(`· ${kind}`)}`;
    lines.push(bold(title), ...similar.map((other) => similarLine(paths[other.row], other)), "");
  }
  return lines.slice(0, -1);
}

/** Groups of files that are nearly the same. */
export function describeCopies(paths: readonly string[], within: number, copies: Copies): string[] {
  const { groups, byHash, exact, bits, tables } = copies;
  const files = groups.reduce((sum, group) => sum + group.rows.length, 0);
  const lines = [
    heading("Near-duplicate files"),
    `${plural(files, "file")} have a near-copy, at a distance below ${within}: they form ${plural(groups.length, "group")}.`,
    `Random planes (rbp:bits=${bits},tables=${tables}) found ${plural(byHash.pairs, "pair")} in ${span(byHash.seconds)},`,
    `exact search ${count(exact.pairs)} in ${span(exact.seconds)}: the buckets gave ${percent(exact.pairs === 0 ? 1 : byHash.pairs / exact.pairs)} of them, at ${times(exact.seconds / byHash.seconds)} the speed.`,
    "Close pairs are what hashing finds best.",
  ];
  const shown = differentGroups(paths, groups).slice(0, GROUPS_SHOWN);
  if (shown.length === 0) return lines;
  const columns = [
    { title: "files" },
    { title: "widest" },
    { title: "largest groups, of different packages first", align: "left" as const },
  ];
  const rows = shown.map(({ rows, widest }) => [count(rows.length), widest.toFixed(4), listPaths(rows.map((row) => paths[row]))]);
  return [...lines, "", ...table(columns, rows, { indent: "  " })];
}

/** The index that outlives the demo. */
export function describeKept({ folder, made, vectors, seconds, queries, recall, rate, speedUp }: Kept): string[] {
  const origin = made
    ? `The pages were stored on disk, and how to search them was learned where it pays, for a recall of 0.95, in ${span(seconds)}.`
    : `An earlier run has stored the pages: opened in ${span(seconds)}.`;
  return [
    heading("An index that stays"),
    origin,
    `${plural(vectors, "page")}, ${plural(queries, "query")}: recall ${recall.toFixed(3)} at ${count(rate)} queries/s, ${times(speedUp)} exact search.`,
    made ? dim("Run the demo again: this index will be opened at once.") : dim(`It is in ${shorten(folder, WIDTH - 30)}.`),
  ];
}

function similarLine(path: string, { sparse, dense, copies }: Similar): string {
  const more = copies === 0 ? "" : ` and ${count(copies)} near-${copies === 1 ? "copy" : "copies"}`;
  const width = WIDTH - 20;
  return `  ${sparse.toFixed(3)}   ${dense.toFixed(3)}  ${shorten(path, width - more.length)}${dim(more)}`;
}

/** The first group of each package, then the others. */
function differentGroups(paths: readonly string[], groups: readonly CopyGroup[]): CopyGroup[] {
  const firsts = new Map<string, CopyGroup>();
  for (const group of groups) {
    const family = familyOf(paths[group.rows[0]]);
    if (!firsts.has(family)) firsts.set(family, group);
  }
  const different = new Set(firsts.values());
  return [...different, ...groups.filter((group) => !different.has(group))];
}

/** As many paths as fit on a line, and how many more there are. */
function listPaths(paths: readonly string[]): string {
  const width = WIDTH - 19;
  let line = shorten(paths[0], width - 12);
  let listed = 1;
  while (listed < paths.length) {
    const longer = `${line}, ${shorten(paths[listed], 42)}`;
    if (longer.length > width - (listed + 1 < paths.length ? 10 : 0)) break;
    line = longer;
    listed++;
  }
  return listed < paths.length ? `${line} + ${count(paths.length - listed)} more` : line;
}
