import { numbersOf } from "../search/trial.js";
import type { Round } from "./contest-report.js";
import type { Copies } from "./copies.js";
import type { Corpus } from "./corpus.js";
import type { Kept } from "./kept-index.js";
import type { Story } from "./stories.js";

/** Everything that the demo found. */
export interface Findings {
  readonly root: string;
  readonly corpus: Corpus;
  readonly stories: readonly Story[];
  readonly copies: Copies;
  /** Distance below which files are copies. */
  readonly within: number;
  /** The index that stays. */
  readonly kept: Kept;
  readonly rounds: readonly Round[];
  readonly seconds: number;
}

/** The demo's findings for programs: plain JSON, rows replaced by paths. */
export function toJson({ root, corpus, stories, copies, within, kept, rounds, seconds }: Findings): object {
  const path = (row: number) => corpus.paths[row];
  return {
    root,
    files: corpus.files.sparse.count,
    pages: corpus.pages.sparse.count,
    words: corpus.words,
    seconds,
    similar: stories.map(({ kind, row, similar }) => ({
      kind,
      path: path(row),
      similar: similar.map((other) => ({ path: path(other.row), sparse: other.sparse, dense: other.dense, copies: other.copies })),
    })),
    nearDuplicates: {
      within,
      byHash: copies.byHash,
      exact: copies.exact,
      groups: copies.groups.map(({ rows, widest }) => ({ widest, paths: rows.map(path) })),
    },
    index: kept,
    engines: rounds.flatMap(({ kind, stored, queries, entries }) =>
      entries.map(({ hash, tables, bits, probes, recall, speedUp, trial }) => ({
        vectors: kind,
        stored,
        queries,
        hash,
        tables,
        bits: bits ?? null,
        probes,
        ...numbersOf(trial),
        recall,
        speedUp,
      })),
    ),
  };
}
