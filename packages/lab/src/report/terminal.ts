import type { Result } from "../results.js";
import { braille, type Spot } from "./braille.js";
import { recallAxis } from "./figures/recall-axis.js";
import { number, parametersText, shorten } from "./format.js";
import { type Group, groupsOf, titleOf } from "./groups.js";
import { provenanceOf } from "./provenance.js";
import { measured } from "./roles.js";
import { type Column, columnsOf, variedParameters } from "./table.js";

const PLOT_ROWS = 14;
/** Room for the labels left of a plot. */
const MARGIN = 9;
/** Letters of a cell, at most. */
const CELL = 38;

/** Options of {@link terminalReport}. */
export interface TerminalOptions {
  /** The names of the experiments when not given. */
  readonly title?: string;
  /** Columns of the terminal; 100 when not given. */
  readonly width?: number;
}

/** The results for a terminal of `width` columns: what was run, recall against queries/s, and a table that lets columns go that do not fit. */
export function terminalReport(results: readonly Result[], { title = titleOf(results), width = 100 }: TerminalOptions = {}): string {
  const parts = groupsOf(results).map((group) => {
    const ran = provenanceOf(group).map(([what, values]) => plain(`${what}: ${values.join("; ")}`));
    return [
      plain(group.title),
      ...ran.map((line) => `  ${shorten(line, width - 2)}`),
      "",
      ...plot(group, width),
      ...table(group, width),
      "",
    ].join("\n");
  });
  return `${plain(title)}\n\n${parts.join("\n")}`;
}

/** Letters by series, at their recall and queries/s (logarithmic, as in the figures). */
function plot(group: Group, width: number): string[] {
  const points = group.members.flatMap(({ series, result }) => {
    const [recall, speed] = [measured(result, "recall"), measured(result, "speed")];
    return recall === undefined || speed === undefined || speed.value <= 0 ? [] : [{ series, recall: recall.value, speed: speed.value }];
  });
  if (points.length === 0) return [];
  const { data, k } = group.members[0].result;
  const axis = recallAxis(points.map(({ recall }) => recall), data.queries * k); // biome-ignore format: one line
  const across = (at: number) => (at - axis.domain[0]) / (axis.domain[1] - axis.domain[0]);
  const speeds = points.map(({ speed }) => speed);
  const [least, most] = [Math.min(...speeds) / 1.2, Math.max(...speeds) * 1.2];
  const letter = (series: string) => String.fromCharCode(65 + (group.series.indexOf(series) % 26));
  const columns = Math.max(20, Math.min(width, 100) - MARGIN);
  const spots: Spot[] = points.map(({ series, recall, speed }) => ({
    x: across(axis.place(recall)),
    y: Math.log(speed / least) / Math.log(most / least),
    letter: letter(series),
  }));
  for (const tick of axis.ticks) for (let i = 0; i < 2 * PLOT_ROWS; i++) spots.push({ x: across(tick), y: i / (2 * PLOT_ROWS) });
  const labels = new Map([
    [0, number(Math.round(most))],
    [PLOT_ROWS - 1, number(Math.round(least))],
  ]);
  const marks = axis.ticks.reduce(
    (line, tick) => place(line, axis.format(tick), Math.round(across(tick) * (columns - 1))),
    " ".repeat(columns),
  );
  return [
    "queries/s by recall",
    ...braille(spots, columns, PLOT_ROWS).map((line, i) => `${(labels.get(i) ?? "").padStart(MARGIN - 2)} ┤${line}`),
    `${" ".repeat(MARGIN)}${marks}`.trimEnd(),
    ...group.series.map((series) => `  ${letter(series)} ${plain(shorten(series, width - 4))}`),
    "",
  ];
}

function table(group: Group, width: number): string[] {
  const varied = variedParameters(group);
  // The parameters that tell results apart share a column: what came of them matters more.
  const [engine, ...others] = columnsOf(group).filter(({ kind }) => kind !== "parameter");
  const asked: Column = {
    title: "parameters",
    kind: "parameter",
    main: true,
    cell: ({ result }) => ({ text: parametersText(onlyThose(result.parameters, varied)), value: null }),
  };
  const columns = [engine, asked, ...others].map(({ title, kind, cell }) => {
    const cells = [title, ...group.members.map((member) => cell(member).text)].map((text) => shorten(plain(text), CELL));
    const wide = Math.max(...cells.map((text) => text.length));
    return { wide, cells: cells.map((text) => (kind === "measure" ? text.padStart(wide) : text.padEnd(wide))) };
  });
  let room = width;
  const fitting = columns.filter(({ wide }) => {
    const fits = room >= wide;
    if (fits) room -= wide + 2;
    return fits;
  });
  const lines = Array.from({ length: group.members.length + 1 }, (_, i) =>
    fitting
      .map(({ cells }) => cells[i])
      .join("  ")
      .trimEnd(),
  );
  const rule = fitting.map(({ wide }) => "─".repeat(wide)).join("  ");
  const left = columns.length - fitting.length;
  return [lines[0], rule, ...lines.slice(1), ...(left === 0 ? [] : [`(${left} of ${columns.length} columns do not fit)`])];
}

function onlyThose<T>(values: { readonly [name: string]: T }, names: ReadonlySet<string>): { [name: string]: T } {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

/** `line` with `text` in it, centred at `at`. */
function place(line: string, text: string, at: number): string {
  const from = Math.max(0, Math.min(line.length - text.length, at - (text.length >> 1)));
  return line.slice(0, from) + text + line.slice(from + text.length);
}

/** Without signs that command a terminal. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
