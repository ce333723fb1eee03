import { NearError, type NearErrorCode } from "nearts";
import { bandwidthMeter } from "./bandwidth.js";
import { classic } from "./classic.js";
import { compare } from "./compare.js";

/** One benchmark: what it measures, in a line, and how it runs with the arguments after its name. */
interface Benchmark {
  readonly about: string;
  readonly run: (args: readonly string[]) => Promise<void> | void;
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  bandwidth: {
    about: "memory read bandwidth of one thread, the ceiling of a scan that reads every vector",
    run: async () => {
      const meter = await bandwidthMeter();
      console.log(`${(Math.max(...Array.from({ length: 7 }, meter)) / 1e9).toFixed(1)} GB/s`);
    },
  },
  classic: {
    about: "NearPy's pipeline on real vectors: --data <folder> --json <file> --queries 2000 --seeds 3 --raw (not centred)",
    run: classic,
  },
  compare: {
    about:
      "recall and queries/s beside hnswlib-node and usearch: --data <folder> --distance euclidean|cosine --recall 0.9,0.95,0.99 --peers … --rows n --queries 1000 --json file --svg file",
    run: compare,
  },
};

const [name = "", ...args] = process.argv.slice(2);
if (Object.hasOwn(BENCHMARKS, name)) await start(BENCHMARKS[name]);
else {
  const lines = Object.entries(BENCHMARKS).map(([command, { about }]) => `  ${command.padEnd(12)} ${about}`);
  console.error(
    `${name ? `There is no benchmark ${JSON.stringify(name)}.\n` : ""}npm run bench -- <benchmark> [options]\n${lines.join("\n")}`,
  );
  process.exitCode = 2;
}

/** Runs a benchmark; what is wrong with its options or its data is told in one line, anything else is a bug and keeps its stack. */
async function start({ run }: Benchmark): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    if (!(error instanceof Error) || !isOfTheUser(error)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

function isOfTheUser(error: Error): boolean {
  const codes: readonly NearErrorCode[] = ["E_BAD_DATA", "E_BAD_FILE", "E_BAD_OPTION", "E_DIM_MISMATCH", "E_IO", "E_NOT_FOUND"];
  if (error instanceof NearError) return codes.includes(error.code);
  return "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
