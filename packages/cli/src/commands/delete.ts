import type { Command } from "commander";
import type { Id, OpenWhere } from "nearts";
import { openIndex } from "../places/open-index.js";
import { places } from "../places/place.js";
import { UsageError } from "../search/usage-error.js";
import { plural } from "../terminal/format.js";
import { addPlace, type PlaceFlags, toWhere } from "./options.js";

interface DeleteOptions extends PlaceFlags {
  readonly where?: OpenWhere;
  readonly text?: true;
  readonly json?: true;
}

const EXAMPLES = `
Ids of digits only are numbers, as rows without an id of their own have; --text takes them as text.

Examples:
  $ nearts delete ./images 17 18
  $ nearts delete ./papers --where '{"year":{"lt":1990}}'`;

/** Adds `nearts delete`. */
export function addDelete(program: Command): void {
  const command = program
    .command("delete")
    .summary("remove vectors from an index")
    .description("Removes vectors from an index, by id or by their data.")
    .argument("<place>", places)
    .argument("[ids...]", "ids of the vectors")
    .option("--where <json>", "those whose data meet this condition", toWhere)
    .option("--text", "all ids are text, those of digits too")
    .option("--json", "print { deleted, size }");
  addPlace(command)
    .addHelpText("after", EXAMPLES)
    .action((place: string, ids: string[], options: DeleteOptions) => remove(place, ids, options));
}

async function remove(place: string, ids: readonly string[], options: DeleteOptions): Promise<void> {
  const { where } = options;
  if (ids.length > 0 === (where !== undefined)) throw new UsageError("say what to delete: ids, or --where with a condition, and not both");
  const engine = await openIndex(place, options);
  try {
    const which = where === undefined ? ids.map((id) => idOf(id, options.text === true)) : { where };
    const deleted = await engine.deleteMany(which);
    const size = await engine.size();
    const text = `${plural(deleted, "vector")} deleted${where === undefined && deleted < ids.length ? ` of ${ids.length} named` : ""}, ${plural(size, "vector")} left`;
    process.stdout.write(options.json === true ? `${JSON.stringify({ deleted, size })}\n` : `${text}\n`);
  } finally {
    await engine.close();
  }
}

function idOf(text: string, asText: boolean): Id {
  const number = Number(text);
  return !asText && /^-?\d+$/.test(text) && Number.isSafeInteger(number) ? number : text;
}
