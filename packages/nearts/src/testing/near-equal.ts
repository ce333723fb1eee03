import type { Id } from "../core/contracts.js";
import { show } from "../core/errors.js";
import { BrokenLaw } from "./assert.js";

/** A result as engines give it, nearest first. */
export interface Ranked {
  readonly id: Id;
  readonly distance: number;
}

/** How far two distances may be apart and still count as equal: `absolute` plus `relative` times the larger. */
export interface Tolerance {
  /** 1e-9 when not given. */
  readonly relative?: number;
  /** 1e-12 when not given. */
  readonly absolute?: number;
}

/**
 * Whether two lists of neighbours, nearest first, are the same search result: equal distances place by place and the same neighbours at them, where
 * neighbours may swap, and at the end of the list be others, only among distances equal within the tolerance. Infinities equal themselves; NaN equals nothing.
 */
export function nearEqual(actual: readonly Ranked[], expected: readonly Ranked[], tolerance: Tolerance = {}): boolean {
  return firstDifference(actual, expected, tolerance) === null;
}

/** Throws, naming the first difference and both values, unless {@link nearEqual}. */
export function assertNearEqual(actual: readonly Ranked[], expected: readonly Ranked[], tolerance: Tolerance = {}): void {
  const difference = firstDifference(actual, expected, tolerance);
  if (difference !== null) throw difference;
}

function firstDifference(
  actual: readonly Ranked[],
  expected: readonly Ranked[],
  { relative = 1e-9, absolute = 1e-12 }: Tolerance,
): BrokenLaw | null {
  if (actual.length !== expected.length) return new BrokenLaw("number of neighbours", actual.length, expected.length);
  const allowed = (a: number, b: number): number => absolute + relative * Math.max(Math.abs(a), Math.abs(b));
  // An infinity is as far from all other numbers as it is large.
  const equal = (a: number, b: number): boolean => a === b || (Number.isFinite(a - b) && Math.abs(a - b) <= allowed(a, b));
  for (let i = 0; i < actual.length; i++) {
    if (!equal(actual[i].distance, expected[i].distance))
      return new BrokenLaw(`distance at place ${i}`, actual[i].distance, expected[i].distance);
  }
  return firstStranger(actual, expected, equal, "found") ?? firstStranger(expected, actual, equal, "missed");
}

/** The first neighbour of `list` that has no equal in `other`, unless its distance is that of the last place, where the cut falls among equals. */
function firstStranger(
  list: readonly Ranked[],
  other: readonly Ranked[],
  equal: (a: number, b: number) => boolean,
  what: "found" | "missed",
): BrokenLaw | null {
  const unused = distancesById(other);
  const last = list.length - 1;
  for (let i = 0; i <= last; i++) {
    const { id, distance } = list[i];
    const there = unused.get(id)?.shift();
    if (there === undefined ? equal(distance, other[last].distance) : equal(distance, there)) continue;
    const why = there === undefined ? "is not in the other list" : `is at distance ${there} in the other list`;
    return new BrokenLaw(
      `neighbour ${what} at place ${i}: ${show(id)} ${why}`,
      what === "found" ? distance : there,
      what === "found" ? there : distance,
    );
  }
  return null;
}

/** Distances of each id, in the list's order: an id may come more than once where nothing makes results unique. */
function distancesById(list: readonly Ranked[]): Map<Id, number[]> {
  const byId = new Map<Id, number[]>();
  for (const { id, distance } of list) {
    const known = byId.get(id);
    if (known === undefined) byId.set(id, [distance]);
    else known.push(distance);
  }
  return byId;
}
