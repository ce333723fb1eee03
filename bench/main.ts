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
if (Object.hasOwn(BENCHMARKS, name)) await BENCHMARKS[name].run(args);
else {
  const lines = Object.entries(BENCHMARKS).map(([command, { about }]) => `  ${command.padEnd(12)} ${about}`);
  console.error(
    `${name ? `There is no benchmark ${JSON.stringify(name)}.\n` : ""}npm run bench -- <benchmark> [options]\n${lines.join("\n")}`,
  );
  process.exitCode = 2;
}
