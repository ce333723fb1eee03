import { type DenseRows, NearError, type SparseRows } from "nearts";
import { breathe } from "../search/breathe.js";
import { Progress } from "../terminal/progress.js";
import { type Collection, collect } from "./files.js";
import { project } from "./project.js";
import { tfIdf } from "./tf-idf.js";
import { Vocabulary } from "./words.js";

/** The same texts as vectors of two kinds, row by row. */
export interface Texts {
  readonly sparse: SparseRows;
  readonly dense: DenseRows;
}

/** A folder's files as vectors. */
export interface Corpus {
  readonly collection: Collection;
  /** Path of each row of `files`. */
  readonly paths: readonly string[];
  readonly files: Texts;
  /** The files cut into pages of about `pageWords` words. */
  readonly pages: Texts;
  readonly pageWords: number;
  readonly words: number;
  readonly readSeconds: number;
  readonly vectorSeconds: number;
}

/** How a corpus is made. */
export interface CorpusOptions {
  readonly root: string;
  readonly pageWords: number;
  /** Dimensions of the dense vectors. */
  readonly dim: number;
  readonly signal: AbortSignal;
}

/** Fewer words say too little to compare. */
const FEWEST_WORDS = 20;
/** Fewer pages are no contest. */
const FEWEST_PAGES = 20;
const LIMITS = { mostFiles: 5000, mostCharacters: 40e6, mostPages: 48_000 };
const SEED = 1;

/** Reads the text files below a folder and makes vectors of them and of their pages. */
export async function readCorpus({ root, pageWords, dim, signal }: CorpusOptions): Promise<Corpus> {
  const reading = new Progress({ label: "reading files", unit: "files" });
  const onProgress = (done: number, total: number) => reading.update(done, done / total);
  const collection = await collect(root, { ...LIMITS, signal, onProgress });
  const readSeconds = reading.end();

  const counting = new Progress({ label: "counting words", unit: "files", total: collection.files.length });
  const vocabulary = new Vocabulary();
  const paths: string[] = [];
  const texts: Uint32Array[] = [];
  for (const { path, text } of collection.files) {
    const words = vocabulary.read(text);
    if (words.length < FEWEST_WORDS) continue;
    paths.push(path);
    texts.push(words);
    counting.update(paths.length);
    if (paths.length % 64 === 0) await breathe(signal);
  }
  const pages = texts.flatMap((text) => cut(text, pageWords)).slice(0, LIMITS.mostPages);
  if (texts.length < 2 || pages.length < FEWEST_PAGES) throw tooFew(root, texts.length, pages.length);
  const files = toVectors(texts, vocabulary.size, dim);
  await breathe(signal);
  const vectors = { files, pages: toVectors(pages, vocabulary.size, dim), pageWords };
  return { collection, paths, ...vectors, words: vocabulary.size, readSeconds, vectorSeconds: counting.end() };
}

function toVectors(texts: readonly Uint32Array[], words: number, dim: number): Texts {
  const sparse = tfIdf(texts, words);
  return { sparse, dense: project(sparse, dim, SEED) };
}

function tooFew(root: string, files: number, pages: number): NearError {
  const got = `${JSON.stringify(root)} holds ${files} text files of at least ${FEWEST_WORDS} words, which make ${pages} pages`;
  const message = `${got}; the demo needs 2 files and ${FEWEST_PAGES} pages: give another folder`;
  return new NearError("E_NOT_FOUND", message, { root, files, pages });
}

/** A text in equal parts of about `length` words. */
function cut(text: Uint32Array, length: number): Uint32Array[] {
  const parts = Math.max(1, Math.round(text.length / length));
  return Array.from({ length: parts }, (_, i) =>
    text.subarray(Math.floor((text.length * i) / parts), Math.floor((text.length * (i + 1)) / parts)),
  );
}
