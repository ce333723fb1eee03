import * as Plot from "@observablehq/plot";
import type { Histogram } from "../../results.js";
import { number } from "../format.js";
import { draw, type Figure } from "./draw.js";

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** One distribution: counts between edges, in the colour of place `colour` of the palette. `of` says whose it is. None of values that are all alike. */
export function histogramFigure(histogram: Histogram, of: string, colour: number): Figure | undefined {
  const { title, unit, edges, counts, log = false } = histogram;
  const bins: Bin[] = counts.map((count, i) => ({ from: edges[i], to: edges[i + 1], count }));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shown = log ? bins.filter(({ from, to, count }) => to > 0 && (from > 0 || count > 0)) : bins;
  if (total === 0 || shown.length < 2) return undefined;
  // A bin from 0 on has no left end on a logarithmic axis: it is drawn as wide as an octave.
  const from = (bin: Bin) => (log && bin.from <= 0 ? bin.to / 2 : bin.from);
  // What a title says in brackets is no name of an axis.
  const [what] = title.split(" (");
  const least = from(shown[0]);
  const most = shown[shown.length - 1].to;
  const svg = draw({
    height: 240,
    marginLeft: 56,
    marginBottom: 42,
    marginTop: 26,
    marginRight: 22,
    x: {
      type: log ? "log" : "linear",
      domain: [least, most],
      label: unit === "" ? what : `${what} (${unit})`,
      ticks: 6,
      // Numbers that differ in their last digits only need all of them.
      tickFormat: most - least < most / 10 ? number : "~s",
    },
    y: { label: "count", grid: true, ticks: 5, tickFormat: number },
    marks: [
      Plot.rect(shown, { x1: from, x2: "to", y1: 0, y2: "count", fill: `var(--c${colour})`, insetRight: 0.5, insetLeft: 0.5 }),
      Plot.ruleY([0], { stroke: "currentColor" }),
    ],
  });
  const tallest = shown.reduce((best, bin) => (bin.count > best.count ? bin : best));
  return {
    title,
    of,
    caption: "",
    summary: `${number(total)} values from ${number(shown[0].from)} to ${number(most)}; most (${number(tallest.count)}) between ${number(tallest.from)} and ${number(tallest.to)}`,
    svg,
    series: [],
  };
}
