import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { NearError } from "nearts";
import { FORMAT_NAMES } from "nearts/readers";

/** The files of a data set; what is null is not there. */
export interface SetFiles {
  readonly base: string;
  readonly queries: string | null;
  readonly neighbours: string | null;
}

/** Words that names of files are made of, the most telling first: "sift_base.fvecs", "train-images-idx3-ubyte.gz", "neighbors.ivecs". */
const words = {
  base: ["base", "train", "training", "database", "corpus", "vectors", "embeddings", "data"],
  queries: ["query", "queries", "test", "t10k", "validation", "val"],
  neighbours: ["neighbors", "neighbours", "groundtruth", "truth", "gt", "knn"],
};

/** Words of files that lie beside vectors and are none. */
const beside = ["labels", "label", "words", "ids", "names", "notice", "readme", "licence", "license", "learn", "distances", "meta"];
const notVectors = /\.(txt|md|json|pdf|html|py|sh|log|zip|tar|tgz)(\.gz)?$/;

/** The folder meant by --data, or by NEARTS_DATA when none is given. */
export function dataFolder(given: string | undefined, set: string): string {
  const folder = given ?? (process.env.NEARTS_DATA === undefined ? undefined : join(process.env.NEARTS_DATA, set));
  if (folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  const missing = folder ?? `NEARTS_DATA, which is not set`;
  throw new NearError("E_NOT_FOUND", `there is no data folder at ${missing}: pass --data <folder with base and query files>`, { folder });
}

/** Finds the files of a data set by their names; E_NOT_FOUND where none is its base. */
export function findFiles(folder: string): SetFiles {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .filter((name) => !notVectors.test(name.toLowerCase()) && !wordsOf(name).some((word) => beside.includes(word)));
  const neighbours = best(
    files.filter((name) => /\.ivecs(\.gz)?$/i.test(name)),
    words.neighbours,
  );
  const vectors = files.filter((name) => !wordsOf(name).some((word) => words.neighbours.includes(word)));
  const queries = best(vectors, words.queries);
  const base = best(
    vectors.filter((name) => name !== queries),
    words.base,
  );
  if (base === null) throw noBase(folder);
  const path = (name: string | null) => (name === null ? null : join(folder, name));
  return { base: join(folder, base), queries: path(queries), neighbours: path(neighbours) };
}

/** The file with the most telling word; of equals the shortest name, then the first. */
function best(files: readonly string[], telling: readonly string[]): string | null {
  const place = (name: string) =>
    Math.min(...wordsOf(name).map((word) => (telling.includes(word) ? telling.indexOf(word) : telling.length)));
  const found = files
    .filter((name) => place(name) < telling.length)
    .sort((a, b) => place(a) - place(b) || a.length - b.length || (a < b ? -1 : 1));
  return found[0] ?? null;
}

function wordsOf(name: string): string[] {
  const parts = name.toLowerCase().split(/[^a-z0-9]+/);
  return [...parts, ...parts.map((part, i) => part + (parts[i + 1] ?? ""))]; // "ground-truth" is one word as well
}

function noBase(folder: string): NearError {
  const there = readdirSync(folder);
  const sentence =
    `${folder} has no file of vectors named like ${words.base.slice(0, 4).join(", ")} (then query or test, and neighbors.ivecs; ` +
    `${FORMAT_NAMES.join(", ")}, gzipped or not); it holds ${there.slice(0, 8).join(", ") || "nothing"}`;
  return new NearError("E_NOT_FOUND", sentence, { folder });
}
