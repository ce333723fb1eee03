import type { Measured } from "../results.js";
import { jsonText, number, parametersText, quantity } from "./format.js";
import { describeVersion, type Group, type Member } from "./groups.js";

/** A column of the table of results. */
export interface Column {
  readonly title: string;
  /** Whether its cells are numbers, which stand on the right. */
  readonly numeric: boolean;
  readonly cell: (member: Member) => Cell;
}

export interface Cell {
  readonly text: string;
  /** What it is sorted by; null where there is nothing. */
  readonly value: number | string | null;
  /** What is said of it on asking: its interval. */
  readonly more?: string;
}

const NOTHING: Cell = { text: "", value: null };

/** The columns that the results of a group need, in the order of a reader: which engine, how it was asked, what came of it. */
export function columnsOf({ members }: Group): Column[] {
  const names = (of: (member: Member) => object) => [...new Set(members.flatMap((member) => Object.keys(of(member))))];
  const seeds = new Set(members.map(({ result }) => result.seed));
  return [
    { title: "engine", numeric: false, cell: ({ series }) => ({ text: series, value: series }) },
    ...names(({ result }) => result.parameters).map(parameterColumn),
    ...names(({ result }) => result.measures).map(measureColumn),
    ...(seeds.size > 1
      ? [{ title: "seed", numeric: true, cell: ({ result }: Member) => ({ text: String(result.seed), value: result.seed }) }]
      : []),
  ];
}

/** All that is known of one result, in lines: what is shown when a point of a figure is asked about. */
export function describe({ n, series, result }: Member): string {
  const measures = Object.entries(result.measures).map(([name, { value, unit, low, high }]) => {
    const interval = low === undefined || high === undefined ? "" : ` (${quantity(low, unit)} to ${quantity(high, unit)})`;
    return `${name} ${quantity(value, unit)}${interval}`;
  });
  return [
    `${n}. ${series}`,
    parametersText(result.parameters),
    ...measures,
    `seed ${result.seed}, nearts ${describeVersion(result.machine)}`,
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function parameterColumn(name: string): Column {
  return {
    title: name,
    numeric: false,
    cell: ({ result: { parameters } }) => {
      if (!Object.hasOwn(parameters, name)) return NOTHING;
      const value = parameters[name];
      return typeof value === "number" ? { text: number(value), value } : { text: jsonText(value), value: jsonText(value) };
    },
  };
}

function measureColumn(name: string): Column {
  return {
    title: name,
    numeric: true,
    cell: ({ result: { measures } }) => (Object.hasOwn(measures, name) ? measureCell(measures[name]) : NOTHING),
  };
}

function measureCell({ value, unit, low, high }: Measured): Cell {
  const text = quantity(value, unit);
  if (low === undefined || high === undefined) return { text, value };
  return { text, value, more: `95 % interval: ${quantity(low, unit)} to ${quantity(high, unit)}` };
}
