import { isDeepStrictEqual } from "node:util";
import type { Comparison, Measured, Result } from "nearts-lab";
import { count, percent, plural, shorten } from "../terminal/format.js";
import { type Column, table } from "../terminal/table.js";

/** What the table of a terminal has room for; all measures are in the file and the report. */
const shown: readonly { readonly measure: string; readonly title: string }[] = [
  { measure: "recall", title: "recall" },
  { measure: "queriesPerSecond", title: "queries/s" },
  { measure: "latencyP99", title: "p99\nµs" },
  { measure: "candidates", title: "candi-\ndates" },
  { measure: "buildSeconds", title: "build\ns" },
  { measure: "bytes", title: "MB" },
];
const mostChanges = 30;
const mostName = 46;

/** One line for each result. */
export function resultsTable(results: readonly Result[]): string[] {
  const columns = shown.filter(({ measure }) => results.some(({ measures }) => measures[measure] !== undefined));
  const rows = results.map((result) => [
    nameOf(result, mostName, results),
    ...columns.map(({ measure }) => cell(measure, result.measures[measure])),
  ]);
  return table([{ title: "engine", align: "left" }, ...columns.map(({ title }): Column => ({ title }))], rows);
}

/** What got worse, the worst first, and what was not measured. */
export function changesTable({ regressions, unmeasured }: Comparison): string[] {
  const worse = regressions.map(({ result, measure, before, now, change }) => {
    return [nameOf(result, mostName), measure, cell(measure, before), cell(measure, now), percent(change)];
  });
  const absent = unmeasured.map(({ result, measure, before }) => {
    return [nameOf(result, mostName), measure, cell(measure, before), "not measured", ""];
  });
  const rows = [...worse, ...absent];
  const columns: Column[] = [
    { title: "engine", align: "left" },
    { title: "measure", align: "left" },
    { title: "before" },
    { title: "now" },
    { title: "worse by" },
  ];
  const more = rows.length > mostChanges ? [`and ${rows.length - mostChanges} more`] : [];
  return rows.length === 0 ? [] : [...table(columns, rows.slice(0, mostChanges)), ...more];
}

/** What was compared, in a few lines. */
export function describeComparison({ compared, regressions, missing, times }: Comparison, path: string): string[] {
  const verdict = regressions.length === 0 ? "nothing got worse" : `${plural(regressions.length, "value")} got worse`;
  const timed = times || compared === 0 ? [] : ["times were not compared: they were taken on another machine"];
  const absent = missing.slice(0, 5).map((result) => `not run now: ${nameOf(result, 80)}`);
  const more = missing.length > 5 ? [`and ${missing.length - 5} more`] : [];
  return [`${plural(compared, "result")} compared with ${path}: ${verdict}`, ...timed, ...absent, ...more];
}

/** The engine and what tells it from others of its name among some: `planes: projections=10, probes=4`, cut to a width. */
function nameOf({ engine, parameters }: Result, width: number, among: readonly Result[] = []): string {
  const others = among.filter((other) => other.engine === engine);
  const tells = (name: string) =>
    others.length === 0 || others.some((other) => !isDeepStrictEqual(other.parameters[name], parameters[name]));
  const list = Object.entries(parameters)
    .filter(([name]) => name !== "hash" && tells(name))
    .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
  const text = list.length === 0 ? engine : `${engine}: ${list.join(", ")}`;
  return shorten(text, width);
}

function cell(measure: string, measured: Measured | undefined): string {
  if (measured === undefined) return "";
  const { value } = measured;
  if (measure === "bytes") return (value / 1e6).toFixed(value < 1e7 ? 2 : 0);
  if (Math.abs(value) >= 1000) return count(value);
  return Math.abs(value) <= 1 && measured.unit === "" ? value.toFixed(4) : value.toPrecision(3);
}
