import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { NearError } from "nearts";

/** One text file below the root. */
export interface TextFile {
  /** Path below the root, with "/" between folders. */
  readonly path: string;
  readonly text: string;
}

/** What was read, and what was left out and why. */
export interface Collection {
  readonly files: readonly TextFile[];
  /** Characters of all texts. */
  readonly characters: number;
  readonly tooLarge: number;
  /** Files beyond the most that are taken. */
  readonly tooMany: number;
}

/** What bounds a collection, and who listens. */
export interface CollectOptions {
  readonly mostFiles: number;
  readonly mostCharacters: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

const LARGEST_BYTES = 256 * 1024;
const TEXT_NAMES = /\.([cm]?[jt]sx?|json|mdx?|markdown|txt|css|scss|less|html?|ya?ml|toml|flow|py|c|h|cc|cpp|hpp|rs|go|java|sh)$/i;
const TEXT_TITLES = /^(licen[cs]e|copying|notice|readme|changelog|changes|history|authors|contributing|makefile)/i;

/** Text and source files below `root`, in ascending order of path, so that the same folder gives the same collection anywhere. E_IO where one cannot be read. */
export async function collect(root: string, options: CollectOptions): Promise<Collection> {
  try {
    return await read(root, options);
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    throw new NearError("E_IO", `cannot read the files below ${JSON.stringify(root)}: ${cause.message}`, { root }, { cause });
  }
}

async function read(root: string, options: CollectOptions): Promise<Collection> {
  const paths = (await listBelow(root, "")).sort(byCodeUnits);
  const files: TextFile[] = [];
  let [characters, tooLarge, seen] = [0, 0, 0];
  for (const path of paths) {
    options.signal.throwIfAborted();
    if (files.length === options.mostFiles || characters >= options.mostCharacters) break;
    const bytes = await readFile(join(root, path));
    options.onProgress(++seen, paths.length);
    if (bytes.length > LARGEST_BYTES) tooLarge++;
    else if (!bytes.includes(0)) {
      const text = bytes.toString("utf8");
      characters += text.length;
      files.push({ path, text });
    }
  }
  return { files, characters, tooLarge, tooMany: paths.length - seen };
}

/** Paths of text files; links are not followed, and of hidden folders only pnpm's store is entered: the others are caches. */
async function listBelow(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!entry.name.startsWith(".") || entry.name === ".pnpm") found.push(...(await listBelow(root, path)));
    } else if (entry.isFile() && (TEXT_NAMES.test(entry.name) || TEXT_TITLES.test(entry.name))) found.push(path);
  }
  return found;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
