import { digits, table } from "../table.js";

/** Something that was asked for, and what came of it. */
export interface Measure {
  readonly part: string;
  readonly what: string;
  /** The least or the most that is asked; neither where it is told for its own sake. */
  readonly least?: number;
  readonly most?: number;
  readonly measured: number;
  readonly unit: string;
  /** What the number is made of. */
  readonly beside: string;
}

/** A measure for machines; `met` is null where nothing is asked. */
export function measureJson(measure: Measure): object {
  return { ...measure, met: asked(measure) === "" ? null : isMet(measure) };
}

function isMet({ least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, measured }: Measure): boolean {
  return measured >= least && measured <= most;
}

/** What was asked beside what was measured, a line each. */
export function measureTable(measures: readonly Measure[]): string {
  return table(
    measures.map((measure) => ({
      part: measure.part,
      what: measure.what,
      asked: asked(measure),
      measured: `${digits(measure.measured)} ${measure.unit}`.trim(),
      met: asked(measure) === "" ? "" : isMet(measure) ? "yes" : "NO",
      "made of": `  ${measure.beside}`,
    })),
  );
}

function asked({ least, most, unit }: Measure): string {
  if (least !== undefined) return `≥ ${digits(least)} ${unit}`.trim();
  return most === undefined ? "" : `≤ ${digits(most)} ${unit}`.trim();
}
