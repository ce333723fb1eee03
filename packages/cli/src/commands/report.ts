import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { NearError } from "nearts";
import { WIDTH } from "../terminal/format.js";

interface ReportFlags {
  readonly out?: string;
  readonly svg?: string;
  readonly markdown?: true;
  readonly terminal?: true;
  readonly title?: string;
  readonly definition?: readonly string[];
}

const EXAMPLES = `
Examples:
  One page to look at and to send, without network: results.html
  $ nearts report results.jsonl
  The figures alone, for a paper
  $ nearts report results.jsonl --svg figures
  A look without leaving the terminal
  $ nearts report results.jsonl --terminal`;

/** Adds `nearts report`. */
export function addReport(program: Command): void {
  program
    .command("report")
    .summary("draw the results of experiments: a page, figures, a table")
    .description(
      "Draws results of nearts evaluate: one HTML page without network (beside the first file when nothing else is asked for), figures, a table. " +
        "Results of other data sets or machines are kept apart.",
    )
    .argument("<results...>", "files of results, a JSON line each")
    .option("--out <file>", "write the page here")
    .option("--svg <folder>", "write each figure as an SVG file")
    .option("--markdown", "print a Markdown table")
    .option("--terminal", "print a view for terminals")
    .option("--title <text>", "heading (default: the names of the experiments)")
    .option("--definition <file>", "show the text of a definition file on the page (repeatable)", addPath)
    .addHelpText("after", EXAMPLES)
    .action(report);
}

async function report(paths: readonly string[], { svg, markdown, terminal, title, ...flags }: ReportFlags): Promise<void> {
  // Only here: drawing takes a library that other commands should not wait for.
  const { markdownReport, readResults, terminalReport, writeReport } = await import("nearts-lab");
  const results = await readResults(paths);
  const printed = markdown === true || terminal === true;
  const out = flags.out ?? (printed || svg !== undefined ? undefined : pageBeside(paths[0]));
  const definitions = await Promise.all((flags.definition ?? []).map(textOf));
  const named = title === undefined ? {} : { title };
  if (terminal === true)
    process.stdout.write(`${terminalReport(results, { ...named, width: Math.max(40, process.stdout.columns ?? WIDTH) })}\n`);
  if (markdown === true) process.stdout.write(`${markdownReport(results, title)}\n`);
  if (out === undefined && svg === undefined) return;
  const to = { ...named, ...(out === undefined ? {} : { out }), ...(svg === undefined ? {} : { svg }) };
  const written = await writeReport(results, { ...to, definitions });
  const note = written.length === 1 ? written[0] : `${written[0]} and ${written.length - 1} more`;
  process.stderr.write(`wrote ${note}\n`);
}

function addPath(path: string, before: readonly string[] = []): readonly string[] {
  return [...before, path];
}

/** `results.jsonl` is drawn in `results.html`. */
function pageBeside(path: string): string {
  return `${path.replace(/\.(jsonl|ndjson|json)$/i, "")}.html`;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new NearError("E_IO", `cannot read ${path}: ${(cause as Error).message}`, { path }, { cause }); // fs rejects with errors
  }
}
