import type { Distance, HashConfig, Id, Shape } from "../../core/contracts.js";
import { NearError, show } from "../../core/errors.js";
import { checkSignal, refuseUnknown, requireOptions } from "../guards.js";
import { checkRecall } from "../tune-options.js";

/** Two stored vectors and how far they are apart. */
export interface Pair {
  readonly a: Id;
  readonly b: Id;
  /** Computed in float64 from the stored vectors. */
  readonly distance: number;
}

/** How far a join has come. */
export interface PairProgress {
  /** Keys of the vectors are made first, then each vector is compared with those it shares a bucket with. */
  readonly phase: "hashing" | "comparing";
  readonly rows: number;
  readonly total: number;
  /** Pairs found so far. */
  readonly pairs: number;
  /** Where to go on from here another time; null while keys are made. */
  readonly cursor: PairCursor | null;
}

/** Where a join can go on: plain JSON. Pairs given before it are not given again. */
export interface PairCursor {
  readonly version: 1;
  /** What the index holds: another that holds the like cannot be told from it. */
  readonly index: { readonly kind: string; readonly dim: number; readonly distance: string };
  /** null for no limit, as JSON has no +∞. */
  readonly within: number | null;
  /** How candidates are found, which must not change on the way. */
  readonly way: "exact" | "hashes" | { readonly family: HashConfig };
  /** All pairs of rows up to this one have been given (−1: none), and so many of the next row that has some. */
  readonly row: number;
  readonly given: number;
  /** Pairs given in all. */
  readonly pairs: number;
}

/** Which pairs a join is to find. */
export interface ClusterOptions {
  /** Pairs at most so far apart. One of `within` and `threshold` is needed. */
  readonly within?: number;
  /** Pairs at least so similar, over 0 to 1, for distances that are one less a similarity: within = 1 − threshold. */
  readonly threshold?: number;
  /** The share of these pairs that is to be found; 1 compares every vector with every other. The engine's own when not given, else 0.95. */
  readonly recall?: number;
  /** Memory that keys may take: 1 GiB when not given. E_MEMORY where they need more. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PairProgress) => void;
}

/** Which pairs a join is to find, and in what manner. */
export interface PairOptions extends ClusterOptions {
  /** Only the closest `k` of the pairs, closest first; `within` may then be left out. */
  readonly k?: number;
  /** Pairs after which it ends with E_LIMIT, those found having been given: a hundred a vector when not given, and at least a million. */
  readonly maxPairs?: number;
  /** Goes on from where another join of the same index stood, in this process or another. */
  readonly cursor?: PairCursor;
}

/** Options of a join, checked. */
export interface PairsAsked {
  /** undefined: as far as the closest `k` are. */
  readonly within: number | undefined;
  readonly k: number | undefined;
  readonly recall: number | undefined;
  readonly maxBytes: number;
  readonly maxPairs: number | undefined;
  readonly cursor: PairCursor | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: PairProgress) => void) | undefined;
}

const clusterNames = ["within", "threshold", "recall", "maxBytes", "signal", "onProgress"];
const mostClosest = 1_000_000;

/** An index as cursors name it. */
export function indexOf({ kind, dim }: Shape, distance: Distance): PairCursor["index"] {
  return { kind, dim, distance: distance.name };
}

/** A distance as cursors have it. */
export function limitOf(within: number): number | null {
  return within === Number.POSITIVE_INFINITY ? null : within;
}

/** E_BAD_OPTION for what is not one, E_UNSUPPORTED for a threshold of similarity where the distance has none. */
export function checkPairs(options: PairOptions, shape: Shape, distance: Distance, what: "pairsWithin" | "clusters"): PairsAsked {
  requireOptions(options, what);
  refuseUnknown(options, what === "clusters" ? clusterNames : [...clusterNames, "k", "maxPairs", "cursor"], what);
  checkSignal(options.signal);
  if (distance.directed === true) {
    const message = `the ${distance.name} distance is measured from a query, so that pairs have none: ask with neighbours, or choose jaccard`;
    throw new NearError("E_UNSUPPORTED", message, { distance: distance.name });
  }
  const { k, maxPairs, maxBytes = 2 ** 30, recall, signal, onProgress } = options;
  whole("k", k, mostClosest);
  whole("maxPairs", maxPairs, Number.MAX_SAFE_INTEGER);
  whole("maxBytes", maxBytes, Number.MAX_SAFE_INTEGER);
  const within = withinOf(options, distance);
  if (within === undefined && k === undefined) {
    throw new NearError("E_BAD_OPTION", `${what} needs to know how near: give within, or a threshold of similarity`, {});
  }
  if (recall !== undefined) checkRecall(recall);
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw new NearError("E_BAD_OPTION", `onProgress is ${show(onProgress)}; give a function, or leave it out`, {});
  const cursor = options.cursor === undefined ? undefined : checkCursor(options.cursor, indexOf(shape, distance), within);
  if (cursor !== undefined && k !== undefined)
    throw new NearError("E_BAD_OPTION", "the closest k pairs are known at the end only: leave out cursor, or k", {});
  return { within, k, recall, maxBytes, maxPairs, cursor, signal, onProgress };
}

/** 1 − s is rounded otherwise than the distance of vectors at similarity s: 1 − 0.8 is less than 1/5. Jaccard distances of fewer than 2²⁵ members lie farther apart. */
const rounding = 2 ** -51;

function withinOf({ within, threshold }: PairOptions, distance: Distance): number | undefined {
  if (within !== undefined && threshold !== undefined)
    throw new NearError("E_BAD_OPTION", "within and threshold say the same in two ways: give one of them", { within, threshold });
  if (within !== undefined) {
    if (typeof within === "number" && !Number.isNaN(within)) return within;
    throw new NearError("E_BAD_OPTION", `within is ${show(within)}; give a distance`, { within });
  }
  if (threshold === undefined) return undefined;
  if (!(typeof threshold === "number" && threshold > 0 && threshold <= 1)) {
    throw new NearError("E_BAD_OPTION", `threshold is ${show(threshold)}; give a similarity over 0 to 1, such as 0.8`, { threshold });
  }
  if (distance.similarity === true) return 1 - threshold + rounding;
  const message = `the ${distance.name} distance is not one less a similarity: give within, a distance, in the place of threshold`;
  throw new NearError("E_UNSUPPORTED", message, { distance: distance.name });
}

function whole(name: string, value: unknown, most: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most)) return; // an integer
  throw new NearError("E_BAD_OPTION", `${name} is ${show(value)}; give a whole number from 1 to ${most}`, { [name]: value });
}

/** Cursors come back from files: nothing of them is taken on trust. */
function checkCursor(cursor: PairCursor, here: PairCursor["index"], within: number | undefined): PairCursor {
  requireOptions(cursor, "a cursor");
  const { version, index, row, given, pairs, way } = cursor;
  const sound =
    version === 1 &&
    typeof index === "object" &&
    index !== null &&
    [given, pairs].every((value) => Number.isSafeInteger(value) && value >= 0) &&
    Number.isSafeInteger(row) &&
    row >= -1 &&
    (way === "exact" || way === "hashes" || (typeof way === "object" && way !== null && typeof way.family === "object"));
  if (!sound) throw new NearError("E_BAD_OPTION", `${show(cursor)} is no cursor: give one that a join had, as it was`, {});
  if (index.kind !== here.kind || index.dim !== here.dim || index.distance !== here.distance) {
    const message = `the cursor is of an index of ${told(index)}, this one is of ${told(here)}: give it to the index it came from, or leave it out`;
    throw new NearError("E_BAD_OPTION", message, { index: here, cursor: index });
  }
  if (within === undefined || cursor.within === limitOf(within)) return cursor; // without a limit k is given, which has no cursor
  const message = `the cursor is of a join within ${show(cursor.within)}, this one is within ${show(within)}: ask alike, or leave it out`;
  throw new NearError("E_BAD_OPTION", message, { within, cursor: cursor.within });
}

function told({ kind, dim, distance }: PairCursor["index"]): string {
  return `${show(kind)} vectors of ${show(dim)} dimensions by ${show(distance)}`;
}
