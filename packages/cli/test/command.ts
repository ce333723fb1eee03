import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a run of the command left behind. */
export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Runs the built command; `onOutput` may look at its standard output while it comes, and send it a signal. */
export function nearts(args: readonly string[], onOutput?: (out: string, kill: (signal: NodeJS.Signals) => void) => void): Promise<Run> {
  if (!existsSync(main)) throw new Error(`${main} is not there: run "npm run build" first, as "npm test" does`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      onOutput?.(out, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** The JSON values on the lines of a text. */
export function jsonLines(text: string): unknown[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/** Lines longer than the 100 characters that a terminal is trusted to have. */
export function wideLines(text: string): string[] {
  return text.split("\n").filter((line) => line.length > 100);
}
