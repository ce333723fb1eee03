import type { Id } from "../core/contracts.js";

/** One field as a query reads it. */
export interface FieldList {
  /** Over 0. */
  readonly weight: number;
  /** The distance of items that lack the field. */
  readonly missing: number;
  /** The nearest `count` items by this field, nearest first: fewer where there are no more. */
  nearest(count: number): Promise<readonly { readonly id: Id; readonly distance: number }[]>;
  /** All items nearer than this by the field. */
  within(distance: number): Promise<readonly { readonly id: Id; readonly distance: number }[]>;
  /** The distances of items, in order; undefined for those that lack the field. */
  distances(ids: readonly Id[]): Promise<readonly (number | undefined)[]>;
}

/** An item with its distances, by field, and what they come to. */
export interface Combined {
  readonly id: Id;
  readonly distance: number;
  readonly distances: readonly number[];
}

/** Items that a field is asked for at first, for each wanted, and most that an engine gives at once. */
const firstShare = 4;
const leastFirst = 32;
const mostAsked = 10_000;

/**
 * The k items of smallest Σ weight · distance, over those that at least one field finds: the threshold algorithm (Fagin, Lotem and Naor 2003, section 4) on
 * lists that grow fourfold. An item in no list is at least as far as the last of each list, so that it ends when the k-th is no farther than
 * Σ weight · that. Where fields find a share of their neighbours only, an item is missed only if every list misses it that it belongs in.
 */
export async function combinedNearest(
  fields: readonly FieldList[],
  k: number,
  within: number,
  most: number = mostAsked,
): Promise<Combined[]> {
  const known = new Map<Id, Combined>();
  for (let count = Math.max(leastFirst, firstShare * k); ; count *= 4) {
    const asked = Math.min(count, most);
    const lists = await Promise.all(fields.map((field) => field.nearest(asked)));
    await combine(fields, lists, known);
    const best = nearestOf(known, k, within);
    const farthest = best.length < k ? within : best[k - 1].distance;
    const frontiers = lists.map((list) => (list.length < asked ? Number.POSITIVE_INFINITY : list[list.length - 1].distance));
    const unseen = fields.reduce((sum, { weight, missing }, f) => sum + weight * Math.min(frontiers[f], missing), 0);
    // Where all lists have ended, every item that has one of the fields was in one of them.
    if (farthest <= unseen || frontiers.every((frontier) => frontier === Number.POSITIVE_INFINITY)) return best;
    if (asked === most) return rest(fields, k, Math.min(within, farthest), known);
  }
}

/** Asks the fields for all that may still be nearer: an item at a combined distance below D is below D / weight by each of its fields. */
async function rest(fields: readonly FieldList[], k: number, farthest: number, known: Map<Id, Combined>): Promise<Combined[]> {
  for (const field of fields) {
    await combine(fields, [await field.within((farthest / field.weight) * (1 + 1e-12) + Number.MIN_VALUE)], known);
  }
  return nearestOf(known, k, farthest * (1 + 1e-12) + Number.MIN_VALUE);
}

/** Measures the items of lists that are not known yet, by all fields. */
async function combine(
  fields: readonly FieldList[],
  lists: readonly (readonly { readonly id: Id }[])[],
  known: Map<Id, Combined>,
): Promise<void> {
  const ids = [...new Set(lists.flatMap((list) => list.map(({ id }) => id)))].filter((id) => !known.has(id));
  if (ids.length === 0) return;
  const columns = await Promise.all(fields.map((field) => field.distances(ids)));
  ids.forEach((id, i) => {
    // Removed meanwhile where no field has it any more.
    if (columns.every((column) => column[i] === undefined)) return;
    const distances = fields.map(({ missing }, f) => columns[f][i] ?? missing);
    known.set(id, { id, distances, distance: fields.reduce((sum, { weight }, f) => sum + weight * distances[f], 0) });
  });
}

function nearestOf(known: ReadonlyMap<Id, Combined>, k: number, within: number): Combined[] {
  const near = [...known.values()].filter(({ distance }) => distance < within);
  return near.sort((a, b) => a.distance - b.distance || order(a.id, b.id)).slice(0, k);
}

/** Integers before texts, each ascending, so that equal distances come in one order. */
function order(a: Id, b: Id): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
