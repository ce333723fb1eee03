import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { NearError } from "nearts";
import { type Document, type DocumentOptions, documentsOf } from "../dedup/documents.js";
import { type Found, findDuplicates, type Keep } from "../dedup/find.js";
import { LineOutput, partOf } from "../dedup/output.js";
import { excerptOf, reportLines, reportValues, type Shown, summaryOf } from "../dedup/report.js";
import { type Shingling, toShingling } from "../dedup/shingling.js";
import { UsageError } from "../search/usage-error.js";
import { span } from "../terminal/format.js";
import { toShare } from "./options.js";

interface DedupOptions {
  readonly threshold: number;
  readonly keep: Keep;
  readonly shingle: Shingling;
  readonly recall: number;
  readonly field: string;
  readonly lines?: true;
  readonly out?: string;
  readonly report?: true;
  readonly reportTo?: string;
}

const EXAMPLES = `
Texts are compared as sets of shingles, the runs of so many words (words:3), characters (chars:9) or tokens of
a program (code:5). Two are duplicates where these sets have a Jaccard similarity of at least the threshold,
and so are those that a chain of duplicates joins: one of each such cluster stays. What is dropped was
compared exactly; of the duplicate pairs the share --recall is found.

The lines that stay are printed as they were, in their order; of whole files, their paths. Files are read
twice, and their texts are not kept in memory. What is printed depends on nothing but files and options.

Examples:
  $ nearts dedup corpus.jsonl --field body --out clean.jsonl --report-to duplicates.txt
  $ nearts dedup part-*.jsonl.gz --threshold 0.9 --keep longest > clean.jsonl
  $ nearts dedup records.txt --lines --shingle words:1 --threshold 0.7
  $ nearts dedup --report src/*.js --shingle code:5`;

/** Adds `nearts dedup`. */
export function addDedup(program: Command, signal: AbortSignal): void {
  program
    .command("dedup")
    .summary("drop near-duplicates of text files or JSON lines")
    .description("Finds texts that are nearly the same, and prints all others and one of each kind.")
    .argument("<files...>", "texts: .jsonl or .ndjson (a document a line), or any text files; each may be gzipped")
    .option("--threshold <similarity>", "Jaccard similarity from which texts are duplicates", toShare, 0.8)
    .option("--keep <which>", "what stays of a cluster: first, last, longest", toKeep, "first")
    .option("--shingle <kind:size>", "what is compared: words:3, chars:9, code:5", toShingling, toShingling("words:3"))
    .option("--recall <share>", "share of the duplicate pairs to find; 1 compares all with all", toShare, 0.99)
    .option("--field <name>", "field of JSON lines that has the text", "text")
    .option("--lines", "each line of a text file is a document")
    .option("--out <file>", "write what stays to this file")
    .option("--report", "print the clusters on standard error")
    .option("--report-to <file>", "write the clusters to this file: as text, or JSON lines by its name")
    .addHelpText("after", EXAMPLES)
    .action((files: readonly string[], options: DedupOptions) => dedup(files, options, signal));
}

function toKeep(text: string): Keep {
  if (text === "first" || text === "last" || text === "longest") return text;
  throw new InvalidArgumentError("Expected first, last or longest.");
}

async function dedup(given: readonly string[], options: DedupOptions, signal: AbortSignal): Promise<void> {
  const { threshold, keep, shingle: shingling, recall, field, lines = false } = options;
  const { report = false, reportTo } = options;
  if (reportTo === "-") throw new UsageError("--report-to - names no file: give a file, or --report for standard error");
  const paths = distinct(given);
  requireOthers([options.out, reportTo], paths);
  const reading = { lines, field, signal };
  const outputs: LineOutput[] = [];
  const opened = async (path: string | undefined) => {
    const output = await LineOutput.to(path);
    outputs.push(output);
    return output;
  };
  try {
    // A bad path shows before the work is done.
    const out = await opened(options.out);
    const reported = reportTo === undefined ? undefined : await opened(reportTo);
    const found = await findDuplicates(documentsOf(paths, reading), { shingling, threshold, recall, keep, signal });
    const shown = await print(paths, reading, found, out, report || reportTo !== undefined);
    const about = `${shingling.name}, similarity from ${threshold}`;
    if (report) for (const line of reportLines(found, about, shown)) process.stderr.write(`${line}\n`);
    if (reportTo !== undefined) for (const line of linesOf(reportTo, found, about, shown)) await reported?.line(line);
    await reported?.end();
    await out.end();
    process.stderr.write(`nearts: ${summaryOf(found, about)} in ${span(found.seconds)}\n`);
  } catch (error) {
    for (const output of outputs) await output.abandon();
    throw error;
  }
}

/** Reads the documents once more and prints those that stay; gives what a report shows of those in clusters. */
async function print(
  files: readonly string[],
  reading: DocumentOptions,
  { documents, groups }: Found,
  out: LineOutput,
  shows: boolean,
): Promise<Map<number, Shown>> {
  const dropped = new Set(groups.flatMap(({ drop }) => drop.map(({ number }) => number)));
  const kept = new Set(groups.map(({ keep }) => keep));
  const shown = new Map<number, Shown>();
  let number = 0;
  for await (const document of documentsOf(files, reading)) {
    if (shows && (dropped.has(number) || kept.has(number))) shown.set(number, shownOf(document));
    if (!dropped.has(number)) await out.line(document.line);
    number++;
  }
  if (number === documents) return shown;
  const message = `the files had ${documents} documents at first and ${number} when they were read again: leave them alone meanwhile`;
  throw new NearError("E_IO", message, { documents, again: number });
}

function shownOf({ place, text }: Document): Shown {
  return { place, excerpt: excerptOf(text) };
}

/** The clusters as the name of the report asks for them. */
function* linesOf(path: string, found: Found, about: string, shown: ReadonlyMap<number, Shown>): Iterable<string> {
  if (!/\.(jsonl|ndjson)$/i.test(path)) yield* reportLines(found, about, shown);
  else for (const value of reportValues(found, shown)) yield JSON.stringify(value);
}

/** Each file once, however it is called: its texts would all be duplicates of themselves. */
function distinct(files: readonly string[]): readonly string[] {
  const met = new Set<string>();
  return files.filter((file) => met.size < met.add(real(file)).size);
}

/** Refuses to write over a file that is read, or two outputs into one. */
function requireOthers(outputs: readonly (string | undefined)[], files: readonly string[]): void {
  const taken = new Map(files.map((file) => [real(file), "is one of the files that are read"]));
  for (const path of outputs) {
    if (path === undefined) continue;
    for (const own of [path, partOf(path)]) {
      const use = taken.get(real(own));
      if (use !== undefined) throw new UsageError(`${own} ${use}: give another name than ${path}`);
      taken.set(real(own), "is written already");
    }
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // it is not there
  }
}
