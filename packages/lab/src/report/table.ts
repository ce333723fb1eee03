import type { Measured } from "../results.js";
import { jsonText, number, parametersText, quantity } from "./format.js";
import { describeVersion, type Group, type Member } from "./groups.js";
import { ROLES } from "./roles.js";

/** A column of the table of results. */
export interface Column {
  readonly title: string;
  /** What it says of a result; measures are numbers and stand on the right. */
  readonly kind: "engine" | "parameter" | "measure";
  /** Whether it is of those that go on paper, where there is no room for all. */
  readonly main: boolean;
  readonly cell: (member: Member) => Cell;
}

export interface Cell {
  readonly text: string;
  /** What it is sorted by; null where there is nothing. */
  readonly value: number | string | null;
  /** What is said of it on asking: its interval. */
  readonly more?: string;
}

const DRAWN: readonly string[] = Object.values(ROLES).map(({ measure }) => measure);
const SEED: Column = {
  title: "seed",
  kind: "parameter",
  main: true,
  cell: ({ result }) => ({ text: String(result.seed), value: result.seed }),
};
const NOTHING: Cell = { text: "", value: null };

/** The columns that the results of a group need, in the order of a reader: which engine, how it was asked, what came of it, and what its results have in common. */
export function columnsOf(group: Group): Column[] {
  const { members } = group;
  const names = (of: (member: Member) => object) => [...new Set(members.flatMap((member) => Object.keys(of(member))))];
  const measures = names(({ result }) => result.measures).sort((a, b) => rankOf(a) - rankOf(b));
  const parameters = names(({ result }) => result.parameters);
  const varied = variedParameters(group);
  const column = (name: string) => parameterColumn(name, measures.includes(name) ? `${name} asked` : name);
  return [
    { title: "engine", kind: "engine", main: true, cell: ({ series }) => ({ text: series, value: series }) },
    ...parameters.filter((name) => varied.has(name)).map(column),
    ...(new Set(members.map(({ result }) => result.seed)).size > 1 ? [SEED] : []),
    ...measures.map(measureColumn),
    ...parameters.filter((name) => !varied.has(name)).map((name) => ({ ...column(name), main: false })),
  ];
}

/** Names of the parameters in which results of one engine differ. */
export function variedParameters({ members, series }: Group): Set<string> {
  const varied = new Set<string>();
  for (const one of series) {
    const own = members.filter((member) => member.series === one).map(({ result }) => result.parameters);
    for (const name of own.flatMap((parameters) => Object.keys(parameters))) {
      if (new Set(own.map((parameters) => JSON.stringify(parameters[name]))).size > 1) varied.add(name);
    }
  }
  return varied;
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

/** Where a measure stands: those that figures draw first, in their order. */
function rankOf(measure: string): number {
  const rank = DRAWN.indexOf(measure);
  return rank < 0 ? DRAWN.length : rank;
}

function parameterColumn(name: string, title: string): Column {
  return {
    title,
    kind: "parameter",
    main: true,
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
    kind: "measure",
    main: DRAWN.includes(name),
    cell: ({ result: { measures } }) => (Object.hasOwn(measures, name) ? measureCell(measures[name]) : NOTHING),
  };
}

function measureCell({ value, unit, low, high }: Measured): Cell {
  const text = quantity(value, unit);
  if (low === undefined || high === undefined) return { text, value };
  return { text, value, more: `95 % interval: ${quantity(low, unit)} to ${quantity(high, unit)}` };
}
