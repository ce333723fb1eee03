import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { NearError } from "../../core/errors.js";
import { corrupt } from "./records.js";
import type { Verification } from "./verify-tables.js";

/** How long a check may take before an index is opened that was not closed. */
const checkMillis = 60_000;
const mostOutput = 2 ** 24;

/** What a child process is to do with the index in a folder. */
export type ChildTask = "quick" | "verify" | "repair";

/**
 * Runs a check in a process of its own, as a database that is damaged in some ways ends the process that reads it. E_CORRUPT where the child finds damage, or
 * dies; E_FAILED where it takes too long.
 */
export async function inChild(task: ChildTask, paths: readonly [path: string, to?: string], millis: number): Promise<unknown> {
  const [path] = paths;
  // Sources are compiled beside the tests that run them as they are.
  const own = new URL("./child-main.js", import.meta.url.replace("/src/storage/", "/dist/storage/"));
  const { stdout, code, signal } = await run([fileURLToPath(own), task, ...paths.filter((each) => each !== undefined)], millis);
  if (signal === "SIGTERM" || signal === "SIGKILL") {
    const message = `checking the index at ${JSON.stringify(path)} took over ${millis} ms and was stopped: verifyLmdb checks it without a limit`;
    throw new NearError("E_FAILED", message, { path, millis });
  }
  if (code === 0) return JSON.parse(stdout) as unknown;
  throw corrupt(`the database at ${JSON.stringify(path)} cannot be read: a process that tried it ended with ${signal ?? `code ${code}`}`, {
    path,
    code,
    signal,
  });
}

/** Checks an index that was not closed before it is opened in this process: all that opening reads. */
export async function checkAfterCrash(path: string): Promise<void> {
  const { problems } = (await inChild("quick", [path], checkMillis)) as Verification; // what child-main.ts prints
  if (problems.length > 0) throw corrupt(problems[0], { path, problems });
}

interface Ended {
  readonly stdout: string;
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
}

function run(args: readonly string[], millis: number): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: millis, maxBuffer: mostOutput }, (error, stdout) => {
      const { code, signal } = Object(error) as { readonly code?: unknown; readonly signal?: NodeJS.Signals };
      resolve({ stdout, code: error === null ? 0 : typeof code === "number" ? code : 1, signal: signal ?? null });
    });
  });
}
