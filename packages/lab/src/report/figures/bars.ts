import * as Plot from "@observablehq/plot";
import { quantity, shorten } from "../format.js";
import type { Group } from "../groups.js";
import { measured, type Role } from "../roles.js";
import { draw, type Figure } from "./draw.js";
import { scalesOf } from "./palette.js";

interface Bar {
  readonly series: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
}

const BAR = 26;
/** Letters of a name that fit before the bars. */
const NAME_LETTERS = 24;

/** A bar for each series: the median of its results, with a line from the least to the most where they differ. */
export function bars(group: Group, title: string, role: Role): Figure | undefined {
  const rows = group.series.flatMap((series) => barOf(group, series, role));
  if (rows.length === 0) return undefined;
  const longest = Math.max(...rows.map(({ high }) => high));
  const name = (bar: Bar) => bar.series;
  const svg = draw({
    height: 24 + BAR * rows.length,
    marginLeft: Math.min(NAME_LETTERS, Math.max(...rows.map(({ series }) => series.length))) * 6.6 + 18,
    marginTop: 8,
    marginBottom: 16,
    marginRight: 70,
    // An axis of nothing but zeros has no length.
    x: { axis: null, domain: [0, longest > 0 ? longest : 1] },
    y: { domain: rows.map(name), label: null, tickFormat: (series: string) => shorten(series, NAME_LETTERS), tickSize: 0 },
    ...scalesOf(group.series),
    marks: [
      Plot.barX(rows, { x: "median", y: name, fill: name, insetTop: 2, insetBottom: 2 }),
      Plot.link(rows.filter(({ low, high }) => low < high), { x1: "low", x2: "high", y1: name, y2: name, stroke: "currentColor", strokeWidth: 1.5 }), // biome-ignore format: one mark a line
      Plot.text(rows, {
        x: "high",
        y: name,
        text: ({ median, unit }: Bar) => quantity(median, unit),
        textAnchor: "start",
        dx: 6,
        fill: "currentColor",
      }),
      Plot.ruleX([0], { stroke: "currentColor" }),
    ],
  });
  return {
    title,
    caption: "",
    summary: rows.map(({ series, median, unit }) => `${series}: ${quantity(median, unit)}`).join("; "),
    svg,
    series: [],
  };
}

function barOf(group: Group, series: string, role: Role): Bar[] {
  const found = group.members.filter((member) => member.series === series).flatMap(({ result }) => measured(result, role) ?? []);
  if (found.length === 0) return [];
  const values = found.map(({ value }) => value).sort((a, b) => a - b);
  return [{ series, median: values[(values.length - 1) >> 1], low: values[0], high: values[values.length - 1], unit: found[0].unit }];
}
