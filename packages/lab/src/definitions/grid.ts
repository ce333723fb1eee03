import type { Json } from "nearts";

/** Parameters with their values; a list is alternatives, and an object within is a grid of its own. A list as a value is written as a list in a list. */
export interface Grid {
  readonly [parameter: string]: Json;
}

/** One choice from a grid. */
export interface Point {
  readonly [parameter: string]: Json;
}

/** Every choice from a grid (its cartesian product), the last parameter changing fastest: one empty point for an empty grid. */
export function pointsOf(grid: Grid): Point[] {
  let points: Point[] = [{}];
  for (const [parameter, value] of Object.entries(grid)) {
    const values = alternativesOf(value);
    points = points.flatMap((point) => values.map((one) => ({ ...point, [parameter]: one })));
  }
  return points;
}

/** How many points a grid has, without making them. */
export function pointCount(grid: Grid): number {
  return Object.values(grid).reduce<number>((product, value) => product * alternativeCount(value), 1);
}

function alternativesOf(value: Json): readonly Json[] {
  if (isList(value)) return value.flatMap((one): readonly Json[] => (isGrid(one) ? pointsOf(one) : [one]));
  return isGrid(value) ? pointsOf(value) : [value];
}

function alternativeCount(value: Json): number {
  if (isList(value)) return value.reduce<number>((sum, one) => sum + (isGrid(one) ? pointCount(one) : 1), 0);
  return isGrid(value) ? pointCount(value) : 1;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isGrid(value: Json): value is Grid {
  return typeof value === "object" && value !== null && !isList(value);
}
