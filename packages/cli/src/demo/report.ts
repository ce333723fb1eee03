import { count, distance, percent, plural, shorten, span, times, WIDTH } from "../terminal/format.js";
import { bold, dim, heading } from "../terminal/style.js";
import { table } from "../terminal/table.js";
import type { Entry } from "./contest.js";
import type { Copies, CopyGroup } from "./copies.js";
import type { Corpus } from "./corpus.js";
import type { Story } from "./stories.js";

/** What became of the folder. */
export function describeCorpus(root: string, corpus: Corpus): string[] {
  const { collection, files, pages } = corpus;
  const left = [
    ...(collection.tooLarge > 0 ? [`${plural(collection.tooLarge, "file")} over 256 KiB left out`] : []),
    ...(collection.tooMany > 0 ? [`the last ${plural(collection.tooMany, "path")} left out, in order of path`] : []),
  ];
  const entries = (files.sparse.offsets[files.sparse.count] / Math.max(1, files.sparse.count)).toFixed(0);
  return [
    heading(`The text files under ${root}`),
    `${plural(files.sparse.count, "file")}, ${(collection.characters / 1e6).toFixed(1)} million characters, read in ${span(corpus.readSeconds)}${left.length > 0 ? `; ${left.join(", ")}` : ""}.`,
    "Each became a vector, twice; 1 − cosine is the distance: 0 same words, 1 no word in common.",
    `  sparse   TF-IDF: a dimension for each of ${plural(corpus.words, "word")}, ${entries} of them above 0 in a file on average`,
    `  dense    the same, projected at random to ${files.dense.dim} dimensions`,
    dim(`With them ${plural(pages.sparse.count, "page")} of about 100 words, for the contest below: all in ${span(corpus.vectorSeconds)}.`),
  ];
}

/** Some files and those most like them. */
export function describeStories(paths: readonly string[], stories: readonly Story[]): string[] {
  const lines = [heading("Similar files"), "The nearest files of some files, by exact search, in both kinds of vector. Near-copies are folded into one."];
  const columns = [{ title: "", align: "left" as const }, { title: "sparse" }, { title: "dense" }];
  const width = WIDTH - 24;
  for (const { kind, row, similar } of stories) {
    const rows = similar.map((other) => {
      const copies = other.copies > 0 ? ` (+ ${plural(other.copies, "near-copy").replace("copys", "copies")})` : "";
      return [(shorten(paths[other.row], width - copies.length) + copies).padEnd(width), other.sparse.toFixed(3), other.dense.toFixed(3)];
    });
    const [, , ...body] = table(columns, rows, { indent: "  " });
    const title = `${bold(shorten(paths[row], width - kind.length - 2))} ${dim(`(${kind})`)}`;
    lines.push("", title, ...body);
  }
  return lines;
}
