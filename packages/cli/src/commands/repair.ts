import type { Command } from "commander";
import { NearError } from "nearts";
import { openPlace, places } from "../places/place.js";
import { UsageError } from "../search/usage-error.js";
import { plural } from "../terminal/format.js";
import { addPlace, type PlaceFlags } from "./options.js";

interface RepairOptions extends PlaceFlags {
  readonly to?: string;
  readonly json?: true;
}

const EXAMPLES = `
An index in a folder is left as it is: what can be read of it goes into a new one. One in a Redis server is mended where it is:
what a process left half-done when it ended is taken out.

Examples:
  $ nearts repair ./images --to ./images-saved
  $ nearts repair redis://localhost:6379 --name images`;

/** Adds `nearts repair`. */
export function addRepair(program: Command): void {
  const command = program
    .command("repair")
    .summary("save what can be read of a damaged index")
    .description("Saves what can be read of a damaged index, and says what was lost.")
    .argument("<place>", places)
    .option("--to <folder>", "the new index, for one in a folder")
    .option("--json", "print what was done as one JSON object");
  addPlace(command).addHelpText("after", EXAMPLES).action(repair);
}

async function repair(place: string, options: RepairOptions): Promise<void> {
  const isServer = /^rediss?:\/\//.test(place);
  if (isServer === (options.to !== undefined))
    throw new UsageError(
      isServer ? "--to is for an index in a folder: leave it out" : "say where what can be read is to go: --to <folder>",
    );
  const done = options.to === undefined ? await mendServer(place, options.name) : await saveFolder(place, options.to);
  process.stdout.write(options.json === true ? `${JSON.stringify(done.facts)}\n` : `${done.lines.join("\n")}\n`);
}

interface Done {
  readonly facts: object;
  readonly lines: readonly string[];
}

async function saveFolder(place: string, to: string): Promise<Done> {
  const { repairLmdb } = await import("nearts/lmdb");
  const { saved, lost } = await repairLmdb(place, { to });
  const summary = `${to}: ${plural(saved, "vector")} saved, ${lost.length === 0 ? "nothing lost" : plural(lost.length, "loss")}`;
  return { facts: { place, to, saved, lost }, lines: [...lost.slice(0, 20), summary] };
}

async function mendServer(place: string, name: string | undefined): Promise<Done> {
  const storage = await openPlace(place, { name });
  try {
    const schema = await storage.schema();
    if (schema === null) throw new NearError("E_NOT_FOUND", `there is no index at ${JSON.stringify(place)}`, { place });
    await storage.open(schema);
    const { RedisStorage } = await import("nearts/redis");
    if (!(storage instanceof RedisStorage)) throw new UsageError(`${JSON.stringify(place)} is no Redis server`);
    const report = await storage.repair();
    const { items, ids, records, restored } = report;
    const lines = [
      `${plural(items, "item")}, ${plural(ids, "id")} and ${plural(records, "record")} of nothing were removed`,
      ...(restored === 0 ? [] : [`${restored} missing ids and records were put back`]),
    ];
    return { facts: { place, ...report }, lines };
  } finally {
    await storage.close();
  }
}
