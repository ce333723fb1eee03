import { NearError } from "nearts";
import { type Benchmark, benchmark } from "../benchmark.js";
import { dataOptions, loadWanted } from "../data/load.js";
import { described, queryCount } from "../data/set.js";
import { truthOf } from "../data/truth.js";
import { choices, count, fractions, outputFile } from "../options.js";
import { writeJson, writeText } from "../output.js";
import { pinned } from "../pin.js";
import { frontierPlot } from "../plot/frontier.js";
import { hnswlib } from "../systems/hnswlib.js";
import { own } from "../systems/own.js";
import { usearch } from "../systems/usearch.js";
import { type Contest, type Contestant, compete, enter } from "./contest.js";
import { batchNotes, rowsOf, sizeNotes, targetTable } from "./report.js";

const peers = [hnswlib, usearch];
const names = (systems: readonly { readonly name: string }[]) => systems.map(({ name }) => name);

const notes = `Everything is swept over its efforts in one run, in rounds over all systems; recall is of all queries, by distance, so that ties count; rates
are the best of the rounds, and the ratios are of these. Each system is asked both ways, all queries in one call where it takes that (hnswlib-node does not),
and one by one; queries/s are of the faster. One thread is on one processor where taskset is there; several threads take all queries in one call. MB kept and peak are what the process grew by while building, seldom more than a lower bound.
The truth comes from the folder or is computed and kept in the system's temporary folder.`;

const options = {
  ...dataOptions(1000),
  k: count("neighbours wanted", 10),
  recall: fractions("recalls to compare at", [0.9, 0.95, 0.99]),
  systems: choices(
    "our own",
    names(own),
    names(own).filter((name) => name !== "nearts-lists"),
  ),
  peers: choices("others", names(peers), names(peers)),
  threads: count("threads", 1),
  rounds: count("rounds over all systems", 3),
  json: outputFile("rows as JSON, one a line: those that reach a target, then (target null) all that was measured"),
  svg: outputFile("recall and queries/s as a plot"),
};

/** Sweeps every system over its efforts, interleaved, and prints what each costs at the recall asked for. */
export const compare: Benchmark = benchmark(
  { name: "compare", about: "recall and queries/s of our systems beside hnswlib-node and usearch, on any dense data", notes, options },
  async ({ data, distance, rows, queries, k, recall, systems, peers: rivals, threads, rounds, json, svg }) => {
    const where = pinned(threads);
    const set = await loadWanted(data, { distance, rows, queries });
    if (queryCount(set) === 0) throw new NearError("E_BAD_DATA", `${set.name} has no queries to ask`);
    console.error(`${described(set)}, k = ${k}, ${threads} thread${threads === 1 ? "" : "s"} (${where}), Node ${process.version}`);
    const contest: Contest = { set, truth: await truthOf(set, k), threads };
    const entered: Contestant[] = [];
    for (const system of [...own, ...peers].filter(({ name }) => [...systems, ...rivals].includes(name))) {
      const contestant = await enter(system, contest);
      if (contestant !== null) entered.push(contestant);
    }
    const contestants = await compete(contest, entered, rounds);
    const found = rowsOf(contestants, recall);
    for (const target of recall) console.log(`\n${targetTable(target, found, contestants, rivals)}`);
    console.log(
      `\nbest of ${rounds} rounds; bytes beyond the raw float32 vectors${sizeNotes(contestants)}${batchNotes(contestants)}; ${where}`,
    );
    writeJson(json, found);
    if (svg !== undefined) writeText(svg, plotted(contestants, `${described(set)}, k = ${k}`, threads));
  },
);

function plotted(contestants: readonly Contestant[], title: string, threads: number): string {
  const series = contestants.map(({ name, points }) => ({ name, points: [...points.values()] }));
  return frontierPlot(`${title}, ${threads} thread${threads === 1 ? "" : "s"}`, series);
}
