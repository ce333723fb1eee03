import type { Candidates, Probes } from "../core/columns.js";
import { entryNanos, vectorNanos } from "./cost.js";
import type { Effort } from "./stages.js";

/** A query's buckets, as they were read. */
export interface Read {
  readonly effort: Effort;
  readonly probes: Probes;
  readonly candidates: Candidates;
  /** Of the probes, where codes give them one. */
  readonly orders: Float32Array | undefined;
  /** Whether there are as many probes as buckets, not as many as a hash makes one by one. */
  readonly listed: boolean;
  /** Neighbours asked for. */
  readonly nearest: number;
  /** Rows there must be at least, and whether only those within a distance became candidates. */
  readonly wanted: number;
  readonly within: boolean;
}

/** What reading on goes by. */
export interface Reachable {
  /** Vectors stored, and their dimensions. */
  readonly size: number;
  readonly dim: number;
  /** Groups of their codes; 0 where there are none. */
  readonly groups: number;
  /** Most buckets of a table. */
  readonly buckets: number;
}

/** By how much a query that has not read enough may read more each time: the probes behind that at which the stop rule ends it are estimated for nothing. */
const growth = 4;

/** Probes of a query that has read on a few times, as few do: hardly one reads by more. */
export function probesOfMost({ probes }: Effort): number {
  return probes * growth ** 2;
}

/** Deviations of the estimates beyond which hardly anything lies. */
export const surely = 3;

/** Whether a query has read enough: as many rows as are wanted, until the stop rule said so, and by a number of probes only if it is one that these were tuned for. */
export function readEnough(read: Read): boolean {
  return !short(read) && !cutOff(read) && !unlike(read);
}

/** How a query that has not read enough reads on: undefined where more buckets are no help, or cost more than all vectors. */
export function readOn(read: Read, { size, dim, groups, buckets }: Reachable): Effort | undefined {
  const { effort, candidates } = read;
  if (effort.probes >= buckets) return undefined;
  const [entries, survivors] = [candidates.raw, candidates.count].map((count) => Math.min(size, count * growth));
  const work = groups === 0 ? entries * vectorNanos(dim) : entries * entryNanos(groups) + survivors * vectorNanos(dim);
  if (work >= size * vectorNanos(dim)) return undefined;
  return { ...carefully(effort), probes: Math.min(buckets, effort.probes * growth) };
}

/** How a query that may be unlike those of the trial is read. */
export function carefully(effort: Effort): Effort {
  const { careful } = effort;
  return careful === undefined ? effort : { ...effort, stop: careful.stop, deviations: Math.max(effort.deviations, surely) };
}

/** Whether fewer rows than are wanted were in the buckets, as after many were removed. */
export function short({ candidates, wanted, within }: Read): boolean {
  return (within ? candidates.raw : candidates.count) < wanted;
}

/** Whether there were no probes left when the stop rule would have gone on; of those made one by one there are never enough for it. */
function cutOff({ effort, probes, candidates, listed }: Read): boolean {
  return listed && effort.stop !== null && !candidates.stopped && probes.count >= effort.probes;
}

/** Whether the query is unlike those that its number of probes is tuned by, as {@link Careful} says. */
function unlike({ effort: { stop, careful, neighbours = 0 }, candidates, orders, nearest }: Read): boolean {
  if (careful === undefined || stop === careful.stop || orders === undefined) return false;
  if (orders[0] > 0 && orders[careful.probe - 1] < careful.flat * orders[0]) return true;
  return nearest <= neighbours && candidates.count > careful.passing * candidates.raw;
}
