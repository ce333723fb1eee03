import type { Command } from "commander";
import { NearError } from "nearts";
import { copyIndex } from "../places/copy-index.js";
import { openPlace, places } from "../places/place.js";
import { UsageError } from "../search/usage-error.js";
import { count, plural, span } from "../terminal/format.js";
import { Progress } from "../terminal/progress.js";

interface CopyOptions {
  readonly fromName?: string;
  readonly toName?: string;
  readonly anew?: true;
  readonly json?: true;
}

const EXAMPLES = `
The copy learns anew how it is searched. One that was stopped goes on when the command is run again: vectors whose ids are there
are passed over, whatever has become of them in <from>; --anew copies all.

Examples:
  $ nearts copy ./images redis://localhost:6379 --to-name images
  $ nearts copy redis://localhost:6379 ./images`;

/** Adds `nearts copy`. */
export function addCopy(program: Command, signal: AbortSignal): void {
  program
    .command("copy")
    .summary("copy an index to another place")
    .description("Copies the vectors of an index, with their ids and data, to another place.")
    .argument("<from>", places)
    .argument("<to>", places)
    .option("--from-name <name>", "name of the index in the Redis server it comes from (default: nearts)")
    .option("--to-name <name>", "name of the index in the Redis server it goes to (default: nearts)")
    .option("--anew", "copy what is there already too")
    .option("--json", "print what was done as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action((from: string, to: string, options: CopyOptions) => copy(from, to, options, signal));
}

async function copy(from: string, to: string, options: CopyOptions, signal: AbortSignal): Promise<void> {
  if (from === to && options.fromName === options.toName) throw new UsageError(`${JSON.stringify(from)} is both ends of the copy`);
  const source = await openPlace(from, { name: options.fromName, readOnly: true });
  try {
    if ((await source.schema()) === null)
      throw new NearError("E_NOT_FOUND", `there is no index at ${JSON.stringify(from)}`, { place: from });
    const target = await openPlace(to, { name: options.toName, create: true });
    try {
      const progress = new Progress({ label: `copying to ${to}`, unit: "vectors" });
      const onProgress = (rows: number, share: number) => progress.update(rows, share);
      const { engine, stored, there } = await copyIndex({ from: source, to: target, anew: options.anew === true, signal, onProgress });
      const seconds = progress.end();
      if ((await engine.plan()).target !== undefined && stored > 0) await engine.train({ signal });
      const facts = { from, to, stored, there, seconds, size: await engine.size() };
      const before = there > 0 ? `, ${count(there)} had been there before` : "";
      const text = `${plural(stored, "vector")} copied in ${span(seconds)} (${count(stored / seconds)}/s)${before}; ${to} has ${plural(facts.size, "vector")} now`;
      process.stdout.write(options.json === true ? `${JSON.stringify(facts)}\n` : `${text}\n`);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
