import { digits, short, table } from "../table.js";
import type { Contestant } from "./contest.js";

/** One system at the cheapest effort that reaches a target; or, without a target, at one of its efforts. */
export interface CompareRow {
  readonly system: string;
  readonly target: number | null;
  readonly recall: number;
  /** Queries/s the way that suits the system best, and with a call for each query (0 where that was not asked). */
  readonly qps: number;
  readonly qpsOneByOne: number;
  readonly buildSeconds: number;
  /** Beyond the raw float32 values; null where nothing is known. */
  readonly bytesPerVector: number | null;
  /** Growth of the process while the system was built; a lower bound. */
  readonly keptBytes: number;
  readonly peakBytes: number;
  readonly parameters: string;
}

/** For each target, the systems that reach it at the effort that is fastest then; after these, everything that was measured. */
export function rowsOf(contestants: readonly Contestant[], targets: readonly number[]): CompareRow[] {
  const reached = targets.flatMap((target) => contestants.flatMap((contestant) => cheapest(contestant, target)));
  return [...reached, ...contestants.flatMap((contestant) => points(contestant, null))];
}

function cheapest(contestant: Contestant, target: number): CompareRow[] {
  return points(contestant, target)
    .filter(({ recall }) => recall >= target)
    .sort((a, b) => b.qps - a.qps)
    .slice(0, 1);
}

function points({ name, built, buildSeconds, growth, points }: Contestant, target: number | null): CompareRow[] {
  return [...points.values()].map(({ parameters, recall, qps, qpsOneByOne }) => ({
    system: name,
    target,
    recall,
    qps,
    qpsOneByOne,
    buildSeconds,
    bytesPerVector: built.size?.bytesPerVector ?? null,
    keptBytes: growth.kept,
    peakBytes: growth.peak,
    parameters,
  }));
}

/** The systems at one target as a table, with the ratio of their rates to each peer's; those that do not reach it in a line below. */
export function targetTable(
  target: number,
  rows: readonly CompareRow[],
  contestants: readonly Contestant[],
  peers: readonly string[],
): string {
  const reached = rows.filter((row) => row.target === target);
  const rates = new Map(reached.map(({ system, qps }) => [system, qps]));
  const lines = reached.map((row) => ({
    system: row.system,
    parameters: short(row.parameters),
    recall: row.recall.toFixed(4),
    "queries/s": digits(row.qps),
    "one by one": row.qpsOneByOne === 0 ? "–" : digits(row.qpsOneByOne),
    ...Object.fromEntries(peers.map((peer) => [`/ ${peer}`, rates.has(peer) ? `${digits(row.qps / (rates.get(peer) ?? 1))} ×` : "–"])),
    "build s": digits(row.buildSeconds),
    "bytes beyond raw": bytes(row, contestants),
    "MB kept": megabytes(row.keptBytes),
    "MB peak": megabytes(row.peakBytes),
  }));
  const missed = contestants.filter(({ name }) => !rates.has(name)).map(({ name, points }) => `${name} (${best(points)})`);
  return [
    `recall ≥ ${target}`,
    ...(lines.length > 0 ? [table(lines)] : []),
    ...(missed.length > 0 ? [`not reached by ${missed.join(", ")}`] : []),
  ].join("\n");
}

function bytes({ system, bytesPerVector }: CompareRow, contestants: readonly Contestant[]): string {
  if (bytesPerVector === null) return "–";
  const estimated = contestants.find(({ name }) => name === system)?.built.size?.estimatedFrom !== undefined;
  return `${estimated ? "≈ " : ""}${digits(bytesPerVector)}`;
}

/** How the bytes that are not counted by a system itself were found. */
export function sizeNotes(contestants: readonly Contestant[]): string {
  const notes = contestants.flatMap(({ name, built }) =>
    built.size?.estimatedFrom === undefined ? [] : [`${name} from ${built.size.estimatedFrom}`],
  );
  return notes.length === 0 ? "" : `; ≈ ${notes.join(", ")}`;
}

/** Who is asked one by one only. */
export function batchNotes(contestants: readonly Contestant[]): string {
  const single = contestants.filter(({ built }) => built.askAll === undefined).map(({ name }) => name);
  return single.length === 0 ? "" : `; asked one by one, as it takes no batches: ${single.join(", ")}`;
}

function best(points: Contestant["points"]): string {
  return points.size === 0 ? "nothing measured" : `at best ${Math.max(...[...points.values()].map(({ recall }) => recall)).toFixed(4)}`;
}

function megabytes(bytes: number): string {
  return digits(bytes / 2 ** 20);
}
