import type { Command } from "commander";
import { NearError } from "nearts";
import { UsageError } from "../search/usage-error.js";
import { plural } from "../terminal/format.js";

interface VerifyOptions {
  readonly show: number;
  readonly json?: true;
}

/** Adds `nearts verify`. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .summary("read every record of an index in a folder, and say what is wrong")
    .description("Reads every record of an index in a folder and compares them. Changes nothing, and may run beside a process that writes.")
    .argument("<folder>", "an index in a folder")
    .option("--show <count>", "problems to print", Number, 20)
    .option("--json", "print { rows, problems }")
    .addHelpText("after", "\nExit codes: 0 sound, 3 damaged.\n\nExample:\n  $ nearts verify ./images && echo sound")
    .action(verify);
}

async function verify(folder: string, options: VerifyOptions): Promise<void> {
  requireFolder(folder, "verify");
  const { verifyLmdb } = await import("nearts/lmdb");
  const { rows, problems } = await verifyLmdb(folder);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ rows, problems })}\n`);
  else {
    const more = problems.length - options.show;
    const lines = [
      ...problems.slice(0, options.show),
      ...(more > 0 ? [`… and ${plural(more, "more problem")}: --show ${problems.length} prints them`] : []),
      `${folder}: ${plural(rows, "vector")}, ${problems.length === 0 ? "sound" : plural(problems.length, "problem")}`,
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  if (problems.length > 0) {
    const message = `${JSON.stringify(folder)} is damaged: nearts repair ${folder} --to <folder> saves what can be read`;
    throw new NearError("E_CORRUPT", message, { folder, problems: problems.length });
  }
}

/** Only folders hold records of ours to check; a server checks its own. */
export function requireFolder(place: string, command: string): void {
  if (/^[a-z][a-z0-9+.-]+:\/\//.test(place))
    throw new UsageError(`nearts ${command} takes a folder, and ${JSON.stringify(place)} is a server`);
}
