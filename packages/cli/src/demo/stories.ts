import { CosineDistance, Engine, rowAt } from "nearts";
import { breathe } from "../search/breathe.js";
import type { CopyGroup } from "./copies.js";
import type { Corpus } from "./corpus.js";

/** A file and those most like it. */
export interface Story {
  /** What kind of file it is: "a README". */
  readonly kind: string;
  readonly row: number;
  readonly similar: readonly Similar[];
}

/** A file like another one. */
export interface Similar {
  readonly row: number;
  /** Cosine distance of the sparse vectors, and of the dense ones made from them. */
  readonly sparse: number;
  readonly dense: number;
  /** Near-copies of it that are not listed. */
  readonly copies: number;
}

interface Kind {
  readonly name: string;
  readonly paths: RegExp;
  /** Shorter files of this kind are mostly what every file of it says. */
  readonly fewestWords: number;
}

const KINDS: readonly Kind[] = [
  { name: "a README", paths: /(^|\/)readme(\.md|\.markdown)?$/i, fewestWords: 50 },
  { name: "a licence", paths: /(^|\/)(licen[cs]e|copying)[^/]*$/i, fewestWords: 50 },
  { name: "type declarations", paths: /\.d\.[cm]?ts$/, fewestWords: 150 },
  { name: "a program", paths: /(?<!\.min)\.[cm]?js$/, fewestWords: 150 },
  { name: "a package.json", paths: /(^|\/)package\.json$/, fewestWords: 50 },
];

/** Told where a folder has few files of the kinds above. */
const ANY_KIND: Kind = { name: "any file", paths: /./, fewestWords: 100 };
const FEWEST_STORIES = 3;

/** Similar files shown. */
const SHOWN = 4;
/** Neighbours asked for, so that enough are left once copies are folded. */
const ASKED = 30;
/** Files of a kind that are looked at, evenly spread. */
const TRIED = 600;
/** Nearer than the first is a copy, farther than the second a stranger. */
const RELATED = { from: 0.1, to: 0.6 };

/** For each kind of file the one with the best story: close relatives, by exact search, in other packages than its own. */
export async function tellStories(corpus: Corpus, groups: readonly CopyGroup[], signal: AbortSignal): Promise<Story[]> {
  const { sparse } = corpus.files;
  const groupOf = numberGroups(sparse.count, groups);
  const engine = new Engine({ dim: sparse.dim, kind: "sparse", distance: "cosine" });
  await engine.storeManyVectors(sparse, { signal });
  const wordsOf = (row: number) => sparse.offsets[row + 1] - sparse.offsets[row];
  const stories: Story[] = [];
  for (const kind of [...KINDS, ANY_KIND]) {
    if (kind === ANY_KIND && stories.length >= FEWEST_STORIES) break;
    const rows = spread(corpus.paths.flatMap((path, row) => (kind.paths.test(path) && wordsOf(row) >= kind.fewestWords ? [row] : [])));
    let best: { story: Story; score: number } | undefined;
    for (const row of rows) {
      const near = await engine.neighbours({ id: row }, { k: ASKED, signal });
      const similar = fold(
        row,
        near.map(({ id, distance }) => ({ row: Number(id), distance })),
        groupOf,
        corpus,
      );
      const score = interest(corpus.paths, row, kind.paths, similar);
      if (similar.length > 0 && (best === undefined || score > best.score)) best = { story: { kind: kind.name, row, similar }, score };
      await breathe(signal);
    }
    if (best !== undefined) stories.push(best.story);
  }
  await engine.close();
  return stories;
}

/** The nearest files, one for each group of copies, without the copies of the file itself. */
function fold(row: number, near: readonly { row: number; distance: number }[], groupOf: Int32Array, corpus: Corpus): Similar[] {
  const { dense } = corpus.files;
  const folded = new Map<number, { row: number; distance: number; copies: number }>();
  for (const other of near) {
    const key = groupOf[other.row];
    const known = folded.get(key);
    if (known !== undefined) known.copies++;
    else if (key !== groupOf[row]) folded.set(key, { ...other, copies: 0 });
  }
  return [...folded.values()].slice(0, SHOWN).map((other) => ({
    row: other.row,
    sparse: other.distance,
    dense: new CosineDistance().between(rowAt<"dense">(dense, row), rowAt<"dense">(dense, other.row)),
    copies: other.copies,
  }));
}

/** How close the relatives of the same kind in other packages are, in sum. */
function interest(paths: readonly string[], row: number, kind: RegExp, similar: readonly Similar[]): number {
  const own = familyOf(paths[row]);
  const relatives = similar.filter((other) => other.sparse > RELATED.from && other.sparse < RELATED.to && kind.test(paths[other.row]));
  return relatives.reduce((sum, other) => (familyOf(paths[other.row]) === own ? sum : sum + RELATED.to - other.sparse), 0);
}

/** The first folder below the last node_modules: the package, or the scope of several. */
export function familyOf(path: string): string {
  return (
    path
      .split(/(?:^|\/)node_modules\//)
      .at(-1)
      ?.split("/")[0] ?? path
  );
}

/** A number for each row, the same within a group. */
function numberGroups(count: number, groups: readonly CopyGroup[]): Int32Array {
  const numbers = Int32Array.from({ length: count }, (_, row) => -1 - row);
  groups.forEach(({ rows }, g) => {
    for (const row of rows) numbers[row] = g;
  });
  return numbers;
}

function spread(rows: readonly number[]): number[] {
  const step = Math.max(1, rows.length / TRIED);
  return Array.from({ length: Math.min(rows.length, TRIED) }, (_, i) => rows[Math.floor(i * step)]);
}
