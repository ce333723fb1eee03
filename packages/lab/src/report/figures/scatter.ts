import * as Plot from "@observablehq/plot";
import type { Measured } from "../../results.js";
import { number } from "../format.js";
import type { Group, Member } from "../groups.js";
import { draw, type Figure } from "./draw.js";
import { scalesOf } from "./palette.js";
import { recallAxis } from "./recall-axis.js";

/** One way of an axis: what it shows of a result, and on what scale. */
export interface Axis {
  readonly label: string;
  readonly scale: "log" | "linear" | "recall";
  readonly of: (member: Member) => Measured | undefined;
}

/** How the points of a series are joined: along the best trade-offs of x and y, or through the medians at each x. */
export type Joined = "front" | "medians";

export interface Point {
  readonly n: number;
  readonly series: string;
  readonly x: number;
  readonly y: number;
  readonly xSpan: readonly [number, number];
  readonly ySpan: readonly [number, number];
}

/** A point for each result that has both values; none where fewer than one has. Logarithmic axes leave out what is not above 0, and say so. */
export function scatter(group: Group, title: string, x: Axis, y: Axis, joined: Joined): Figure | undefined {
  const all = group.members.flatMap((member) => {
    const [across, up] = [x.of(member), y.of(member)];
    return across === undefined || up === undefined ? [] : [toPoint(member, across, up)];
  });
  const points = all.filter((point) => (x.scale !== "log" || point.x > 0) && (y.scale !== "log" || point.y > 0));
  if (points.length === 0) return undefined;
  const better = bestWays(group, x, y);
  const lines = group.series.flatMap((series) => {
    const own = points.filter((point) => point.series === series);
    return joined === "front" ? frontOf(own, better) : mediansOf(own);
  });
  const left = all.length - points.length;
  return {
    title,
    caption: left === 0 ? "" : `${left} of ${all.length} results are 0, which this axis cannot show.`,
    summary: summarise(points, x, y),
    svg: drawScatter(group, points, lines, x, y),
    series: group.series.filter((series) => points.some((point) => point.series === series)),
  };
}

/** The points that no other beats on both axes, in ascending order of x. */
export function frontOf(points: readonly Point[], better: { readonly x: 1 | -1; readonly y: 1 | -1 }): Point[] {
  const sorted = points.toSorted((a, b) => better.x * (b.x - a.x) || better.y * (b.y - a.y));
  let best = -Infinity;
  const front = sorted.filter(({ y }) => {
    const beats = better.y * y > best;
    if (beats) best = better.y * y;
    return beats;
  });
  return front.sort((a, b) => a.x - b.x);
}

function mediansOf(points: readonly Point[]): Point[] {
  const places = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  return places.map((x) => {
    const here = points.filter((point) => point.x === x).sort((a, b) => a.y - b.y);
    return here[(here.length - 1) >> 1];
  });
}

function toPoint({ n, series }: Member, x: Measured, y: Measured): Point {
  return { n, series, x: x.value, y: y.value, xSpan: spanOf(x), ySpan: spanOf(y) };
}

function spanOf({ value, low = value, high = value }: Measured): readonly [number, number] {
  return [low, high];
}

function bestWays(group: Group, x: Axis, y: Axis): { x: 1 | -1; y: 1 | -1 } {
  const sign = (axis: Axis) => (group.members.some((member) => axis.of(member)?.better === "lower") ? -1 : 1);
  return { x: sign(x), y: sign(y) };
}

function summarise(points: readonly Point[], x: Axis, y: Axis): string {
  const span = (values: readonly number[]) => `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
  return `${points.length} ${points.length === 1 ? "result" : "results"}; ${x.label} from ${span(points.map((p) => p.x))}, ${y.label} from ${span(points.map((p) => p.y))}`;
}

function drawScatter(group: Group, points: readonly Point[], lines: readonly Point[], x: Axis, y: Axis): string {
  const { queries } = group.members[0].result.data;
  const { k } = group.members[0].result;
  const across = scaleOf(x, points.map((p) => p.x), queries * k, 7); // biome-ignore format: one axis a line
  const up = scaleOf(y, points.map((p) => p.y), queries * k, 6); // biome-ignore format: one axis a line
  const at = { x: (p: Point) => across.place(p.x), y: (p: Point) => up.place(p.y) };
  const spans = (p: Point) => p.xSpan[0] < p.xSpan[1];
  const rises = (p: Point) => p.ySpan[0] < p.ySpan[1];
  const series = (p: Point) => p.series;
  return draw({
    marginLeft: 56,
    marginBottom: 42,
    marginTop: 26,
    marginRight: 22,
    x: { ...across.options, label: x.label, grid: true },
    y: { ...up.options, label: y.label, grid: true },
    ...scalesOf(group.series),
    marks: [
      Plot.line(lines, { ...at, stroke: series, z: series, strokeWidth: 1.5, strokeOpacity: 0.75 }),
      Plot.link(points.filter(spans), {
        x1: (p: Point) => across.place(p.xSpan[0]),
        x2: (p: Point) => across.place(p.xSpan[1]),
        y: at.y,
        stroke: series,
        strokeOpacity: 0.3,
      }),
      Plot.link(points.filter(rises), {
        x: at.x,
        y1: (p: Point) => up.place(p.ySpan[0]),
        y2: (p: Point) => up.place(p.ySpan[1]),
        stroke: series,
        strokeOpacity: 0.3,
      }),
      Plot.dot(points, {
        ...at,
        symbol: series,
        fill: series,
        stroke: "var(--paper)",
        strokeWidth: 0.75,
        r: 4.5,
        title: (p: Point) => p.n,
      }),
    ],
  });
}

function scaleOf(
  axis: Axis,
  values: readonly number[],
  answers: number,
  ticks: number,
): { place(v: number): number; options: Plot.ScaleOptions } {
  if (axis.scale === "recall") {
    const { place, domain, ticks: marks, format } = recallAxis(values, answers);
    return { place, options: { domain, ticks: marks, tickFormat: format } };
  }
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (axis.scale === "log") {
    const domain = [least / 1.3, most * 1.3];
    // Plot marks every digit of a decade; over several decades that is too much.
    const options: Plot.ScaleOptions = { type: "log", domain, ticks: most / least > 100 ? Math.min(ticks, 5) : ticks, tickFormat: "~s" };
    return { place: (value) => Math.min(domain[1], Math.max(domain[0], value)), options };
  }
  return {
    place: (value) => value,
    options: { type: "linear", nice: true, ticks, ...(least === most ? { domain: [least - 0.5, least + 0.5] } : {}) },
  };
}
