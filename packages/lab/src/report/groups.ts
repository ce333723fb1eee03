import { NearError } from "nearts";
import type { Machine, Result } from "../results.js";

const COMMIT_DIGITS = 12;

/** Results that may be compared: of one data set, distance and k, from one machine. */
export interface Group {
  /** "fashion-mnist-784, euclidean, k = 10". */
  readonly title: string;
  /** "Intel Xeon, 2 cores, 8 GB, Node 20.19.5". */
  readonly machine: string;
  readonly members: readonly Member[];
  /** What figures tell apart by colour and sign, in order of first appearance. */
  readonly series: readonly string[];
}

/** One result with its place in the report. */
export interface Member {
  /** Number of the result in the report, from 1. */
  readonly n: number;
  readonly series: string;
  readonly result: Result;
}

/** The groups of `results`, in order of first appearance. Every result is in one; never are two in the same that should not be compared. */
export function groupsOf(results: readonly Result[]): Group[] {
  const groups = new Map<string, { n: number; result: Result }[]>();
  for (const [i, result] of results.entries()) {
    const { data, k, machine } = result;
    const key = JSON.stringify([data.hash, data.distance, data.name, k, describeMachine(machine)]);
    const members = groups.get(key) ?? [];
    members.push({ n: i + 1, result });
    groups.set(key, members);
  }
  return Array.from(groups.values(), (numbered) => {
    const { data, k, machine } = numbered[0].result;
    const name = seriesNames(numbered.map(({ result }) => result));
    const members = numbered.map(({ n, result }) => ({ n, result, series: name(result) }));
    return {
      title: `${data.name}, ${data.distance}, k = ${k}`,
      machine: describeMachine(machine),
      members,
      series: [...new Set(members.map(({ series }) => series))],
    };
  });
}

/** What of a machine decides whether times may be compared. */
export function describeMachine({ cpu, cores, memoryBytes, node }: Machine): string {
  return `${cpu}, ${cores} ${cores === 1 ? "core" : "cores"}, ${Math.round(memoryBytes / 2 ** 30)} GiB, Node ${node.replace(/^v/, "")}`;
}

/** The version of nearts that a result is of: its number and commit. */
export function describeVersion({ nearts, commit }: Machine): string {
  return commit === undefined ? nearts : `${nearts} (${shortCommit(commit)})`;
}

/** A commit by its first twelve digits, and the sign after it that files differed. */
function shortCommit(commit: string): string {
  return commit.slice(0, COMMIT_DIGITS) + (commit.endsWith("+") && commit.length > COMMIT_DIGITS ? "+" : "");
}

/** The names of the experiments. E_BAD_DATA where there are no results. */
export function titleOf(results: readonly Result[]): string {
  if (results.length === 0) throw new NearError("E_BAD_DATA", "there are no results to report: run an experiment first", { results: 0 });
  return [...new Set(results.map(({ experiment }) => experiment))].join(", ");
}

/** Engines go by their names; with their experiment and version, where names meet that mean different things. */
function seriesNames(results: readonly Result[]): (result: Result) => string {
  const experiments = new Set(results.map(({ experiment }) => experiment));
  const versions = new Set(results.map(({ machine }) => describeVersion(machine)));
  return ({ experiment, engine, machine }) =>
    [...(experiments.size > 1 ? [experiment] : []), engine, ...(versions.size > 1 ? [`nearts ${describeVersion(machine)}`] : [])].join(
      " · ",
    );
}
