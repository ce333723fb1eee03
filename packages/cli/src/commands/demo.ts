import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { NearError } from "nearts";
import { contest, type Setup } from "../demo/contest.js";
import { describeRound, explainColumns, introduceContest, type Round } from "../demo/contest-report.js";
import { findCopies } from "../demo/copies.js";
import { readCorpus } from "../demo/corpus.js";
import { toJson } from "../demo/json.js";
import { keepIndex, keptFolder } from "../demo/kept-index.js";
import { describeCopies, describeCorpus, describeKept, describeStories } from "../demo/report.js";
import { tellStories } from "../demo/stories.js";
import { holdOut, type RealRows } from "../search/vectors.js";
import { span } from "../terminal/format.js";
import { dim } from "../terminal/style.js";

interface DemoOptions {
  readonly root?: string;
  readonly index?: string;
  readonly json?: true;
}

const PAGE_WORDS = 60;
const DENSE_DIM = 256;
/** Cosine distance below which files count as copies. */
const COPY_WITHIN = 0.02;
const QUERIES = 200;
const K = 10;

const DENSE_SETUPS: readonly Setup[] = [
  { hash: "rbp:bits=14,tables=10", probes: 1 },
  { hash: "rbp:bits=10,tables=10", probes: 1 },
  { hash: "rbp:bits=10,tables=10", probes: 4 },
  { hash: "rbp:bits=10,tables=10", probes: 16 },
  { hash: "flip:bits=10,tables=10", probes: 1 },
  { hash: "rdp:width=2,projections=8,tables=10", probes: 1 },
  { hash: "tree:bits=24,min=100,tables=10", probes: 1 },
  { hash: "pca:bits=10", probes: 32 },
  { hash: "pca:bits=10", probes: 192 },
];

const SPARSE_SETUPS: readonly Setup[] = [
  { hash: "rbp:bits=14,tables=10", probes: 1 },
  { hash: "rbp:bits=10,tables=10", probes: 1 },
  { hash: "rbp:bits=10,tables=10", probes: 4 },
  { hash: "rbp:bits=10,tables=10", probes: 16 },
  { hash: "rdp:width=2,projections=8,tables=10", probes: 1 },
];

/** Adds `nearts demo`. */
export function addDemo(program: Command, signal: AbortSignal): void {
  program
    .command("demo")
    .summary("find similar and duplicate files under node_modules, and compare hashes on them")
    .description(
      "Reads the text and source files under a folder, makes TF-IDF vectors of them, and shows what nearts does with these. An index of them stays on disk, which the next run opens at once.",
    )
    .option("--root <folder>", "the folder to read (default: the nearest node_modules)")
    .option("--index <folder>", "where the index stays that the next run opens (default: .cache/nearts-demo in node_modules)")
    .option("--json", "print one JSON object instead of the report")
    .addHelpText("after", "\nExamples:\n  $ nearts demo\n  $ nearts demo --root ~/notes\n  $ nearts demo --json > demo.json")
    .action((options: DemoOptions) => demo(options, signal));
}

async function demo({ root: given, index, json }: DemoOptions, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  const say = (lines: readonly string[]) => json !== true && process.stdout.write(`${lines.join("\n")}\n`);

  const root = given ?? nearestModules();
  const corpus = await readCorpus({ root, pageWords: PAGE_WORDS, dim: DENSE_DIM, signal });
  say(describeCorpus(given ?? relative(process.cwd(), root), corpus));
  const copies = await findCopies(corpus.files.sparse, COPY_WITHIN, signal);
  const stories = await tellStories(corpus, copies.groups, signal);
  say(describeStories(corpus.paths, stories));
  say(describeCopies(corpus.paths, COPY_WITHIN, copies));

  const keeping = { folder: index ?? keptFolder(root), pages: corpus.pages.dense, queries: QUERIES, k: K, signal };
  const kept = await keepIndex(keeping);
  say(describeKept(kept));

  say(introduceContest());
  const dense = await round("dense", corpus.pages.dense, DENSE_SETUPS, signal);
  say(describeRound(dense));
  const sparse = await round("sparse", corpus.pages.sparse, SPARSE_SETUPS, signal);
  say(describeRound(sparse));
  say(explainColumns([...dense.entries, ...sparse.entries]));

  const seconds = (performance.now() - begun) / 1000;
  say(["", dim(`The demo took ${span(seconds)}.`)]);
  if (json === true)
    process.stdout.write(
      `${JSON.stringify(toJson({ root, corpus, stories, copies, within: COPY_WITHIN, kept, rounds: [dense, sparse], seconds }))}\n`,
    );
}

async function round(kind: Round["kind"], rows: RealRows, setups: readonly Setup[], signal: AbortSignal): Promise<Round> {
  const { stored, queries } = holdOut(rows, QUERIES);
  const entries = await contest({ stored, queries, distance: "cosine", k: K, signal }, setups);
  return { kind, dim: rows.dim, stored: stored.count, queries: queries.count, entries };
}

/** The node_modules of the working folder or one above it, else the one that this command lies in. */
function nearestModules(): string {
  for (const start of [process.cwd(), dirname(fileURLToPath(import.meta.url))]) {
    for (let folder = resolve(start); ; folder = dirname(folder)) {
      const modules = join(folder, "node_modules");
      if (existsSync(modules)) return modules;
      if (folder === dirname(folder)) break;
    }
  }
  throw new NearError("E_NOT_FOUND", "there is no node_modules here or above: name a folder of text files with --root", {});
}
