import { contentHash, exactTruth } from "nearts-lab";
import { distanceOf, isSame, isWithin, plainDistance } from "./distances.js";
import { baseCount, type DataSet, denseRows, queryCount } from "./set.js";

/** Queries whose bound is confirmed by a plain loop over all vectors, wherever it comes from. */
const confirmed = 10;

/** What answers are judged by: the distance of each query's true k-th neighbour, so that ties count. */
export interface Truth {
  /** Neighbours that a query has: k, or all vectors where there are fewer. */
  readonly k: number;
  readonly bounds: Float64Array;
}

/** The truth from the folder's own neighbours where they are of this distance, else by exact search, which the lab keeps for equal bytes. */
export async function truthOf(set: DataSet, wanted: number): Promise<Truth> {
  const k = Math.min(wanted, baseCount(set));
  const [bounds, source] = await boundsOf(set, k);
  console.error(
    `truth: distance of each query's neighbour ${k}, ${source}; ${Math.min(confirmed, bounds.length)} confirmed by a plain loop`,
  );
  return { k, bounds };
}

async function boundsOf(set: DataSet, k: number): Promise<[Float64Array, string]> {
  const listed = fromFolder(set, k);
  if (listed !== null && isConfirmed(set, k, listed)) return [listed, "from the neighbours in the folder"];
  if (listed !== null) console.error(`the neighbours in the folder are not those by ${set.distance}: computed anew`);
  const computed = await byExactSearch(set, k);
  if (!isConfirmed(set, k, computed))
    throw new Error(`exact search and a plain loop over all vectors of ${set.name} find different neighbours`);
  return [computed, "by exact search of the lab, now or before"];
}

/** Bounds by the rows that came with the set; null where there are none, too few, or rows that do not exist. */
function fromFolder(set: DataSet, k: number): Float64Array | null {
  const { neighbours } = set;
  const queries = queryCount(set);
  if (neighbours === undefined || neighbours.dim < k || neighbours.count < queries) return null;
  const bounds = new Float64Array(queries).fill(Number.NEGATIVE_INFINITY);
  for (let q = 0; q < queries; q++)
    for (const row of neighbours.values.subarray(q * neighbours.dim, q * neighbours.dim + k)) {
      if (row < 0 || row >= baseCount(set)) return null;
      bounds[q] = Math.max(bounds[q], distanceOf(set, q, row));
    }
  return bounds;
}

async function byExactSearch(set: DataSet, k: number): Promise<Float64Array> {
  const [base, queries] = [denseRows(set.base, set.dim), denseRows(set.queries, set.dim)];
  const { name, distance } = set;
  const { rows } = await exactTruth({ name, distance, base, queries, hash: await contentHash(base, queries) }, { k });
  return Float64Array.from({ length: queries.count }, (_, q) => distanceOf(set, q, rows[(q + 1) * k - 1]));
}

function isConfirmed(set: DataSet, k: number, bounds: Float64Array): boolean {
  const step = Math.max(1, Math.floor(bounds.length / confirmed));
  for (let q = 0; q < Math.min(bounds.length, step * confirmed); q += step) if (!isSame(bounds[q], plainDistance(set, q, k))) return false;
  return true;
}

/** Part of each query's k neighbours that were found: an answer no farther than the true k-th is one of them. */
export function recalls(set: DataSet, { k, bounds }: Truth, answers: readonly (readonly number[])[]): number[] {
  return answers.map((rows, q) => {
    let hits = 0;
    for (const row of new Set(rows)) if (row < baseCount(set) && isWithin(distanceOf(set, q, row), bounds[q])) hits++;
    return Math.min(hits, k) / k;
  });
}
