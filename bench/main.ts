import { readBandwidth } from "./bandwidth.js";

/** One benchmark: what it measures, in a line, and how it runs with the arguments after its name. */
interface Benchmark {
  readonly about: string;
  readonly run: (args: readonly string[]) => Promise<void> | void;
}

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  bandwidth: {
    about: "memory read bandwidth of one thread, the ceiling of exact search",
    run: () => console.log(`${(readBandwidth() / 1e9).toFixed(1)} GB/s`),
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
