import type { Command } from "commander";
import { openIndex } from "../places/open-index.js";
import { places } from "../places/place.js";
import { count, plural, span } from "../terminal/format.js";
import { table } from "../terminal/table.js";
import { addPlace, type PlaceFlags } from "./options.js";

interface InfoOptions extends PlaceFlags {
  readonly json?: true;
}

/** Adds `nearts info`. */
export function addInfo(program: Command): void {
  const command = program
    .command("info")
    .summary("say what an index holds, how it is searched and what it takes")
    .description("Prints what an index holds, how it is searched, and the bytes it takes.")
    .argument("<place>", places)
    .option("--json", "print one JSON object");
  addPlace(command)
    .addHelpText("after", "\nExamples:\n  $ nearts info ./images\n  $ nearts info redis://localhost:6379 --name images --json")
    .action((place: string, options: InfoOptions) => info(place, options));
}

async function info(place: string, options: InfoOptions): Promise<void> {
  const begun = performance.now();
  const engine = await openIndex(place, { ...options, readOnly: true });
  try {
    const [stats, plan] = [await engine.stats(), await engine.plan()];
    const seconds = (performance.now() - begun) / 1000;
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ place, openSeconds: seconds, ...stats, fields: engine.fields, plan })}\n`);
      return;
    }
    const { size, dim, kind, distance, storage, bytes, hashes } = stats;
    const fields = Object.entries(engine.fields).map(([field, type]) => `${field} (${type})`);
    const lines = [
      `${place}: ${plural(size, "vector")}, ${kind}, of ${plural(dim, "dimension")}, by ${distance} distance; ${storage} storage, opened in ${span(seconds)}`,
      ...(fields.length === 0 ? [] : [`fields of the data: ${fields.join(", ")}`]),
      plan.text,
      "",
      ...table([{ title: "bytes of", align: "left" }, { title: "all" }, { title: "a vector" }], bytesOf(bytes, size)),
    ];
    const buckets = hashes.map(({ name, tables, buckets, entries, largestBucket, skew }) => [
      name,
      ...[tables, buckets, entries, largestBucket].map(count),
      skew.toFixed(2),
    ]);
    const titles = ["tables", "buckets", "entries", "largest", "skew"].map((title) => ({ title }));
    if (buckets.length > 0) lines.push("", ...table([{ title: "hash", align: "left" }, ...titles], buckets));
    process.stdout.write(`${lines.join("\n")}\n`);
  } finally {
    await engine.close();
  }
}

function bytesOf(bytes: Readonly<Record<string, number>>, size: number): string[][] {
  return Object.entries(bytes).map(([part, all]) => [part, count(all), (all / Math.max(1, size)).toFixed(1)]);
}
