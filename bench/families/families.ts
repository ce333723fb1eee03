import { type Benchmark, benchmark } from "../benchmark.js";
import { choices, count, outputFile, text } from "../options.js";
import { writeJson } from "../output.js";
import { digits, table } from "../table.js";
import { bits } from "./bits.js";
import { dense } from "./dense.js";
import { joins } from "./joins.js";
import type { FamilyRow, Part } from "./row.js";
import { sets } from "./sets.js";

/** A file for each. */
const parts = { dense, bits, sets, joins } as const satisfies Readonly<Record<string, Part>>;
const names = Object.keys(parts) as readonly (keyof typeof parts)[];

const notes = `Dense vectors are centred on their mean, Euclidean, k = 10; without codes every candidate is measured exactly. One thread, not pinned. Systems that are
compared are asked in turn, in pieces of 25 queries, each piece at its best of several passes: what others do on the machine meanwhile concerns all alike. Joins are measured from the stored sets to the last pair,
keys included, against the comparison of all with all by the same kernels (recall 1).`;

const options = {
  parts: choices("what is measured", names, names),
  data: text("<folder>", "dense base and query files in any known format; NEARTS_DATA/fashion-mnist-784 when not given"),
  rows: count<number | undefined>("only the first n dense vectors", undefined),
  queries: count("only the first n dense queries", 500),
  codes: count("bit codes to search among", 1_000_000),
  json: outputFile("rows as JSON, one a line"),
};

/** The families of hashes against what they are to reach. */
export const families: Benchmark = benchmark(
  { name: "families", about: "every family of hashes: rates with and without codes, and what they are to reach", notes, options },
  async ({ parts: wanted, json, ...given }) => {
    const rows: FamilyRow[] = [];
    for (const name of wanted) rows.push(...(await parts[name](given)));
    console.log(table(rows.map(printed)));
    writeJson(json, rows);
  },
);

function printed({ system, set, parameters, recall, qps, floor }: FamilyRow): Record<string, string> {
  return {
    system,
    set,
    parameters,
    recall: recall === null ? "–" : recall.toFixed(3),
    "queries/s": qps === null ? "–" : digits(qps),
    reached: floor === null ? "" : `${digits(floor.value)} ${floor.value >= floor.least ? "≥" : "<"} ${digits(floor.least)} ${floor.what}`,
  };
}
