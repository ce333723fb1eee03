import type { Measured, Result } from "../../results.js";
import { parametersText, shorten } from "../format.js";
import type { Group, Member } from "../groups.js";
import { measured, ROLES, type Role } from "../roles.js";
import { bars } from "./bars.js";
import { curveFigure } from "./curve.js";
import type { Figure } from "./draw.js";
import { histogramFigure } from "./histogram.js";
import { LIGHT } from "./palette.js";
import { type Axis, scatter } from "./scatter.js";

/** Figures of a group, by what they are about. */
export interface Figures {
  /** What engines find and what it costs. */
  readonly tradeOffs: readonly Figure[];
  /** What became of a parameter that was swept. */
  readonly sweeps: readonly Figure[];
  readonly costs: readonly Figure[];
  readonly distributions: readonly Figure[];
  readonly curves: readonly Figure[];
  /** What is not drawn of distributions and curves, in words; "" where all is. */
  readonly left: string;
}

/** Values of a parameter that make a sweep, at least; parameters that are drawn, at most. */
const SWEPT_VALUES = 3;
const MOST_SWEPT = 3;
/** A sweep whose largest value is so many times its smallest is drawn on a logarithmic axis. */
const WIDE_SWEEP = 16;
/** Distributions and curves that are drawn of a group, at most: 200 results with four each would be read by nobody. */
const MOST_DRAWN = 24;
/** Letters of the parameters under a title, at most. */
const MOST_ASKED = 100;
/** The recall near which results show best what is typical of an engine. */
const TYPICAL_RECALL = 0.9;

/** All figures that the measures of a group allow. */
export function figuresOf(group: Group): Figures {
  const typical = group.series.map((series) => typicalOf(group.members.filter((member) => member.series === series)));
  const distributions = extras(group, typical, ({ histograms }) => histograms, histogramFigure);
  const curves = extras(group, typical, ({ curves }) => curves, curveFigure);
  const dropped = distributions.dropped + curves.dropped;
  return {
    tradeOffs: tradeOffsOf(group),
    sweeps: sweepsOf(group),
    costs: present([bars(group, "Time to build", "build"), bars(group, "Memory", "memory")]),
    distributions: distributions.figures,
    curves: curves.figures,
    left:
      dropped === 0
        ? ""
        : `Drawn are those of one result of each engine, the nearest to recall ${TYPICAL_RECALL}, and ${MOST_DRAWN} of a sort at most; ${dropped} more are in the results.`,
  };
}

function tradeOffsOf(group: Group): Figure[] {
  const recall = axis("recall", "recall");
  return present([
    scatter(group, "Recall and queries per second", recall, axis("speed", "log"), "front"),
    scatter(group, "Recall and candidates", recall, axis("candidates", "log"), "front"),
    scatter(group, "Distance ratio and queries per second", axis("distanceRatio", "linear"), axis("speed", "log"), "front"),
    scatter(group, "Result size and queries per second", axis("resultSize", "linear"), axis("speed", "log"), "front"),
  ]);
}

/** As on NearPy's site: quality, result size and time against the parameter that was swept. */
function sweepsOf(group: Group): Figure[] {
  return sweptParameters(group).flatMap((name) => {
    const values = group.members.flatMap(({ result }) => asMeasured(result, name)?.value ?? []);
    // A sweep that doubles its parameter is even on a logarithmic axis.
    const scale = Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= WIDE_SWEEP ? "log" : "linear";
    const across: Axis = { label: name, scale, of: ({ result }) => asMeasured(result, name) };
    return present(
      (["distanceRatio", "resultSize", "recall", "timeRatio"] as const).map((role) =>
        scatter(group, `${capital(ROLES[role].label)} by ${name}`, across, axis(role, "linear"), "medians"),
      ),
    );
  });
}

/** Names of the numeric parameters that take several values within one engine, those with most values first. */
function sweptParameters({ members, series }: Group): string[] {
  const most = new Map<string, number>();
  for (const one of series) {
    const own = members.filter((member) => member.series === one);
    for (const name of new Set(own.flatMap(({ result }) => Object.keys(result.parameters)))) {
      const values = new Set(own.flatMap(({ result }) => asMeasured(result, name)?.value ?? []));
      most.set(name, Math.max(most.get(name) ?? 0, values.size));
    }
  }
  const swept = [...most].filter(([, values]) => values >= SWEPT_VALUES).sort(([, a], [, b]) => b - a);
  return swept.slice(0, MOST_SWEPT).map(([name]) => name);
}

function asMeasured({ parameters }: Result, name: string): Measured | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return typeof value === "number" ? { value, unit: "", better: null } : undefined;
}

function axis(role: Role, scale: Axis["scale"]): Axis {
  return { label: ROLES[role].label, scale, of: ({ result }) => measured(result, role) };
}

function typicalOf(members: readonly Member[]): Member {
  const off = ({ result }: Member) => Math.abs((measured(result, "recall")?.value ?? 0) - TYPICAL_RECALL);
  return members.reduce((best, member) => (off(member) < off(best) ? member : best));
}

/** Figures of what results carry beside their measures: of one result of each engine, equal ones once. */
function extras<T>(
  group: Group,
  typical: readonly Member[],
  of: (result: Result) => { readonly [name: string]: T } | undefined,
  draw: (one: T, of: string, colour: number) => Figure | undefined,
): { readonly figures: Figure[]; readonly dropped: number } {
  const names = [...new Set(typical.flatMap(({ result }) => Object.keys(of(result) ?? {})))];
  // By name first, so that what is alike stands side by side.
  const chosen = names.flatMap((name) => typical.flatMap((member) => ownOf(of(member.result), name).map((one) => ({ member, one }))));
  const drawn = chosen.slice(0, MOST_DRAWN);
  const figures = drawn.map(({ member, one }) => {
    const asked = parametersText(member.result.parameters);
    const subject = asked === "" ? member.series : `${member.series}, ${shorten(asked, MOST_ASKED)}`;
    return draw(one, subject, group.series.indexOf(member.series) % LIGHT.length);
  });
  const distinct = new Set(
    group.members.flatMap(({ series, result }) =>
      Object.entries(of(result) ?? {}).map(([name, one]) => `${series} ${name} ${JSON.stringify(one)}`),
    ),
  );
  return { figures: present(figures), dropped: distinct.size - drawn.length };
}

function ownOf<T>(all: { readonly [name: string]: T } | undefined, name: string): T[] {
  return all !== undefined && Object.hasOwn(all, name) ? [all[name]] : [];
}

function present(figures: readonly (Figure | undefined)[]): Figure[] {
  return figures.filter((figure) => figure !== undefined);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
