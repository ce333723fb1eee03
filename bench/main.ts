import { NearError, type NearErrorCode } from "nearts";
import { bandwidth } from "./bandwidth.js";
import type { Benchmark } from "./benchmark.js";
import { classic } from "./classic/classic.js";
import { compare } from "./compare/compare.js";
import { families } from "./families/families.js";
import { filters } from "./filters.js";
import { growth } from "./growth.js";
import { labData } from "./lab-data.js";
import { cluster } from "./storage/cluster.js";
import { storage } from "./storage/storage.js";
import { threads } from "./threads.js";
import { tune } from "./tune.js";
import { updates } from "./updates.js";

const benchmarks: readonly Benchmark[] = [
  bandwidth,
  classic,
  compare,
  families,
  filters,
  growth,
  labData,
  storage,
  cluster,
  threads,
  tune,
  updates,
];

const [name = "", ...args] = process.argv.slice(2);
const wanted = benchmarks.find((benchmark) => benchmark.name === name);
if (wanted !== undefined) await start(wanted);
else {
  const lines = benchmarks.map((benchmark) => `  ${benchmark.name.padEnd(12)} ${benchmark.about}`);
  const known = ["", "help", "--help"].includes(name);
  const refusal = known ? "" : `There is no benchmark ${JSON.stringify(name)}.\n`;
  console.error(`${refusal}npm run bench -- <benchmark> [options]; --help after a name tells its options\n${lines.join("\n")}`);
  process.exitCode = known && name !== "" ? 0 : 2;
}

/** Runs a benchmark; what is wrong with its options or its data is told in one line, anything else is a bug and keeps its stack. */
async function start(benchmark: Benchmark): Promise<void> {
  try {
    await benchmark.run(args);
  } catch (error) {
    if (!(error instanceof Error) || !isOfTheUser(error)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

function isOfTheUser(error: Error): boolean {
  const codes: readonly NearErrorCode[] = [
    "E_BAD_DATA",
    "E_BAD_FILE",
    "E_BAD_OPTION",
    "E_DIM_MISMATCH",
    "E_IO",
    "E_NOT_FOUND",
    "E_UNSUPPORTED",
  ];
  return error instanceof NearError && codes.includes(error.code);
}
