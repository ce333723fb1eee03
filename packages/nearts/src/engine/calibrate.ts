import { Keys, type Probes } from "../core/columns.js";
import type { Distance, Storage } from "../core/contracts.js";
import { type Rows, slice } from "../core/rows.js";
import { type Asked, askAll } from "./ask-all.js";
import type { SharedTrial } from "./batches.js";
import { entryNanos, preparedNanos, probeNanos, vectorNanos } from "./cost.js";
import { exactTrial } from "./exact-trial.js";
import type { QueryPlan } from "./plan.js";
import { answerHead, stagesWith, type TrialQueries } from "./questions.js";
import { newScratch, Search } from "./search.js";
import type { Effort, Stage } from "./stages.js";

/** Queries with the answers they should have. */
export interface Trial extends TrialQueries {
  /** For each query the rows of its true neighbours, `k` apart, and how many there are. */
  readonly k: number;
  readonly rows: Uint32Array;
  readonly counts: Uint32Array;
  /** Distance of the last of these: whatever is no farther is as good. */
  readonly limits: Float64Array;
}

/** What one effort reached on a trial. */
export interface Measured {
  readonly effort: Effort;
  /** Mean share of the true neighbours that were found, and the standard error of that mean. */
  readonly recall: number;
  readonly error: number;
  /** Microseconds a query. */
  readonly micros: number;
  /** Means of the work of a query: entries of which the codes were read, and vectors that were measured. */
  readonly scanned: number;
  readonly survivors: number;
  readonly probed: number;
  /** What that costs in nanoseconds on a usual machine: by it efforts are compared, so that the same index is always searched alike. */
  readonly cost: number;
}

/** An index whose effort is to be found: hashes of a storage. */
export interface Calibrated {
  readonly storage: Storage;
  readonly stages: readonly Stage[];
  readonly distance: Distance;
  /** Values that are read of a vector. */
  readonly dim: number;
  /** A plan of a plain query for k neighbours. */
  readonly plan: QueryPlan;
  /** Whether a query may stop before its last probe by what it found: not where all probes are read at once. */
  readonly stops?: boolean;
  /** The same trial on several threads, where there are some. */
  readonly together?: SharedTrial | undefined;
  /** Called between queries; may wait, and throws when the work is to end. */
  readonly turn: () => Promise<void> | undefined;
}

/** Deviations at which practically nothing near is lost, where codes say what they should. */
const certain = 4.5;
const everything = 2 ** 31;
/** Queries by which the codes are checked against exact searches, and most that are searched exactly. */
const checkedQueries = 6;
const mostExact = 120;

/**
 * The true neighbours of queries. A scan of all lists within {@link certain} deviations finds them many times faster than an exact search; but whether it does is
 * checked by exact searches of some queries, and where it does not (codes of numbers at the end of float32, say), or there are no codes, or of many small buckets, all are searched exactly:
 * then only the first {@link mostExact} of them.
 */
export async function trialOf(index: Calibrated, queries: Rows, leaveOut: Int32Array, k: number): Promise<Trial> {
  if (index.storage.resident === undefined) return answers(index, queries, leaveOut, k);
  if (index.stages.every(({ hash, sketch }) => sketch !== null && hash.anchors !== undefined)) {
    const few = slice(queries, 0, Math.min(checkedQueries, queries.count));
    const exactly = await exactTrial(index, few, leaveOut, k);
    const byCodes = await answers(index, few, leaveOut, k);
    const same = exactly.limits.every((limit, q) => Math.abs(limit - byCodes.limits[q]) <= Math.abs(limit) * 1e-6);
    if (same) return answers(index, queries, leaveOut, k);
  }
  return exactTrial(index, slice(queries, 0, Math.min(mostExact, queries.count)), leaveOut, k);
}

/** What a search that reads everything answers. */
async function answers(index: Calibrated, queries: Rows, leaveOut: Int32Array, k: number): Promise<Trial> {
  const effort: Effort = { probes: everything, stop: null, deviations: certain };
  const [{ left }] = await askAll(index, { queries, leaveOut }, [{ kind: "answer", effort, k }]);
  const rows = new Uint32Array(queries.count * k);
  const counts = new Uint32Array(queries.count);
  const limits = new Float64Array(queries.count).fill(Number.NEGATIVE_INFINITY);
  for (let q = 0; q < queries.count; q++) {
    const { found, rows: own, distances } = answerOf(left, k, q);
    counts[q] = found;
    rows.set(own, q * k);
    if (found > 0) limits[q] = distances[found - 1];
  }
  return { queries, leaveOut, k, rows, counts, limits };
}

/** What question "answer" left of query `q`. */
function answerOf(left: Float64Array, k: number, q: number) {
  const first = q * (answerHead + 2 * k);
  const [scanned, survivors, probed, found] = left.subarray(first, first + answerHead);
  const rows = left.subarray(first + answerHead, first + answerHead + found);
  const distances = left.subarray(first + answerHead + k, first + answerHead + k + found);
  return { scanned, survivors, probed, found, rows, distances };
}

/** Runs a trial with one effort. */
export async function runTrial(index: Calibrated, trial: Trial, effort: Effort, most?: number): Promise<Measured> {
  const [measured] = await runTrials(index, trial, [effort], most);
  return measured;
}

/** Runs a trial, or the first `most` of its queries, with each of some efforts. */
export async function runTrials(
  index: Calibrated,
  trial: Trial,
  efforts: readonly Effort[],
  most: number = trial.queries.count,
): Promise<Measured[]> {
  const { k } = trial;
  const asked = await askAll(
    index,
    trial,
    efforts.map((effort) => ({ kind: "answer", effort, k })),
    most,
  );
  return asked.map((answered, i) => measuredOf(index, trial, efforts[i], answered));
}

function measuredOf(index: Calibrated, trial: Trial, effort: Effort, { left, count, micros }: Asked): Measured {
  let [sum, squares, asked, scanned, survivors, probed] = [0, 0, 0, 0, 0, 0];
  for (let q = 0; q < count; q++) {
    if (trial.counts[q] === 0) continue;
    const wanted = trial.limits[q] + Math.abs(trial.limits[q]) * 1e-6;
    const answer = answerOf(left, trial.k, q);
    const recall = Math.min(1, answer.distances.filter((distance) => distance <= wanted).length / trial.counts[q]);
    sum += recall;
    squares += recall * recall;
    scanned += answer.scanned;
    survivors += answer.survivors;
    probed += answer.probed;
    asked++;
  }
  const n = Math.max(1, asked);
  const recall = sum / n; // 0 where there was nothing to find: then nothing is known
  const error = Math.sqrt(Math.max(0, squares / n - recall * recall) / n);
  const work = { scanned: scanned / n, survivors: survivors / n, probed: probed / n };
  return { effort, recall, error, micros, ...work, cost: costOf(index, effort, work) };
}

/** Nanoseconds a query on a usual machine, by what it does in the mean. */
export function costOf({ stages, dim }: Calibrated, effort: Effort, work: Pick<Measured, "scanned" | "survivors" | "probed">): number {
  const groups = stages[0].sketch?.groups ?? 0;
  const prepared = effort.stop === null ? work.probed : effort.probes * stages[0].hash.tables;
  return prepared * preparedNanos + work.probed * probeNanos + work.scanned * entryNanos(groups) + work.survivors * vectorNanos(dim);
}

/** For each true neighbour of a trial what it takes to probe its list: the number of probes, and the stop rule's factor. One pass tells the recall of all settings. */
export interface Reach {
  /** By neighbour, query after query. */
  readonly probes: Float64Array;
  readonly factors: Float64Array;
  /** For each neighbour its share of the recall: 1/(queries · the query's neighbours). */
  readonly shares: Float64Array;
  /** Most probes that count. */
  readonly most: number;
}

/** All but this share of the neighbours lie in the lists that are looked at. */
const beyond = 0.0005;

/**
 * Finds which probe reads each neighbour's list, then scans each query's lists in order, noting before each how small the k-th estimate is
 * (one pass tells all settings, as MRPT's: Jääsaari et al. 2019).
 */
export async function reachOf(index: Calibrated, trial: Trial, most: number): Promise<Reach> {
  const { queries, k } = trial;
  const total = trial.counts.reduce((sum, count) => sum + count, 0);
  const probes = new Float64Array(total).fill(Number.POSITIVE_INFINITY);
  const shares = new Float64Array(total);
  // By query and neighbour the first probe that reads it, and by neighbour where that stands.
  const places = new Float64Array(queries.count * k).fill(Number.POSITIVE_INFINITY);
  const spots = new Uint32Array(total);
  const all = new Search(index.storage, stagesWith(index.stages, { probes: most, stop: null, deviations: 2 }));
  const scratch = newScratch();
  const keys = new Keys();
  for (let q = 0, next = 0; q < queries.count; q++) {
    await all.probe(slice(queries, q, q + 1), index.plan, scratch.probes);
    const count = trial.counts[q];
    shares.fill(1 / (queries.count * count), next, next + count);
    notePlaces(index, trial.rows.slice(q * k, q * k + count), keys, scratch.probes, (i, place) => {
      places[q * k + i] = place.first;
      probes[next + i] = place.perTable;
    });
    for (let i = 0; i < count; i++) spots[next++] = q * k + i;
    await index.turn();
  }
  const enough = Math.min(most, Math.max(4, quantile(probes, shares, 1 - beyond)));
  const effort: Effort = { probes: enough, stop: null, deviations: 2 };
  const [{ left }] = await askAll(index, trial, [{ kind: "factors", effort, k, places }]);
  const factors = probes.map((_, i) => left[spots[i]]);
  return { probes, factors, shares, most: enough };
}

/** The least value that is at or above values of so much of the weight; +∞ where not enough are finite. */
export function quantile(values: Float64Array, shares: Float64Array, wanted: number): number {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  let sum = 0;
  for (const i of order) {
    sum += shares[i];
    if (sum >= wanted - 1e-9) return values[i];
  }
  return Number.POSITIVE_INFINITY;
}

/** Where a row is found: the first of the probes that reads one of its buckets, and which that is among those of its hash, divided by its tables. */
interface Place {
  readonly first: number;
  readonly perTable: number;
}

/** Tells for each of some rows where it is found, if it is. */
function notePlaces(index: Calibrated, rows: Uint32Array, keys: Keys, probes: Probes, note: (i: number, place: Place) => void): void {
  const gathered = index.storage.resident?.gather(rows);
  if (gathered === undefined) return;
  const best = new Map<number, Place>();
  for (const { hash, number } of index.stages) {
    keys.clear();
    hash.keys(gathered.vectors, keys);
    for (let e = 0; e < keys.count; e++) {
      const place = placeOf(keys, e, probes, number, hash.tables);
      const before = best.get(keys.rows[e]);
      if (place !== null && (before === undefined || place.first < before.first)) best.set(keys.rows[e], place);
    }
  }
  for (const [i, place] of best) note(rows.indexOf(gathered.rows[i]), place);
}

/** The first of the probes of a hash that reads the bucket of key `e`; null where none does. */
function placeOf(keys: Keys, e: number, probes: Probes, number: number, tables: number): Place | null {
  for (let p = 0, own = 0; p < probes.count; p++) {
    if (probes.hashes[p] !== number) continue;
    own++;
    if (reads(probes, p, keys, e)) return { first: p, perTable: Math.ceil(own / tables) };
  }
  return null;
}

/** Whether probe `p` reads the bucket of key `e`. */
function reads(probes: Probes, p: number, keys: Keys, e: number): boolean {
  if (keys.tables[e] !== probes.tables[p]) return false;
  const bits = probes.prefixBits[p];
  const hi = keys.hi[e] ^ probes.hi[p];
  const lo = keys.lo[e] ^ probes.lo[p];
  if (bits >= 64) return hi === 0 && lo === 0;
  return bits === 0 || (bits <= 32 ? hi >>> (32 - bits) === 0 : hi === 0 && lo >>> (64 - bits) === 0);
}
