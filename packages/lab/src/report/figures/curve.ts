import * as Plot from "@observablehq/plot";
import type { Curve } from "../../results.js";
import { number } from "../format.js";
import { draw, type Figure } from "./draw.js";

type Point = Curve["points"][number];

/** Points measured, with their intervals, and theory as a line. `of` says whose they are. */
export function curveFigure(curve: Curve, of: string, colour: number): Figure | undefined {
  const { title, xLabel, yLabel, points, theory = [] } = curve;
  if (points.length === 0) return undefined;
  const own = `var(--c${colour})`;
  const between = (p: Point) => p.low !== undefined && p.high !== undefined;
  const svg = draw({
    height: 280,
    marginLeft: 56,
    marginBottom: 42,
    marginTop: 26,
    marginRight: 22,
    x: { label: xLabel, nice: true, ticks: 7 },
    y: { label: yLabel, nice: true, grid: true, ticks: 6 },
    marks: [
      Plot.line(theory, { x: "x", y: "y", stroke: "currentColor", strokeWidth: 1.5, strokeDasharray: "5 3" }),
      Plot.link(points.filter(between), { x: "x", y1: "low", y2: "high", stroke: own, strokeOpacity: 0.6 }),
      Plot.dot(points, { x: "x", y: "y", fill: own, stroke: "var(--paper)", strokeWidth: 0.75, r: 4 }),
    ],
  });
  const [first, last] = [points[0], points[points.length - 1]];
  return {
    title,
    of,
    caption: "",
    summary: `${points.length} points from (${number(first.x)}, ${number(first.y)}) to (${number(last.x)}, ${number(last.y)})`,
    svg,
    series: [],
  };
}
