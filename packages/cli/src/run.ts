import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { NearError } from "nearts";
import { addAnnBenchmarks } from "./commands/ann-benchmarks.js";
import { addCopy } from "./commands/copy.js";
import { addDedup } from "./commands/dedup.js";
import { addDelete } from "./commands/delete.js";
import { addDemo } from "./commands/demo.js";
import { addEvaluate } from "./commands/evaluate.js";
import { addIndex } from "./commands/index-file.js";
import { addInfo } from "./commands/info.js";
import { addInspect } from "./commands/inspect.js";
import { addNeighbours } from "./commands/neighbours.js";
import { addQuery } from "./commands/query.js";
import { addRepair } from "./commands/repair.js";
import { addReport } from "./commands/report.js";
import { addVerify } from "./commands/verify.js";
import { UsageError } from "./search/usage-error.js";
import { WIDTH } from "./terminal/format.js";

/** Exit codes: done, failed, not understood, the storage failed, stopped by Ctrl-C (128 + SIGINT, as shells have it). */
const DONE = 0;
const FAILED = 1;
const USAGE = 2;
const STORAGE = 3;
const STOPPED = 130;

const EXAMPLES = `
Examples:
  $ nearts demo                                      what it does, on the files under node_modules
  $ nearts index base.fvecs --to ./images            an index that lasts, in a folder or in Redis
  $ nearts query ./images query.fvecs -k 5           its nearest vectors for each row of a file
  $ nearts neighbours base.fvecs query.fvecs -k 5    nearest rows of one file for each of another
  $ nearts inspect base.fvecs --hash rbp:bits=12     how a hash spreads rows, and which bits suit
  $ nearts dedup corpus.jsonl --out clean.jsonl      texts without near-duplicates
  $ nearts help inspect                              options, hashes and examples of a command

Exit codes: 0 done, 1 failed (the error's code on standard error), 2 command line not understood,
3 the storage failed, 130 stopped.`;

/** Runs the command line; resolves to the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const stopping = new AbortController();
  // Once: a second Ctrl-C ends the process at once.
  process.once("SIGINT", () => stopping.abort());
  process.stdout.on("error", leaveQuietly);
  try {
    await program(stopping.signal).parseAsync(args, { from: "user" });
    return DONE;
  } catch (error) {
    if (stopping.signal.aborted) {
      process.stderr.write("nearts: stopped\n");
      return STOPPED;
    }
    return report(error);
  }
}

function program(signal: AbortSignal): Command {
  const command = new Command("nearts");
  command
    .description("Approximate nearest neighbours by locality-sensitive hashing: of files of vectors, and of indexes that last.")
    .version(version(), "--version")
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(WIDTH, process.stdout.columns ?? WIDTH) })
    .addHelpText("after", EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "nearts: ")) })
    .showHelpAfterError("(nearts --help shows what there is)");
  addIndex(command, signal);
  addQuery(command, signal);
  addInfo(command);
  addDelete(command);
  addAnnBenchmarks(command);
  addCopy(command, signal);
  addVerify(command);
  addRepair(command);
  addNeighbours(command, signal);
  addInspect(command, signal);
  addDedup(command, signal);
  addReport(command);
  addEvaluate(command, signal);
  addDemo(command, signal);
  return command;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : USAGE; // commander has said it already
  if (error instanceof UsageError) {
    process.stderr.write(`nearts: ${error.message}\n`);
    return USAGE;
  }
  const text = error instanceof NearError ? `${error.code}: ${error.message}` : error instanceof Error ? error.message : String(error);
  process.stderr.write(`nearts: ${text}\n`);
  return error instanceof NearError && storageCodes.has(error.code) ? STORAGE : FAILED;
}

/** Errors of where an index lies, rather than of what was asked. */
const storageCodes: ReadonlySet<string> = new Set([
  "E_AUTH",
  "E_CORRUPT",
  "E_FAILED",
  "E_FULL",
  "E_LOCKED",
  "E_NOT_REPLICATED",
  "E_PARTIAL",
  "E_READONLY",
  "E_UNAVAILABLE",
  "E_VERSION",
]);

/** Whoever reads the output may have read enough (`nearts … | head`). */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === "EPIPE" ? DONE : FAILED);
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version; // our own package.json
}
