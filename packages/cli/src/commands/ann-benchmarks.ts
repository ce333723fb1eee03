import type { Command } from "commander";

const NOTES = `
The runner of ann-benchmarks starts this and talks to it by lines on standard input and output;
integrations/ann-benchmarks has what it needs for that. Options come first, each a name and a value:
distance (euclidean, angular, hamming, jaccard, ip), recall, tables, rows, projections, seed.

Example:
  $ printf "distance euclidean\\n\\n'0 1'\\n'2 3'\\n\\n'2 2' 1\\n" | nearts ann-benchmarks`;

/** Adds `nearts ann-benchmarks`. */
export function addAnnBenchmarks(program: Command): void {
  program
    .command("ann-benchmarks")
    .summary("speak the subprocess protocol of ann-benchmarks")
    .description("Answers the runner of ann-benchmarks on standard input and output (protocol epbprtv0), with prepared queries.")
    .addHelpText("after", NOTES)
    .action(async () => {
      const { serveAnnBenchmarks } = await import("nearts-lab"); // other commands need not wait for it
      await serveAnnBenchmarks(process.stdin, process.stdout, (sentence) => process.stderr.write(`nearts: ${sentence}\n`));
    });
}
